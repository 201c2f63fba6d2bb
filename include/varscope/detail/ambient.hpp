/// \file
/// What a thread knows of graphs and scopes.
#pragma once

#include <varscope/detail/scope_frame.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace varscope::detail {

/// What a thread knows of graphs and scopes: the only thread-local state of the library.
struct ambient {
    struct entry {
        std::uint64_t serial;
        std::weak_ptr<const void> lifetime;
        std::unique_ptr<thread_scopes> scopes;
    };
    thread_scopes* current = nullptr; // null: those in the default graph, not looked up yet
    std::vector<entry> known;
};

[[nodiscard]] inline ambient& this_thread() noexcept {
    static thread_local ambient state;
    return state;
}

} // namespace varscope::detail
