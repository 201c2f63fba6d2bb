/// \file
/// When scopes were opened and left of which nothing else is known any more.
#pragma once

#include <varscope/names/digest.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Times by the digests of paths, in 16 bytes each and no more. Added many at once; rows in order,
/// each at least twice as long as the next one, so that a look-up is a few binary searches. Knows
/// 64 bits of a digest. Not thread-safe.
class scope_times {
public:
    struct record {
        std::uint64_t key;
        std::uint64_t time;
    };
    enum class kind : std::uint8_t { opened, left };
    [[nodiscard]] static std::uint64_t key_of(const digest& id, kind what) noexcept {
        return what == kind::opened ? id.low : id.high ^ mix_b;
    }

    /// The time that was added last.
    [[nodiscard]] std::optional<std::uint64_t> find(const digest& id, kind what) const {
        const std::uint64_t key = key_of(id, what);
        for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
            const auto found = std::ranges::lower_bound(*row, key, {}, &record::key);
            if (found != row->end() && found->key == key) { return found->time; }
        }
        return std::nullopt;
    }

    /// Adds times, each key at most once; a time that is there is replaced.
    void add(std::vector<record> added) {
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

    [[nodiscard]] std::size_t size() const noexcept {
        std::size_t sum = 0;
        for (const auto& row : rows_) { sum += row.size(); }
        return sum;
    }

private:
    std::vector<std::vector<record>> rows_; // the last one was added last
};

} // namespace varscope::inline VARSCOPE_ABI::detail
