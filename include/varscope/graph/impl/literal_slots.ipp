// See literal_slots.hpp.
#pragma once

#include <varscope/graph/literal_slots.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE variable_node* literal_slots::find(
    const literal_number& place, const digest& scope) const noexcept {
    const answer* const known = answer_for(place);
    return known != nullptr && known->place == &place && known->scope == scope ? known->found
                                                                               : nullptr;
}

VARSCOPE_INLINE void literal_slots::insert(
    literal_number& place, const digest& scope, variable_node& found) {
    static constinit literal_number last{0};
    std::uint32_t number = place.load(std::memory_order_relaxed);
    if (number == 0) {
        const std::uint32_t next = last.fetch_add(1, std::memory_order_relaxed) + 1;
        if (place.compare_exchange_strong(number, next)) { number = next; }
    }
    if (blocks_.empty() || number >= blocks_.back()->size) { grow(number); }
    answers_.push_back(std::make_unique<answer>(answer{scope, &place, &found}));
    blocks_.back()->entries[number].store(answers_.back().get(), std::memory_order_release);
}

VARSCOPE_INLINE void literal_slots::erase(const variable_node& gone) noexcept {
    if (blocks_.empty()) { return; }
    for (std::size_t i = 0; i < blocks_.back()->size; ++i) {
        const answer* const known = blocks_.back()->entries[i].load(std::memory_order_relaxed);
        if (known != nullptr && known->found == &gone) {
            blocks_.back()->entries[i].store(nullptr, std::memory_order_release);
        }
    }
}

VARSCOPE_INLINE const literal_slots::answer* literal_slots::answer_for(
    const literal_number& place) const noexcept {
    const std::uint32_t number = place.load(std::memory_order_relaxed);
    const block* const b = current_.load(std::memory_order_acquire);
    return b != nullptr && number < b->size ? b->entries[number].load(std::memory_order_acquire)
                                            : nullptr;
}

VARSCOPE_INLINE void literal_slots::grow(std::uint32_t number) {
    auto larger = std::make_unique<block>();
    larger->size = 2 * static_cast<std::size_t>(number) + 16;
    larger->entries = std::make_unique<std::atomic<const answer*>[]>(larger->size);
    if (!blocks_.empty()) {
        for (std::size_t i = 0; i < blocks_.back()->size; ++i) {
            larger->entries[i].store(blocks_.back()->entries[i].load(std::memory_order_relaxed),
                std::memory_order_relaxed);
        }
    }
    blocks_.push_back(std::move(larger));
    current_.store(blocks_.back().get(), std::memory_order_release);
}

} // namespace varscope::inline VARSCOPE_ABI::detail
