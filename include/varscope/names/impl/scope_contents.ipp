// See scope_contents.hpp.
#pragma once

#include <varscope/names/detail/scope_contents.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE const name_event* scope_contents::at(std::uint32_t number) const {
    const details* const d = details_.load(std::memory_order_relaxed);
    if (d != nullptr) {
        const auto alone = std::ranges::lower_bound(d->others, number, {}, &record::number);
        if (alone != d->others.end() && alone->number == number) { return alone->content; }
        for (const run& r : d->runs) {
            if (r.has(number)) { return r.content; }
        }
    }
    if (number >= first_.load(std::memory_order_relaxed)) {
        return usual_.load(std::memory_order_relaxed);
    }
    return std::prev(std::ranges::upper_bound(d->earlier, number, {}, &record::number))->content;
}

VARSCOPE_INLINE void scope_contents::forget_from(std::uint32_t number) noexcept {
    details* const d = details_.load(std::memory_order_relaxed);
    if (d == nullptr) { return; }
    std::erase_if(d->others, [&](const record& r) { return r.number >= number; });
    std::erase_if(d->runs, [&](const run& r) { return r.first >= number; });
    for (run& r : d->runs) {
        if (r.last >= number) { r.last = number - 1 - (number - 1 - r.first) % r.stride; }
    }
}

VARSCOPE_INLINE std::size_t scope_contents::size() const noexcept {
    const details* const d = details_.load(std::memory_order_relaxed);
    return d == nullptr ? 0 : d->others.size() + d->runs.size() + d->earlier.size();
}

VARSCOPE_INLINE scope_contents::details& scope_contents::with_details(details_list& kept) {
    details* known = details_.load(std::memory_order_relaxed);
    if (known == nullptr) {
        known = kept.emplace_back(std::make_unique<details>()).get();
        details_.store(known, std::memory_order_release);
    }
    return *known;
}

VARSCOPE_INLINE bool scope_contents::is_in_run(const details& d, std::uint32_t number) noexcept {
    return std::ranges::any_of(d.runs, [&](const run& r) { return r.has(number); });
}

VARSCOPE_INLINE scope_contents::records::iterator scope_contents::find(
    details& d, std::uint32_t number, const name_event* content) {
    const auto at = std::ranges::lower_bound(d.others, number, {}, &record::number);
    const bool is_it = at != d.others.end() && at->number == number && at->content == content;
    return is_it && !is_in_run(d, number) ? at : d.others.end();
}

VARSCOPE_INLINE void scope_contents::add(
    details& d, std::uint32_t number, const name_event* content) {
    const auto at = std::ranges::lower_bound(d.others, number, {}, &record::number);
    if (at != d.others.end() && at->number == number) {
        at->content = content;
        return;
    }
    if (is_in_run(d, number) || !is_added_to_run(d, number, content)) {
        d.others.insert(at, {number, content});
    }
}

VARSCOPE_INLINE bool scope_contents::is_added_to_run(
    details& d, std::uint32_t number, const name_event* content) {
    for (run& r : d.runs) {
        if (r.content != content || number != r.last + r.stride) { continue; }
        r.last = number;
        // Of threads that leave their scopes in another order, later ones may be there.
        for (auto next = find(d, r.last + r.stride, content); next != d.others.end();
             next = find(d, r.last + r.stride, content)) {
            r.last = next->number;
            d.others.erase(next);
        }
        return true;
    }
    if (d.runs.size() == max_runs) { return false; }
    std::size_t looks = max_looks;
    for (auto middle = d.others.end(); middle != d.others.begin() && looks > 0; --looks) {
        --middle;
        if (middle->content != content || middle->number > number || is_in_run(d, middle->number)) {
            continue;
        }
        const std::uint32_t stride = number - middle->number;
        if (stride > middle->number) { break; }
        const auto first = find(d, middle->number - stride, content);
        if (first == d.others.end()) { continue; }
        d.runs.push_back({first->number, number, stride, content});
        d.others.erase(middle); // the later one first
        d.others.erase(first);
        return true;
    }
    return false;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
