/// \file
/// Names that are spelled most like another, and how messages tell them.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::detail {

/// Letters to insert, delete, replace or swap with their neighbour to turn `a` into `b` (optimal
/// string alignment).
[[nodiscard]] constexpr std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Filled one by one: Clang 16 refuses libstdc++ 12's vector(n) in a constant expression.
    std::vector<std::size_t> last;
    last.reserve(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) { last.push_back(j); }
    std::vector<std::size_t> before = last;
    std::vector<std::size_t> now = last;
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

/// Names that stay where they are while the range is gone through.
template <class Names>
concept range_of_names = std::ranges::input_range<Names> &&
    std::convertible_to<std::ranges::range_reference_t<Names>, std::string_view>;

/// Up to `count` of `names` that are spelled most like `wanted`, the nearest first, of equal ones
/// the earlier: at most a third of the letters differ, or they end in the same name in another
/// scope.
template <range_of_names Names>
[[nodiscard]] std::vector<std::string> nearest_names(
    Names&& names, std::string_view wanted, std::size_t count) {
    std::size_t left = 20'000; // names to look at: an error message should not take seconds
    const auto leaf = [](std::string_view path) { return path.substr(path.find_last_of('/') + 1); };
    std::vector<std::pair<std::size_t, std::string_view>> found;
    for (const std::string_view candidate : names) {
        if (left-- == 0) { break; }
        const std::size_t distance = edit_distance(wanted, candidate);
        if (distance <= wanted.size() / 3 + 1) {
            found.emplace_back(distance, candidate);
        } else if (leaf(candidate) == leaf(wanted)) {
            found.emplace_back(wanted.size() + distance, candidate);
        }
    }
    std::ranges::stable_sort(found, {}, &std::pair<std::size_t, std::string_view>::first);
    std::vector<std::string> nearest;
    for (std::size_t i = 0; i < std::min(count, found.size()); ++i) {
        nearest.emplace_back(found[i].second);
    }
    return nearest;
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
