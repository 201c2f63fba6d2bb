/// \file
/// Names that are spelled most like another, and how messages tell them.
#pragma once

#include <varscope/version.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

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

/// The names that are spelled most like `wanted`, out of those that are looked at one after the
/// other: what all messages that are made at run time tell.
///
/// First come those that are `wanted` in one more scope, or without some; then those of which at
/// most a third of the letters differ, by their number; then those that end in the same component.
/// Of many names only those are compared that begin and end most like `wanted`.
class nearest_search {
public:
    /// \param wanted  stays where it is.
    explicit nearest_search(std::string_view wanted) : wanted_{wanted} {
        found_.reserve(2 * names_compared);
    }

    /// Not looked at any more after `names_looked_at`. The name stays where it is.
    void look_at(std::string_view name);
    [[nodiscard]] bool is_full() const noexcept { return looked_at_ == names_looked_at; }

    /// Up to `count` of them, the nearest first, of equal ones the earlier.
    [[nodiscard]] std::vector<std::string> nearest(std::size_t count);

private:
    struct candidate {
        std::uint64_t rank; // the distance above, the number of the name below
        std::string_view name;
    };
    static std::uint64_t rank_of(std::uint64_t distance, std::uint64_t number) noexcept {
        return distance << 32U | number;
    }
    static bool is_in_scope(std::string_view longer, std::string_view shorter) noexcept;
    static std::string_view leaf(std::string_view path) noexcept {
        return path.substr(path.find_last_of('/') + 1);
    }

    /// Keeps those to be compared. Later names count only where they are nearer than the last of
    /// these.
    void drop_far();

    std::string_view wanted_;
    std::vector<candidate> found_;
    std::size_t looked_at_ = 0;
    std::size_t too_far_ = static_cast<std::size_t>(-1);
};

/// Up to `count` names of a range that are spelled most like `wanted`; see `nearest_search`.
template <range_of_names Names>
[[nodiscard]] std::vector<std::string> nearest_names(
    Names&& names, std::string_view wanted, std::size_t count) {
    nearest_search search(wanted);
    for (const std::string_view name : names) {
        if (search.is_full()) { break; }
        search.look_at(name);
    }
    return search.nearest(count);
}

/// The line of a message that tells them, "\n  nearest: 'a', 'b'"; nothing if there are none.
[[nodiscard]] std::string nearest_line(
    const std::vector<std::string>& nearest, std::string_view start = "\n  nearest: ");

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/base/impl/nearest_names.ipp>
#endif
