/// \file
/// Names that are spelled most like another, and how messages tell them.
#pragma once

#include <varscope/config.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::detail {

/// How many characters two texts begin with alike.
[[nodiscard]] constexpr std::size_t same_front(std::string_view a, std::string_view b) noexcept {
    const std::size_t shorter = std::min(a.size(), b.size());
    std::size_t same = 0;
    if (!std::is_constant_evaluated()) { // most begin alike, in the same scope: eight at a time
        while (shorter - same >= 8 && std::memcmp(a.data() + same, b.data() + same, 8) == 0) {
            same += 8;
        }
    }
    while (same < shorter && a[same] == b[same]) { ++same; }
    return same;
}
/// How many they end in alike.
[[nodiscard]] constexpr std::size_t same_back(std::string_view a, std::string_view b) noexcept {
    const std::size_t shorter = std::min(a.size(), b.size());
    std::size_t same = 0;
    if (!std::is_constant_evaluated()) {
        while (shorter - same >= 8 &&
            std::memcmp(a.data() + a.size() - same - 8, b.data() + b.size() - same - 8, 8) == 0) {
            same += 8;
        }
    }
    while (same < shorter && a[a.size() - 1 - same] == b[b.size() - 1 - same]) { ++same; }
    return same;
}

/// Numbers that a constant expression can use: not a vector, which cannot with _GLIBCXX_DEBUG.
class number_row {
public:
    constexpr explicit number_row(std::size_t size) : numbers_{new std::size_t[size]{}} {}
    number_row(const number_row&) = delete;
    number_row& operator=(const number_row&) = delete;
    number_row(number_row&&) = delete;
    number_row& operator=(number_row&&) = delete;
    constexpr ~number_row() { delete[] numbers_; }
    [[nodiscard]] constexpr std::size_t& operator[](std::size_t i) noexcept { return numbers_[i]; }
    constexpr void swap(number_row& other) noexcept { std::swap(numbers_, other.numbers_); }

private:
    std::size_t* numbers_;
};

/// Letters to insert, delete, replace or swap with their neighbour to turn `a` into `b` (optimal
/// string alignment); some number above `limit` if they are more than that.
[[nodiscard]] constexpr std::size_t edit_distance(
    std::string_view a, std::string_view b, std::size_t limit = static_cast<std::size_t>(-1)) {
    const std::size_t front = same_front(a, b); // what is alike at both ends costs nothing
    a.remove_prefix(front);
    b.remove_prefix(front);
    const std::size_t back = same_back(a, b);
    a.remove_suffix(back);
    b.remove_suffix(back);
    const std::size_t least = a.size() < b.size() ? b.size() - a.size() : a.size() - b.size();
    if (least > limit || a.empty() || b.empty()) { return std::max(a.size(), b.size()); }
    number_row before(b.size() + 1);
    number_row last(b.size() + 1);
    number_row now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) { last[j] = j; }
    std::size_t least_of_last = 0;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        std::size_t least_of_now = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            now[j] = std::min(
                {last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = std::min(now[j], before[j - 2] + 1);
            }
            least_of_now = std::min(least_of_now, now[j]);
        }
        if (least_of_now > limit && least_of_last > limit) { return least_of_now; }
        least_of_last = least_of_now;
        before.swap(last);
        last.swap(now);
    }
    return last[b.size()];
}

/// Names that stay where they are while the range is gone through.
template <class Names>
concept range_of_names = std::ranges::input_range<Names> &&
    std::convertible_to<std::ranges::range_reference_t<Names>, std::string_view>;

/// How many names are looked at for one that is wanted, and how many of these are compared letter
/// by letter: an error message should not take milliseconds.
inline constexpr std::size_t names_looked_at = 20'000;
inline constexpr std::size_t names_compared = 64;

/// Up to `count` of `names` that are spelled most like `wanted`, the nearest first, of equal ones
/// the earlier. What all messages that are made at run time tell.
///
/// First come those that are `wanted` in one more scope, or without some; then those of which at
/// most a third of the letters differ, by their number; then those that end in the same component.
/// Of many names only those are compared that begin and end most like `wanted`.
[[nodiscard]] inline std::vector<std::string> nearest_of(
    std::span<const std::string_view> names, std::string_view wanted, std::size_t count) {
    // The distance above, the number of the name below: quick to compare. The distance is at first
    // only the letters between what begins and ends alike.
    const auto candidate = [](std::uint64_t distance, std::uint64_t number) {
        return distance << 32U | number;
    };
    const auto is_in_scope = [](std::string_view longer, std::string_view shorter) {
        return longer.size() > shorter.size() && longer.ends_with(shorter) &&
            longer[longer.size() - shorter.size() - 1] == '/';
    };
    const auto leaf = [](std::string_view path) { return path.substr(path.find_last_of('/') + 1); };
    std::vector<std::uint64_t> found;
    found.reserve(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string_view name = names[i];
        const std::size_t front = same_front(name, wanted);
        const std::size_t back = same_back(name.substr(front), wanted.substr(front));
        found.push_back(candidate(std::max(name.size(), wanted.size()) - front - back, i));
    }
    if (found.size() > names_compared) {
        std::ranges::nth_element(found, found.begin() + names_compared);
        found.resize(names_compared);
    }
    std::ranges::sort(found);
    std::size_t most = wanted.size() / 3 + 1;
    std::vector<std::size_t> best; // distances of the nearest so far
    std::erase_if(found, [&](std::uint64_t& c) {
        const std::uint64_t number = c & 0xffff'ffffU;
        const std::string_view name = names[number];
        const bool is_elsewhere = is_in_scope(name, wanted) || is_in_scope(wanted, name);
        const std::size_t letters = is_elsewhere ? 0 : edit_distance(wanted, name, most);
        if (letters <= most) {
            const std::size_t distance = is_elsewhere ? 1 : 2 * letters;
            c = candidate(distance, number);
            best.insert(std::ranges::upper_bound(best, distance), distance);
            if (best.size() == count) {
                most = best.back() / 2; // what is further away is not told
                best.pop_back();
            }
        } else if (leaf(name) == leaf(wanted)) {
            c += candidate(2 * wanted.size(), 0);
        } else {
            return true;
        }
        return false;
    });
    std::ranges::sort(found);
    std::vector<std::string> nearest;
    for (std::size_t i = 0; i < std::min(count, found.size()); ++i) {
        nearest.emplace_back(names[found[i] & 0xffff'ffffU]);
    }
    return nearest;
}

/// The same of any range, of which the first `names_looked_at` are looked at.
template <range_of_names Names>
[[nodiscard]] std::vector<std::string> nearest_names(
    Names&& names, std::string_view wanted, std::size_t count) {
    std::vector<std::string_view> looked_at;
    for (const std::string_view name : names) {
        if (looked_at.size() == names_looked_at) { break; }
        looked_at.push_back(name);
    }
    return nearest_of(looked_at, wanted, count);
}

/// The line of a message that tells them, "\n  nearest: 'a', 'b'"; nothing if there are none.
[[nodiscard]] inline std::string nearest_line(
    const std::vector<std::string>& nearest, std::string_view start = "\n  nearest: ") {
    std::string text;
    for (const std::string& name : nearest) {
        text += text.empty() ? start : std::string_view(", ");
        text += '\'' + name + '\'';
    }
    return text;
}

} // namespace varscope::detail
