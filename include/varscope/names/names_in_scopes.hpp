/// \file
/// What is named in name scopes: opening them, leaving them, and taking names in them.
#pragma once

#include <varscope/names/detail/name_event.hpp>
#include <varscope/names/digest.hpp>
#include <varscope/names/name.hpp>
#include <varscope/names/name_link.hpp>
#include <varscope/names/unique_names.hpp>

#include <cstdint>
#include <source_location>

namespace varscope::inline VARSCOPE_ABI::detail {

/// The digest of the full path, letter case as the table compares it. Worked out for scopes that
/// something is named in, not for all.
[[nodiscard]] const digest& id_of(const name_link* link);

/// Enters what was named in the scope, and in those around it, in the table of taken names, where
/// it is from here on.
void enter_names_slowly(const name_link& link);
inline void enter_names(const name_link& link) {
    if (!link.is_in_table()) { enter_names_slowly(link); }
}

/// `id_of`, once what is named in the scope is in the table.
[[nodiscard]] const digest& id_in_table(const name_link* link);

/// Whether the scope is in the table, with this digest of its path, and no name in it can meet an
/// op that a variable made for itself.
[[nodiscard, gnu::always_inline]] inline bool is_id_in_table(
    const name_link* link, const digest& id) noexcept {
    if (link == nullptr) { return id == root_digest; }
    return link->has_id && link->id == id && !link->may_be_hidden;
}

/// Opens a scope, which `link` is to stand for, and which is called as its `name` says. All but
/// `suffix`, `thread` and `id` are set. \returns the entry of its name, if it is known and the
/// scope around it is in the table.
name_entry* open_link(name_link& link, open_again& thread, const hashed_name& name);

/// Leaves a scope: what was named in it is recorded.
void close_link(const name_link& link);

/// The same in a destructor. Without memory the names that were taken in the scope are forgotten,
/// which only a path through it could tell.
void leave_link_slowly(const name_link& link) noexcept;
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
[[nodiscard]] std::uint32_t take_name(unique_names& table, const name_link* scope,
    const hashed_name& name, const std::source_location& where, name_step step = name_step::op);

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/names/impl/names_in_scopes.ipp>
#endif
