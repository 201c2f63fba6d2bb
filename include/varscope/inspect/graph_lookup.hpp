/// \file
/// Ops and tensors of a graph by name, and names with another scope in front.
#pragma once

#include <varscope/base/nearest_names.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/names/name.hpp>
#include <varscope/scope/current_graph.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// Up to `count` names of ops that are spelled most like `name`; see `nearest_search`.
[[nodiscard]] std::vector<std::string> nearest_ops(
    const graph& g, std::string_view name, std::size_t count);

[[noreturn]] void throw_unknown_op(const graph& g, std::string_view op_name, const name_arg& asked);

[[noreturn]] void throw_wrong_form(
    const name_arg& asked, std::size_t position, const std::string& advice);

[[nodiscard]] tensor find_operation(const graph& g, const name_arg& name);

[[nodiscard]] tensor find_tensor(const graph& g, const name_arg& name);

} // namespace detail

/// \name Look-up by name
/// Names are full: open scopes do not count. Ops are found as far as the graph keeps a record of
/// them; variables always.
/// \throws unknown_op    there is no such op, or no such output of it.
/// \throws invalid_name  it is not of the form asked for.
/// Safe from any thread. Cost: a look at each op of the graph. Keep what is returned.
/// \{

/// The op or variable "scope/Add". Follows tf.Graph.get_operation_by_name.
[[nodiscard]] tensor get_operation_by_name(const graph& g, name_arg name);
[[nodiscard]] inline tensor get_operation_by_name(name_arg name) {
    return get_operation_by_name(current_graph(), name);
}

/// The result "scope/Add:0" of an op, or a variable. Every op but one of kind NoOp has one, with
/// number 0. Follows tf.Graph.get_tensor_by_name.
[[nodiscard]] tensor get_tensor_by_name(const graph& g, name_arg name);
[[nodiscard]] inline tensor get_tensor_by_name(name_arg name) {
    return get_tensor_by_name(current_graph(), name);
}

/// Either: by "scope/Add:0" or by "scope/Add". Follows tf.Graph.as_graph_element.
[[nodiscard]] tensor as_graph_element(const graph& g, name_arg name);
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
[[nodiscard]] std::string strip_name_scope(std::string_view name, std::string_view scope);

/// `name` with `scope/` in front: "b" in "a" is "a/b", "^b" is "^a/b", and "loc:@b" is "loc:@a/b".
/// Follows prepend_name_scope (python/framework/ops.py).
[[nodiscard]] std::string prepend_name_scope(std::string_view name, std::string_view scope);

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/inspect/impl/graph_lookup.ipp>
#endif
