/// \file
/// What was named in a name scope, remembered once for all scopes in which the same was named.
#pragma once

#include <varscope/detail/arena.hpp>
#include <varscope/detail/digest.hpp>
#include <varscope/detail/flat_table.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string_view>
#include <vector>

namespace varscope::detail {

/// The scopes that were opened in a name scope, one after the other: the last one, and a reference
/// to those before it. A null pointer stands for none.
struct name_history {
    digest id;
    const name_history* before;
    const name_history* inside; // what was opened in that scope in turn
    std::string_view name;      // of that scope, one component
    std::source_location where; // it was first opened
    std::uint64_t name_hash;    // of `name` as it was written, the lower half
    std::uint32_t length;       // with those before it
    // The history that followed this one last, which it mostly does again.
    mutable std::atomic<const name_history*> next{nullptr};

    /// Whether this is the history that came before it, followed by a scope whose name has this
    /// hash, with `opened` in it.
    [[nodiscard]] bool adds(std::uint64_t hash, const name_history* opened) const noexcept {
        return name_hash == hash && inside == opened;
    }

    /// Stands for a scope whose names are in the table of taken names itself.
    [[nodiscard]] static const name_history* in_table() noexcept {
        static constinit const name_history marker{};
        return &marker;
    }
};

/// All histories of a graph: equal ones are one object. Inserts must exclude each other; `find` is
/// safe beside one.
class name_histories {
public:
    /// Scopes in one history, and histories, for a graph with so many variables: beyond that names
    /// are entered in the table.
    [[nodiscard]] static constexpr std::size_t max_length(std::size_t variables) noexcept {
        return 500 + variables;
    }
    [[nodiscard]] static constexpr std::size_t max_count(std::size_t variables) noexcept {
        return (std::size_t{1} << 16) + 2 * variables;
    }

    /// What identifies `before` followed by a scope `name` with `inside` in it.
    [[nodiscard]] static digest id_of(
        const name_history* before, const digest& name, const name_history* inside) noexcept {
        const digest nothing{mix_a, mix_b};
        const digest with_name =
            extend_by_component(before == nullptr ? nothing : before->id, name);
        return extend_by_component(with_name, inside == nullptr ? nothing : inside->id);
    }

    [[nodiscard]] const name_history* find(const digest& id) const noexcept {
        return table_.find(id);
    }
    /// Null if there is no room, or if names repeat so often that the table takes less.
    [[nodiscard]] const name_history* insert(const digest& id, const name_history* before,
        std::string_view name, std::uint64_t name_hash, const name_history* inside,
        const std::source_location& where, std::size_t variables) {
        const std::uint32_t length = before == nullptr ? 1 : before->length + 1;
        if (length > max_length(variables) || table_.size() >= max_count(variables) ||
            (length >= min_checked && std::has_single_bit(length) && is_mostly_repeated(*before))) {
            return nullptr;
        }
        auto* const added = memory_.create<name_history>(
            id, before, inside, memory_.copy(name), where, name_hash, length);
        table_.insert(*added);
        return added;
    }

private:
    static constexpr std::uint32_t min_checked = 512;

    /// Whether less than half of the names in a history are different ones: a loop. Looked at
    /// whenever the length has doubled.
    [[nodiscard]] static bool is_mostly_repeated(const name_history& last) {
        std::vector<std::uint64_t> names;
        for (const name_history* h = &last; h != nullptr; h = h->before) {
            names.push_back(h->name_hash);
        }
        std::ranges::sort(names);
        const auto repeated = std::ranges::unique(names);
        return 2 * repeated.size() > names.size();
    }

    arena memory_;
    flat_table<name_history> table_;
};

} // namespace varscope::detail
