/// \file
/// Where a name that is known while compiling led to, so that asking again is a load.
#pragma once

#include <varscope/graph/literal_number.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/names/digest.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// For each place that asks for a literal name, the variable that it found first, and in which
/// scope. Forgets nothing and never changes an answer, so that readers need no lock; a place that
/// asks in several scopes finds only the first one here.
///
/// `find` is safe beside everything else, which excludes each other.
class literal_slots {
public:
    literal_slots() = default;
    literal_slots(const literal_slots&) = delete;
    literal_slots& operator=(const literal_slots&) = delete;
    literal_slots(literal_slots&&) = delete;
    literal_slots& operator=(literal_slots&&) = delete;
    ~literal_slots() = default;

    /// What `place` found in this scope, or null. Cost: a few loads and comparisons.
    [[nodiscard]] variable_node* find(
        const literal_number& place, const digest& scope) const noexcept;
    /// Whether `insert` would keep something.
    [[nodiscard]] bool has_room(const literal_number& place) const noexcept {
        return answer_for(place) == nullptr;
    }

    void insert(literal_number& place, const digest& scope, variable_node& found);

    /// Forgets a variable, which is not in the store any more.
    void erase(const variable_node& gone) noexcept;

private:
    struct answer {
        digest scope;
        const literal_number* place;
        variable_node* found;
    };
    struct block {
        std::size_t size = 0;
        std::unique_ptr<std::atomic<const answer*>[]> entries;
    };

    [[nodiscard]] const answer* answer_for(const literal_number& place) const noexcept;

    void grow(std::uint32_t number);

    std::atomic<const block*> current_{nullptr};
    std::vector<std::unique_ptr<block>> blocks_; // the last one is current; readers may hold others
    std::vector<std::unique_ptr<const answer>> answers_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/literal_slots.ipp>
#endif
