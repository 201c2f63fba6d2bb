// See initialization.hpp.
#pragma once

#include <varscope/op/initialization.hpp>

#include <cstddef>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE initializer_op variables_initializer(
    graph& g, std::vector<any_variable> list, name_arg name) {
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

} // namespace varscope::inline VARSCOPE_ABI

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::vector<any_variable> variables_to_initialize(graph& g) {
    std::vector<any_variable> list = global_variables(g);
    const std::vector<any_variable> local = local_variables(g);
    list.insert(list.end(), local.begin(), local.end());
    if (!list.empty()) { return list; }
    for (const node* n : g.records()) {
        if (n->is_variable) { list.emplace_back(variable_of(*n)); }
    }
    return list;
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE std::vector<std::string> report_uninitialized_variables(
    const std::vector<any_variable>& list) {
    std::vector<std::string> names;
    for (const any_variable& v : list) {
        if (!v.is_initialized()) { names.emplace_back(v.op_name()); }
    }
    return names;
}

VARSCOPE_INLINE void assert_variables_initialized(
    const std::vector<any_variable>& list, const std::source_location& where) {
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

} // namespace varscope::inline VARSCOPE_ABI
