// See name_link.hpp and names_in_scopes.hpp.
#pragma once

#include <varscope/names/names_in_scopes.hpp>

#include <cstdint>
#include <new>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE const digest& id_of(const name_link* link) {
    if (link == nullptr) { return root_digest; }
    if (!link->has_id) [[unlikely]] {
        std::string unique;
        append_suffixed(unique, link->name->text, link->suffix);
        link->id = extend(id_of(link->outer), unique, link->name->table->letters());
        link->has_id = true;
    }
    return link->id;
}

[[gnu::noinline]] VARSCOPE_INLINE void enter_names_slowly(const name_link& link) {
    if (link.is_opened_again()) {
        link.name->table->enter(*link.thread, id_of(&link));
    } else {
        enter_names_slowly(*link.outer);
    }
    link.thread = nullptr;
}

VARSCOPE_INLINE const digest& id_in_table(const name_link* link) {
    if (link != nullptr) { enter_names(*link); }
    return id_of(link);
}

VARSCOPE_INLINE std::string path_of(const name_link* link) {
    if (link == nullptr) { return {}; }
    std::string path = path_of(link->outer);
    if (link->outer != nullptr) { path += '/'; }
    append_suffixed(path, link->name->text, link->suffix);
    return path;
}

VARSCOPE_INLINE name_entry* open_link(
    name_link& link, open_again& thread, const hashed_name& name) {
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

VARSCOPE_INLINE void close_link(const name_link& link) {
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

[[gnu::noinline]] VARSCOPE_INLINE void leave_link_slowly(const name_link& link) noexcept {
    try {
        close_link(link);
    } catch (const std::bad_alloc&) { unique_names::forget(*link.thread); }
}

VARSCOPE_INLINE std::uint32_t take_name(unique_names& table, const name_link* scope,
    const hashed_name& name, const std::source_location& where, name_step step) {
    if (scope != nullptr && !scope->is_in_table() && !has_hidden_word(name.text)) {
        if (const name_event* const taken = table.do_step(*scope->thread, step, name, where)) {
            return taken->number;
        }
    }
    return table.take(id_in_table(scope), name, where,
        step == name_step::op ? name_taker::op : name_taker::reserved);
}

} // namespace varscope::inline VARSCOPE_ABI::detail
