/// \file
/// Asking for a variable by name: created or shared, as the scope says.
#pragma once

#include <varscope/graph/tensor.hpp>
#include <varscope/names/name.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/scope_handle.hpp>
#include <varscope/variable/asked_options.hpp>
#include <varscope/variable/variable.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// What has to be created, or needs a closer look.
[[nodiscard]] variable_node& get_slowly(thread_scopes& thread, const name_arg& name,
    const shape& dimensions, handle_kind kind, const asked_options* options, variable_kind listed);
[[nodiscard]] variable_node& get_current_slowly(const name_arg& name, const shape& dimensions,
    handle_kind kind, const variable_options* options);

/// All of get_variable that does not depend on the type, for a known one, in the current scope.
[[nodiscard]] variable_node& get_current(const name_arg& name, const shape& dimensions,
    handle_kind kind, const variable_options* options);

/// The same in scope `scope`.
[[nodiscard]] variable_node& get_in(const scope_handle& scope, const name_arg& name,
    const shape& dimensions, handle_kind kind, const asked_options& options);

template <class T, std::size_t N>
inline constexpr handle_kind kind_of_handle{
    dtype_of<T>, N == dynamic_rank ? std::int16_t{-1} : static_cast<std::int16_t>(N)};

/// The typed edge: everything that depends on the type, for one call.
template <class T, std::size_t N>
[[nodiscard]] variable<T, N> get_typed(thread_scopes& thread, const name_arg& name,
    const shape& dimensions, const asked_options& options,
    variable_kind kind = variable_kind::global) {
    return variable<T, N>(
        get_slowly(thread, name, dimensions, kind_of_handle<T, N>, &options, kind));
}

/// The variable, or what custom getters make of it.
/// \param scope  null: the current one.
[[nodiscard]] tensor fetch(thread_scopes& thread, const scope_state* scope, const name_arg& name,
    const shape& dimensions, handle_kind kind, const asked_options& options, variable_kind listed);

[[nodiscard]] any_variable get_untyped(thread_scopes& thread, const name_arg& name,
    const shape& dimensions, const asked_options& options, std::optional<dtype> type,
    variable_kind kind = variable_kind::global);

} // namespace detail

/// Returns the variable `name` of the current variable scope, creating it when the scope's reuse
/// mode allows.
///
/// The name scope does not count. What is shared keeps everything it was created with; its shape
/// and element type must fit what is asked for.
///
/// \tparam T, N     element type and rank (default: any rank).
/// \param name      relative name, e.g. "kernel"; joined to the scope with '/'.
/// \param dimensions  of the variable, outermost first; `any_shape` to share one as it is, or where
/// the
///                  initializer brings a value.
/// \param options   count on creation only.
/// \throws already_exists    created before, and the scope does not reuse.
/// \throws does_not_exist    unknown, and the scope only reuses.
/// \throws shape_mismatch, dtype_mismatch  created with another shape, rank or element type.
/// \throws shape_required, bad_shape, constant_with_shape, initializer_dtype_conflict,
/// initializer_required,
///         initializer_signature, value_dtype, invalid_name
/// Safe from any thread: of several that create, one does, and all get the same. Cost: to share,
/// one hash look-up; to create, a record beside the name (elements take memory when
/// first used). Follows tf.get_variable (TensorFlow 1.15).
template <element T, std::size_t N = dynamic_rank>
[[nodiscard]] variable<T, N> get_variable(name_arg name, const shape& dimensions = any_shape) {
    return variable<T, N>(
        detail::get_current(name, dimensions, detail::kind_of_handle<T, N>, nullptr));
}
template <element T, std::size_t N = dynamic_rank>
[[nodiscard]] variable<T, N> get_variable(
    name_arg name, const shape& dimensions, const variable_options& options) {
    return variable<T, N>(
        detail::get_current(name, dimensions, detail::kind_of_handle<T, N>, &options));
}
/// The same in graph `g` and the scopes open in it.
template <element T, std::size_t N = dynamic_rank>
[[nodiscard]] variable<T, N> get_variable(graph& g, name_arg name,
    const shape& dimensions = any_shape, const variable_options& options = {}) {
    return detail::get_typed<T, N>(detail::scopes_in(g), name, dimensions, options);
}

/// The same for an element type known at run time: that of `options.dtype`, else the scope's, else
/// float32.
[[nodiscard]] inline any_variable get_variable(name_arg name, const shape& dimensions = any_shape,
    const untyped_variable_options& options = {}) {
    return detail::get_untyped(detail::current_scopes(), name, dimensions, options, options.dtype);
}
[[nodiscard]] inline any_variable get_variable(graph& g, name_arg name,
    const shape& dimensions = any_shape, const untyped_variable_options& options = {}) {
    return detail::get_untyped(detail::scopes_in(g), name, dimensions, options, options.dtype);
}

/// The same in scope `scope`, wherever the call stands; in the graph in force. With `reuse` in the
/// options, the flag for this call. Follows tf.VariableScope.get_variable.
template <element T, std::size_t N = dynamic_rank>
[[nodiscard]] variable<T, N> get_variable(const scope_handle& scope, name_arg name,
    const shape& dimensions = any_shape, const variable_options& options = {}) {
    return variable<T, N>(
        detail::get_in(scope, name, dimensions, detail::kind_of_handle<T, N>, options));
}
[[nodiscard]] any_variable get_variable(const scope_handle& scope, name_arg name,
    const shape& dimensions = any_shape, const untyped_variable_options& options = {});

/// The variable, or what custom getters make of it: `get_variable` for where they may return an op.
///
/// As `get_variable` of an element type known at run time in all else. Safe from any thread.
/// Follows tf.get_variable, whose result may be any tensor.
[[nodiscard]] tensor get_tensor(name_arg name, const shape& dimensions = any_shape,
    const untyped_variable_options& options = {});
[[nodiscard]] tensor get_tensor(const scope_handle& scope, name_arg name,
    const shape& dimensions = any_shape, const untyped_variable_options& options = {});
/// The same for `get_local_variable`.
[[nodiscard]] tensor get_local_tensor(name_arg name, const shape& dimensions = any_shape,
    const untyped_local_variable_options& options = {});

/// Like `get_variable`, and shares the same store, but what it creates is not trainable and joins
/// the local variables instead of the global ones. Follows tf.get_local_variable.
template <element T, std::size_t N = dynamic_rank>
[[nodiscard]] variable<T, N> get_local_variable(name_arg name, const shape& dimensions = any_shape,
    const local_variable_options& options = {}) {
    return detail::get_typed<T, N>(
        detail::current_scopes(), name, dimensions, options, detail::variable_kind::local);
}
template <element T, std::size_t N = dynamic_rank>
[[nodiscard]] variable<T, N> get_local_variable(graph& g, name_arg name,
    const shape& dimensions = any_shape, const local_variable_options& options = {}) {
    return detail::get_typed<T, N>(
        detail::scopes_in(g), name, dimensions, options, detail::variable_kind::local);
}
[[nodiscard]] any_variable get_local_variable(name_arg name, const shape& dimensions = any_shape,
    const untyped_local_variable_options& options = {});

[[nodiscard]] any_variable get_local_variable(graph& g, name_arg name,
    const shape& dimensions = any_shape, const untyped_local_variable_options& options = {});

/// A new variable, never shared by name, in the current name scope; `variable<T, N>` for an element
/// type known at run time: that of `options.dtype`, else that of the initial value, which is the
/// initializer in `options`.
///
/// \throws initial_value_required, value_dtype, invalid_name, duplicate_node
/// Safe from any thread. Follows tf.Variable (TensorFlow 1.15).
any_variable make_variable(name_arg name, const untyped_new_variable_options& options);
any_variable make_variable(graph& g, name_arg name, const untyped_new_variable_options& options);

/// The variable as a tensor. For one that is cut into parts that is an op under the variable's
/// name, made unique, in the root name scope. Follows tf.convert_to_tensor and
/// PartitionedVariable.as_tensor.
[[nodiscard]] tensor as_tensor(
    const any_variable& v, const std::source_location& where = std::source_location::current());

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/get_variable.ipp>
#endif
