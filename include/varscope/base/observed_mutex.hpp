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
    void lock() {
        mutex_.lock();
        ++depth_;
        owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    }
    [[nodiscard]] bool try_lock() {
        if (!mutex_.try_lock()) { return false; }
        ++depth_;
        owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
        return true;
    }
    void unlock() {
        if (--depth_ == 0) { owner_.store(std::thread::id(), std::memory_order_relaxed); }
        mutex_.unlock();
    }
    /// Whether another thread has it; may be late to tell.
    [[nodiscard]] bool is_held_elsewhere() const noexcept {
        const std::thread::id owner = owner_.load(std::memory_order_relaxed);
        return owner != std::thread::id() && owner != std::this_thread::get_id();
    }

private:
    std::recursive_mutex mutex_;
    int depth_ = 0;
    alignas(64) std::atomic<std::thread::id> owner_{}; // alone on its cache line
};

/// About as long as a variable is created in: to look more often would slow down the thread that
/// does.
inline void pause() noexcept {
    for (int i = 0; i < 16; ++i) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        asm volatile("yield");
#endif
    }
}

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
