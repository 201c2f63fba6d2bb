/// \file
/// Scope guards that prefix the names of operations.
#pragma once

#include <varscope/names/name.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/detail/small_text.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// Opens name scope `hashed` in `outer`: makes `link` stand for it, whose name is `kept`, and
/// returns the name scope then in force. \throws invalid_name
[[nodiscard]] inline const name_link* open_name_scope(thread_scopes& thread, const name_link* outer,
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

} // namespace detail

/// Until the end of the block, ops and variables made by `variable` get this scope's name as a
/// prefix; variables asked for by `get_variable` do not.
///
/// A name that was used before is made unique (`tower_1`). A name with '/' at its end is absolute
/// and is taken as it is. No name, or an empty one, leads back to the root. Belongs to the thread
/// that made it; must be left in reverse order. Cost: one hash look-up and one atomic addition. Not
/// for sharing variables: see `variable_scope`. Follows tf.name_scope (TensorFlow 1.15).
class name_scope {
public:
    /// \param name          one or more components; letters, digits, "_.-/>".
    /// \param default_name  used if there is no name.
    /// \throws invalid_name
    [[nodiscard("name the guard: it ends at once")]] explicit name_scope(
        name_arg name, name_arg default_name = no_name)
        : name_scope(detail::current_scopes(), name, default_name) {}

    /// The same in graph `g`, which is in force until the end of the block.
    [[nodiscard("name the guard: it ends at once")]] name_scope(
        graph& g, name_arg name, name_arg default_name = no_name)
        : name_scope(detail::scopes_in(g), name, default_name) {}

    name_scope(const name_scope&) = delete;
    name_scope& operator=(const name_scope&) = delete;
    name_scope(name_scope&&) = delete;
    name_scope& operator=(name_scope&&) = delete;
    ~name_scope() {
        detail::ambient& here = detail::leave_in(frame_.thread->home, "vs::name_scope");
        if (frame_.names == &link_) { detail::leave_link(link_); }
        frame_.thread->pop(frame_);
        // Not if the default graph was reset meanwhile, and another one is in force.
        if (here.current == frame_.thread) { here.current = before_; }
    }
    static void* operator new(std::size_t) = delete;

    /// The full name with '/' at its end, which opens exactly this scope again; empty for the root.
    [[nodiscard]] std::string name() const {
        if (frame_.names == nullptr) { return is_slash_ ? "/" : ""; }
        return path_of(frame_.names) + '/';
    }

private:
    name_scope(detail::thread_scopes& thread, const name_arg& name, const name_arg& default_name)
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

    detail::thread_scopes* before_;
    detail::small_text text_;
    detail::link_name name_{};
    detail::name_link link_;
    detail::scope_frame frame_;
    bool is_slash_ = false; // the root, by the name "/"
};

/// The name scope in force in this thread, without '/' at its end; empty at the root
/// (tf.Graph.get_name_scope).
[[nodiscard]] inline std::string get_name_scope() {
    return path_of(detail::current_scopes().innermost->names);
}
[[nodiscard]] inline std::string get_name_scope(graph& g) {
    return path_of(detail::scopes_in(g).innermost->names);
}

/// Whether `unique_name` reserves the name that it returns.
enum class name_use : std::uint8_t { take, ask };

/// The full name that an op called `name` would get in the current name scope: `name`, or with the
/// first suffix that makes it unique. The text is taken as it is. Follows tf.Graph.unique_name.
[[nodiscard]] inline std::string unique_name(
    graph& g, name_arg name, name_use use = name_use::take) {
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
[[nodiscard]] inline std::string unique_name(name_arg name, name_use use = name_use::take) {
    return unique_name(current_graph(), name, use);
}

} // namespace varscope::inline VARSCOPE_ABI
