/// \file
/// The variable that counts the steps of training.
#pragma once

#include <varscope/scope/name_scope.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <cstdint>
#include <optional>
#include <source_location>

namespace varscope::inline VARSCOPE_ABI {

/// Throws unless `v` can be a global step: a scalar of an integer type.
/// \throws dtype_mismatch, shape_mismatch
/// Follows tf.train.assert_global_step.
void assert_global_step(
    const any_variable& v, const std::source_location& where = std::source_location::current());

/// The global step of graph `g`, if there is one: the variable in collection `global_step`, else
/// the one whose `name()` is "global_step:0".
///
/// \throws ambiguous_name  the collection has several entries (TensorFlow logs that, and finds
///                         none).
/// \throws dtype_mismatch, shape_mismatch  it is not a scalar of an integer type.
/// Safe from any thread. Cost: without the collection, a look at each op of the graph. Follows
/// tf.train.get_global_step, but that an op which is not a variable is not found.
[[nodiscard]] std::optional<any_variable> get_global_step(
    graph& g, const std::source_location& where = std::source_location::current());
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
variable<std::int64_t, 0> create_global_step(
    graph& g, const std::source_location& where = std::source_location::current());
inline variable<std::int64_t, 0> create_global_step(
    const std::source_location& where = std::source_location::current()) {
    return create_global_step(current_graph(), where);
}

/// The global step that there is, or a new one.
/// \throws as `get_global_step` and `create_global_step`
/// Safe from any thread: of several that create, one does. Follows
/// tf.train.get_or_create_global_step.
any_variable get_or_create_global_step(
    graph& g, const std::source_location& where = std::source_location::current());
inline any_variable get_or_create_global_step(
    const std::source_location& where = std::source_location::current()) {
    return get_or_create_global_step(current_graph(), where);
}

/// What the global step `v` holds.
/// \throws uninitialized, dtype_mismatch, shape_mismatch
/// Follows tf.train.global_step.
[[nodiscard]] std::int64_t global_step(
    const any_variable& v, const std::source_location& where = std::source_location::current());

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/train/impl/global_step.ipp>
#endif
