/// \file
/// Work on a range of elements, in several threads.
#pragma once

#include <varscope/version.hpp>

#include <cstddef>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Elements that a thread takes at a time.
inline constexpr std::size_t slice_size = std::size_t{1} << 18;
/// Below this many, to start a thread takes longer than it saves.
inline constexpr std::size_t fewest_for_threads = std::size_t{1} << 20;

/// A function of elements [first, first + count).
struct slice_work {
    void (*call)(const void* what, std::size_t first, std::size_t count) noexcept;
    const void* what;
};

/// Calls `work` for slices that together are [0, size), in up to `threads` threads, one of which is
/// the caller's; 0 stands for as many as the machine runs at once.
///
/// Threads that cannot be started are done without. All have ended on return. If there is no other
/// thread, the one call is for everything. `work` is called for different elements, in any order
/// and at once.
void for_slices(std::size_t size, unsigned threads, const slice_work& work) noexcept;

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/base/impl/slices.ipp>
#endif
