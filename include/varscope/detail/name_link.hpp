/// \file
/// Name scopes that are open: what they are called, once somebody asks.
#pragma once

#include <varscope/detail/digest.hpp>
#include <varscope/detail/name_history.hpp>
#include <varscope/name.hpp>
#include <varscope/unique_names.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::detail {

/// A name scope: one or more components below another one. The root has none: a null pointer stands
/// for it.
///
/// A scope that was opened again (`x_1`) is new, so nothing can be named in it yet but by the thread
/// that it belongs to. Until something other than a scope is named in it, no name in it is made
/// unique, hashed or entered in the table of taken names: see `enter_names`. Scopes in it have no
/// numbers of their own until then. Belongs to one thread, unless `is_in_table`.
struct name_link {
    const name_link* outer = nullptr;
    unique_names* table = nullptr;
    std::string_view text; // the components as asked for ...
    mutable std::uint32_t suffix = 0; // ... and the number that made them unique
    bool may_be_hidden = false; // may lead below an op that a variable made for itself
    mutable bool is_in_table = true; // what is named in it
    mutable bool has_id = false;
    mutable digest id{};                      // of the full path, once somebody asked
    mutable name_entry* entry = nullptr;      // not in the table: of its own name; null inside another such scope
    mutable const name_history* inside = nullptr; // not in the table: the scopes opened in it so far
    std::source_location where;
    std::unique_ptr<char[]> own_text; // for texts that nobody else keeps

    /// Keeps a copy of the text.
    void copy_text(std::string_view from) {
        own_text = std::make_unique<char[]>(from.size());
        std::copy(from.begin(), from.end(), own_text.get());
        text = {own_text.get(), from.size()};
    }
};

[[nodiscard]] inline digest id_in_table(const name_link* link);

/// Enters the names in the scope, and those that lead to it, in the table of taken names, so that
/// something can be named in it.
[[gnu::noinline]] inline void enter_names(const name_link& link) {
    if (link.is_in_table) { return; }
    unique_names& table = *link.table;
    if (link.entry == nullptr) { // inside another such scope
        const digest in = id_in_table(link.outer);
        if (link.is_in_table) { return; }
        link.suffix = table.take(in, link.text, link.where, name_taker::name_scope);
    }
    link.is_in_table = true;
    const digest id = id_in_table(&link);
    if (link.entry == nullptr) {
        table.enter(id, link.inside);
    } else {
        table.enter_scope(*link.entry, link.suffix, id, link.inside);
    }
}

/// The digest of the full path, letter case as the table compares it; what is in the scope is in
/// the table then. Worked out for scopes that something is named in, not for all.
[[nodiscard]] inline digest id_in_table(const name_link* link) {
    if (link == nullptr) { return root_digest; }
    if (!link->is_in_table) { enter_names(*link); }
    if (!link->has_id) {
        std::string unique;
        append_suffixed(unique, link->text, link->suffix);
        link->id = extend(id_in_table(link->outer), unique, link->table->letters());
        link->has_id = true;
    }
    return link->id;
}

/// The full path, without '/' at its end.
[[nodiscard]] inline std::string path_of(const name_link* link) {
    if (link == nullptr) { return {}; }
    if (!link->is_in_table) { enter_names(*link); }
    std::string path = path_of(link->outer);
    if (link->outer != nullptr) { path += '/'; }
    append_suffixed(path, link->text, link->suffix);
    return path;
}

/// Opens a scope of the simple name `text`, which `link` keeps, in `outer`.
/// \param name   its entry in the table, if it is known for `outer`; else null, and told where to
///               keep it.
inline void open_link(name_link& link, const name_link* outer, const hashed_name& hashed,
    name_entry* known, name_entry** found) {
    link.outer = outer;
    if (outer != nullptr && !outer->is_in_table) {
        link.is_in_table = false;
        return;
    }
    unique_names& table = *link.table;
    const digest in = id_in_table(outer);
    const unique_names::opened_scope opened = known != nullptr
        ? table.open_scope(*known, in, hashed, link.where)
        : table.open_scope(in, hashed, link.where);
    link.suffix = opened.number;
    if (found != nullptr) { *found = opened.entry; }
    if (!opened.is_in_table) {
        link.is_in_table = false;
        link.entry = opened.entry;
    }
}

/// Leaves a scope that is not in the table: the scope around it, or the table, is told what was
/// opened in it.
inline void close_link(const name_link& link) {
    if (link.is_in_table) { return; }
    if (link.entry != nullptr) {
        link.table->close_scope(*link.entry, link.suffix, link.inside);
        return;
    }
    const name_link& outer = *link.outer;
    if (!outer.is_in_table) {
        const digest hash =
            hash_component(link.text, link.table->letters() == letter_case::folded).hash;
        const name_history* const longer =
            link.table->extend_history(outer.inside, hash, link.text, link.inside, link.where);
        if (longer != nullptr) {
            outer.inside = longer;
            return;
        }
    }
    enter_names(link);
}

/// The same in a destructor. Without memory the names that were opened in the scope are forgotten,
/// which only a path through it could tell.
inline void leave_link(const name_link& link) noexcept {
    try {
        close_link(link);
    } catch (const std::bad_alloc&) { // NOLINT(bugprone-empty-catch): see above
    }
}

} // namespace varscope::detail
