/// \file
/// The one place that includes xtensor, whose headers moved in version 0.26.
#pragma once

#include <varscope/half.hpp>
#include <varscope/shape.hpp>

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

#include <cstddef>
#include <iosfwd>
#include <type_traits>

// xtensor would copy an expression into a variable's elements, which are in row-major order, in the
// other order.
static_assert(XTENSOR_DEFAULT_TRAVERSAL == xt::layout_type::row_major,
    "varscope: variables are row-major, and xtensor's default traversal must be too: do not define "
    "XTENSOR_DEFAULT_TRAVERSAL as column_major");

namespace xt {

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
