/// \file
/// Shapes as they are asked for: dimensions, each known or not, or nothing known at all.
#pragma once

#include <varscope/version.hpp>

#include <algorithm>
#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// What a loop over its elements finds integers in, which are not characters of a text.
template <class Range>
concept range_of_integers = requires(const Range& range) {
    { *std::begin(range) } -> std::convertible_to<std::int64_t>;
    std::end(range);
    requires std::integral<std::remove_cvref_t<decltype(*std::begin(range))>>;
    requires !std::same_as<std::remove_cvref_t<decltype(*std::begin(range))>, char>;
};

} // namespace detail

/// A dimension that is not known, in a `shape`.
inline constexpr std::int64_t unknown_dimension = -1;

/// The number of elements along each axis, outermost first.
///
/// A dimension may be unknown, and so may the number of axes (`any_shape`); a shape without axes is
/// a scalar's. Made implicitly from a list of integers of any type, or from any range of integers
/// such as an xtensor shape. Holds up to `max_rank` axes in itself and never allocates. Other
/// negative dimensions than `unknown_dimension` can be written, and are refused where a variable is
/// asked for. Follows tf.TensorShape.
class shape {
public:
    static constexpr std::size_t max_rank = 32;

    /// A scalar's shape.
    constexpr shape() noexcept : rank_{0} { clear(); }

    template <std::integral... Dimensions>
        requires(sizeof...(Dimensions) > 0 && sizeof...(Dimensions) <= max_rank)
    constexpr shape(
        Dimensions... dimensions) noexcept // NOLINT(google-explicit-constructor): shapes are written as lists
        : rank_{static_cast<int>(sizeof...(Dimensions))} {
        clear();
        std::size_t axis = 0;
        ((dimensions_[axis++] = static_cast<std::int64_t>(dimensions)), ...);
    }

    /// \throws std::length_error  more than `max_rank` axes.
    template <detail::range_of_integers Range>
        requires(!std::same_as<Range, shape>)
    constexpr shape(const Range& dimensions)
        : rank_{0} { // NOLINT(google-explicit-constructor): any container's shape
        clear();
        for (const auto dimension : dimensions) { push_back(static_cast<std::int64_t>(dimension)); }
    }

    constexpr shape(const shape& other) noexcept : rank_{other.rank_} {
        clear();
        std::copy_n(other.dimensions_, other.known_rank(), dimensions_);
    }
    constexpr shape& operator=(const shape& other) noexcept {
        rank_ = other.rank_;
        std::copy_n(other.dimensions_, other.known_rank(), dimensions_);
        return *this;
    }
    constexpr ~shape() = default;

    /// The shape of which not even the number of axes is known; it fits every other one.
    [[nodiscard]] static constexpr shape any() noexcept {
        shape result;
        result.rank_ = -1;
        return result;
    }

    [[nodiscard]] constexpr bool has_rank() const noexcept { return rank_ >= 0; }

    /// The number of axes; 0 if it is not known.
    [[nodiscard]] constexpr std::size_t rank() const noexcept { return known_rank(); }

    [[nodiscard]] constexpr std::int64_t operator[](std::size_t axis) const noexcept {
        assert(axis < known_rank());
        return dimensions_[axis];
    }
    [[nodiscard]] constexpr const std::int64_t* begin() const noexcept { return dimensions_; }
    [[nodiscard]] constexpr const std::int64_t* end() const noexcept {
        return dimensions_ + known_rank();
    }

    /// Adds an axis at the end.
    /// \throws std::length_error  there are `max_rank` axes already.
    constexpr void push_back(std::int64_t dimension) {
        if (known_rank() == max_rank) { throw std::length_error("a shape has at most 32 axes"); }
        dimensions_[known_rank()] = dimension;
        rank_ = static_cast<int>(known_rank()) + 1;
    }

    /// Whether the rank and each dimension are known.
    [[nodiscard]] constexpr bool is_fully_defined() const noexcept {
        return has_rank() &&
            std::ranges::none_of(*this, [](auto dimension) { return dimension < 0; });
    }

    /// Whether some shape fits both: known dimensions are equal. Follows
    /// TensorShape.is_compatible_with.
    [[nodiscard]] constexpr bool is_compatible_with(const shape& other) const noexcept {
        if (!has_rank() || !other.has_rank()) { return true; }
        return std::ranges::equal(*this, other, [](auto a, auto b) {
            return a == b || a == unknown_dimension || b == unknown_dimension;
        });
    }

    friend constexpr bool operator==(const shape& a, const shape& b) noexcept {
        return a.rank_ == b.rank_ && std::ranges::equal(a, b);
    }

private:
    [[nodiscard]] constexpr std::size_t known_rank() const noexcept {
        return rank_ < 0 ? 0 : static_cast<std::size_t>(rank_);
    }

    // Constant expressions may not leave elements unset; a run-time shape need not pay for those it
    // does not use.
    constexpr void clear() noexcept {
        if (std::is_constant_evaluated()) { std::fill_n(dimensions_, max_rank, 0); }
    }

    int rank_; // -1: not known
    std::int64_t
        dimensions_[max_rank]; // NOLINT(modernize-avoid-c-arrays): only the first `rank_` count
};

/// No shape asked for; fits every shape.
inline constexpr shape any_shape = shape::any();

/// The shape with so many axes whose lengths are not known.
/// \throws std::length_error  more than `shape::max_rank`.
[[nodiscard]] constexpr shape unknown_shape_of_rank(std::size_t rank) {
    shape result;
    for (std::size_t axis = 0; axis < rank; ++axis) { result.push_back(unknown_dimension); }
    return result;
}

namespace detail {

/// `factor` times every dimension but those that are 0; none if that needs more than 64 bits. No
/// stride, and no number of elements, is larger. Dimensions are not negative.
template <class Dimensions>
[[nodiscard]] constexpr std::optional<std::uint64_t> product_of(
    const Dimensions& dimensions, std::uint64_t factor = 1) noexcept {
    for (const auto dimension : dimensions) {
        if (dimension != 0 &&
            __builtin_mul_overflow(factor, static_cast<std::uint64_t>(dimension), &factor)) {
            return std::nullopt;
        }
    }
    return factor;
}

/// Whether memory can be addressed for elements of so many bytes, and their strides are numbers:
/// where an axis is empty, the others are counted nevertheless, as in NumPy.
template <class Dimensions>
[[nodiscard]] constexpr bool is_addressable(
    const Dimensions& dimensions, std::uint64_t element) noexcept {
    const auto bytes = product_of(dimensions, element);
    return bytes && *bytes <= std::uint64_t{PTRDIFF_MAX};
}

} // namespace detail

/// "(2, 3)", "(?, 3)", "()" or "<unknown>".
[[nodiscard]] std::string to_string(const shape& s);

/// Prints it as `to_string` says.
template <class Char, class Traits>
std::basic_ostream<Char, Traits>& operator<<(
    std::basic_ostream<Char, Traits>& out, const shape& s) {
    return out << to_string(s).c_str();
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/base/impl/shape.ipp>
#endif
