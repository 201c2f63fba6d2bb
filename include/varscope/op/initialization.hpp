/// \file
/// Which variables have values, and giving some of them their first.
#pragma once

#include <varscope/op/session.hpp>
#include <varscope/scope/make_op.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// The initialiser of the variables in `list`, for `session::run`. Records an op in the current
/// name scope of graph `g`.
///
/// \throws wrong_graph   one of them is of another graph.
/// \throws invalid_name, duplicate_node
/// Safe from any thread; running it writes elements. Follows tf.variables_initializer.
[[nodiscard]] initializer_op variables_initializer(
    graph& g, std::vector<any_variable> list, name_arg name = name_arg("init"));
[[nodiscard]] inline initializer_op variables_initializer(
    std::vector<any_variable> list, name_arg name = name_arg("init")) {
    return variables_initializer(current_graph(), std::move(list), name);
}

/// Whether the variable can be read. Safe from any thread. Follows tf.is_variable_initialized, but
/// records no op.
[[nodiscard]] inline bool is_variable_initialized(const any_variable& v) noexcept {
    return v.is_initialized();
}

namespace detail {

/// The global variables, then the local ones; if there are none of either, all variables of the
/// graph, as TensorFlow does it.
[[nodiscard]] std::vector<any_variable> variables_to_initialize(graph& g);

} // namespace detail

/// The op names of those variables that have no value yet, in the order of the list.
///
/// The list is by default that of the global variables and then the local ones; if there are none
/// of either, all variables of the graph. Safe from any thread. Follows
/// tf.report_uninitialized_variables, but records no op.
[[nodiscard]] std::vector<std::string> report_uninitialized_variables(
    const std::vector<any_variable>& list);
[[nodiscard]] inline std::vector<std::string> report_uninitialized_variables(graph& g) {
    return report_uninitialized_variables(detail::variables_to_initialize(g));
}
[[nodiscard]] inline std::vector<std::string> report_uninitialized_variables() {
    return report_uninitialized_variables(current_graph());
}

/// Throws if one of the variables has no value yet; the default is that of
/// `report_uninitialized_variables`.
/// \throws uninitialized  names all of them; its `name()` is the first.
/// Safe from any thread. Follows tf.assert_variables_initialized.
void assert_variables_initialized(const std::vector<any_variable>& list,
    const std::source_location& where = std::source_location::current());
inline void assert_variables_initialized(
    graph& g, const std::source_location& where = std::source_location::current()) {
    assert_variables_initialized(detail::variables_to_initialize(g), where);
}
inline void assert_variables_initialized(
    const std::source_location& where = std::source_location::current()) {
    assert_variables_initialized(current_graph(), where);
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/op/impl/initialization.ipp>
#endif
