// See scope_handle.hpp.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/scope_handle.hpp>

#include <memory>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE const varscope::initializer& scope_handle::initializer() const noexcept {
    return state_->defaults->initializer;
}

VARSCOPE_INLINE const varscope::regularizer& scope_handle::regularizer() const noexcept {
    return state_->defaults->regularizer;
}

VARSCOPE_INLINE const varscope::partitioner& scope_handle::partitioner() const noexcept {
    return state_->defaults->partitioner;
}

VARSCOPE_INLINE bool scope_handle::has_custom_getter() const noexcept {
    return state_->defaults->getters != nullptr;
}

VARSCOPE_INLINE scope_handle get_variable_scope() {
    return scope_handle(detail::current_scopes().innermost->scope->keep());
}
VARSCOPE_INLINE scope_handle get_variable_scope(graph& g) {
    return scope_handle(detail::scopes_in(g).innermost->scope->keep());
}

VARSCOPE_INLINE void scope_handle::set_initializer(varscope::initializer value) {
    state_->change_defaults([&](auto& d) { d.initializer = std::move(value); });
}

VARSCOPE_INLINE void scope_handle::set_regularizer(varscope::regularizer value) {
    state_->change_defaults([&](auto& d) { d.regularizer = std::move(value); });
}

VARSCOPE_INLINE void scope_handle::set_partitioner(varscope::partitioner value) {
    state_->change_defaults([&](auto& d) { d.partitioner = std::move(value); });
}

VARSCOPE_INLINE void scope_handle::set_custom_getter(const varscope::custom_getter& value) {
    state_->change_defaults([&](auto& d) {
        d.getters = value
            ? std::make_shared<const detail::getter_chain>(detail::getter_chain{value, nullptr})
            : nullptr;
    });
}

VARSCOPE_INLINE scope_handle scope_at(name_arg name, reuse_mode mode) {
    if (!name.text().empty()) {
        if (const auto illegal = detail::illegal_position(name.text())) {
            detail::throw_invalid_name("scope", name.text(), *illegal, name.where());
        }
    }
    auto state = std::make_shared<detail::scope_state>();
    state->set_path(name.text(),
        name.text().empty() ? detail::root_digest
                            : detail::extend(detail::root_digest, name.hashed()));
    state->reuse = mode == reuse_mode::create ? reuse_mode::inherit : mode;
    state->extras->defaults = std::make_shared<detail::scope_defaults>();
    state->defaults = state->extras->defaults.get();
    state->set_original({});
    return scope_handle(std::move(state));
}

} // namespace varscope::inline VARSCOPE_ABI
