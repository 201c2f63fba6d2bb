// See scope_frame.hpp.
#pragma once

#include <varscope/scope/scope_frame.hpp>
#include <varscope/scope/thread_scopes.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void scope_state::delete_extras::operator()(scope_extras* gone) const noexcept {
    delete gone; // NOLINT(cppcoreguidelines-owning-memory): of the pointer that calls this
}

VARSCOPE_INLINE bool scope_state::shares_as_is() const noexcept {
    const bool shares = reuse == reuse_mode::reuse || reuse == reuse_mode::auto_reuse;
    return shares && defaults->is_plain;
}

VARSCOPE_INLINE scope_extras& scope_state::own() {
    if (extras == nullptr) { extras.reset(new scope_extras); }
    return *extras;
}

VARSCOPE_INLINE void scope_state::set_path(std::string_view text, const digest& id) {
    own().text = text;
    extras->path = {id, extras->text.data(), text.size()};
    path = &extras->path;
}

VARSCOPE_INLINE void scope_state::set_original(std::string name_scope) {
    own().original_name_scope = std::move(name_scope);
    extras->has_original = true;
}

VARSCOPE_INLINE const varscope::constraint& scope_state::constraint() const {
    static const varscope::constraint& none = *new varscope::constraint; // for static objects too
    return extras == nullptr ? none : extras->constraint;
}

VARSCOPE_INLINE std::string scope_state::name() const { return std::string(path->view()); }

VARSCOPE_INLINE std::string scope_state::original_name_scope() const {
    if (extras != nullptr && extras->has_original) { return extras->original_name_scope; }
    return original == nullptr ? std::string() : path_of(original) + '/';
}

VARSCOPE_INLINE void copy_to(scope_state& to, const scope_state& from) {
    to.set_path(from.path->view(), from.id());
    to.reuse = from.reuse;
    to.type = from.type;
    to.defaults = from.defaults;
    to.extras->constraint = from.constraint();
    to.set_original(from.original_name_scope());
}

VARSCOPE_INLINE std::shared_ptr<scope_state> copy_of(const scope_state& s) {
    auto copy = std::make_shared<scope_state>();
    copy_to(*copy, s);
    auto& own = copy->extras->defaults;
    if (s.extras != nullptr && s.extras->defaults.get() == s.defaults) {
        own = s.extras->defaults;
    } else {
        own = std::make_shared<scope_defaults>(*s.defaults);
    }
    copy->defaults = own.get();
    return copy;
}

VARSCOPE_INLINE std::shared_ptr<scope_state> scope_slot::keep() {
    if (state_ == &own_) { adopt(copy_of(own_)); }
    return own_.extras->kept;
}

VARSCOPE_INLINE void scope_slot::adopt(std::shared_ptr<scope_state> state) {
    own_.own().kept = std::move(state);
    state_ = own_.extras->kept.get();
}

VARSCOPE_INLINE void scope_slot::set(const scope_path& path, const scope_state& from,
    const name_link* original, reuse_mode mode) noexcept {
    own_.path = &path;
    own_.defaults = from.defaults;
    own_.original = original;
    own_.reuse = from.reuse;
    own_.type = from.type;
    if (mode == reuse_mode::reuse || mode == reuse_mode::auto_reuse) { own_.reuse = mode; }
}

} // namespace varscope::inline VARSCOPE_ABI::detail
