/// \file
/// What was named in a name scope that was opened again: kept once for all scopes in which the same
/// was named.
#pragma once

#include <varscope/base/arena.hpp>
#include <varscope/names/digest.hpp>
#include <varscope/names/flat_table.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

enum class name_step : std::uint8_t {
    begin,   ///< nothing was named yet
    open,    ///< a scope was opened
    close,   ///< the scope that was opened last was left
    op,      ///< an op took a name
    reserve, ///< `unique_name` took a name
};

/// One step of what happens to names in a scope that was opened again (`x_1`), after the steps
/// before it: a node of the tree of all such sequences in a graph. Never changes, but for what
/// followed it last.
struct name_event {
    digest id;                // of this step and those before it
    const name_event* before; // null: this is where all sequences begin
    const name_event* scope;  // opened the innermost scope that is open after this step; null: none
    std::string_view name;    // of an op or a scope; one or more components
    digest hash;              // of `name` as it was written, as if it were one component
    std::source_location where;
    std::uint32_t number; // of the suffix that the name got; 0: none
    std::uint32_t length; // steps, with this one
    name_step step;
    // Hints: the step other than `close` that followed last, and the `close` that followed.
    mutable std::atomic<const name_event*> next{nullptr};
    mutable std::atomic<const name_event*> closed{nullptr};

    /// Whether this is that step.
    [[nodiscard]] bool is(name_step wanted, const digest& name_hash) const noexcept {
        return step == wanted && hash == name_hash;
    }
};

/// All sequences of steps in a graph: equal ones are one object. Inserts exclude each other; `find`
/// is safe beside one.
class name_events {
public:
    /// Steps in one sequence, and in all, for a graph with so many variables: where there would be
    /// more, names are kept in the table of taken names.
    [[nodiscard]] static constexpr std::size_t max_length(std::size_t variables) noexcept {
        return 16'384 + 16 * variables;
    }
    [[nodiscard]] static constexpr std::size_t max_count(std::size_t variables) noexcept {
        return (std::size_t{1} << 17) + 16 * variables;
    }

    [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }

    /// Where all sequences begin.
    [[nodiscard]] const name_event& begin() const noexcept { return begin_; }

    /// What identifies `before` followed by a step.
    [[nodiscard]] static digest id_of(
        const name_event& before, name_step step, const digest& hash) noexcept;

    [[nodiscard]] const name_event* find(
        const name_event& before, name_step step, const digest& hash) const noexcept {
        return table_.find(id_of(before, step, hash));
    }

    /// Whether another step after `before` is to be kept. Of a loop that names the same again and
    /// again it is not: less than an eighth of the names differ. Looked at whenever the length has
    /// doubled.
    [[nodiscard]] bool has_room(const name_event& before, std::size_t variables) const;

    /// Adds a step that is not there, and for which there is room.
    /// \param number  of the suffix that the name gets.
    [[nodiscard]] const name_event& insert(const name_event& before, name_step step,
        std::string_view name, const digest& hash, std::uint32_t number,
        const std::source_location& where);

private:
    static constexpr std::uint32_t min_checked = 4096;

    [[nodiscard]] static bool is_loop(const name_event& last);

    const name_event begin_{{mix_a, mix_b}, nullptr, nullptr, {}, {}, {}, 0, 0, name_step::begin};
    arena memory_;
    flat_table<const name_event> table_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/names/impl/name_event.ipp>
#endif
