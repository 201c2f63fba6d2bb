/// \file
/// The one place that includes xtensor, whose headers moved in version 0.26.
#pragma once

#include <varscope/base/half.hpp>
#include <varscope/base/shape.hpp>

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>

namespace xt::detail {

// xtensor 0.24 with GCC: in C++17 its headers keep svector<T, 4> from being taken for an array of 4
// dimensions, in C++20 no longer. Without this, assigning to a strided view, or to a view of
// dynamic rank, goes through a temporary of rank 4, whose shape is read from beyond the end of the
// right one.
template <>
struct xtype_for_shape<dynamic_shape<std::size_t>> {
    template <class Value, layout_type L>
    using type = xarray<Value, L>;
};

} // namespace xt::detail
#endif

#include <array>
#include <cstddef>
#include <iosfwd>
#include <type_traits>

// xtensor would copy an expression into a variable's elements, which are in row-major order, in the
// other order.
static_assert(XTENSOR_DEFAULT_TRAVERSAL == xt::layout_type::row_major,
    "varscope: variables are row-major, and xtensor's default traversal must be too: do not define "
    "XTENSOR_DEFAULT_TRAVERSAL as column_major");

namespace varscope::inline VARSCOPE_ABI::detail {

/// The shape of a variable of static rank: the array that xtensor uses, and it prints.
template <std::size_t N>
struct axis_sizes : std::array<std::size_t, N> {
    axis_sizes() = default;
    axis_sizes(const std::array<std::size_t, N>& sizes) : std::array<std::size_t, N>(sizes) {}

    template <class Char, class Traits>
    friend std::basic_ostream<Char, Traits>& operator<<(
        std::basic_ostream<Char, Traits>& out, const axis_sizes& s) {
        return out << varscope::shape(s);
    }
};

} // namespace varscope::inline VARSCOPE_ABI::detail

template <std::size_t N>
struct std::tuple_size<varscope::detail::axis_sizes<N>> : std::integral_constant<std::size_t, N> {};
template <std::size_t I, std::size_t N>
struct std::tuple_element<I, varscope::detail::axis_sizes<N>> {
    using type = std::size_t;
};

namespace xt {

namespace detail {

// What xt::adapt asks of a shape's type.
template <class S>
struct is_array;
template <std::size_t N>
struct is_array<varscope::detail::axis_sizes<N>> : std::true_type {};
template <class>
struct array_size_impl;
template <std::size_t N>
struct array_size_impl<varscope::detail::axis_sizes<N>> : std::integral_constant<std::size_t, N> {};

} // namespace detail

template <class X, std::size_t N>
struct rebind_container<X, varscope::detail::axis_sizes<N>> {
    using type = std::array<X, N>;
};

/// Prints the shape of a variable without a static rank, as varscope::shape prints.
template <class Char, class Traits>
std::basic_ostream<Char, Traits>& operator<<(
    std::basic_ostream<Char, Traits>& out, const dynamic_shape<std::size_t>& s) {
    return out << varscope::shape(s);
}

template <class T>
struct const_value;

/// The value that a reducer of xtensor's begins with: a sum or product of 16-bit numbers goes on in
/// float, and is rounded once, where it is assigned.
template <class T>
    requires varscope::detail::is_half<T>
struct const_value<T> : const_value<std::conditional_t<varscope::detail::is_half<T>, float, T>> {
    using const_value<std::conditional_t<varscope::detail::is_half<T>, float, T>>::const_value;
};

} // namespace xt

// For xtensor, 16-bit floating numbers are numbers, as its own half_float is.
namespace xtl {

template <class T>
    requires varscope::detail::is_half<T>
struct is_scalar<T> : std::true_type {};
template <class T>
    requires varscope::detail::is_half<T>
struct is_arithmetic<T> : std::true_type {};
template <class T>
    requires varscope::detail::is_half<T>
struct is_signed<T> : std::true_type {};
template <class T>
    requires varscope::detail::is_half<T>
struct is_floating_point<T> : std::true_type {};

// What xt::where, xt::maximum, xt::amax and others choose with. Of a 16-bit number and another one,
// `?:` would not know which to convert.
template <>
inline float select(const bool& is_first, const varscope::float16& a, const float& b) noexcept {
    return is_first ? static_cast<float>(a) : static_cast<float>(b);
}
template <>
inline float select(const bool& is_first, const float& a, const varscope::float16& b) noexcept {
    return is_first ? static_cast<float>(a) : static_cast<float>(b);
}
template <>
inline double select(const bool& is_first, const varscope::float16& a, const double& b) noexcept {
    return is_first ? static_cast<double>(a) : static_cast<double>(b);
}
template <>
inline double select(const bool& is_first, const double& a, const varscope::float16& b) noexcept {
    return is_first ? static_cast<double>(a) : static_cast<double>(b);
}
template <>
inline float select(const bool& is_first, const varscope::float16& a, const int& b) noexcept {
    return is_first ? static_cast<float>(a) : static_cast<float>(b);
}
template <>
inline float select(const bool& is_first, const int& a, const varscope::float16& b) noexcept {
    return is_first ? static_cast<float>(a) : static_cast<float>(b);
}
template <>
inline float select(const bool& is_first, const varscope::bfloat16& a, const float& b) noexcept {
    return is_first ? static_cast<float>(a) : static_cast<float>(b);
}
template <>
inline float select(const bool& is_first, const float& a, const varscope::bfloat16& b) noexcept {
    return is_first ? static_cast<float>(a) : static_cast<float>(b);
}
template <>
inline double select(const bool& is_first, const varscope::bfloat16& a, const double& b) noexcept {
    return is_first ? static_cast<double>(a) : static_cast<double>(b);
}
template <>
inline double select(const bool& is_first, const double& a, const varscope::bfloat16& b) noexcept {
    return is_first ? static_cast<double>(a) : static_cast<double>(b);
}
template <>
inline float select(const bool& is_first, const varscope::bfloat16& a, const int& b) noexcept {
    return is_first ? static_cast<float>(a) : static_cast<float>(b);
}
template <>
inline float select(const bool& is_first, const int& a, const varscope::bfloat16& b) noexcept {
    return is_first ? static_cast<float>(a) : static_cast<float>(b);
}

} // namespace xtl
