/// \file
/// What a thread knows of graphs and scopes.
#pragma once

#include <varscope/scope/thread_scopes.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
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
    [[nodiscard]] bool is_in_use() const noexcept;
    /// What a guard refers to that outlives its thread stays: it must not be left any more, and
    /// says so.
    void forget() noexcept;
};

[[nodiscard]] ambient& this_thread() noexcept;

/// Has `here` forgotten after the last thread-local object of this thread: one that was made before
/// the library was first used is destroyed after what the library itself keeps, and may hold a
/// guard, or ask for variables. Never, in the main thread, whose static objects are still to come.
void forget_later([[maybe_unused]] ambient& here) noexcept;

/// The list of this thread, made if there is none. Freed at the end of the thread.
[[nodiscard]] std::vector<ambient::entry>& known_scopes();

[[noreturn, gnu::cold]] void refuse_to_leave(const char* guard) noexcept;
/// What this thread knows, for a guard that is left in it; ends the program if the guard was made
/// in another one.
[[nodiscard, gnu::always_inline]] inline ambient& leave_in(
    std::uint64_t home, const char* guard) noexcept {
    ambient& here = this_thread();
    if (here.number != home) [[unlikely]] { refuse_to_leave(guard); }
    return here;
}

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/ambient.ipp>
#endif
