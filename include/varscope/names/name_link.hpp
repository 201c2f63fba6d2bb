/// \file
/// Name scopes that are open, and what they are called.
#pragma once

#include <varscope/names/digest.hpp>

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI {

class unique_names;

namespace detail {

struct name_event;
struct open_again;

/// Asks for an object whose members are set later.
struct unset_t {
    explicit unset_t() = default;
};
inline constexpr unset_t unset{};

/// What a name scope was asked for as, and where such names are taken.
struct link_name {
    digest hash; // of a name of one component
    // A hint: the step by which such a scope was opened last in one that was opened again.
    mutable const name_event* opened;
    unique_names* table;
    std::string_view text; // one or more components
};

/// A name scope: one or more components below another one. The root has none: a null pointer stands
/// for it.
///
/// What is named in a scope that was opened again (`x_1`), and in the scopes in it, is not in the
/// table of taken names, but known by the thread: see unique_names. It is entered there when
/// something is named that can meet an op that a variable made for itself. Belongs to one thread,
/// unless it is in the table.
struct name_link {
    name_link() noexcept : outer{nullptr}, name{nullptr}, thread{nullptr}, suffix{0} {}
    /// Sets nothing but what says that it does not count yet.
    explicit name_link(unset_t) noexcept {}
    name_link(unset_t, const std::source_location& opened_at) noexcept : where{opened_at} {}

    const name_link* outer;
    const link_name* name;
    std::source_location where;           // it was opened
    mutable open_again* thread = nullptr; // knows what is named in it; null: that is in the table
    std::uint32_t suffix;                 // made the name unique
    bool may_be_hidden = false;           // may stand below an op that a variable made for itself
    mutable bool has_id = false;
    mutable digest id; // of the full path, once somebody asked

    [[nodiscard]] bool is_in_table() const noexcept { return thread == nullptr; }
    /// Whether it is the scope opened again itself, and not one in it.
    [[nodiscard]] bool is_opened_again() const noexcept {
        return thread != nullptr && (outer == nullptr || outer->thread == nullptr);
    }
};

/// The full path, without '/' at its end.
[[nodiscard]] std::string path_of(const name_link* link);

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/names/names_in_scopes.hpp>
#endif
