// See name_scope.hpp.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/name_scope.hpp>

#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE const name_link* open_name_scope(thread_scopes& thread, const name_link* outer,
    name_link& link, const hashed_name& hashed, link_name& kept) {
    graph& g = *thread.owner;
    std::string_view name = hashed.text;
    if (name.empty()) {
        if (outer != nullptr) { enter_names(*outer); }
        return nullptr;
    }
    if (const auto illegal =
            outer == nullptr ? illegal_position(name) : illegal_position_nested(name)) {
        throw_invalid_name("scope", name, *illegal, link.where);
    }
    kept.hash = hashed.exact.hash;
    kept.table = &g.names();
    link.name = &kept;
    link.may_be_hidden = has_hidden_word(name);
    if (name.ends_with('/')) { // absolute, neither made unique nor reserved
        if (outer != nullptr) { enter_names(*outer); }
        name.remove_suffix(1);
        kept.text.remove_suffix(1);
        if (name.empty()) { return nullptr; }
        kept.table->mention_path(root_digest, name);
        return &link;
    }
    link.outer = outer;
    link.may_be_hidden = link.may_be_hidden || (outer != nullptr && outer->may_be_hidden);
    if (!link.may_be_hidden) {
        (void)open_link(link, thread.unused_open_again(), hashed);
        return &link;
    }
    g.show_hidden(outer, name);
    link.suffix = g.names().take(id_in_table(outer), hashed, link.where, name_taker::name_scope);
    return &link;
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE name_scope::~name_scope() {
    detail::ambient& here = detail::leave_in(frame_.thread->home, "vs::name_scope");
    if (frame_.names == &link_) { detail::leave_link(link_); }
    frame_.thread->pop(frame_);
    // Not if the default graph was reset meanwhile, and another one is in force.
    if (here.current == frame_.thread) { here.current = before_; }
}

VARSCOPE_INLINE std::string name_scope::name() const {
    if (frame_.names == nullptr) { return is_slash_ ? "/" : ""; }
    return path_of(frame_.names) + '/';
}

VARSCOPE_INLINE name_scope::name_scope(
    detail::thread_scopes& thread, const name_arg& name, const name_arg& default_name)
    : before_{detail::this_thread().current} {
    const detail::scope_frame& outer = *thread.innermost;
    frame_.thread = &thread;
    frame_.scope = outer.scope;
    frame_.place = outer.place;
    const detail::hashed_name asked(name.is_given() ? name.text() : default_name.text());
    text_.assign(asked.text);
    name_.text = text_.view();
    link_.where = name.where();
    frame_.names = detail::open_name_scope(thread, outer.names, link_, asked, name_);
    is_slash_ = asked.text == "/";
    thread.push(frame_);
    detail::this_thread().current = &thread;
}

VARSCOPE_INLINE std::string unique_name(graph& g, name_arg name, name_use use) {
    const detail::name_link* const scope = detail::scopes_in(g).innermost->names;
    std::string full = path_of(scope);
    if (scope != nullptr) { full += '/'; }
    if (detail::has_hidden_word(name.text()) || (scope != nullptr && scope->may_be_hidden)) {
        g.show_hidden(scope, name.text());
    }
    detail::append_suffixed(full, name.text(),
        use == name_use::ask ? g.names().peek(detail::id_in_table(scope), name.text())
                             : detail::take_name(g.names(), scope, name.hashed(), name.where(),
                                   detail::name_step::reserve));
    return full;
}

VARSCOPE_INLINE std::string get_name_scope() {
    return path_of(detail::current_scopes().innermost->names);
}
VARSCOPE_INLINE std::string get_name_scope(graph& g) {
    return path_of(detail::scopes_in(g).innermost->names);
}

} // namespace varscope::inline VARSCOPE_ABI
