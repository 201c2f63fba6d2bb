/// \file
/// Element types: their names, sizes and the C++ type that stands for each.
#pragma once

#include <varscope/base/half.hpp>

#include <array>
#include <complex>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI {

/// The element types that a variable can have.
enum class dtype : std::uint8_t {
    float16,
    bfloat16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
    boolean,
    complex64,
    complex128,
};

namespace detail {

struct dtype_facts {
    std::string_view name;
    std::uint8_t size; // bytes
};

inline constexpr std::array<dtype_facts, 15> dtype_table{{
    {"float16", 2},
    {"bfloat16", 2},
    {"float32", 4},
    {"float64", 8},
    {"int8", 1},
    {"int16", 2},
    {"int32", 4},
    {"int64", 8},
    {"uint8", 1},
    {"uint16", 2},
    {"uint32", 4},
    {"uint64", 8},
    {"bool", 1},
    {"complex64", 8},
    {"complex128", 16},
}};

template <class T>
constexpr std::optional<dtype> find_dtype() noexcept {
    if constexpr (std::same_as<T, float16>) {
        return dtype::float16;
    } else if constexpr (std::same_as<T, bfloat16>) {
        return dtype::bfloat16;
    } else if constexpr (std::same_as<T, float>) {
        return dtype::float32;
    } else if constexpr (std::same_as<T, double>) {
        return dtype::float64;
    } else if constexpr (std::same_as<T, bool>) {
        return dtype::boolean;
    } else if constexpr (std::same_as<T, std::complex<float>>) {
        return dtype::complex64;
    } else if constexpr (std::same_as<T, std::complex<double>>) {
        return dtype::complex128;
    }
    // By size and sign, so that values of `long` and of `long long` are both int64 where they have
    // 8 bytes. Elements are stored as one of the two: see `is_stored_type`.
    else if constexpr (std::signed_integral<T> && !std::same_as<T, char> &&
        !std::same_as<T, wchar_t>) {
        return sizeof(T) == 1 ? dtype::int8
            : sizeof(T) == 2  ? dtype::int16
            : sizeof(T) == 4  ? dtype::int32
                              : dtype::int64;
    } else if constexpr (std::unsigned_integral<T> && !std::same_as<T, char> &&
        !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>) {
        return sizeof(T) == 1 ? dtype::uint8
            : sizeof(T) == 2  ? dtype::uint16
            : sizeof(T) == 4  ? dtype::uint32
                              : dtype::uint64;
    } else {
        return std::nullopt;
    }
}

} // namespace detail

/// A C++ type that numbers for a variable's elements can have. A `variable` itself takes the
/// integers of <cstdint> only: where std::int64_t is `long`, values of `long long` are converted.
template <class T>
concept element = std::same_as<T, std::remove_cv_t<T>> && detail::find_dtype<T>().has_value();

/// The `dtype` of a C++ element type.
template <element T>
inline constexpr dtype dtype_of = *detail::find_dtype<T>();

/// TensorFlow's name of a type, e.g. "float32" or "bool".
[[nodiscard]] constexpr std::string_view to_string(dtype type) noexcept {
    return detail::dtype_table[static_cast<std::size_t>(type)].name;
}

/// Bytes of one element.
[[nodiscard]] constexpr std::size_t size_of(dtype type) noexcept {
    return detail::dtype_table[static_cast<std::size_t>(type)].size;
}

/// The type with this name, as `to_string` writes it.
[[nodiscard]] constexpr std::optional<dtype> dtype_from_string(std::string_view name) noexcept {
    for (std::size_t i = 0; i < detail::dtype_table.size(); ++i) {
        if (detail::dtype_table[i].name == name) { return static_cast<dtype>(i); }
    }
    return std::nullopt;
}

[[nodiscard]] constexpr bool is_floating(dtype type) noexcept { return type <= dtype::float64; }
[[nodiscard]] constexpr bool is_complex(dtype type) noexcept { return type >= dtype::complex64; }
[[nodiscard]] constexpr bool is_integer(dtype type) noexcept {
    return type >= dtype::int8 && type <= dtype::uint64;
}

namespace detail {

/// Whether elements become others without being asked to: integers become every type but bool,
/// floating numbers only floating and complex ones, booleans every type. TensorFlow's rule for
/// values that are given to variables.
[[nodiscard]] constexpr bool is_implicit_conversion(dtype from, dtype to) noexcept {
    return from == to || from == dtype::boolean || (is_integer(from) && to != dtype::boolean) ||
        (is_floating(from) && (is_floating(to) || is_complex(to))) ||
        (is_complex(from) && is_complex(to));
}

} // namespace detail

namespace detail {

using element_list = std::tuple<float16, bfloat16, float, double, std::int8_t, std::int16_t,
    std::int32_t, std::int64_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, bool,
    std::complex<float>, std::complex<double>>;

} // namespace detail

/// The C++ type of a variable's elements; of `dtype_of<T>` it is T or an integer like it.
template <dtype Type>
using element_of = std::tuple_element_t<static_cast<std::size_t>(Type), detail::element_list>;

namespace detail {

/// The type that elements given as `T` are stored as: T, or the integer of <cstdint> like it. Only
/// through this type memory may be read and written.
template <element T>
using stored_as = element_of<dtype_of<T>>;

/// Whether elements are stored as T itself: not so for `long long` where std::int64_t is `long`.
template <class T>
inline constexpr bool is_stored_type = false;
template <element T>
inline constexpr bool is_stored_type<T> = std::same_as<T, stored_as<T>>;

} // namespace detail

/// Calls `function` with `std::type_identity<T>` for the C++ type T of `type`, and returns what it
/// returns.
template <class Function>
constexpr decltype(auto) visit_dtype(dtype type, Function&& function) {
    using std::type_identity;
    switch (type) {
    case dtype::float16: return function(type_identity<float16>{});
    case dtype::bfloat16: return function(type_identity<bfloat16>{});
    case dtype::float32: return function(type_identity<float>{});
    case dtype::float64: return function(type_identity<double>{});
    case dtype::int8: return function(type_identity<std::int8_t>{});
    case dtype::int16: return function(type_identity<std::int16_t>{});
    case dtype::int32: return function(type_identity<std::int32_t>{});
    case dtype::int64: return function(type_identity<std::int64_t>{});
    case dtype::uint8: return function(type_identity<std::uint8_t>{});
    case dtype::uint16: return function(type_identity<std::uint16_t>{});
    case dtype::uint32: return function(type_identity<std::uint32_t>{});
    case dtype::uint64: return function(type_identity<std::uint64_t>{});
    case dtype::boolean: return function(type_identity<bool>{});
    case dtype::complex64: return function(type_identity<std::complex<float>>{});
    case dtype::complex128: break;
    }
    return function(type_identity<std::complex<double>>{});
}

} // namespace varscope::inline VARSCOPE_ABI
