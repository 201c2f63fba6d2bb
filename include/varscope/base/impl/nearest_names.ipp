// See nearest_names.hpp.
#pragma once

#include <varscope/base/nearest_names.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void nearest_search::look_at(std::string_view name) {
    if (is_full()) { return; }
    const std::uint64_t number = looked_at_++;
    const std::size_t longer = std::max(name.size(), wanted_.size());
    if (longer - std::min(name.size(), wanted_.size()) >= too_far_) { return; }
    // Only the letters between what begins and ends alike.
    const std::size_t front = same_front(name, wanted_);
    const std::size_t between =
        longer - front - same_back(name.substr(front), wanted_.substr(front));
    if (between >= too_far_) { return; }
    found_.push_back({rank_of(between, number), name});
    if (found_.size() == 2 * names_compared) { drop_far(); }
}

VARSCOPE_INLINE std::vector<std::string> nearest_search::nearest(std::size_t count) {
    if (found_.size() > names_compared) { drop_far(); }
    std::ranges::sort(found_, {}, &candidate::rank);
    std::size_t most = wanted_.size() / 3 + 1;
    std::vector<std::size_t> best; // distances of the nearest so far
    std::erase_if(found_, [&](candidate& c) {
        const bool is_elsewhere = is_in_scope(c.name, wanted_) || is_in_scope(wanted_, c.name);
        const std::size_t letters = is_elsewhere ? 0 : edit_distance(wanted_, c.name, most);
        const std::uint64_t number = c.rank & 0xffff'ffffU;
        if (letters <= most) {
            const std::size_t distance = is_elsewhere ? 1 : 2 * letters;
            c.rank = rank_of(distance, number);
            best.insert(std::ranges::upper_bound(best, distance), distance);
            if (best.size() == count) {
                most = best.back() / 2; // what is further away is not told
                best.pop_back();
            }
        } else if (leaf(c.name) == leaf(wanted_)) {
            c.rank += rank_of(2 * wanted_.size(), 0);
        } else {
            return true;
        }
        return false;
    });
    std::ranges::sort(found_, {}, &candidate::rank);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(count, found_.size()); ++i) {
        names.emplace_back(found_[i].name);
    }
    return names;
}

VARSCOPE_INLINE bool nearest_search::is_in_scope(
    std::string_view longer, std::string_view shorter) noexcept {
    return longer.size() > shorter.size() && longer.ends_with(shorter) &&
        longer[longer.size() - shorter.size() - 1] == '/';
}

VARSCOPE_INLINE void nearest_search::drop_far() {
    std::ranges::nth_element(found_, found_.begin() + (names_compared - 1), {}, &candidate::rank);
    found_.resize(names_compared);
    too_far_ = found_.back().rank >> 32U;
}

VARSCOPE_INLINE std::string nearest_line(
    const std::vector<std::string>& nearest, std::string_view start) {
    std::string text;
    for (const std::string& name : nearest) {
        text += text.empty() ? start : std::string_view(", ");
        text += '\'' + name + '\'';
    }
    return text;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
