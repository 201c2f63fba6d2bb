/// \file
/// A lock that is held for moments only, and waiting for what is made under it.
#pragma once

#include <atomic>
#include <mutex>

namespace varscope::detail {

/// A recursive mutex that can be looked at without being asked for, which would slow down the thread
/// that has it.
class observed_mutex {
public:
    void lock() {
        mutex_.lock();
        is_held_.store(true, std::memory_order_relaxed);
    }
    [[nodiscard]] bool try_lock() {
        const bool is_locked = mutex_.try_lock();
        if (is_locked) { is_held_.store(true, std::memory_order_relaxed); }
        return is_locked;
    }
    void unlock() {
        is_held_.store(false, std::memory_order_relaxed);
        mutex_.unlock();
    }
    /// Whether a thread has it; may be late to tell.
    [[nodiscard]] bool is_held() const noexcept {
        return is_held_.load(std::memory_order_relaxed);
    }

private:
    std::recursive_mutex mutex_;
    alignas(64) std::atomic<bool> is_held_{false};
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

/// Waits for what another thread may just be making under the mutex: calls `find` until that returns
/// something else than null, the mutex is free, or it has taken longer than a moment. Returns what
/// was found, or null.
template <class Find>
[[nodiscard]] auto await(const observed_mutex& mutex, Find&& find) -> decltype(find()) {
    for (int look = 0; mutex.is_held() && look < 32; ++look) {
        pause();
        if (auto* const found = find()) { return found; }
    }
    return nullptr;
}

} // namespace varscope::detail
