/// \file
/// The variables that are shared by name.
#pragma once

#include <varscope/detail/flat_table.hpp>
#include <varscope/detail/nodes.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope {

namespace detail {

/// Letters to insert, delete, replace or swap with their neighbour to turn `a` into `b` (optimal
/// string alignment).
[[nodiscard]] inline std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> now(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            now[j] = std::min(
                {last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = std::min(now[j], before[j - 2] + 1);
            }
        }
        std::swap(before, last);
        std::swap(last, now);
    }
    return last[b.size()];
}

} // namespace detail

/// The table from key to variable. Holds no values and no rules: those are the graph's and
/// get_variable's.
///
/// `find` is safe beside one `insert`; inserts, and everything else beside an insert, exclude each
/// other.
class variable_store {
public:
    /// The variable with this key, or null. Cost: one hash look-up; takes no lock.
    [[nodiscard]] detail::variable_node* find(const detail::digest& id) const noexcept {
        return table_.find(id);
    }

    /// The same by text, which is compared too.
    [[nodiscard]] detail::variable_node* find(std::string_view key) const noexcept {
        detail::variable_node* const found = table_.find(detail::extend(detail::root_digest, key));
        return found != nullptr && found->key() == key ? found : nullptr;
    }

    /// The variable with this key that is cut into parts, or null. Its parts have keys of their
    /// own,
    /// `<key>/part_0` and so on.
    [[nodiscard]] detail::variable_node* find_whole(const detail::digest& id) const noexcept {
        return wholes_.find(id);
    }
    void insert_whole(detail::variable_node& whole) {
        wholes_in_order_.reserve(wholes_in_order_.size() + 1);
        wholes_.insert(whole);
        wholes_in_order_.push_back(&whole);
    }
    /// The variables that are cut into parts, in the order of creation.
    [[nodiscard]] const std::vector<const detail::variable_node*>& wholes() const noexcept {
        return wholes_in_order_;
    }

    /// Adds a variable whose key is not in the store.
    void insert(detail::variable_node& variable) {
        in_order_.reserve(
            in_order_.size() + 1 > in_order_.capacity() ? 2 * in_order_.size() + 8 : 0);
        if (variable.key().ends_with("/part_0")) {
            has_first_parts_.store(true, std::memory_order_relaxed); // before it can be found
        }
        table_.insert(variable); // the last step that can fail
        in_order_.push_back(&variable);
    }

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
    [[nodiscard]] std::size_t size() const noexcept { return in_order_.size(); }

    /// Up to `count` keys that are spelled most like `key`, the nearest first: at most a third of
    /// its letters differ, or they end in the same name in another scope.
    [[nodiscard]] std::vector<std::string> nearest(std::string_view key, std::size_t count) const {
        constexpr std::size_t enough_work =
            20'000; // keys looked at: an error message should not take seconds
        const auto leaf = [](std::string_view path) {
            return path.substr(path.find_last_of('/') + 1);
        };
        std::vector<std::pair<std::size_t, std::string_view>> found;
        for (std::size_t i = 0; i < std::min(in_order_.size(), enough_work); ++i) {
            const std::string_view candidate = in_order_[i]->key();
            const std::size_t limit = key.size() / 3 + 1;
            const std::size_t distance = detail::edit_distance(key, candidate);
            if (distance <= limit) {
                found.emplace_back(distance, candidate);
            } else if (leaf(candidate) == leaf(key)) {
                found.emplace_back(key.size() + distance, candidate);
            }
        }
        std::ranges::stable_sort(found, {}, &std::pair<std::size_t, std::string_view>::first);
        std::vector<std::string> keys;
        for (std::size_t i = 0; i < std::min(count, found.size()); ++i) {
            keys.emplace_back(found[i].second);
        }
        return keys;
    }

    /// Takes the variables and wholes out that came after so many.
    void rewind(std::size_t variables, std::size_t wholes) noexcept {
        while (in_order_.size() > variables) {
            table_.erase(*in_order_.back());
            in_order_.pop_back();
        }
        while (wholes_in_order_.size() > wholes) {
            wholes_.erase(*wholes_in_order_.back());
            wholes_in_order_.pop_back();
        }
    }

private:
    std::atomic<bool> has_first_parts_{false};
    detail::flat_table<detail::variable_node> table_;
    std::vector<const detail::variable_node*> in_order_;
    detail::flat_table<detail::variable_node> wholes_;
    std::vector<const detail::variable_node*> wholes_in_order_;
};

} // namespace varscope
