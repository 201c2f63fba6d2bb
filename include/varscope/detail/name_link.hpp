/// \file
/// Name scopes that are open: what they are called, once somebody asks.
#pragma once

#include <varscope/detail/digest.hpp>
#include <varscope/detail/name_history.hpp>
#include <varscope/name.hpp>
#include <varscope/unique_names.hpp>

#include <atomic>
#include <cstdint>
#include <new>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::detail {

/// Asks for an object whose members are set later.
struct unset_t {
    explicit unset_t() = default;
};
inline constexpr unset_t unset{};

/// What a name scope was asked for as, and where such names are taken.
struct link_name {
    digest hash; // of a name of one component
    // What was remembered last of a scope in which this one was opened first.
    mutable const name_history* alone;
    unique_names* table;
    std::string_view text; // one or more components
};

/// A name scope: one or more components below another one. The root has none: a null pointer stands
/// for it.
///
/// A scope that was opened again (`x_1`) is new, so nothing is named in it yet but by the thread
/// that it belongs to (or by one that writes its path, which makes it enter its names when it is
/// left). Until something other than a scope is named in it, no name in it is made unique, hashed
/// or entered in the table of taken names: see `enter_names`. Scopes in it have no numbers of their
/// own until then. Belongs to one thread, unless `is_in_table`.
struct name_link {
    name_link() noexcept
        : outer{nullptr}
        , name{nullptr}
        , entry{nullptr}
        , inside{nullptr}
        , suffix{0} {}
    /// Sets nothing but what tells that it does not count yet.
    explicit name_link(unset_t) noexcept {}
    name_link(unset_t, const std::source_location& opened_at) noexcept : where{opened_at} {}

    const name_link* outer;
    const link_name* name;
    std::source_location where; // it was opened
    mutable name_entry* entry;  // not in the table: of its own name; null inside another such scope
    mutable const name_history* inside; // not in the table: the scopes opened in it so far
    mutable std::uint32_t suffix;       // made the name unique
    bool may_be_hidden = false;         // may lead below an op that a variable made for itself
    mutable bool is_in_table = true;    // what is named in it
    mutable bool has_id = false;
    mutable digest id; // of the full path, once somebody asked
};

void work_out_id(const name_link& link);

/// The digest of the full path, letter case as the table compares it; what is in the scope is in
/// the table then. Worked out for scopes that something is named in, not for all.
[[nodiscard]] inline const digest& id_in_table(const name_link* link) {
    if (link == nullptr) { return root_digest; }
    if (!link->has_id || !link->is_in_table) { work_out_id(*link); }
    return link->id;
}

/// Enters the names in the scope, and those that lead to it, in the table of taken names, so that
/// something can be named in it.
inline void enter_names(const name_link& link) {
    if (!link.is_in_table) { work_out_id(link); }
}

[[gnu::noinline]] inline void work_out_id(const name_link& link) {
    unique_names& table = *link.name->table;
    if (!link.has_id) {
        const digest& in = id_in_table(link.outer);
        if (!link.is_in_table && link.entry == nullptr) { // inside another such scope
            link.suffix = table.take(in, link.name->text, link.where, name_taker::name_scope);
        }
        std::string unique;
        append_suffixed(unique, link.name->text, link.suffix);
        link.id = extend(in, unique, table.letters());
        link.has_id = true;
    }
    if (link.is_in_table) { return; }
    link.is_in_table = true;
    if (link.entry == nullptr) {
        table.enter(link.id, link.inside);
    } else {
        table.enter_scope(*link.entry, link.suffix, link.id, link.inside);
    }
}

/// Whether the scope is in the table, with this digest of its path, and something was named in it
/// or in a scope below it before.
[[nodiscard, gnu::always_inline]] inline bool is_id_in_table(
    const name_link* link, const digest& id) noexcept {
    if (link == nullptr) { return id == root_digest; }
    return link->has_id && link->id == id && !link->may_be_hidden;
}

/// The full path, without '/' at its end.
[[nodiscard]] inline std::string path_of(const name_link* link) {
    if (link == nullptr) { return {}; }
    if (!link->is_in_table) { enter_names(*link); }
    std::string path = path_of(link->outer);
    if (link->outer != nullptr) { path += '/'; }
    append_suffixed(path, link->name->text, link->suffix);
    return path;
}

/// Leaves a scope that is not in the table: the scope around it, or the table, is told what was
/// opened in it.
inline void close_link(const name_link& link) {
    if (link.is_in_table) { return; }
    const link_name& name = *link.name;
    if (link.entry != nullptr) {
        if (!name.table->close_scope(*link.entry, link.suffix, link.inside)) { enter_names(link); }
        return;
    }
    const name_link& outer = *link.outer;
    if (!outer.is_in_table) {
        const name_history* const longer = name.table->extend_history(
            outer.inside, hashed_name(name.text), link.inside, link.where);
        if (longer != nullptr) {
            if (outer.inside == nullptr) {
                name.alone = longer;
            } else {
                outer.inside->next.store(longer, std::memory_order_release);
            }
            outer.inside = longer;
            return;
        }
    }
    enter_names(link);
}

/// The same in a destructor. Without memory the names that were opened in the scope are forgotten,
/// which only a path through it could tell.
[[gnu::noinline]] inline void leave_link_slowly(const name_link& link) noexcept {
    try {
        close_link(link);
    } catch (const std::bad_alloc&) { // NOLINT(bugprone-empty-catch): see above
    }
}
/// Leaves a scope in the common cases, without a call; else false, and nothing changed.
[[nodiscard, gnu::always_inline]] inline bool is_left(const name_link& link) noexcept {
    if (link.is_in_table) { return true; }
    if (link.entry != nullptr) {
        return unique_names::is_told(*link.entry, link.suffix, link.inside);
    }
    const name_link& outer = *link.outer;
    if (outer.is_in_table) { return false; }
    const name_history* const likely = outer.inside == nullptr
        ? link.name->alone
        : outer.inside->next.load(std::memory_order_acquire);
    if (likely == nullptr || !likely->adds(link.name->hash.low, link.inside)) { return false; }
    outer.inside = likely;
    return true;
}
inline void leave_link(const name_link& link) noexcept {
    if (!is_left(link)) { leave_link_slowly(link); }
}

} // namespace varscope::detail
