// See slices.hpp.
#pragma once

#include <varscope/base/slices.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <thread>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void for_slices(
    std::size_t size, unsigned threads, const slice_work& work) noexcept {
    if (size < fewest_for_threads || threads == 1) { return work.call(work.what, 0, size); }
    const std::size_t wanted = threads == 0 ? std::thread::hardware_concurrency() : threads;
    if (wanted <= 1) { return work.call(work.what, 0, size); }

    struct progress {
        const slice_work& work;
        std::size_t size;
        std::atomic<std::size_t> next = 0;

        static void take_slices(progress* p) noexcept {
            for (;;) {
                const std::size_t first = p->next.fetch_add(slice_size, std::memory_order_relaxed);
                if (first >= p->size) { return; }
                p->work.call(p->work.what, first, std::min(slice_size, p->size - first));
            }
        }
    };
    progress shared{work, size};
    const std::size_t useful = (size + slice_size - 1) / slice_size;
    const std::size_t count = std::max<std::size_t>(std::min(wanted, useful), 1) - 1;
    const std::unique_ptr<std::thread[]> others(new (std::nothrow) std::thread[count]);
    std::size_t started = 0;
    try {
        while (others != nullptr && started < count) {
            others[started] = std::thread(&progress::take_slices, &shared);
            ++started;
        }
    } catch (const std::exception&) { // no more threads than these
    }
    progress::take_slices(&shared);
    for (std::size_t i = 0; i < started; ++i) { others[i].join(); }
}

} // namespace varscope::inline VARSCOPE_ABI::detail
