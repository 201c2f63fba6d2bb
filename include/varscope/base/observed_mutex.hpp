/// \file
/// A lock that is held for moments only, and waiting for what is made under it.
#pragma once

#include <varscope/version.hpp>

#include <atomic>
#include <mutex>
#include <thread>

namespace varscope::inline VARSCOPE_ABI::detail {

/// A recursive mutex that can be looked at without being asked for, which would slow down the
/// thread that has it.
class observed_mutex {
public:
    void lock();
    [[nodiscard]] bool try_lock();
    void unlock();
    /// Whether another thread has it; may be late to tell.
    [[nodiscard]] bool is_held_elsewhere() const noexcept;

private:
    std::recursive_mutex mutex_;
    int depth_ = 0;
    alignas(64) std::atomic<std::thread::id> owner_{}; // alone on its cache line
};

/// About as long as a variable is created in: to look more often would slow down the thread that
/// does.
void pause() noexcept;

/// Waits for what another thread may just be making under the mutex: calls `find` until that
/// returns something else than null, no other thread has the mutex, or it has taken longer than a
/// moment. Returns what was found, or null.
template <class Find>
[[nodiscard]] auto await(const observed_mutex& mutex, Find&& find) -> decltype(find()) {
    for (int look = 0; mutex.is_held_elsewhere() && look < 32; ++look) {
        pause();
        if (auto* const found = find()) { return found; }
    }
    return nullptr;
}

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/base/impl/observed_mutex.ipp>
#endif
