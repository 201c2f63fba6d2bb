/// \file
/// Name scopes that are open, and what they are called.
#pragma once

#include <varscope/names/detail/name_event.hpp>
#include <varscope/names/digest.hpp>
#include <varscope/names/name.hpp>
#include <varscope/names/unique_names.hpp>

#include <cstdint>
#include <new>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Asks for an object whose members are set later.
struct unset_t {
    explicit unset_t() = default;
};
inline constexpr unset_t unset{};

/// What a name scope was asked for as, and where such names are taken.
struct link_name {
    digest hash; // of a name of one component
    // A hint: the step by which such a scope was opened last in one that was opened again.
    mutable const name_event* opened;
    unique_names* table;
    std::string_view text; // one or more components
};

/// A name scope: one or more components below another one. The root has none: a null pointer stands
/// for it.
///
/// What is named in a scope that was opened again (`x_1`), and in the scopes in it, is not in the
/// table of taken names, but known by the thread: see unique_names. It is entered there when
/// something is named that can meet an op that a variable made for itself. Belongs to one thread,
/// unless it is in the table.
struct name_link {
    name_link() noexcept : outer{nullptr}, name{nullptr}, thread{nullptr}, suffix{0} {}
    /// Sets nothing but what says that it does not count yet.
    explicit name_link(unset_t) noexcept {}
    name_link(unset_t, const std::source_location& opened_at) noexcept : where{opened_at} {}

    const name_link* outer;
    const link_name* name;
    std::source_location where;           // it was opened
    mutable open_again* thread = nullptr; // knows what is named in it; null: that is in the table
    std::uint32_t suffix;                 // made the name unique
    bool may_be_hidden = false;           // may stand below an op that a variable made for itself
    mutable bool has_id = false;
    mutable digest id; // of the full path, once somebody asked

    [[nodiscard]] bool is_in_table() const noexcept { return thread == nullptr; }
    /// Whether it is the scope opened again itself, and not one in it.
    [[nodiscard]] bool is_opened_again() const noexcept {
        return thread != nullptr && (outer == nullptr || outer->thread == nullptr);
    }
};

/// The digest of the full path, letter case as the table compares it. Worked out for scopes that
/// something is named in, not for all.
[[nodiscard]] inline const digest& id_of(const name_link* link) {
    if (link == nullptr) { return root_digest; }
    if (!link->has_id) [[unlikely]] {
        std::string unique;
        append_suffixed(unique, link->name->text, link->suffix);
        link->id = extend(id_of(link->outer), unique, link->name->table->letters());
        link->has_id = true;
    }
    return link->id;
}

/// Enters what was named in the scope, and in those around it, in the table of taken names, where
/// it is from here on.
[[gnu::noinline]] inline void enter_names_slowly(const name_link& link) {
    if (link.is_opened_again()) {
        link.name->table->enter(*link.thread, id_of(&link));
    } else {
        enter_names_slowly(*link.outer);
    }
    link.thread = nullptr;
}
inline void enter_names(const name_link& link) {
    if (!link.is_in_table()) { enter_names_slowly(link); }
}

/// `id_of`, once what is named in the scope is in the table.
[[nodiscard]] inline const digest& id_in_table(const name_link* link) {
    if (link != nullptr) { enter_names(*link); }
    return id_of(link);
}

/// Whether the scope is in the table, with this digest of its path, and no name in it can meet an
/// op that a variable made for itself.
[[nodiscard, gnu::always_inline]] inline bool is_id_in_table(
    const name_link* link, const digest& id) noexcept {
    if (link == nullptr) { return id == root_digest; }
    return link->has_id && link->id == id && !link->may_be_hidden;
}

/// The full path, without '/' at its end.
[[nodiscard]] inline std::string path_of(const name_link* link) {
    if (link == nullptr) { return {}; }
    std::string path = path_of(link->outer);
    if (link->outer != nullptr) { path += '/'; }
    append_suffixed(path, link->name->text, link->suffix);
    return path;
}

/// Opens a scope, which `link` is to stand for, and which is called as its `name` says. All but
/// `suffix`, `thread` and `id` are set. \returns the entry of its name, if it is known and the
/// scope around it is in the table.
inline name_entry* open_link(name_link& link, open_again& thread, const hashed_name& name) {
    unique_names& table = *link.name->table;
    const name_link* const outer = link.outer;
    if (outer != nullptr && !outer->is_in_table()) {
        const name_event* const opened =
            table.do_step(*outer->thread, name_step::open, name, link.where, link.name->opened);
        if (opened != nullptr) {
            link.name->opened = opened;
            link.suffix = opened->number;
            link.thread = outer->thread;
            return nullptr;
        }
    }
    const auto opened = table.open_scope(thread, id_in_table(outer), name, link.where);
    link.suffix = opened.number;
    link.thread = opened.is_in_table ? nullptr : &thread;
    return opened.entry;
}

/// Leaves a scope: what was named in it is recorded.
inline void close_link(const name_link& link) {
    if (link.is_in_table()) { return; }
    unique_names& table = *link.name->table;
    if (link.is_opened_again()) {
        table.close_scope(*link.thread);
        return;
    }
    const hashed_name none{std::string_view(), component_hash{}};
    if (table.do_step(*link.thread, name_step::close, none, link.where) == nullptr) {
        enter_names_slowly(link);
    }
}

/// The same in a destructor. Without memory the names that were taken in the scope are forgotten,
/// which only a path through it could tell.
[[gnu::noinline]] inline void leave_link_slowly(const name_link& link) noexcept {
    try {
        close_link(link);
    } catch (const std::bad_alloc&) { unique_names::forget(*link.thread); }
}
/// Leaves a scope in the common cases, without a call; else false, and nothing changed.
[[nodiscard, gnu::always_inline]] inline bool is_left(const name_link& link) noexcept {
    if (link.is_in_table()) { return true; }
    if (link.is_opened_again()) { return unique_names::is_closed(*link.thread); }
    return unique_names::do_likely_step(*link.thread, name_step::close, {}, nullptr) != nullptr;
}
inline void leave_link(const name_link& link) noexcept {
    if (!is_left(link)) { leave_link_slowly(link); }
}

/// Takes `name` for an op in the scope, or has `unique_name` take it.
/// \param step  `op` or `reserve`.
/// \returns the number of its suffix.
[[nodiscard]] inline std::uint32_t take_name(unique_names& table, const name_link* scope,
    const hashed_name& name, const std::source_location& where, name_step step = name_step::op) {
    if (scope != nullptr && !scope->is_in_table() && !has_hidden_word(name.text)) {
        if (const name_event* const taken = table.do_step(*scope->thread, step, name, where)) {
            return taken->number;
        }
    }
    return table.take(id_in_table(scope), name, where,
        step == name_step::op ? name_taker::op : name_taker::reserved);
}

} // namespace varscope::inline VARSCOPE_ABI::detail
