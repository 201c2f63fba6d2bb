/// \file
/// Which variables have values, and giving some of them their first.
#pragma once

#include <varscope/op/session.hpp>
#include <varscope/scope/make_op.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <algorithm>
#include <cstddef>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// The initialiser of the variables in `list`, for `session::run`. Records an op in the current
/// name scope of graph `g`.
///
/// \throws wrong_graph   one of them is of another graph.
/// \throws invalid_name, duplicate_node
/// Safe from any thread; running it writes elements. Follows tf.variables_initializer.
[[nodiscard]] inline initializer_op variables_initializer(
    graph& g, std::vector<any_variable> list, name_arg name = name_arg("init")) {
    for (const any_variable& v : list) {
        if (&v.graph() != &g) {
            throw wrong_graph("variable '" + std::string(v.op_name()) +
                    "' is of another graph than its initializer\n  created at " +
                    to_string(v.defined_at()) + "\n  asked for at " + to_string(name.where()) +
                    "\n  make the initializer while that graph is in force: vs::as_default "
                    "guard{g}",
                {std::string(v.op_name()), name.where(), v.defined_at()});
        }
    }
    return {make_op(g, {.type = "NoOp", .dtype = dtype::float32, .shape = any_shape}, name),
        std::move(list)};
}
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
[[nodiscard]] inline std::vector<any_variable> variables_to_initialize(graph& g) {
    std::vector<any_variable> list = global_variables(g);
    const std::vector<any_variable> local = local_variables(g);
    list.insert(list.end(), local.begin(), local.end());
    if (!list.empty()) { return list; }
    for (const node* n : g.records()) {
        if (n->is_variable) { list.emplace_back(variable_of(*n)); }
    }
    return list;
}

} // namespace detail

/// The op names of those variables that have no value yet, in the order of the list.
///
/// The list is by default that of the global variables and then the local ones; if there are none
/// of either, all variables of the graph. Safe from any thread. Follows
/// tf.report_uninitialized_variables, but records no op.
[[nodiscard]] inline std::vector<std::string> report_uninitialized_variables(
    const std::vector<any_variable>& list) {
    std::vector<std::string> names;
    for (const any_variable& v : list) {
        if (!v.is_initialized()) { names.emplace_back(v.op_name()); }
    }
    return names;
}
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
inline void assert_variables_initialized(const std::vector<any_variable>& list,
    const std::source_location& where = std::source_location::current()) {
    std::string found;
    const any_variable* first = nullptr;
    std::size_t count = 0;
    for (const any_variable& v : list) {
        if (v.is_initialized()) { continue; }
        if (first == nullptr) { first = &v; }
        ++count;
        found += "\n  '" + std::string(v.op_name()) + "', created at " + to_string(v.defined_at());
    }
    if (first == nullptr) { return; }
    throw uninitialized(
        (count == 1 ? "1 variable has" : std::to_string(count) + " variables have") +
            std::string(" no value yet") + found + "\n  asked for at " + to_string(where) +
            "\n  run global_variables_initializer() and local_variables_initializer(), restore a "
            "checkpoint or assign to them first",
        {std::string(first->op_name()), where, first->defined_at()});
}
inline void assert_variables_initialized(
    graph& g, const std::source_location& where = std::source_location::current()) {
    assert_variables_initialized(detail::variables_to_initialize(g), where);
}
inline void assert_variables_initialized(
    const std::source_location& where = std::source_location::current()) {
    assert_variables_initialized(current_graph(), where);
}

} // namespace varscope::inline VARSCOPE_ABI
