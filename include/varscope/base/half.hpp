/// \file
/// Floating numbers of 16 bits.
#pragma once

#include <varscope/version.hpp>

#include <bit>
#include <compare>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// A number on its way to 16 bits. A double becomes the float towards the odd last bit, so that it
/// is rounded once: Boldo and Melquiond, "When double rounding is odd" (2005).
template <class Number>
constexpr float narrow_for_half(Number value) noexcept {
    if constexpr (std::is_floating_point_v<Number>) {
        constexpr auto infinity = std::numeric_limits<float>::infinity();
        constexpr auto greatest = static_cast<Number>(std::numeric_limits<float>::max());
        if (value > greatest) { return infinity; }
        if (value < -greatest) { return -infinity; }
        const auto nearest = static_cast<float>(value);
        const auto back = static_cast<Number>(nearest);
        const auto bits = std::bit_cast<std::uint32_t>(nearest);
        if (back == value || value != value || (bits & 1U) != 0) { return nearest; }
        const bool is_beyond = value > 0 ? back > value : back < value;
        // The least number, of the sign that a zero has kept.
        return std::bit_cast<float>(is_beyond ? bits - 1U : bits + 1U);
    } else {
        return static_cast<float>(value);
    }
}

/// A 16-bit or other number, as the type in which it meets a `Number`: what a float would become.
template <class Number, class From>
constexpr std::common_type_t<float, Number> widened(From value) noexcept {
    if constexpr (std::is_arithmetic_v<From>) {
        return static_cast<std::common_type_t<float, Number>>(value);
    } else {
        return static_cast<float>(value);
    }
}

/// The operators of a 16-bit type: calculated as floats, and rounded once. Float has more than
/// twice the digits and two, so that this is the nearest number (Figueroa, "When is double rounding
/// innocuous?", 1995).
template <class Half>
struct half_arithmetic {
    friend constexpr Half operator+(Half a, Half b) noexcept {
        return Half(static_cast<float>(a) + static_cast<float>(b));
    }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    friend constexpr auto operator+(Half a, Number b) noexcept {
        return widened<Number>(a) + widened<Number>(b);
    }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    friend constexpr auto operator+(Number a, Half b) noexcept {
        return widened<Number>(a) + widened<Number>(b);
    }
    template <class Number>
        requires std::is_convertible_v<Number, float>
    friend constexpr Half& operator+=(Half& a, const Number& b) noexcept {
        return a = Half(a + b);
    }
    friend constexpr Half operator-(Half a, Half b) noexcept {
        return Half(static_cast<float>(a) - static_cast<float>(b));
    }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    friend constexpr auto operator-(Half a, Number b) noexcept {
        return widened<Number>(a) - widened<Number>(b);
    }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    friend constexpr auto operator-(Number a, Half b) noexcept {
        return widened<Number>(a) - widened<Number>(b);
    }
    template <class Number>
        requires std::is_convertible_v<Number, float>
    friend constexpr Half& operator-=(Half& a, const Number& b) noexcept {
        return a = Half(a - b);
    }
    friend constexpr Half operator*(Half a, Half b) noexcept {
        return Half(static_cast<float>(a) * static_cast<float>(b));
    }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    friend constexpr auto operator*(Half a, Number b) noexcept {
        return widened<Number>(a) * widened<Number>(b);
    }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    friend constexpr auto operator*(Number a, Half b) noexcept {
        return widened<Number>(a) * widened<Number>(b);
    }
    template <class Number>
        requires std::is_convertible_v<Number, float>
    friend constexpr Half& operator*=(Half& a, const Number& b) noexcept {
        return a = Half(a * b);
    }
    friend constexpr Half operator/(Half a, Half b) noexcept {
        return Half(static_cast<float>(a) / static_cast<float>(b));
    }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    friend constexpr auto operator/(Half a, Number b) noexcept {
        return widened<Number>(a) / widened<Number>(b);
    }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    friend constexpr auto operator/(Number a, Half b) noexcept {
        return widened<Number>(a) / widened<Number>(b);
    }
    template <class Number>
        requires std::is_convertible_v<Number, float>
    friend constexpr Half& operator/=(Half& a, const Number& b) noexcept {
        return a = Half(a / b);
    }
    friend constexpr Half operator+(Half a) noexcept { return a; }
    friend constexpr Half operator-(Half a) noexcept {
        return Half::from_bits(static_cast<std::uint16_t>(a.bits() ^ 0x8000U));
    }

    friend constexpr bool operator==(Half a, Half b) noexcept {
        return static_cast<float>(a) == static_cast<float>(b);
    }
    friend constexpr std::partial_ordering operator<=>(Half a, Half b) noexcept {
        return static_cast<float>(a) <=> static_cast<float>(b);
    }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    friend constexpr bool operator==(Half a, Number b) noexcept {
        return widened<Number>(a) == widened<Number>(b);
    }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    friend constexpr std::partial_ordering operator<=>(Half a, Number b) noexcept {
        return widened<Number>(a) <=> widened<Number>(b);
    }
};

} // namespace detail

/// An IEEE 754 binary16 number.
///
/// Calculates as C++'s floating numbers do: with another `float16` it gives a `float16`, with a
/// `float` a `float`. Conversions and results round to nearest, ties to even. Not for sums of many:
/// add `float`s, as `reduce_sum` does.
class float16 : detail::half_arithmetic<float16> {
public:
    constexpr float16() = default;
    constexpr float16(
        float value) noexcept // NOLINT(google-explicit-constructor): as a double becomes a float
        : bits_{from_float(value)} {}
    template <class Number>
        requires std::is_arithmetic_v<Number>
    constexpr float16(Number value) noexcept // NOLINT(google-explicit-constructor): the same
        : float16(detail::narrow_for_half(value)) {}
    constexpr operator float() const noexcept {
        return to_float(bits_);
    } // NOLINT(google-explicit-constructor): widening loses nothing

    [[nodiscard]] static constexpr float16 from_bits(std::uint16_t bits) noexcept {
        float16 result;
        result.bits_ = bits;
        return result;
    }
    [[nodiscard]] constexpr std::uint16_t bits() const noexcept { return bits_; }

private:
    static constexpr std::uint16_t from_float(float value) noexcept {
        const auto bits = std::bit_cast<std::uint32_t>(value);
        const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
        const std::uint32_t magnitude = bits & 0x7fffffffU;
        if (magnitude > 0x7f800000U) { // NaN: keep it one, and quiet
            return static_cast<std::uint16_t>(sign | 0x7e00U | ((magnitude >> 13) & 0x3ffU));
        }
        if (magnitude >= 0x477ff000U) { // rounds beyond 65504
            return static_cast<std::uint16_t>(sign | 0x7c00U);
        }
        if (magnitude < 0x33000001U) { // rounds to zero: at most half of the smallest subnormal
            return sign;
        }
        const auto exponent = static_cast<int>(magnitude >> 23);
        std::uint32_t mantissa = (magnitude & 0x7fffffU) | 0x800000U;
        // Bits to drop: 13 for normal numbers, more for subnormal ones (exponent below 113).
        const int drop = exponent >= 113 ? 13 : 126 - exponent;
        const std::uint32_t rest = mantissa & ((1U << drop) - 1U);
        const std::uint32_t half = 1U << (drop - 1);
        mantissa >>= drop;
        if (rest > half || (rest == half && (mantissa & 1U) != 0)) { ++mantissa; }
        // A carry out of the mantissa moves into the exponent, which is what rounding up means.
        const std::uint32_t base =
            exponent >= 113 ? static_cast<std::uint32_t>(exponent - 113) << 10 : 0U;
        return static_cast<std::uint16_t>(sign | (base + mantissa));
    }

    static constexpr float to_float(std::uint16_t half) noexcept {
        const std::uint32_t sign = (half & 0x8000U) << 16;
        const std::uint32_t exponent = (half >> 10) & 0x1fU;
        std::uint32_t mantissa = half & 0x3ffU;
        if (exponent == 0x1f) {
            return std::bit_cast<float>(sign | 0x7f800000U | (mantissa << 13));
        }
        if (exponent != 0) {
            return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
        }
        if (mantissa == 0) { return std::bit_cast<float>(sign); }
        const int shift = std::countl_zero(mantissa) - 21; // brings the leading bit to position 10
        mantissa = (mantissa << shift) & 0x3ffU;
        return std::bit_cast<float>(
            sign | (static_cast<std::uint32_t>(113 - shift) << 23) | (mantissa << 13));
    }

    std::uint16_t bits_ = 0;
};

/// The upper half of an IEEE 754 binary32 number. Calculates as `float16` does.
class bfloat16 : detail::half_arithmetic<bfloat16> {
public:
    constexpr bfloat16() = default;
    constexpr bfloat16(
        float value) noexcept // NOLINT(google-explicit-constructor): as a double becomes a float
        : bits_{from_float(value)} {}
    template <class Number>
        requires std::is_arithmetic_v<Number>
    constexpr bfloat16(Number value) noexcept // NOLINT(google-explicit-constructor): the same
        : bfloat16(detail::narrow_for_half(value)) {}
    constexpr
    operator float() const noexcept { // NOLINT(google-explicit-constructor): widening loses nothing
        return std::bit_cast<float>(static_cast<std::uint32_t>(bits_) << 16);
    }

    [[nodiscard]] static constexpr bfloat16 from_bits(std::uint16_t bits) noexcept {
        bfloat16 result;
        result.bits_ = bits;
        return result;
    }
    [[nodiscard]] constexpr std::uint16_t bits() const noexcept { return bits_; }

private:
    static constexpr std::uint16_t from_float(float value) noexcept {
        const auto bits = std::bit_cast<std::uint32_t>(value);
        if ((bits & 0x7fffffffU) > 0x7f800000U) {
            return static_cast<std::uint16_t>((bits >> 16) | 0x40U);
        }
        return static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
    }

    std::uint16_t bits_ = 0;
};

namespace detail {

template <class T>
inline constexpr bool is_half = std::is_same_v<T, float16> || std::is_same_v<T, bfloat16>;

/// What std::numeric_limits says of a 16-bit type with so many binary digits.
template <class Half, int Digits, int MaxExponent, std::uint16_t Infinity>
struct half_limits : std::numeric_limits<float> {
    static constexpr int digits = Digits;
    static constexpr int digits10 = (Digits - 1) * 30103 / 100000;
    static constexpr int max_digits10 = Digits * 30103 / 100000 + 2;
    static constexpr int max_exponent = MaxExponent;
    static constexpr int min_exponent = 3 - MaxExponent;
    static constexpr int max_exponent10 = MaxExponent * 30103 / 100000;
    static constexpr int min_exponent10 = (2 - MaxExponent) * 30103 / 100000;
    static constexpr auto one_digit = static_cast<std::uint16_t>(1U << (Digits - 1));

    static constexpr Half from(unsigned bits) noexcept {
        return Half::from_bits(static_cast<std::uint16_t>(bits));
    }
    static constexpr Half min() noexcept { return from(one_digit); }
    static constexpr Half max() noexcept { return from(Infinity - 1U); }
    static constexpr Half lowest() noexcept { return from((Infinity - 1U) | 0x8000U); }
    static constexpr Half denorm_min() noexcept { return from(1); }
    static constexpr Half infinity() noexcept { return from(Infinity); }
    static constexpr Half quiet_NaN() noexcept { return from(Infinity | (one_digit >> 1U)); }
    static constexpr Half signaling_NaN() noexcept { return from(Infinity | (one_digit >> 2U)); }
    static constexpr Half round_error() noexcept { return Half(0.5F); }
    static constexpr Half epsilon() noexcept {
        return Half(2.F / static_cast<float>(1U << Digits));
    }
};

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

template <>
struct std::numeric_limits<varscope::float16>
    : varscope::detail::half_limits<varscope::float16, 11, 16, 0x7c00> {};
template <>
struct std::numeric_limits<varscope::bfloat16>
    : varscope::detail::half_limits<varscope::bfloat16, 8, 128, 0x7f80> {};

// With other numbers, the type that float has with them.
template <class Half, class Number>
    requires(varscope::detail::is_half<Half> && std::is_arithmetic_v<Number>)
struct std::common_type<Half, Number> : std::common_type<float, Number> {};
template <class Number, class Half>
    requires(varscope::detail::is_half<Half> && std::is_arithmetic_v<Number>)
struct std::common_type<Number, Half> : std::common_type<float, Number> {};
template <>
struct std::common_type<varscope::float16, varscope::bfloat16> {
    using type = float;
};
template <>
struct std::common_type<varscope::bfloat16, varscope::float16> {
    using type = float;
};
