/// \file
/// Memory that is given out in small pieces and freed all at once.
#pragma once

#include <varscope/version.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// A bump allocator: addresses are stable, nothing is freed before the arena is, destructors are
/// not run. Not thread-safe.
class arena {
public:
    /// \param first_block  bytes taken at first; later blocks double up to four mebibytes, so
    /// that they can be on huge pages.
    explicit arena(std::size_t first_block = 2048) noexcept : block_size_{first_block} {}
    arena(const arena&) = delete;
    arena& operator=(const arena&) = delete;
    /// What was given out stays where it is.
    arena(arena&& other) noexcept
        : next_{std::exchange(other.next_, nullptr)}
        , end_{std::exchange(other.end_, nullptr)}
        , block_size_{other.block_size_}
        , blocks_{std::move(other.blocks_)} {}
    arena& operator=(arena&&) = delete;
    ~arena() = default;

    /// \param alignment  a power of two.
    [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment) {
        std::size_t gap = padding(alignment);
        if (next_ == nullptr || bytes + gap > static_cast<std::size_t>(end_ - next_)) {
            grow(bytes + alignment);
            gap = padding(alignment);
        }
        std::byte* const at = next_ + gap;
        next_ = at + bytes;
        return at;
    }

    template <class T, class... Arguments>
    [[nodiscard]] T* create(Arguments&&... arguments) {
        return ::new (allocate(sizeof(T), alignof(T))) T{std::forward<Arguments>(arguments)...};
    }

    /// A copy of `text` that lives as long as the arena.
    [[nodiscard]] std::string_view copy(std::string_view text) {
        auto* const characters = static_cast<char*>(allocate(text.size(), 1));
        if (!text.empty()) { std::memcpy(characters, text.data(), text.size()); }
        return {characters, text.size()};
    }

private:
    [[nodiscard]] std::size_t padding(std::size_t alignment) const noexcept {
        return (alignment - reinterpret_cast<std::uintptr_t>(next_) % alignment) % alignment;
    }

    void grow(std::size_t bytes) {
        const std::size_t size = std::max(block_size_, bytes);
        blocks_.push_back(std::unique_ptr<std::byte[]>(new std::byte[size])); // not zeroed
        next_ = blocks_.back().get();
        end_ = next_ + size;
        block_size_ = std::min<std::size_t>(block_size_ * 2, std::size_t{1} << 22);
    }

    std::byte* next_ = nullptr;
    std::byte* end_ = nullptr;
    std::size_t block_size_;
    std::vector<std::unique_ptr<std::byte[]>> blocks_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail
