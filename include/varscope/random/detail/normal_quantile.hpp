/// \file
/// The quantile function of the normal distribution, for one double or for a vector of them, with
/// the same bits.
///
/// Wichura, algorithm AS 241 (Applied Statistics 37, 1988), PPND16, which is accurate to about
/// 1e-16. It takes q = p - 1/2 and not p: near 1/2 q has more digits, and both tails the same.
#pragma once

#include <varscope/random/detail/lanes.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

// From here to the pop, a * b + c is rounded twice also where the machine can fuse it, which would
// give other bits.
#if defined(__clang__)
#pragma float_control(push)
#pragma clang fp contract(off)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off", "no-fast-math")
#endif

namespace varscope::inline VARSCOPE_ABI::detail {

/// c[0] + c[1] x + ... + c[7] x^7
template <class Double>
[[nodiscard, gnu::always_inline]] constexpr Double polynomial(
    const std::array<double, 8>& c, const Double& x) noexcept {
    return ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x +
        c[0];
}

/// The natural logarithm of a normal positive number, to about one unit in the last place.
///
/// x = 2^e m with m in about [sqrt(1/2), sqrt(2)], and log m = 2 artanh s = 2 (s + s^3/3 + s^5/5 +
/// ...) with s = (m - 1) / (m + 1): |s| < 0.172, and what follows s^21 is below 2^-59 of the sum.
template <class Double>
[[nodiscard, gnu::always_inline]] constexpr Double exact_log(const Double& x) noexcept {
    constexpr std::array<double, 8> head{
        2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15, 2.0 / 17};
    constexpr double log2_high = 0x1.62e42fefa38p-1; // 42 bits: its product with e is exact
    constexpr double log2_low = 0x1.ef35793c7673p-45;
    constexpr std::uint64_t sqrt_half = 0x3fe6a09e667f3bcdU; // its bits
    constexpr std::uint64_t fraction = 0x000fffffffffffffU;
    constexpr std::uint64_t bias = std::uint64_t{1023} << 52; // e + 1023 is not negative
    constexpr std::uint64_t two_52 = 0x4330000000000000U;     // bits of 2^52: the last one counts 1
    constexpr std::uint64_t exponent = 52;
    const auto above = to_bits(x) - sqrt_half;
    const Double e = from_bits(((above + bias) >> exponent) | two_52) - (0x1p52 + 1023);
    const Double f = from_bits((above & fraction) + sqrt_half) - 1.0; // exact
    const Double s = f / (2.0 + f);
    const Double t = s * s;
    const Double t4 = (t * t) * (t * t);
    const Double tail = (2.0 / 21 * t + 2.0 / 19) * (t4 * t4);
    const Double series = (polynomial(head, t) + tail) * t; // (log m) / s - 2
    // log m = 2 s + s series; with 2 s = f - s f the large term is exact.
    return e * log2_high + (f - (s * (f - series) - e * log2_low));
}

inline constexpr double quantile_centre = 0.425; // for |q| up to this, no logarithm is needed

template <class Double>
[[nodiscard, gnu::always_inline]] constexpr Double normal_quantile_centre(
    const Double& q) noexcept {
    constexpr std::array<double, 8> a{3.3871328727963666080e0, 1.3314166789178437745e+2,
        1.9715909503065514427e+3, 1.3731693765509461125e+4, 4.5921953931549871457e+4,
        6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3};
    constexpr std::array<double, 8> b{1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2,
        5.3941960214247511077e+3, 2.1213794301586595867e+4, 3.9307895800092710610e+4,
        2.8729085735721942674e+4, 5.2264952788528545610e+3};
    const Double r = quantile_centre * quantile_centre - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
}

/// Beyond what a tail of size p is, as a function of r = sqrt(-log p); for r up to 5.
template <class Double>
[[nodiscard, gnu::always_inline]] constexpr Double near_quantile(const Double& r) noexcept {
    constexpr std::array<double, 8> c{1.42343711074968357734e0, 4.63033784615654529590e0,
        5.76949722146069140550e0, 3.64784832476320460504e0, 1.27045825245236838258e0,
        2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
    constexpr std::array<double, 8> d{1.0, 2.05319162663775882187e0, 1.67638483018380384940e0,
        6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
        5.47593808499534494600e-4, 1.05075007164441684324e-9};
    const Double x = r - 1.6;
    return polynomial(c, x) / polynomial(d, x);
}
/// The same for r above 5, where p is below 2^-36.
[[nodiscard]] constexpr double far_quantile(double r) noexcept {
    constexpr std::array<double, 8> e{6.65790464350110377720e0, 5.46378491116411436990e0,
        1.78482653991729133580e0, 2.96560571828504891230e-1, 2.65321895265761230930e-2,
        1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
    constexpr std::array<double, 8> f{1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
        1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
        1.42151175831644588870e-7, 2.04426310338993978564e-15};
    const double x = r - 5.0;
    return polynomial(e, x) / polynomial(f, x);
}

[[nodiscard]] double normal_quantile_tail(double q) noexcept;
/// Of many in a tail, none of which is as far as 2^-36 from its end.
template <std::size_t Count>
[[nodiscard, gnu::always_inline]] inline doubles<Count> normal_quantile_tail(
    const doubles<Count>& q) noexcept {
    constexpr std::uint64_t sign = std::uint64_t{1} << 63;
    const wholes<Count> bits = to_bits(q);
    const doubles<Count> p = 0.5 - from_bits(bits & ~sign);
    const doubles<Count> minus_log = from_bits(to_bits(exact_log(p)) ^ sign);
    const doubles<Count> z = near_quantile(square_root(minus_log)); // positive
    return from_bits(to_bits(z) | (bits & sign));
}

/// x with Phi(x) = 1/2 + q, for q in (-1/2, 1/2).
[[nodiscard]] inline double normal_quantile(double q) noexcept {
    return (q < 0 ? -q : q) <= quantile_centre ? normal_quantile_centre(q)
                                               : normal_quantile_tail(q);
}

} // namespace varscope::inline VARSCOPE_ABI::detail

#if defined(__clang__)
#pragma float_control(pop)
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/random/impl/normal_quantile.ipp>
#endif
