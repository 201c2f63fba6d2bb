/// \file
/// What a thread knows of graphs and scopes.
#pragma once

#include <varscope/detail/scope_frame.hpp>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace varscope::detail {

/// What a thread knows of graphs and scopes: the only thread-local state of the library.
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
    std::uint32_t nested = 0; // open as_default blocks
};

[[nodiscard]] inline ambient& this_thread() noexcept {
    static constinit thread_local ambient state;
    return state;
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
            this_thread().current = nullptr;
            this_thread().default_serial = 0;
            delete std::exchange(this_thread().known, nullptr);
        }
    };
    ambient& here = this_thread();
    if (here.known == nullptr) {
        [[maybe_unused]] static thread_local const at_end_of_thread cleaner;
        here.known =
            new std::vector<ambient::entry>; // NOLINT(cppcoreguidelines-owning-memory): see above
    }
    return *here.known;
}

} // namespace varscope::detail
