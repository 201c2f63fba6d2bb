// See capture.hpp.
#pragma once

#include <varscope/scope/ambient.hpp>
#include <varscope/scope/capture.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// Never changes once it is made, so that threads can share it.
struct captured_state {
    captured_state(graph& g, const scope_defaults& d) : owner{&g}, defaults(d) {
        defaults.replaced.reset(); // the scope's own business
    }

    graph* owner;
    scope_state scope;
    scope_defaults defaults; // the scope's
    std::string names_path;  // of the name scope
    link_name names_name{};  // that
    name_link names;         // the whole path in one
    bool has_names = false;  // at the root

    [[nodiscard]] const name_link* name_scope() const noexcept {
        return has_names ? &names : nullptr;
    }
};

} // namespace detail

VARSCOPE_INLINE graph& captured_scope::graph() const noexcept { return *state_->owner; }
VARSCOPE_INLINE std::string captured_scope::name() const { return state_->scope.name(); }
VARSCOPE_INLINE std::string captured_scope::name_scope() const {
    return path_of(state_->name_scope());
}

VARSCOPE_INLINE captured_scope capture(graph& g) {
    const detail::scope_frame& here = *detail::scopes_in(g).innermost;
    const detail::scope_state& scope = here.scope->state();
    auto made = std::make_shared<detail::captured_state>(g, *scope.defaults);
    detail::copy_to(made->scope, scope);
    made->scope.defaults = &made->defaults;
    made->has_names = here.names != nullptr;
    if (made->has_names) {
        made->names_path = path_of(here.names);
        made->names_name = {{}, nullptr, &g.names(), made->names_path};
        made->names.name = &made->names_name;
        made->names.may_be_hidden = here.names->may_be_hidden;
        g.names().mention_path(detail::root_digest, made->names_path); // is entered by its path
        (void)id_in_table(&made->names);                               // now, as it writes it down
    }
    return captured_scope(std::move(made));
}

VARSCOPE_INLINE resume::resume(const captured_scope& scope)
    : captured_{scope.state()}
    , before_{detail::this_thread().current} {
    detail::thread_scopes& thread = detail::scopes_in(*captured_->owner);
    detail::copy_to(slot_.state(), captured_->scope);
    const std::string_view path = captured_->scope.path->view();
    frame_.place =
        path.empty() ? &thread.tree.root() : &thread.tree.below(thread.tree.root(), path);
    thread.tree.open(*frame_.place); // the last step that can fail
    mark_ = thread.tree.set_mark();
    frame_.thread = &thread;
    frame_.names = captured_->name_scope();
    frame_.scope = &slot_;
    thread.push(frame_);
    detail::this_thread().current = &thread;
}

VARSCOPE_INLINE resume::~resume() {
    detail::ambient& here = detail::leave_in(frame_.thread->home, "vs::resume");
    frame_.thread->pop(frame_);
    frame_.thread->tree.rewind(mark_);
    here.current = before_;
}

} // namespace varscope::inline VARSCOPE_ABI
