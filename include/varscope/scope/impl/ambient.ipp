// See ambient.hpp.
#pragma once

#include <varscope/scope/ambient.hpp>

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE bool ambient::is_in_use() const noexcept {
    return nested > 0 || current != nullptr ||
        (known != nullptr && std::ranges::any_of(*known, is_open));
}

VARSCOPE_INLINE void ambient::forget() noexcept {
    current = nullptr;
    default_serial = 0;
    if (known == nullptr) { return; }
    for (entry& e : *known) {
        if (is_open(e)) { (void)e.scopes.release(); }
    }
    delete std::exchange(known, nullptr);
}

VARSCOPE_INLINE ambient& this_thread() noexcept {
    static constinit thread_local ambient state;
    return state;
}

VARSCOPE_INLINE void forget_later([[maybe_unused]] ambient& here) noexcept {
#if __has_include(<pthread.h>)
    static const auto key = []() noexcept -> std::optional<pthread_key_t> {
        pthread_key_t made{};
        const auto forget = [](void* left) { static_cast<ambient*>(left)->forget(); };
        return pthread_key_create(&made, forget) == 0 ? std::optional(made) : std::nullopt;
    }();
    if (key) { (void)pthread_setspecific(*key, &here); } // else, and elsewhere, it is not freed
#endif
}

VARSCOPE_INLINE std::vector<ambient::entry>& known_scopes() {
    struct at_end_of_thread {
        at_end_of_thread() = default;
        at_end_of_thread(const at_end_of_thread&) = delete;
        at_end_of_thread& operator=(const at_end_of_thread&) = delete;
        at_end_of_thread(at_end_of_thread&&) = delete;
        at_end_of_thread& operator=(at_end_of_thread&&) = delete;
        ~at_end_of_thread() {
            ambient& here = this_thread();
            here.is_ending = true;
            if (here.is_in_use()) {
                forget_later(here);
            } else {
                here.forget();
            }
        }
    };
    ambient& here = this_thread();
    if (here.known == nullptr) {
        if (here.is_ending) {
            forget_later(here);
        } else {
            [[maybe_unused]] static thread_local const at_end_of_thread cleaner;
        }
        here.known =
            new std::vector<ambient::entry>; // NOLINT(cppcoreguidelines-owning-memory): see above
        static std::atomic<std::uint64_t> last{0};
        if (here.number == 0) { here.number = last.fetch_add(1, std::memory_order_relaxed) + 1; }
    }
    return *here.known;
}

[[gnu::noinline]] VARSCOPE_INLINE void refuse_to_leave(const char* guard) noexcept {
    std::fprintf(stderr,
        "varscope: a %s was left in another thread than it was made in\n"
        "  leave guards in the thread that made them; to go on in its scope elsewhere, take "
        "vs::capture() there and open a vs::resume here\n"
        "  in a coroutine, end its block before each suspension and open another one after it\n",
        guard);
    std::abort();
}

} // namespace varscope::inline VARSCOPE_ABI::detail
