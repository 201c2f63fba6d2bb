/// \file
/// Threads that begin together.
#pragma once

#include <barrier>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

inline constexpr std::size_t thread_count = 8;

/// Calls `work(index)` in eight threads that begin together, and waits for their end. Of what they
/// throw, the first goes on.
inline void race(const std::function<void(std::size_t)>& work) {
    std::barrier start(static_cast<std::ptrdiff_t>(thread_count));
    std::mutex mutex;
    std::exception_ptr thrown;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < thread_count; ++t) {
        threads.emplace_back([&, t] {
            start.arrive_and_wait();
            try {
                work(t);
            } catch (...) {
                const std::scoped_lock lock(mutex);
                if (!thrown) { thrown = std::current_exception(); }
            }
        });
    }
    for (auto& t : threads) { t.join(); }
    if (thrown) { std::rethrow_exception(thrown); }
}
