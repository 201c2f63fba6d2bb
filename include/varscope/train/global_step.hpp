/// \file
/// The variable that counts the steps of training.
#pragma once

#include <varscope/scope/name_scope.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// Throws unless `v` can be a global step: a scalar of an integer type.
/// \throws dtype_mismatch, shape_mismatch
/// Follows tf.train.assert_global_step.
inline void assert_global_step(
    const any_variable& v, const std::source_location& where = std::source_location::current()) {
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

/// The global step of graph `g`, if there is one: the variable in collection `global_step`, else
/// the one whose `name()` is "global_step:0".
///
/// \throws ambiguous_name  the collection has several entries (TensorFlow logs that, and finds
///                         none).
/// \throws dtype_mismatch, shape_mismatch  it is not a scalar of an integer type.
/// Safe from any thread. Cost: without the collection, a look at each op of the graph. Follows
/// tf.train.get_global_step, but that an op which is not a variable is not found.
[[nodiscard]] inline std::optional<any_variable> get_global_step(
    graph& g, const std::source_location& where = std::source_location::current()) {
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
[[nodiscard]] inline std::optional<any_variable> get_global_step(
    const std::source_location& where = std::source_location::current()) {
    return get_global_step(current_graph(), where);
}

/// A new global step of graph `g`: the variable "global_step" of the current variable scope, an
/// int64 scalar that begins at 0, not trainable, in the collections `global_variables` and
/// `global_step`.
///
/// \throws already_exists  the graph has one.
/// \throws does_not_exist  the variable scope only reuses.
/// Safe from any thread. Follows tf.train.create_global_step.
inline variable<std::int64_t, 0> create_global_step(
    graph& g, const std::source_location& where = std::source_location::current()) {
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
inline variable<std::int64_t, 0> create_global_step(
    const std::source_location& where = std::source_location::current()) {
    return create_global_step(current_graph(), where);
}

/// The global step that there is, or a new one.
/// \throws as `get_global_step` and `create_global_step`
/// Safe from any thread: of several that create, one does. Follows
/// tf.train.get_or_create_global_step.
inline any_variable get_or_create_global_step(
    graph& g, const std::source_location& where = std::source_location::current()) {
    const std::scoped_lock lock(g.creation());
    const std::optional<any_variable> present = get_global_step(g, where);
    return present ? *present : any_variable(create_global_step(g, where));
}
inline any_variable get_or_create_global_step(
    const std::source_location& where = std::source_location::current()) {
    return get_or_create_global_step(current_graph(), where);
}

/// What the global step `v` holds.
/// \throws uninitialized, dtype_mismatch, shape_mismatch
/// Follows tf.train.global_step.
[[nodiscard]] inline std::int64_t global_step(
    const any_variable& v, const std::source_location& where = std::source_location::current()) {
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
