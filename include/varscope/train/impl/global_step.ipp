// See global_step.hpp.
#pragma once

#include <varscope/train/global_step.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <type_traits>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE void assert_global_step(const any_variable& v, const std::source_location& where) {
    const std::string name(v.op_name());
    if (!is_integer(v.dtype())) {
        throw dtype_mismatch("variable '" + name + "' cannot be the global step" +
                detail::describe_creation(v.node()) + "\n  asked for at " + to_string(where) +
                "\n  a global step is of an integer type, e.g. int64",
            {name, where, v.defined_at()}, v.dtype(), dtype::int64);
    }
    if (v.node().rank != 0) {
        throw shape_mismatch("variable '" + name + "' cannot be the global step" +
                detail::describe_creation(v.node()) + "\n  asked for at " + to_string(where) +
                "\n  a global step is a scalar",
            {name, where, v.defined_at()}, v.shape(), shape());
    }
}

VARSCOPE_INLINE std::optional<any_variable> get_global_step(
    graph& g, const std::source_location& where) {
    const std::vector<tensor> listed = get_collection(g, graph_keys::global_step);
    std::optional<any_variable> found;
    if (listed.size() > 1) {
        std::string text = "collection 'global_step' has " + std::to_string(listed.size()) +
            " entries, and only one can be the global step";
        for (const tensor& entry : listed) {
            text += "\n  '" + std::string(entry.op_name()) + "', created at " +
                to_string(entry.defined_at());
        }
        throw ambiguous_name(text + "\n  asked for at " + to_string(where),
            {"global_step", where, listed.front().defined_at()});
    }
    if (!listed.empty()) {
        if (listed.front().is_variable()) { found = listed.front().as_variable(); }
    } else if (const detail::node* const n = g.find_node("global_step"); n && n->is_variable) {
        found = tensor(*n).as_variable();
    }
    if (found) { assert_global_step(*found, where); }
    return found;
}

VARSCOPE_INLINE variable<std::int64_t, 0> create_global_step(
    graph& g, const std::source_location& where) {
    const std::scoped_lock lock(g.creation());
    if (const std::optional<any_variable> present = get_global_step(g, where)) {
        const std::string name(present->op_name());
        throw already_exists("the graph has a global step already: variable '" + name + '\'' +
                detail::describe_creation(present->node()) + "\n  requested again at " +
                to_string(where) + "\n  to share it, call get_or_create_global_step()",
            {name, where, present->defined_at()});
    }
    const name_scope root(g, name_arg(no_name, where));
    return get_variable<std::int64_t, 0>(g, name_arg(graph_keys::global_step, where), shape(),
        {.initializer = zeros(),
            .trainable = false,
            .collections = std::vector<std::string>{
                std::string(graph_keys::global_variables), std::string(graph_keys::global_step)}});
}

VARSCOPE_INLINE any_variable get_or_create_global_step(
    graph& g, const std::source_location& where) {
    const std::scoped_lock lock(g.creation());
    const std::optional<any_variable> present = get_global_step(g, where);
    return present ? *present : any_variable(create_global_step(g, where));
}

VARSCOPE_INLINE std::int64_t global_step(const any_variable& v, const std::source_location& where) {
    assert_global_step(v, where);
    const void* const data = v.data();
    return visit_dtype(v.dtype(), [&]<class T>(std::type_identity<T>) -> std::int64_t {
        if constexpr (std::is_integral_v<T>) {
            return static_cast<std::int64_t>(*static_cast<const T*>(data));
        } else {
            return 0; // refused above
        }
    });
}

} // namespace varscope::inline VARSCOPE_ABI
