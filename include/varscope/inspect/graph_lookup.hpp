/// \file
/// Ops and tensors of a graph by name, and names with another scope in front.
#pragma once

#include <varscope/base/nearest_names.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/names/name.hpp>
#include <varscope/scope/current_graph.hpp>

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// Up to `count` names of ops that are spelled most like `name`; see `nearest_search`.
[[nodiscard]] inline std::vector<std::string> nearest_ops(
    const graph& g, std::string_view name, std::size_t count) {
    const std::vector<const node*> nodes = g.records();
    return nearest_names(nodes | std::views::transform(&node::op_name), name, count);
}

[[noreturn]] inline void throw_unknown_op(
    const graph& g, std::string_view op_name, const name_arg& asked) {
    std::vector<std::string> nearest = nearest_ops(g, op_name, 3);
    std::string text = "the graph has no op '" + std::string(op_name) + "'\n  asked for at " +
        to_string(asked.where());
    if (asked.text() != op_name) { text += " as '" + std::string(asked.text()) + '\''; }
    text += nearest_line(nearest);
    text += g.options().records_ops()
        ? "\n  write its full name, with all name scopes"
        : "\n  ops were not recorded, only variables: make the graph with {.record_ops = true}";
    throw unknown_op(text, {std::string(op_name), asked.where()}, std::move(nearest));
}

[[noreturn]] inline void throw_wrong_form(
    const name_arg& asked, std::size_t position, const std::string& advice) {
    const std::string name(asked.text());
    throw invalid_name(
        "'" + name + "' is not the name of " + advice, {name, asked.where()}, position);
}

[[nodiscard]] inline tensor find_operation(const graph& g, const name_arg& name) {
    const node* const found = g.find_node(name.text());
    if (found == nullptr) { throw_unknown_op(g, name.text(), name); }
    return tensor(*found);
}

[[nodiscard]] inline tensor find_tensor(const graph& g, const name_arg& name) {
    const std::string_view text = name.text();
    const std::size_t colon = text.find(':');
    const std::string_view op_name = text.substr(0, colon);
    const std::string_view index = text.substr(colon + 1);
    const std::size_t digits_end = index.find_first_not_of("0123456789");
    if (op_name.empty() || index.empty() || digits_end != std::string_view::npos) {
        throw_wrong_form(name, colon + 1 + (digits_end == std::string_view::npos ? 0 : digits_end),
            "a tensor\n  asked for at " + to_string(name.where()) +
                "\n  a tensor is named <op>:<number>, e.g. 'scope/v:0'");
    }
    const node* const found = g.find_node(op_name);
    if (found == nullptr) { throw_unknown_op(g, op_name, name); }
    tensor result(*found);
    const bool has_output = result.op_type() != "NoOp";
    if (!has_output || index.find_first_not_of('0') != std::string_view::npos) {
        throw unknown_op("op '" + std::string(op_name) + "' has no output " + std::string(index) +
                "\n  first created at " + to_string(found->defined_at) + "\n  asked for at " +
                to_string(name.where()) + " as '" + std::string(text) + "'\n  " +
                (has_output ? "it has one output: '" + std::string(op_name) + ":0'"
                            : std::string("it has none: it is asked for by get_operation_by_name")),
            {std::string(text), name.where(), found->defined_at}, {});
    }
    return result;
}

} // namespace detail

/// \name Look-up by name
/// Names are full: open scopes do not count. Ops are found as far as the graph keeps a record of
/// them; variables always.
/// \throws unknown_op    there is no such op, or no such output of it.
/// \throws invalid_name  it is not of the form asked for.
/// Safe from any thread. Cost: a look at each op of the graph. Keep what is returned.
/// \{

/// The op or variable "scope/Add". Follows tf.Graph.get_operation_by_name.
[[nodiscard]] inline tensor get_operation_by_name(const graph& g, name_arg name) {
    if (const std::size_t colon = name.text().find(':'); colon != std::string_view::npos) {
        detail::throw_wrong_form(name, colon,
            "an op\n  asked for at " + to_string(name.where()) +
                "\n  that of a tensor has ':' and a number; the op is '" +
                std::string(name.text().substr(0, colon)) + "', or ask get_tensor_by_name");
    }
    return detail::find_operation(g, name);
}
[[nodiscard]] inline tensor get_operation_by_name(name_arg name) {
    return get_operation_by_name(current_graph(), name);
}

/// The result "scope/Add:0" of an op, or a variable. Every op but one of kind NoOp has one, with
/// number 0. Follows tf.Graph.get_tensor_by_name.
[[nodiscard]] inline tensor get_tensor_by_name(const graph& g, name_arg name) {
    if (name.text().find(':') == std::string_view::npos) {
        detail::throw_wrong_form(name, name.text().size(),
            "a tensor\n  asked for at " + to_string(name.where()) +
                "\n  that of an op has no ':' and number; its tensor is '" +
                std::string(name.text()) + ":0', or ask get_operation_by_name");
    }
    return detail::find_tensor(g, name);
}
[[nodiscard]] inline tensor get_tensor_by_name(name_arg name) {
    return get_tensor_by_name(current_graph(), name);
}

/// Either: by "scope/Add:0" or by "scope/Add". Follows tf.Graph.as_graph_element.
[[nodiscard]] inline tensor as_graph_element(const graph& g, name_arg name) {
    return name.text().find(':') == std::string_view::npos ? detail::find_operation(g, name)
                                                           : detail::find_tensor(g, name);
}
[[nodiscard]] inline tensor as_graph_element(name_arg name) {
    return as_graph_element(current_graph(), name);
}
/// \}

namespace detail {

/// Characters before the path: of a control input ("^a/b") or a colocation ("loc:@a/b").
[[nodiscard]] constexpr std::size_t name_sigil(std::string_view name) noexcept {
    return name.starts_with('^') ? 1 : name.starts_with("loc:@") ? 5 : 0;
}

[[nodiscard]] constexpr std::string_view without_last_slash(std::string_view scope) noexcept {
    return scope.ends_with('/') ? scope.substr(0, scope.size() - 1) : scope;
}

} // namespace detail

/// `name` without `scope/` in front, if it is there: "a/b" without "a" is "b", "^a/b" is "^b", and
/// "loc:@a/b" is "loc:@b". Follows strip_name_scope (python/framework/ops.py), but that the scope
/// is plain text.
[[nodiscard]] inline std::string strip_name_scope(std::string_view name, std::string_view scope) {
    const std::size_t begin = detail::name_sigil(name);
    const std::string_view prefix = detail::without_last_slash(scope);
    std::string_view rest = name.substr(begin);
    if (scope.empty() || !rest.starts_with(prefix) ||
        !rest.substr(prefix.size()).starts_with('/')) {
        return std::string(name);
    }
    rest.remove_prefix(prefix.size());
    rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
    return std::string(name.substr(0, begin)) + std::string(rest);
}

/// `name` with `scope/` in front: "b" in "a" is "a/b", "^b" is "^a/b", and "loc:@b" is "loc:@a/b".
/// Follows prepend_name_scope (python/framework/ops.py).
[[nodiscard]] inline std::string prepend_name_scope(std::string_view name, std::string_view scope) {
    if (scope.empty()) { return std::string(name); }
    const std::size_t begin = detail::name_sigil(name);
    return std::string(name.substr(0, begin)) + std::string(detail::without_last_slash(scope)) +
        '/' + std::string(name.substr(begin));
}

} // namespace varscope::inline VARSCOPE_ABI
