/// \file
/// Where a name that is known while compiling led to, so that asking again is a load.
#pragma once

#include <varscope/graph/nodes.hpp>
#include <varscope/names/digest.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// A number for each place that asks, the same in every graph; 0 until it asked for the first time.
/// Its address tells places apart: shared libraries may count each for themselves.
using literal_number = std::atomic<std::uint32_t>;

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
        const literal_number& place, const digest& scope) const noexcept {
        const answer* const known = answer_for(place);
        return known != nullptr && known->place == &place && known->scope == scope ? known->found
                                                                                   : nullptr;
    }
    /// Whether `insert` would keep something.
    [[nodiscard]] bool has_room(const literal_number& place) const noexcept {
        return answer_for(place) == nullptr;
    }

    void insert(literal_number& place, const digest& scope, variable_node& found) {
        static constinit literal_number last{0};
        std::uint32_t number = place.load(std::memory_order_relaxed);
        if (number == 0) {
            const std::uint32_t next = last.fetch_add(1, std::memory_order_relaxed) + 1;
            if (place.compare_exchange_strong(number, next)) { number = next; }
        }
        if (blocks_.empty() || number >= blocks_.back()->size) { grow(number); }
        answers_.push_back(std::make_unique<answer>(answer{scope, &place, &found}));
        blocks_.back()->entries[number].store(answers_.back().get(), std::memory_order_release);
    }

    /// Forgets a variable, which is not in the store any more.
    void erase(const variable_node& gone) noexcept {
        if (blocks_.empty()) { return; }
        for (std::size_t i = 0; i < blocks_.back()->size; ++i) {
            const answer* const known = blocks_.back()->entries[i].load(std::memory_order_relaxed);
            if (known != nullptr && known->found == &gone) {
                blocks_.back()->entries[i].store(nullptr, std::memory_order_release);
            }
        }
    }

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

    [[nodiscard]] const answer* answer_for(const literal_number& place) const noexcept {
        const std::uint32_t number = place.load(std::memory_order_relaxed);
        const block* const b = current_.load(std::memory_order_acquire);
        return b != nullptr && number < b->size ? b->entries[number].load(std::memory_order_acquire)
                                                : nullptr;
    }

    void grow(std::uint32_t number) {
        auto larger = std::make_unique<block>();
        larger->size = 2 * static_cast<std::size_t>(number) + 16;
        larger->entries = std::make_unique<std::atomic<const answer*>[]>(larger->size);
        if (!blocks_.empty()) {
            for (std::size_t i = 0; i < blocks_.back()->size; ++i) {
                larger->entries[i].store(blocks_.back()->entries[i].load(std::memory_order_relaxed),
                    std::memory_order_relaxed);
            }
        }
        blocks_.push_back(std::move(larger));
        current_.store(blocks_.back().get(), std::memory_order_release);
    }

    std::atomic<const block*> current_{nullptr};
    std::vector<std::unique_ptr<block>> blocks_; // the last one is current; readers may hold others
    std::vector<std::unique_ptr<const answer>> answers_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail
