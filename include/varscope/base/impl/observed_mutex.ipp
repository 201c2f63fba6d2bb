// See observed_mutex.hpp.
#pragma once

#include <varscope/base/observed_mutex.hpp>

#include <atomic>
#include <mutex>
#include <thread>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void observed_mutex::lock() {
    mutex_.lock();
    ++depth_;
    owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
}

VARSCOPE_INLINE bool observed_mutex::try_lock() {
    if (!mutex_.try_lock()) { return false; }
    ++depth_;
    owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    return true;
}

VARSCOPE_INLINE void observed_mutex::unlock() {
    if (--depth_ == 0) { owner_.store(std::thread::id(), std::memory_order_relaxed); }
    mutex_.unlock();
}

VARSCOPE_INLINE bool observed_mutex::is_held_elsewhere() const noexcept {
    const std::thread::id owner = owner_.load(std::memory_order_relaxed);
    return owner != std::thread::id() && owner != std::this_thread::get_id();
}

VARSCOPE_INLINE void pause() noexcept {
    for (int i = 0; i < 16; ++i) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        asm volatile("yield");
#endif
    }
}

} // namespace varscope::inline VARSCOPE_ABI::detail
