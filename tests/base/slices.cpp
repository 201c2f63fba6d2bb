#include <varscope/base/slices.hpp>

#include "catch.hpp"

#include <cstddef>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

using varscope::detail::fewest_for_threads;
using varscope::detail::slice_size;

namespace {

struct calls {
    std::vector<std::pair<std::size_t, std::size_t>> slices; // first, count; sorted
    std::set<std::thread::id> threads;
};

/// `for_slices` of a function object.
template <class Work>
void for_slices(std::size_t size, unsigned threads, const Work& work) {
    varscope::detail::for_slices(size, threads,
        {[](const void* what, std::size_t first, std::size_t count) noexcept {
             (*static_cast<const Work*>(what))(first, count);
         },
            &work});
}

calls calls_for(std::size_t size, unsigned threads) {
    std::mutex lock;
    std::set<std::pair<std::size_t, std::size_t>> slices;
    calls result;
    for_slices(size, threads, [&](std::size_t first, std::size_t count) {
        const std::scoped_lock held(lock);
        slices.emplace(first, count);
        result.threads.insert(std::this_thread::get_id());
    });
    result.slices.assign(slices.begin(), slices.end());
    return result;
}

} // namespace

TEST_CASE("slices cover the range once, for any number of threads", "[slices][threads]") {
    const std::size_t size = GENERATE(as<std::size_t>{}, 0, 1, fewest_for_threads - 1,
        fewest_for_threads, fewest_for_threads + 1, 5 * slice_size, 5 * slice_size + 3);
    const unsigned threads = GENERATE(0U, 1U, 2U, 3U, 7U, 1000U);
    CAPTURE(size, threads);
    const calls made = calls_for(size, threads);
    std::size_t next = 0;
    for (const auto& [first, count] : made.slices) {
        CHECK(first == next);
        next = first + count;
    }
    CHECK(next == size);
    if (threads > 0) { CHECK(made.threads.size() <= threads); }
}

TEST_CASE("one thread, and few elements, stay in the thread of the caller", "[slices][threads]") {
    const std::set<std::thread::id> mine{std::this_thread::get_id()};
    CHECK(calls_for(8 * slice_size, 1).threads == mine);
    CHECK(calls_for(8 * slice_size, 1).slices.size() == 1);
    CHECK(calls_for(fewest_for_threads - 1, 7).threads == mine);
}

TEST_CASE("several threads work at once", "[slices][threads]") {
    // Each waits for the other: with one thread this would never end.
    std::mutex lock;
    std::set<std::thread::id> threads;
    for_slices(fewest_for_threads, 2, [&](std::size_t, std::size_t) {
        for (;;) {
            {
                const std::scoped_lock held(lock);
                threads.insert(std::this_thread::get_id());
                if (threads.size() == 2) { return; }
            }
            std::this_thread::yield();
        }
    });
    CHECK(threads.size() == 2);
}
