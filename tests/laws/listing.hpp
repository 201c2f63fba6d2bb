/// \file
/// All that a program can see of its graphs and scopes, as text.
#pragma once

#include <varscope/graph/graph_state.hpp>

#include "../replay/machine.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace laws {

namespace vs = varscope;

/// Lists by title: the collections, variables and ops of each graph, each in its order; each scope object that was kept;
/// and the scopes in force.
using listing = std::map<std::string, std::vector<std::string>>;

inline std::string describe(const vs::any_variable& v) {
    std::string text(v.key());
    text += " is " + std::string(v.name()) + ' ' + to_string(v.static_shape()) + ' ' + std::string(to_string(v.dtype()));
    text += v.is_trainable() ? " trainable" : "";
    if (v.constraint()) { text += " constraint " + std::string(v.constraint().name()); }
    for (const auto& part : v.parts()) { text += ", " + std::string(part.name()); }
    return text;
}

inline void list_graph(listing& to, const std::string& title, vs::graph& g) {
    for (const std::string& key : vs::get_all_collection_keys(g)) {
        auto& items = to[title + " collection " + key];
        for (const vs::tensor& item : vs::get_collection(g, key)) { items.emplace_back(item.name()); }
    }
    const auto add = [&](const char* what, const auto& nodes) {
        auto& lines = to[title + what];
        for (const vs::detail::variable_node* node : nodes) {
            // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): only read
            lines.push_back(describe(vs::any_variable(vs::detail::variable_of(*node))));
        }
    };
    add(" store", g.store().all());
    add(" store, in parts", g.store().wholes());
    auto& ops = to[title + " ops"];
    for (const auto& node : g.nodes()) { ops.emplace_back(node.op_name()); }
}

[[nodiscard]] inline listing list_all(const replay::machine& m) {
    listing result;
    const vs::graph* const current = &vs::current_graph();
    for (const auto& [number, g] : m.graphs()) {
        list_graph(result, "graph " + number, *g);
        if (g.get() == current) { result["graph in force"] = {number}; }
    }
    list_graph(result, "default graph", vs::default_graph());
    for (const auto& [number, scope] : m.scopes()) { result["scope " + number] = {replay::machine::describe(scope).dump()}; }
    result["scopes in force"] = {replay::machine::describe(vs::get_variable_scope()).dump(), vs::get_name_scope()};
    return result;
}

/// What of `after` is not as in `before`, in words; empty if nothing is.
[[nodiscard]] inline std::string difference(const listing& before, const listing& after) {
    std::string text;
    const auto tell = [&](const char* sign, const std::string& title, const std::vector<std::string>& lines) {
        for (const auto& line : lines) { text += sign + title + ": " + line + '\n'; }
        if (lines.empty()) { text += sign + title + ": (empty)\n"; }
    };
    for (const auto& [title, lines] : before) {
        const auto now = after.find(title);
        if (now != after.end() && now->second == lines) { continue; }
        tell("- ", title, lines);
        if (now != after.end()) { tell("+ ", title, now->second); }
    }
    for (const auto& [title, lines] : after) {
        if (!before.contains(title)) { tell("+ ", title, lines); }
    }
    return text;
}

/// Law: what a failed step may change. If it may leave something behind, that stands at the ends of lists.
/// \param may_add  whether a line may be added to a list.
template <class Predicate>
[[nodiscard]] std::optional<std::string> broken_by_failure(const listing& before, const listing& after, Predicate may_add) {
    if (before == after) { return std::nullopt; }
    for (const auto& [title, lines] : after) {
        const auto known = before.find(title);
        const std::size_t count = known == before.end() ? 0 : known->second.size();
        bool is_fine = lines.size() >= count && (count == 0 || std::equal(known->second.begin(), known->second.end(), lines.begin()));
        for (std::size_t i = count; is_fine && i < lines.size(); ++i) { is_fine = may_add(title, lines[i]); }
        if (!is_fine) { return "a failed step left traces:\n" + difference(before, after); }
    }
    for (const auto& [title, lines] : before) {
        if (!after.contains(title)) { return "a failed step made a list disappear:\n" + difference(before, after); }
    }
    return std::nullopt;
}

/// Law: no two lines of one list are the same.
[[nodiscard]] inline std::optional<std::string> broken_by_repetition(std::vector<std::string> names, const std::string& what) {
    std::ranges::sort(names);
    const auto twice = std::ranges::adjacent_find(names);
    if (twice == names.end()) { return std::nullopt; }
    return what + " twice: " + *twice;
}

[[nodiscard]] inline std::string in_lower_case(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

} // namespace laws
