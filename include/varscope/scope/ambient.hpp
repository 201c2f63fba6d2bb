/// \file
/// What a thread knows of graphs and scopes.
#pragma once

#include <varscope/scope/scope_frame.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#if __has_include(<pthread.h>)
#include <pthread.h>
#endif

namespace varscope::inline VARSCOPE_ABI::detail {

/// What a thread knows of graphs and scopes: the only thread-local state of the library, but for
/// the evaluation of expressions that it is in (see evaluation.hpp).
///
/// Has no destructor, so that graphs and guards in static objects, which outlive the main thread's,
/// can still use it.
struct ambient {
    struct entry {
        std::uint64_t serial;
        std::weak_ptr<const void> lifetime;
        std::unique_ptr<thread_scopes> scopes;
    };
    thread_scopes* current =
        nullptr; // of the innermost guard; null: those in the default graph ...
    thread_scopes* in_default = nullptr; // ... which are these as long as it is the graph ...
    std::uint64_t default_serial = 0;    // ... of this number
    std::vector<entry>* known = nullptr; // null: none yet, or none any more
    std::uint64_t number = 0;            // of the thread, once it knows something; no other's
    std::uint32_t nested = 0;            // open as_default blocks
    bool is_ending = false;              // thread-local objects are being destroyed

    [[nodiscard]] static bool is_open(const entry& e) noexcept {
        return e.scopes->innermost != &e.scopes->base || e.scopes->creators != nullptr;
    }
    /// Whether a guard may still come back to what this knows.
    [[nodiscard]] bool is_in_use() const noexcept {
        return nested > 0 || current != nullptr ||
            (known != nullptr && std::ranges::any_of(*known, is_open));
    }
    /// What a guard refers to that outlives its thread stays: it must not be left any more, and
    /// says so.
    void forget() noexcept {
        current = nullptr;
        default_serial = 0;
        if (known == nullptr) { return; }
        for (entry& e : *known) {
            if (is_open(e)) { (void)e.scopes.release(); }
        }
        delete std::exchange(known, nullptr);
    }
};

[[nodiscard]] inline ambient& this_thread() noexcept {
    static constinit thread_local ambient state;
    return state;
}

/// Has `here` forgotten after the last thread-local object of this thread: one that was made before
/// the library was first used is destroyed after what the library itself keeps, and may hold a
/// guard, or ask for variables. Never, in the main thread, whose static objects are still to come.
inline void forget_later([[maybe_unused]] ambient& here) noexcept {
#if __has_include(<pthread.h>)
    static const auto key = []() noexcept -> std::optional<pthread_key_t> {
        pthread_key_t made{};
        const auto forget = [](void* left) { static_cast<ambient*>(left)->forget(); };
        return pthread_key_create(&made, forget) == 0 ? std::optional(made) : std::nullopt;
    }();
    if (key) { (void)pthread_setspecific(*key, &here); } // else, and elsewhere, it is not freed
#endif
}

/// The list of this thread, made if there is none. Freed at the end of the thread.
[[nodiscard]] inline std::vector<ambient::entry>& known_scopes() {
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

[[noreturn, gnu::cold, gnu::noinline]] inline void refuse_to_leave(const char* guard) noexcept {
    std::fprintf(stderr,
        "varscope: a %s was left in another thread than it was made in\n"
        "  leave guards in the thread that made them; to go on in its scope elsewhere, take "
        "vs::capture() there and open a vs::resume here\n"
        "  in a coroutine, end its block before each suspension and open another one after it\n",
        guard);
    std::abort();
}
/// What this thread knows, for a guard that is left in it; ends the program if the guard was made
/// in another one.
[[nodiscard, gnu::always_inline]] inline ambient& leave_in(
    std::uint64_t home, const char* guard) noexcept {
    ambient& here = this_thread();
    if (here.number != home) [[unlikely]] { refuse_to_leave(guard); }
    return here;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
