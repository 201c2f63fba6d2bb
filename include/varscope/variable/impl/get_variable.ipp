// See get_variable.hpp.
#pragma once

#include <varscope/scope/ambient.hpp>
#include <varscope/scope/make_op.hpp>
#include <varscope/variable/detail/plain_creation.hpp>
#include <varscope/variable/get_or_create.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/new_variable.hpp>

#include <cstddef>
#include <optional>
#include <source_location>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// A call for a typed handle.
VARSCOPE_INLINE variable_call typed_call(const name_arg& name, const shape& dimensions,
    handle_kind kind, const asked_options* options, variable_kind listed) noexcept {
    return {.name = name,
        .dimensions = dimensions,
        .type = kind.type,
        .rank = kind.rank < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(kind.rank)),
        .is_typed = true,
        .options = options,
        .kind = listed};
}

[[gnu::noinline]] VARSCOPE_INLINE variable_node& get_slowly(thread_scopes& thread,
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
    const variable_call call = typed_call(name, dimensions, kind, options, listed);
    return get_or_create(thread, call)();
}

[[gnu::noinline]] VARSCOPE_INLINE variable_node& get_current_slowly(const name_arg& name,
    const shape& dimensions, handle_kind kind, const variable_options* options) {
    thread_scopes& thread = current_scopes();
    if (options == nullptr) {
        return get_slowly(thread, name, dimensions, kind, nullptr, variable_kind::global);
    }
    const asked_options asked(*options);
    return get_slowly(thread, name, dimensions, kind, &asked, variable_kind::global);
}

[[gnu::noinline]] VARSCOPE_INLINE variable_node& get_current(const name_arg& name,
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

VARSCOPE_INLINE variable_node& get_in(const scope_handle& scope, const name_arg& name,
    const shape& dimensions, handle_kind kind, const asked_options& options) {
    const variable_call call = typed_call(name, dimensions, kind, &options, variable_kind::global);
    return get_or_create(current_scopes(), scope.state(), call)();
}

VARSCOPE_INLINE tensor fetch(thread_scopes& thread, const scope_state* scope, const name_arg& name,
    const shape& dimensions, handle_kind kind, const asked_options& options, variable_kind listed) {
    const variable_call call = typed_call(name, dimensions, kind, &options, listed);
    const scope_state& in = scope != nullptr ? *scope : thread.innermost->scope->state();
    return get_or_create(thread, in, call).fetch();
}

VARSCOPE_INLINE any_variable get_untyped(thread_scopes& thread, const name_arg& name,
    const shape& dimensions, const asked_options& options, std::optional<dtype> type,
    variable_kind kind) {
    const variable_call call{.name = name,
        .dimensions = dimensions,
        .type = type,
        .rank = {},
        .options = &options,
        .kind = kind};
    return any_variable(get_or_create(thread, call)());
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE any_variable get_variable(const scope_handle& scope, name_arg name,
    const shape& dimensions, const untyped_variable_options& options) {
    const detail::asked_options asked(options);
    const detail::variable_call call{.name = name,
        .dimensions = dimensions,
        .type = options.dtype,
        .rank = {},
        .options = &asked};
    return any_variable(detail::get_or_create(detail::current_scopes(), scope.state(), call)());
}

VARSCOPE_INLINE tensor get_tensor(
    name_arg name, const shape& dimensions, const untyped_variable_options& options) {
    const detail::asked_options asked(options);
    const detail::variable_call call{.name = name,
        .dimensions = dimensions,
        .type = options.dtype,
        .rank = {},
        .options = &asked};
    return detail::get_or_create(detail::current_scopes(), call).fetch();
}

VARSCOPE_INLINE tensor get_tensor(const scope_handle& scope, name_arg name, const shape& dimensions,
    const untyped_variable_options& options) {
    const detail::asked_options asked(options);
    const detail::variable_call call{.name = name,
        .dimensions = dimensions,
        .type = options.dtype,
        .rank = {},
        .options = &asked};
    return detail::get_or_create(detail::current_scopes(), scope.state(), call).fetch();
}

VARSCOPE_INLINE tensor get_local_tensor(
    name_arg name, const shape& dimensions, const untyped_local_variable_options& options) {
    const detail::asked_options asked(options);
    const detail::variable_call call{.name = name,
        .dimensions = dimensions,
        .type = options.dtype,
        .rank = {},
        .options = &asked,
        .kind = detail::variable_kind::local};
    return detail::get_or_create(detail::current_scopes(), call).fetch();
}

VARSCOPE_INLINE any_variable get_local_variable(
    name_arg name, const shape& dimensions, const untyped_local_variable_options& options) {
    return detail::get_untyped(detail::current_scopes(), name, dimensions, options, options.dtype,
        detail::variable_kind::local);
}

VARSCOPE_INLINE any_variable get_local_variable(graph& g, name_arg name, const shape& dimensions,
    const untyped_local_variable_options& options) {
    return detail::get_untyped(detail::scopes_in(g), name, dimensions, options, options.dtype,
        detail::variable_kind::local);
}

VARSCOPE_INLINE any_variable make_variable(
    name_arg name, const untyped_new_variable_options& options) {
    detail::new_variable_call call(options.initializer, options);
    call.type = options.dtype;
    return any_variable(make_unshared(detail::current_scopes(), name, call));
}

VARSCOPE_INLINE any_variable make_variable(
    graph& g, name_arg name, const untyped_new_variable_options& options) {
    detail::new_variable_call call(options.initializer, options);
    call.type = options.dtype;
    return any_variable(make_unshared(detail::scopes_in(g), name, call));
}

VARSCOPE_INLINE tensor as_tensor(const any_variable& v, const std::source_location& where) {
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
