// See variable_extras.hpp.
#pragma once

#include <varscope/graph/variable_extras.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <span>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::span<variable_node* const> part_list::all() const noexcept {
    const std::size_t count = size_.load(std::memory_order_acquire); // first, as arrays grow
    return {current_.load(std::memory_order_acquire), count};
}

VARSCOPE_INLINE void part_list::push_back(variable_node* part) {
    const std::size_t count = size();
    if (count == capacity_) {
        const std::size_t larger = 2 * capacity_ + 8;
        arrays_.push_back(std::make_unique<variable_node*[]>(larger));
        std::copy_n(begin(), count, arrays_.back().get());
        capacity_ = larger;
        current_.store(arrays_.back().get(), std::memory_order_release);
    }
    arrays_.back()[count] = part;
    size_.store(count + 1, std::memory_order_release);
}

} // namespace varscope::inline VARSCOPE_ABI::detail
