// See scope_times.hpp.
#pragma once

#include <varscope/scope/detail/scope_times.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::optional<std::uint64_t> scope_times::find(const digest& id, kind what) const {
    const std::uint64_t key = key_of(id, what);
    for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
        const auto found = std::ranges::lower_bound(*row, key, {}, &record::key);
        if (found != row->end() && found->key == key) { return found->time; }
    }
    return std::nullopt;
}

VARSCOPE_INLINE void scope_times::add(std::vector<record> added) {
    if (added.empty()) { return; }
    std::ranges::sort(added, {}, &record::key);
    while (!rows_.empty() && rows_.back().size() < 2 * added.size()) {
        std::vector<record>& before = rows_.back();
        std::vector<record> merged;
        merged.reserve(before.size() + added.size());
        std::ranges::merge(
            added, before, std::back_inserter(merged), {}, &record::key, &record::key);
        // Of two equal ones the added one comes first.
        const auto twice = std::ranges::unique(merged, {}, &record::key);
        merged.erase(twice.begin(), twice.end());
        rows_.pop_back();
        added = std::move(merged);
    }
    added.shrink_to_fit();
    rows_.push_back(std::move(added));
}

VARSCOPE_INLINE std::size_t scope_times::size() const noexcept {
    std::size_t sum = 0;
    for (const auto& row : rows_) { sum += row.size(); }
    return sum;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
