// See static_variable.hpp.
#pragma once

#include <varscope/graph/graph_state.hpp>
#include <varscope/schema/static_variable.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/variable/get_or_create.hpp>
#include <varscope/variable/variable_errors.hpp>

#include <cstddef>
#include <source_location>
#include <string>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE asked_place::asked_place(const scope_guard& guard) noexcept
    : thread{guard.thread()}
    , scope{guard.state()}
    , id{guard.id()} {}
VARSCOPE_INLINE asked_place::asked_place(const scope_handle& handle)
    : thread{current_scopes()}
    , scope{handle.state()}
    , id{scope.id()} {}
VARSCOPE_INLINE asked_place::asked_place(varscope::graph& g) : asked_place(scopes_in(g)) {}
VARSCOPE_INLINE asked_place::asked_place() : asked_place(current_scopes()) {}
VARSCOPE_INLINE asked_place::asked_place(thread_scopes& in) noexcept
    : thread{in}
    , scope{in.innermost->scope->state()}
    , id{in.innermost->place->id} {}
VARSCOPE_INLINE varscope::graph& asked_place::graph() const noexcept { return *thread.owner; }

VARSCOPE_INLINE bool static_request::fits(const variable_node& v) const noexcept {
    if (v.type != type || (rank && v.rank != *rank)) { return false; }
    for (std::size_t i = 0; i < dimensions.size(); ++i) {
        if (dimensions[i] != unknown_dimension &&
            static_cast<std::size_t>(dimensions[i]) != v.dimensions()[i]) {
            return false;
        }
    }
    return true;
}

VARSCOPE_INLINE void check_dimensions(const asked_place& at, const static_request& r,
    const shape& given, const std::source_location& where) {
    if (r.get_shape().is_compatible_with(given)) { return; }
    const std::string full = join(at.scope.name(), r.name);
    throw bad_shape("variable '" + full + "' cannot have shape " + to_string(given) +
            ": its type says " + to_string(r.get_shape()) + "\n  requested at " + to_string(where) +
            "\n  ask for one of these",
        {full, where});
}

VARSCOPE_INLINE variable_node& get_by_text(const asked_place& at, const static_request& r,
    const shape& dimensions, const asked_options* options, const std::source_location& where) {
    check_dimensions(at, r, dimensions, where);
    const name_arg name(r.name, where);
    const variable_call call{.name = name,
        .dimensions = dimensions,
        .type = r.type,
        .rank = r.rank,
        .is_typed = true,
        .options = options};
    return get_or_create(at.thread, at.scope, call)();
}

VARSCOPE_INLINE variable_node& get_by_text(
    const asked_place& at, const static_request& r, const std::source_location& where) {
    return get_by_text(at, r, r.get_shape(), nullptr, where);
}

VARSCOPE_INLINE variable_node* find_in_table(
    const asked_place& at, const static_request& r) noexcept {
    if (!at.scope.shares_as_is() || at.graph().sharing() != nullptr) { return nullptr; }
    digest id = at.id;
    for (const digest& component : r.components) { id = extend_by_component(id, component); }
    variable_node* const known = at.graph().store().find(id);
    if (known == nullptr || !r.fits(*known)) { return nullptr; }
    return at.graph().store().find_first_part(id) == nullptr ? known : nullptr;
}

VARSCOPE_INLINE variable_node* find_known(
    const asked_place& at, const literal_number& place) noexcept {
    const varscope::graph& g = at.graph();
    if (!at.scope.shares_as_is() || g.sharing() != nullptr || g.store().has_first_parts())
        [[unlikely]] {
        return nullptr;
    }
    return g.literals().find(place, at.id);
}

[[gnu::noinline]] VARSCOPE_INLINE variable_node& get_unknown(
    asked_place at, const static_request& r, literal_number& place, std::source_location where) {
    if (variable_node* const known = find_in_table(at, r)) {
        if (at.graph().literals().has_room(place)) { at.graph().remember(place, at.id, *known); }
        return *known;
    }
    return get_by_text(at, r, where);
}

} // namespace varscope::inline VARSCOPE_ABI::detail
