// See arena.hpp.
#pragma once

#include <varscope/base/arena.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE arena::arena(std::size_t first_block) noexcept : block_size_{first_block} {}

VARSCOPE_INLINE arena::arena(arena&& other) noexcept
    : next_{std::exchange(other.next_, nullptr)}
    , end_{std::exchange(other.end_, nullptr)}
    , block_size_{other.block_size_}
    , blocks_{std::move(other.blocks_)} {}

VARSCOPE_INLINE void* arena::allocate(std::size_t bytes, std::size_t alignment) {
    std::size_t gap = padding(alignment);
    if (next_ == nullptr || bytes + gap > static_cast<std::size_t>(end_ - next_)) {
        grow(bytes + alignment);
        gap = padding(alignment);
    }
    std::byte* const at = next_ + gap;
    next_ = at + bytes;
    return at;
}

VARSCOPE_INLINE std::string_view arena::copy(std::string_view text) {
    auto* const characters = static_cast<char*>(allocate(text.size(), 1));
    if (!text.empty()) { std::memcpy(characters, text.data(), text.size()); }
    return {characters, text.size()};
}

VARSCOPE_INLINE void arena::grow(std::size_t bytes) {
    const std::size_t size = std::max(block_size_, bytes);
    blocks_.push_back(std::unique_ptr<std::byte[]>(new std::byte[size])); // not zeroed
    next_ = blocks_.back().get();
    end_ = next_ + size;
    block_size_ = std::min<std::size_t>(block_size_ * 2, std::size_t{1} << 22);
}

} // namespace varscope::inline VARSCOPE_ABI::detail
