/// \file
/// Memory that is given out in small pieces and freed all at once.
#pragma once

#include <varscope/version.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
    explicit arena(std::size_t first_block = 2048) noexcept;
    arena(const arena&) = delete;
    arena& operator=(const arena&) = delete;
    /// What was given out stays where it is.
    arena(arena&& other) noexcept;
    arena& operator=(arena&&) = delete;
    ~arena() = default;

    /// \param alignment  a power of two.
    [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment);

    template <class T, class... Arguments>
    [[nodiscard]] T* create(Arguments&&... arguments) {
        return ::new (allocate(sizeof(T), alignof(T))) T{std::forward<Arguments>(arguments)...};
    }

    /// A copy of `text` that lives as long as the arena.
    [[nodiscard]] std::string_view copy(std::string_view text);

private:
    [[nodiscard]] std::size_t padding(std::size_t alignment) const noexcept {
        return (alignment - reinterpret_cast<std::uintptr_t>(next_) % alignment) % alignment;
    }

    void grow(std::size_t bytes);

    std::byte* next_ = nullptr;
    std::byte* end_ = nullptr;
    std::size_t block_size_;
    std::vector<std::unique_ptr<std::byte[]>> blocks_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/base/impl/arena.ipp>
#endif
