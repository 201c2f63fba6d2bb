/// \file
/// Random numbers for initial values: the same bits for every platform, thread and order of
/// filling.
///
/// Element i of a tensor is a function of (seed, stream, i) alone. The contract, which may never
/// change:
///
/// | result                    | block of element i | its words                           | random
/// bits |
/// |---------------------------|--------------------|-------------------------------------|-------------|
/// | float16, bfloat16, float32 | i / 4             | word i % 4                          | 32 | |
/// float64                   | i / 2              | words 2 (i % 2), 2 (i % 2) + 1; low first |
/// upper 53 | | integers                  | i                  | all four; low first | 128 |
///
/// A block is Philox4x32-10 with the seed as key and (block, stream) as counter, low words first. A
/// float32 is calculated in double and rounded once; the 16-bit types are rounded from that
/// float32. All of it is IEEE 754 arithmetic in a fixed order (no libm beyond sqrt), so a
/// vectorised version can and must give the same bits. Outside of the contract: excess precision
/// (x87), and clang's -ffast-math and -ffp-contract=fast (neither is its default), which override
/// every pragma.
#pragma once

#include <varscope/detail/philox.hpp>
#include <varscope/dtype.hpp>

#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace varscope::detail {

/// Which random numbers: the seed of the graph, and of the variable in it.
struct random_stream {
    std::uint64_t seed;   // the Philox key
    std::uint64_t stream; // the upper half of the counter; see `stream_of`
};

/// The stream of a variable: 64-bit FNV-1a (Fowler, Noll, Vo) of its name's bytes. May never
/// change.
[[nodiscard]] constexpr std::uint64_t stream_of(std::string_view name) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char character : name) {
        hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3U;
    }
    return hash;
}

[[nodiscard]] constexpr philox_counter random_block(
    const random_stream& from, std::uint64_t block) noexcept {
    const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
    const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
    return philox4x32_10({low(block), high(block), low(from.stream), high(from.stream)},
        {low(from.seed), high(from.seed)});
}

/// Elements that are made at a time: a constant count of blocks for every type, so that loops can
/// be unrolled.
inline constexpr std::size_t batch_size = 32;
using batch = std::array<double, batch_size>;

/// The random fractions k 2^-Bits in [0, 1) of `batch_size` elements, the first of which is the
/// first of `block`.
template <int Bits>
void random_fractions(batch& result, const random_stream& from, std::uint64_t block) noexcept {
    static_assert(Bits == 32 || Bits == 53);
    if constexpr (Bits == 32) {
        for (std::size_t i = 0; i < batch_size; i += 4) {
            const philox_counter words = random_block(from, block + i / 4);
            for (std::size_t lane = 0; lane < 4; ++lane) {
                result[i + lane] = words[lane] * 0x1p-32;
            }
        }
    } else {
        for (std::size_t i = 0; i < batch_size; i += 2) {
            const philox_counter words = random_block(from, block + i / 2);
            for (std::size_t lane = 0; lane < 2; ++lane) {
                const std::uint64_t bits =
                    words[2 * lane] | std::uint64_t{words[2 * lane + 1]} << 32;
                result[i + lane] = static_cast<double>(bits >> 11) * 0x1p-53;
            }
        }
    }
}

// From here to the pop, a * b + c is rounded twice also where the machine can fuse it, which would
// give other bits.
#if defined(__clang__)
#pragma float_control(push)
#pragma clang fp contract(off)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off", "no-fast-math")
#endif

/// c[0] + c[1] x + ... + c[7] x^7
[[nodiscard]] constexpr double polynomial(const std::array<double, 8>& c, double x) noexcept {
    return ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x +
        c[0];
}

/// The natural logarithm of a normal positive number, to about one unit in the last place.
///
/// x = 2^e m with m in about [sqrt(1/2), sqrt(2)], and log m = 2 artanh s = 2 (s + s^3/3 + s^5/5 +
/// ...) with s = (m - 1) / (m + 1): |s| < 0.172, and what follows s^21 is below 2^-59 of the sum.
[[nodiscard]] constexpr double exact_log(double x) noexcept {
    constexpr std::array<double, 8> head{
        2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15, 2.0 / 17};
    constexpr double log2_high = 0x1.62e42fefa38p-1; // 42 bits: its product with e is exact
    constexpr double log2_low = 0x1.ef35793c7673p-45;
    constexpr std::uint64_t sqrt_half = 0x3fe6a09e667f3bcdU; // its bits
    constexpr std::uint64_t fraction = 0x000fffffffffffffU;
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(x) - sqrt_half;
    const auto e = static_cast<double>(static_cast<std::int64_t>(bits) >> 52);
    const double f = std::bit_cast<double>((bits & fraction) + sqrt_half) - 1.0; // exact
    const double s = f / (2.0 + f);
    const double t = s * s;
    const double t4 = (t * t) * (t * t);
    const double tail = (2.0 / 21 * t + 2.0 / 19) * (t4 * t4);
    const double series = (polynomial(head, t) + tail) * t; // (log m) / s - 2
    // log m = 2 s + s series; with 2 s = f - s f the large term is exact.
    return e * log2_high + (f - (s * (f - series) - e * log2_low));
}

// The quantile of the normal distribution: Wichura, algorithm AS 241 (Applied Statistics 37, 1988),
// PPND16, which is accurate to about 1e-16. It takes q = p - 1/2 and not p: near 1/2 q has more
// digits, and both tails the same.

inline constexpr double quantile_centre = 0.425; // for |q| up to this, no logarithm is needed

[[nodiscard]] constexpr double normal_quantile_centre(double q) noexcept {
    constexpr std::array<double, 8> a{3.3871328727963666080e0, 1.3314166789178437745e+2,
        1.9715909503065514427e+3, 1.3731693765509461125e+4, 4.5921953931549871457e+4,
        6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3};
    constexpr std::array<double, 8> b{1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2,
        5.3941960214247511077e+3, 2.1213794301586595867e+4, 3.9307895800092710610e+4,
        2.8729085735721942674e+4, 5.2264952788528545610e+3};
    const double r = quantile_centre * quantile_centre - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
}

[[nodiscard]] inline double normal_quantile_tail(double q) noexcept {
    constexpr std::array<double, 8> c{1.42343711074968357734e0, 4.63033784615654529590e0,
        5.76949722146069140550e0, 3.64784832476320460504e0, 1.27045825245236838258e0,
        2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
    constexpr std::array<double, 8> d{1.0, 2.05319162663775882187e0, 1.67638483018380384940e0,
        6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
        5.47593808499534494600e-4, 1.05075007164441684324e-9};
    constexpr std::array<double, 8> e{6.65790464350110377720e0, 5.46378491116411436990e0,
        1.78482653991729133580e0, 2.96560571828504891230e-1, 2.65321895265761230930e-2,
        1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
    constexpr std::array<double, 8> f{1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
        1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
        1.42151175831644588870e-7, 2.04426310338993978564e-15};
    const double p = 0.5 - (q < 0 ? -q : q);
    const double r = std::sqrt(-exact_log(p));
    const double z = r <= 5.0 ? polynomial(c, r - 1.6) / polynomial(d, r - 1.6)
                              : polynomial(e, r - 5.0) / polynomial(f, r - 5.0);
    return q < 0 ? -z : z;
}

/// x with Phi(x) = 1/2 + q, for q in (-1/2, 1/2).
[[nodiscard]] inline double normal_quantile(double q) noexcept {
    return (q < 0 ? -q : q) <= quantile_centre ? normal_quantile_centre(q)
                                               : normal_quantile_tail(q);
}

/// Fractions in [0, 1) that are multiples of 2 `half_step` become normal numbers: each stands for
/// the middle of its step, x = quantile(1/2 + (u - 1/2 + half_step) mass). The centre is calculated
/// for all, since few need more.
inline void normal_from_fractions(batch& values, double half_step, double mass) noexcept {
    batch q;
    for (std::size_t i = 0; i < batch_size; ++i) {
        q[i] = (values[i] - (0.5 - half_step)) * mass; // the difference is exact and never zero
        values[i] = normal_quantile_centre(q[i]);
    }
    for (std::size_t i = 0; i < batch_size; ++i) {
        if (q[i] > quantile_centre || q[i] < -quantile_centre) {
            values[i] = normal_quantile_tail(q[i]);
        }
    }
}

inline void scale_and_add(batch& values, double scale, double offset) noexcept {
    for (double& value : values) { value = value * scale + offset; }
}

#if defined(__clang__)
#pragma float_control(pop)
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

template <class T>
concept floating_element =
    std::same_as<T, float16> || std::same_as<T, bfloat16> || std::floating_point<T>;

template <floating_element T>
[[nodiscard]] constexpr T round_to(double value) noexcept {
    if constexpr (std::floating_point<T>) {
        return static_cast<T>(value);
    } else {
        return T{static_cast<float>(value)};
    }
}

/// The largest T below `value`, by its bits: they are ordered like the magnitude.
template <floating_element T>
[[nodiscard]] constexpr T next_below(T value) noexcept {
    using bits_type = std::conditional_t<sizeof(T) == 2, std::uint16_t,
        std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;
    const auto number = static_cast<double>(value);
    const auto bits = std::bit_cast<bits_type>(value);
    if (number > 0) { return std::bit_cast<T>(static_cast<bits_type>(bits - 1U)); }
    if (number < 0) { return std::bit_cast<T>(static_cast<bits_type>(bits + 1U)); }
    constexpr bits_type sign = bits_type{1} << (8 * sizeof(T) - 1);
    return std::bit_cast<T>(static_cast<bits_type>(sign + 1U));
}

/// The largest T that is at most `value`.
template <floating_element T>
[[nodiscard]] constexpr double floor_to(double value) noexcept {
    const T rounded = round_to<T>(value);
    return static_cast<double>(
        static_cast<double>(rounded) > value ? next_below(rounded) : rounded);
}

/// A closed interval whose ends are of type T: what is clamped to it stays in it when it is rounded
/// to T.
struct interval {
    double low;
    double high;
};

/// The part of [low, high] that T can express; where T has no number in between, the nearest to
/// `low`.
template <floating_element T>
[[nodiscard]] constexpr interval interval_of(double low, double high) noexcept {
    const auto largest =
        static_cast<double>(next_below(round_to<T>(std::numeric_limits<double>::infinity())));
    low = low < -largest ? -largest : low;
    high = high > largest ? largest : high;
    const interval result{-floor_to<T>(-low), floor_to<T>(high)};
    if (result.low <= result.high) { return result; }
    const auto nearest = static_cast<double>(round_to<T>(low));
    return {nearest, nearest};
}

/// Writes elements [first, first + count): `transform` turns a `batch` of fractions into values, in
/// place.
template <floating_element T, class Transform>
void fill_floating(void* data, std::uint64_t first, std::size_t count, const random_stream& from,
    interval bounds, Transform transform) {
    constexpr int bits = sizeof(T) == 8 ? 53 : 32;
    constexpr double half_step = sizeof(T) == 8 ? 0x1p-54 : 0x1p-33;
    constexpr std::size_t per_block = sizeof(T) == 8 ? 2 : 4;
    auto* out = static_cast<T*>(data);
    while (count > 0) {
        batch values;
        random_fractions<bits>(values, from, first / per_block);
        transform(values, half_step);
        for (double& value : values) {
            value = value < bounds.low ? bounds.low : value;
            value = value > bounds.high ? bounds.high : value;
        }
        const std::size_t skip = first % per_block;
        const std::size_t made = count < batch_size - skip ? count : batch_size - skip;
        for (std::size_t i = 0; i < made; ++i) { out[i] = round_to<T>(values[skip + i]); }
        out += made;
        first += made;
        count -= made;
    }
}

/// Calls `function` with the `std::type_identity` of a floating type.
template <class Function>
void visit_floating(dtype type, Function&& function) {
    assert(is_floating(type));
    visit_dtype(type, [&]<class T>(std::type_identity<T> identity) {
        if constexpr (floating_element<T>) { function(identity); }
    });
}

/// Writes whole numbers from [low, high), each as probable as the others to within 2^-64 of it, and
/// the same for every integer type.
///
/// \param data  elements [first, first + count) of a tensor of type `type`.
/// \pre low < high, `type` is an integer type, and it can express both low and high - 1.
inline void fill_uniform_integer(dtype type, void* data, std::uint64_t first, std::size_t count,
    const random_stream& from, std::int64_t low, std::int64_t high) noexcept {
    assert(is_integer(type) && low < high);
    __extension__ using uint128 = unsigned __int128;
    const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    visit_dtype(type, [&]<class T>(std::type_identity<T>) {
        if constexpr (std::integral<T>) {
            for (std::size_t i = 0; i < count; ++i) {
                const philox_counter words = random_block(from, first + i);
                const std::uint64_t bits_low = words[0] | std::uint64_t{words[1]} << 32;
                const std::uint64_t bits_high = words[2] | std::uint64_t{words[3]} << 32;
                // floor(range bits / 2^128); the sum cannot overflow, as range is below 2^64
                const uint128 carry = (static_cast<uint128>(bits_low) * range) >> 64;
                const uint128 offset = (static_cast<uint128>(bits_high) * range + carry) >> 64;
                static_cast<T*>(data)[i] = static_cast<T>(
                    static_cast<std::uint64_t>(low) + static_cast<std::uint64_t>(offset));
            }
        }
    });
}

/// Writes uniform numbers from [low, high): `high` is not reached by rounding either.
///
/// \param type  a floating type; or an integer type, for which both limits are whole and below
/// 2^63. \param data  elements [first, first + count) of a tensor of type `type`. \pre low < high,
/// both finite, and so is their difference. Where `type` has no number in [low, high), all are the
///      one nearest to `low`.
inline void fill_uniform(dtype type, void* data, std::uint64_t first, std::size_t count,
    const random_stream& from, double low, double high) noexcept {
    assert(low < high);
    if (is_integer(type)) {
        fill_uniform_integer(type, data, first, count, from, static_cast<std::int64_t>(low),
            static_cast<std::int64_t>(high));
        return;
    }
    visit_floating(type, [&]<class T>(std::type_identity<T>) {
        fill_floating<T>(data, first, count, from, interval_of<T>(low, next_below(high)),
            [&](batch& values, double) { scale_and_add(values, high - low, low); });
    });
}

/// Writes normal numbers. One too large for `type` becomes its largest finite number.
///
/// \param type  a floating type.
/// \param data  elements [first, first + count) of a tensor of type `type`.
/// \pre stddev >= 0, both parameters finite.
/// At most 6.4 stddev from the mean, or 8.3 for float64: the fractions have 32 or 53 bits.
inline void fill_normal(dtype type, void* data, std::uint64_t first, std::size_t count,
    const random_stream& from, double mean, double stddev) noexcept {
    assert(stddev >= 0);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    visit_floating(type, [&]<class T>(std::type_identity<T>) {
        fill_floating<T>(data, first, count, from, interval_of<T>(-infinity, infinity),
            [&](batch& values, double half_step) {
                normal_from_fractions(values, half_step, 1.0);
                scale_and_add(values, stddev, mean);
            });
    });
}

/// Writes normal numbers under the condition that they are within two `stddev` of `mean`, rounding
/// included.
///
/// As tf.truncated_normal: their own standard deviation is 0.8796 `stddev`, not `stddev`.
/// \param type  a floating type.
/// \param data  elements [first, first + count) of a tensor of type `type`.
/// \pre stddev >= 0, both parameters finite.
inline void fill_truncated_normal(dtype type, void* data, std::uint64_t first, std::size_t count,
    const random_stream& from, double mean, double stddev) noexcept {
    assert(stddev >= 0);
    const double reach = stddev + stddev;
    constexpr double mass = 0.954499736103641585599; // Phi(2) - Phi(-2) = erf(sqrt(2))
    visit_floating(type, [&]<class T>(std::type_identity<T>) {
        fill_floating<T>(data, first, count, from, interval_of<T>(mean - reach, mean + reach),
            [&](batch& values, double half_step) {
                normal_from_fractions(values, half_step, mass);
                scale_and_add(values, stddev, mean);
            });
    });
}

} // namespace varscope::detail
