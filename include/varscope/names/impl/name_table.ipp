// See name_table.hpp.
#pragma once

#include <varscope/names/detail/name_table.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <thread>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE name_table::entry* name_table::look_up(const digest& id) {
    if (entry* const known = entries_.find(id)) { return known; }
    const auto* const where = owners_ == nullptr ? nullptr : owners_->find_owner(id);
    if (where == nullptr) { return nullptr; }
    return &add(id, one_request | bits_of(name_taker::op), *where);
}

VARSCOPE_INLINE name_table::entry& name_table::look_up_or_add(const digest& id) {
    entry* const known = look_up(id);
    return known != nullptr ? *known : add(id, 0, {});
}

VARSCOPE_INLINE std::optional<std::uint32_t> name_table::take_regular(entry& known) {
    std::uint64_t before = known.state.load(std::memory_order_relaxed);
    while (before >= one_request && (before & (is_irregular | is_opened_again)) == 0) {
        if (known.state.compare_exchange_weak(
                before, before + one_request, std::memory_order_relaxed)) {
            if (has_journal()) [[unlikely]] {
                const std::uint64_t after = before / one_request + 1;
                or_give_back(known, after, [&] { note(known, after); });
            }
            return static_cast<std::uint32_t>(before / one_request);
        }
    }
    return std::nullopt;
}

VARSCOPE_INLINE name_table::taken_name name_table::take(const digest& id, const digest& scope,
    std::string_view name, const std::source_location& where, name_taker taker) {
    entry* known = look_up(id);
    const bool is_new = known == nullptr || requests(*known) == 0;
    const bool is_taken = is_new && mark_base(scope, name); // by the counter of its base
    if (known == nullptr) { known = &add(id, 0, where); }
    if (is_new) { set_taker(*known, is_taken ? name_taker::suffix : taker, where); }
    std::uint64_t before = count(*known);
    if (is_taken) { before = count(*known); }
    if (before == 0) { return {0, known, true}; }
    const bool is_irregular_now =
        (known->state.load(std::memory_order_relaxed) & is_irregular) != 0;
    if (!is_irregular_now && !is_taken) {
        return {static_cast<std::uint32_t>(before), known, true};
    }
    return or_give_back(*known, before + 1, [&]() -> taken_name {
        const std::uint32_t number = first_free(*known, scope, name, before);
        if (number == before) { return {number, known, true}; }
        if (has_journal()) { // which gives entries back
            enter_suffixed(scope, name, number);
            return {number, known, false};
        }
        known->taken_end = number + 1;
        return {number, known, true};
    });
}

VARSCOPE_INLINE std::uint32_t name_table::peek(const digest& scope, std::string_view name) {
    const entry* const known = look_up(extend(scope, name, letters_));
    std::uint64_t count = known == nullptr ? 0 : requests(*known);
    if (count == 0 && is_counted(scope, name)) { count = 1; }
    if (count == 0) { return 0; }
    const entry none({}, 0, {}, in_table());
    return first_free(known == nullptr ? none : *known, scope, name, count);
}

VARSCOPE_INLINE bool name_table::is_counted(const digest& scope, std::string_view name) {
    const auto parts = split_suffix(name);
    if (!parts) { return false; }
    const entry* const base = look_up(extend(scope, parts->base, letters_));
    return base != nullptr && has_given(*base, parts->number);
}

VARSCOPE_INLINE bool name_table::mark_base(const digest& scope, std::string_view name) {
    const auto parts = split_suffix(name);
    return parts && mark_base(scope, *parts);
}

VARSCOPE_INLINE bool name_table::mark_base(const digest& scope, const suffixed_name& name) {
    entry& base = look_up_or_add(extend(scope, name.base, letters_));
    base.state.fetch_or(is_irregular, std::memory_order_acq_rel); // then look
    return has_given(base, name.number);
}

VARSCOPE_INLINE void name_table::record_new(
    entry& base, std::uint32_t number, const name_event* named) {
    or_give_back(base, std::uint64_t{number} + 1, [&] { record(base, number, named); });
}

VARSCOPE_INLINE void name_table::record(
    entry& base, std::uint32_t number, const name_event* named) {
    base.scopes.set(number, named, contents_, [&] {
        base.state.fetch_or(is_opened_again, std::memory_order_acq_rel);
        return numbers_given(base);
    });
}

VARSCOPE_INLINE bool name_table::has_journal() const noexcept {
    return journal_owner_.load(std::memory_order_relaxed) != std::thread::id();
}

VARSCOPE_INLINE name_journal* name_table::journal() const noexcept {
    const std::thread::id owner = journal_owner_.load(std::memory_order_relaxed);
    const bool is_own = owner != std::thread::id() && owner == std::this_thread::get_id();
    return is_own ? journal_ : nullptr;
}

VARSCOPE_INLINE void name_table::set_journal(name_journal* journal) noexcept {
    journal_ = journal;
    journal_owner_.store(journal == nullptr ? std::thread::id() : std::this_thread::get_id(),
        std::memory_order_relaxed);
}

VARSCOPE_INLINE void name_table::give_back(entry& e, std::uint64_t after) noexcept {
    std::uint64_t now = e.state.load(std::memory_order_relaxed);
    while (now / one_request == after) {
        // At none, the counter of another name may stand for this one: to be looked at.
        const std::uint64_t less = (now - one_request) | (after == 1 ? is_irregular : 0);
        if (e.state.compare_exchange_weak(now, less, std::memory_order_relaxed)) {
            e.scopes.forget_from(static_cast<std::uint32_t>(after - 1));
            return;
        }
    }
}

VARSCOPE_INLINE name_table::entry& name_table::add(
    const digest& id, std::uint64_t state, const std::source_location& where) {
    entry& added = *memory_.create<entry>(id, state, where, in_table());
    entries_.insert(added);
    return added;
}

VARSCOPE_INLINE void name_table::set_taker(
    entry& e, name_taker taker, const std::source_location& where) noexcept {
    e.state.fetch_and(~bits_of(name_taker::suffix), std::memory_order_relaxed); // all its bits
    e.state.fetch_or(bits_of(taker), std::memory_order_relaxed);
    e.where = where;
}

VARSCOPE_INLINE std::uint64_t name_table::count(entry& e) {
    const std::uint64_t before =
        e.state.fetch_add(one_request, std::memory_order_relaxed) / one_request;
    or_give_back(e, before + 1, [&] { note(e, before + 1); });
    return before;
}

VARSCOPE_INLINE std::uint32_t name_table::first_free(
    const entry& of, const digest& scope, std::string_view name, std::uint64_t start) {
    std::string candidate(name);
    candidate += '_';
    const std::size_t base = candidate.size();
    for (std::uint64_t k = std::max<std::uint64_t>(start, of.taken_end);; ++k) {
        std::array<char, 20> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), k);
        candidate.resize(base);
        candidate.append(digits.data(), end.ptr);
        const entry* const taken = look_up(extend(scope, candidate, letters_));
        if (taken == nullptr || requests(*taken) == 0) { return static_cast<std::uint32_t>(k); }
    }
}

VARSCOPE_INLINE void name_table::enter_suffixed(
    const digest& scope, std::string_view name, std::uint64_t number) {
    std::string full(name);
    full += '_';
    full += std::to_string(number);
    entry& suffixed = look_up_or_add(extend(scope, full, letters_));
    set_taker(suffixed, name_taker::suffix, {});
    (void)count(suffixed);
}

VARSCOPE_INLINE void name_journal::rewind(std::size_t size) noexcept {
    while (changes_.size() > size) {
        name_table::give_back(*changes_.back().where, changes_.back().requests);
        changes_.pop_back();
    }
}

VARSCOPE_INLINE void name_table::note(entry& e, std::uint64_t after) {
    if (name_journal* const own = journal()) { own->note(e, after); }
}

} // namespace varscope::inline VARSCOPE_ABI::detail
