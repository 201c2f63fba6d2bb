/// \file
/// What is known of a name that somebody asked for.
#pragma once

#include <varscope/names/detail/scope_contents.hpp>
#include <varscope/names/digest.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <source_location>

namespace varscope::inline VARSCOPE_ABI::detail {

class name_replay; // see unique_names

/// A name that somebody asked for.
struct name_entry {
    name_entry(const digest& name, std::uint64_t first_state, const std::source_location& place,
        const name_event* in_table) noexcept
        : id{name}
        , state{first_state}
        , where{place}
        , scopes{in_table} {}

    digest id;
    std::atomic<std::uint64_t> state; // see unique_names
    std::source_location where;       // of the first request
    // Somebody asked for a path through one of `x_1`, ..., `x_(mentioned_end - 1)`, of the scopes
    // that are still to come: what is named in those is kept in the table.
    std::atomic<std::uint32_t> mentioned_end{0};
    scope_contents scopes;       // of this name
    std::uint32_t taken_end = 0; // up to here all suffixes are taken, also beyond the requests
};

/// The scope opened again (`x_1`) that a thread is in, and what is named in it: each thread has one
/// for each graph. What is named in it is known here, not in the table of taken names, until the
/// scope is left or somebody asks for a path through it. Changed by its thread; another thread may
/// only take over what was named so far, which ends it.
struct alignas(64) open_again {
    std::atomic<name_entry*> base{nullptr};       // whose scope it is; null: there is none
    std::atomic<const name_event*> last{nullptr}; // that was named; null: taken over
    std::atomic<std::uint32_t> number{0};         // of its suffix; 0: not known yet
    std::atomic<std::uint64_t> openings{0};       // so far
    std::shared_ptr<name_replay> replay{};        // made when first needed
};

} // namespace varscope::inline VARSCOPE_ABI::detail
