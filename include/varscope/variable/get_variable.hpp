/// \file
/// Asking for a variable by name: created or shared, as the scope says.
#pragma once

#include <varscope/scope/make_op.hpp>
#include <varscope/scope/variable_scope.hpp>
#include <varscope/variable/detail/plain_creation.hpp>
#include <varscope/variable/get_or_create.hpp>
#include <varscope/variable/variable.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// What has to be created, or needs a closer look.
[[nodiscard, gnu::noinline]] inline variable_node& get_slowly(thread_scopes& thread,
    const name_arg& name, const shape& dimensions, handle_kind kind, const asked_options* options,
    variable_kind listed) {
    if (!name.text().empty()) {
        const key_survey key = survey(*thread.innermost->place, name.text());
        thread.owner->store().expect(key.id);
        const auto find = [&] {
            return find_plain(
                thread, [&](const digest&) { return key.id; }, dimensions, kind, options);
        };
        variable_node* found = find();
        const bool has_rank =
            kind.rank < 0 || dimensions.rank() == static_cast<std::size_t>(kind.rank);
        if (found == nullptr && listed == variable_kind::global && has_rank) {
            found = create_plain(thread, name, key, dimensions, kind.type, options);
            if (found == nullptr) { found = find(); } // another thread was faster
        }
        if (found != nullptr) { return *found; }
    }
    const variable_call call{.name = name,
        .dimensions = dimensions,
        .type = kind.type,
        .rank = kind.rank < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(kind.rank)),
        .is_typed = true,
        .options = options,
        .kind = listed};
    return get_or_create(thread, call)();
}
[[nodiscard, gnu::noinline]] inline variable_node& get_current_slowly(const name_arg& name,
    const shape& dimensions, handle_kind kind, const variable_options* options) {
    thread_scopes& thread = current_scopes();
    if (options == nullptr) {
        return get_slowly(thread, name, dimensions, kind, nullptr, variable_kind::global);
    }
    const asked_options asked(*options);
    return get_slowly(thread, name, dimensions, kind, &asked, variable_kind::global);
}

/// All of get_variable that does not depend on the type, for a known one, in the current scope.
[[nodiscard, gnu::noinline]] inline variable_node& get_current(const name_arg& name,
    const shape& dimensions, handle_kind kind, const variable_options* options) {
    const thread_scopes* const thread = this_thread().current;
    const hashed_name* const asked = name.component();
    if (thread != nullptr && asked != nullptr) [[likely]] {
        variable_node* const known = find_plain(
            *thread,
            [&](const digest& scope) { return extend_by_component(scope, asked->exact.hash); },
            dimensions, kind, options);
        if (known != nullptr) [[likely]] { return *known; }
    }
    return get_current_slowly(name, dimensions, kind, options);
}

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

[[nodiscard]] inline any_variable get_untyped(thread_scopes& thread, const name_arg& name,
    const shape& dimensions, const asked_options& options, std::optional<dtype> type,
    variable_kind kind = variable_kind::global) {
    const variable_call call{.name = name,
        .dimensions = dimensions,
        .type = type,
        .rank = {},
        .options = &options,
        .kind = kind};
    return any_variable(get_or_create(thread, call)());
}

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
    const detail::asked_options asked(options);
    const detail::variable_call call{.name = name,
        .dimensions = dimensions,
        .type = dtype_of<T>,
        .rank = N == dynamic_rank ? std::nullopt : std::optional(N),
        .is_typed = true,
        .options = &asked};
    return variable<T, N>(detail::get_or_create(detail::current_scopes(), scope.state(), call)());
}
[[nodiscard]] inline any_variable get_variable(const scope_handle& scope, name_arg name,
    const shape& dimensions = any_shape, const untyped_variable_options& options = {}) {
    const detail::asked_options asked(options);
    const detail::variable_call call{.name = name,
        .dimensions = dimensions,
        .type = options.dtype,
        .rank = {},
        .options = &asked};
    return any_variable(detail::get_or_create(detail::current_scopes(), scope.state(), call)());
}

/// The variable, or what custom getters make of it: `get_variable` for where they may return an op.
///
/// As `get_variable` of an element type known at run time in all else. Safe from any thread.
/// Follows tf.get_variable, whose result may be any tensor.
[[nodiscard]] inline tensor get_tensor(name_arg name, const shape& dimensions = any_shape,
    const untyped_variable_options& options = {}) {
    const detail::asked_options asked(options);
    const detail::variable_call call{.name = name,
        .dimensions = dimensions,
        .type = options.dtype,
        .rank = {},
        .options = &asked};
    return detail::get_or_create(detail::current_scopes(), call).fetch();
}
[[nodiscard]] inline tensor get_tensor(const scope_handle& scope, name_arg name,
    const shape& dimensions = any_shape, const untyped_variable_options& options = {}) {
    const detail::asked_options asked(options);
    const detail::variable_call call{.name = name,
        .dimensions = dimensions,
        .type = options.dtype,
        .rank = {},
        .options = &asked};
    return detail::get_or_create(detail::current_scopes(), scope.state(), call).fetch();
}
/// The same for `get_local_variable`.
[[nodiscard]] inline tensor get_local_tensor(name_arg name, const shape& dimensions = any_shape,
    const untyped_local_variable_options& options = {}) {
    const detail::asked_options asked(options);
    const detail::variable_call call{.name = name,
        .dimensions = dimensions,
        .type = options.dtype,
        .rank = {},
        .options = &asked,
        .kind = detail::variable_kind::local};
    return detail::get_or_create(detail::current_scopes(), call).fetch();
}

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
[[nodiscard]] inline any_variable get_local_variable(name_arg name,
    const shape& dimensions = any_shape, const untyped_local_variable_options& options = {}) {
    return detail::get_untyped(detail::current_scopes(), name, dimensions, options, options.dtype,
        detail::variable_kind::local);
}

[[nodiscard]] inline any_variable get_local_variable(graph& g, name_arg name,
    const shape& dimensions = any_shape, const untyped_local_variable_options& options = {}) {
    return detail::get_untyped(detail::scopes_in(g), name, dimensions, options, options.dtype,
        detail::variable_kind::local);
}

/// A new variable, never shared by name, in the current name scope; `variable<T, N>` for an element
/// type known at run time: that of `options.dtype`, else that of the initial value, which is the
/// initializer in `options`.
///
/// \throws initial_value_required, value_dtype, invalid_name, duplicate_node
/// Safe from any thread. Follows tf.Variable (TensorFlow 1.15).
inline any_variable make_variable(name_arg name, const untyped_new_variable_options& options) {
    return any_variable(detail::make_unshared(
        detail::current_scopes(), name, options.initializer, options, options.dtype));
}
inline any_variable make_variable(
    graph& g, name_arg name, const untyped_new_variable_options& options) {
    return any_variable(detail::make_unshared(
        detail::scopes_in(g), name, options.initializer, options, options.dtype));
}

/// The variable as a tensor. For one that is cut into parts that is an op under the variable's
/// name, made unique, in the root name scope. Follows tf.convert_to_tensor and
/// PartitionedVariable.as_tensor.
[[nodiscard]] inline tensor as_tensor(
    const any_variable& v, const std::source_location& where = std::source_location::current()) {
    if (!v.is_partitioned()) { return v; }
    std::vector<tensor> parts;
    for (const any_variable& part : v.parts()) { parts.emplace_back(part); }
    const name_scope root(v.graph(), name_arg(std::string_view(), where));
    return make_op({.type = parts.size() == 1 ? "Identity" : "ConcatV2",
                       .dtype = v.dtype(),
                       .shape = v.shape(),
                       .inputs = parts,
                       .value = [v] { return v.value(); }},
        name_arg(v.key(), where));
}

} // namespace varscope::inline VARSCOPE_ABI
