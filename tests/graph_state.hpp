/// \file
/// A graph of a test's own, and everything of a graph that a failed call could have changed.
#pragma once

#include <varscope/graph/graph_state.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <string>
#include <vector>

/// A new graph, in force until the end of the block. Records ops unless told not to.
struct fresh {
    explicit fresh(varscope::graph_options options = {}) : graph(recording(options)) {}
    static varscope::graph_options recording(varscope::graph_options options) {
        options.record_ops = options.record_ops.value_or(true);
        return options;
    }
    varscope::graph graph;
    varscope::as_default guard{graph};
};

using strings = std::vector<std::string>;

/// Where a variable was first asked for, as messages tell it.
inline std::string made(const varscope::any_variable& v) {
    return varscope::to_string(v.defined_at());
}

/// The names of variables and ops, in order.
strings names_of(const auto& list) {
    strings names;
    for (const auto& v : list) { names.emplace_back(v.name()); }
    return names;
}

/// Variables, ops, collections, scopes, and the names that the graph would give to those asked for
/// as `names`, as text.
inline std::string listing(varscope::graph& g, const strings& names) {
    std::string text;
    for (const auto* v : g.store().all()) {
        text += "store " + std::string(v->key()) + ' ' + std::string(v->tensor_name()) + '\n';
    }
    for (const auto* v : g.store().wholes()) { text += "whole " + std::string(v->key()) + '\n'; }
    for (const auto& n : g.nodes()) { text += "node " + std::string(n.name()) + '\n'; }
    for (const auto& key : varscope::get_all_collection_keys(g)) {
        text += key + ':';
        for (const auto& name : names_of(varscope::get_collection(g, key))) { text += ' ' + name; }
        text += '\n';
    }
    for (const auto& name : names) {
        text += "free " + varscope::unique_name(g, name, varscope::name_use::ask) + '\n';
    }
    return text + "scope " + varscope::get_variable_scope(g).name() + " in " +
        varscope::get_name_scope(g);
}
