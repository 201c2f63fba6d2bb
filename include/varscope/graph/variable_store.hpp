/// \file
/// The variables that are shared by name.
#pragma once

#include <varscope/graph/nodes.hpp>
#include <varscope/names/flat_table.hpp>
#include <varscope/names/name_owners.hpp>

#include <atomic>
#include <cstddef>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// The table from key to variable. Holds no values and no rules: those are the graph's and
/// get_variable's.
///
/// `find` is safe beside one `insert`; inserts, and everything else beside an insert, exclude each
/// other.
class variable_store final : public detail::name_owners {
public:
    /// The variable with this key, or null. Cost: one hash look-up; takes no lock.
    [[nodiscard, gnu::always_inline]] detail::variable_node* find(
        const detail::digest& id) const noexcept {
        return table_.find(id);
    }

    /// Says that a variable with this key will be looked for, or created.
    void expect(const detail::digest& id) const noexcept { table_.prefetch(id); }

    /// The same by text, which is compared too.
    [[nodiscard]] detail::variable_node* find(std::string_view key) const noexcept;

    /// The variable with this key that is cut into parts, or null. Its parts have keys of their
    /// own,
    /// `<key>/part_0` and so on.
    [[nodiscard]] detail::variable_node* find_whole(const detail::digest& id) const noexcept {
        return wholes_.find(id);
    }
    void insert_whole(detail::variable_node& whole);
    /// The variables that are cut into parts, in the order of creation.
    [[nodiscard]] const std::vector<const detail::variable_node*>& wholes() const noexcept {
        return wholes_in_order_;
    }

    /// Adds a variable whose key is not in the store.
    void insert(detail::variable_node& variable);

    /// Whether there ever was a key `<key>/part_0`.
    [[nodiscard]] bool has_first_parts() const noexcept {
        return has_first_parts_.load(std::memory_order_relaxed);
    }
    /// The variable `<key>/part_0`, or null: where there is one, `key` stands for a variable cut
    /// into parts. Cost: none unless there ever was such a key.
    [[nodiscard]] detail::variable_node* find_first_part(const detail::digest& id) const noexcept {
        return has_first_parts_.load(std::memory_order_relaxed)
            ? table_.find(detail::extend(id, "part_0"))
            : nullptr;
    }

    /// All of them, in the order of creation.
    [[nodiscard]] const std::vector<const detail::variable_node*>& all() const noexcept {
        return in_order_;
    }
    /// How many there are. Safe from any thread.
    [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }

    /// A variable that holds its own name: see detail::variable_node.
    [[nodiscard]] const std::source_location* find_owner(
        const detail::digest& path) const noexcept override;
    [[nodiscard]] std::size_t owner_count() const noexcept override { return size(); }

    /// Takes the variables and wholes out that came after so many.
    void rewind(std::size_t variables, std::size_t wholes) noexcept;

private:
    std::atomic<bool> has_first_parts_{false};
    detail::flat_table<detail::variable_node> table_;
    std::vector<const detail::variable_node*> in_order_;
    detail::flat_table<detail::variable_node> wholes_;
    std::vector<const detail::variable_node*> wholes_in_order_;
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/variable_store.ipp>
#endif
