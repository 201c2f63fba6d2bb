/// \file
/// Counts what a program should do without: its own operator new, throw, lock and memcpy take the place of the usual ones.
#pragma once

#include <cstddef>
#include <ostream>

struct counts {
    std::size_t allocated;
    std::size_t thrown;
    std::size_t locked; // not under sanitizers, which have locks and copies of their own
    std::size_t copied; // by calls of memcpy and memmove
    friend bool operator==(const counts&, const counts&) = default;
    friend std::ostream& operator<<(std::ostream& to, const counts& c) {
        return to << c.allocated << " allocated, " << c.thrown << " thrown, " << c.locked << " locked, " << c.copied << " copied";
    }
};
inline constexpr counts none{0, 0, 0, 0};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool counts_all = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool counts_all = false;
#else
inline constexpr bool counts_all = true;
#endif
#else
inline constexpr bool counts_all = true;
#endif

/// What happened in all threads so far.
[[nodiscard]] counts count_so_far();

/// What happens while `work` runs.
template <class Work>
counts count(Work work) {
    const counts before = count_so_far();
    work();
    const counts after = count_so_far();
    return {after.allocated - before.allocated, after.thrown - before.thrown, after.locked - before.locked, after.copied - before.copied};
}

/// Bytes that `new` gave out and `delete` did not get back. Sanitizers count differently: not a few bytes more or less.
[[nodiscard]] std::size_t count_bytes_held();

/// Has the allocation after so many others fail, once; none, if negative.
void fail_allocation(int index);
