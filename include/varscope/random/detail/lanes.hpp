/// \file
/// Several numbers at a time, in the vector types of GCC and clang.
///
/// What is inlined into a function of a larger instruction set is compiled for that one, and gives
/// the same bits: only operations are used here that IEEE 754 rounds exactly. For a machine without
/// vectors, the compiler calculates lane by lane.
#pragma once

// Without warnings, as the compilers' own headers of this kind. How a function takes and returns
// single vectors depends on the instruction set, of which both compilers warn (-Wpsabi) even where
// all is inlined; in GCC 12 a precompiled header forgets what a diagnostic pragma says, and not
// this one. Vectors are also cast as only C casts do.
#pragma GCC system_header

#include <varscope/version.hpp>

#include <cstddef>
#include <cstdint>

// Whether to call the functions that stand for single instructions of x86-64, since GCC 12 does not
// find those instructions itself.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define VARSCOPE_HAS_X86_FUNCTIONS 1
// GCC knows those of an instruction set only after it was named.
#pragma GCC push_options
#pragma GCC target("avx512f")
#pragma GCC pop_options
#else
#define VARSCOPE_HAS_X86_FUNCTIONS 0
#endif

// As in normal_quantile.hpp: nothing is fused.
#if defined(__clang__)
#pragma float_control(push)
#pragma clang fp contract(off)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off", "no-fast-math")
#endif
namespace varscope::inline VARSCOPE_ABI::detail {

/// `Count` numbers, in two vectors: an operation on one need not wait for the other's.
template <class Element, std::size_t Count>
struct lanes {
    using vector [[gnu::vector_size(Count / 2 * sizeof(Element))]] = Element;

    vector a;
    vector b;

#define VARSCOPE_LANES_OPERATOR(op)                                                                \
    [[gnu::always_inline]] friend constexpr lanes operator op(                                     \
        const lanes& x, const lanes& y) noexcept {                                                 \
        return {x.a op y.a, x.b op y.b};                                                           \
    }                                                                                              \
    [[gnu::always_inline]] friend constexpr lanes operator op(                                     \
        const lanes& x, const Element& y) noexcept {                                               \
        return {x.a op y, x.b op y};                                                               \
    }                                                                                              \
    [[gnu::always_inline]] friend constexpr lanes operator op(                                     \
        const Element& x, const lanes& y) noexcept {                                               \
        return {x op y.a, x op y.b};                                                               \
    }
    VARSCOPE_LANES_OPERATOR(+)
    VARSCOPE_LANES_OPERATOR(-)
    VARSCOPE_LANES_OPERATOR(*)
    VARSCOPE_LANES_OPERATOR(/)
    VARSCOPE_LANES_OPERATOR(&)
    VARSCOPE_LANES_OPERATOR(|)
    VARSCOPE_LANES_OPERATOR(^)
    VARSCOPE_LANES_OPERATOR(<<)
    VARSCOPE_LANES_OPERATOR(>>)
#undef VARSCOPE_LANES_OPERATOR
};

template <std::size_t Count>
using doubles = lanes<double, Count>;
template <std::size_t Count>
using wholes = lanes<std::uint64_t, Count>;

template <class Element, std::size_t Count>
[[gnu::always_inline]] inline void load(lanes<Element, Count>& to, const Element* from) noexcept {
    __builtin_memcpy(&to.a, from, sizeof to.a);
    __builtin_memcpy(&to.b, from + Count / 2, sizeof to.b);
}
template <class Element, std::size_t Count>
[[gnu::always_inline]] inline void store(Element* to, const lanes<Element, Count>& from) noexcept {
    __builtin_memcpy(to, &from.a, sizeof from.a);
    __builtin_memcpy(to + Count / 2, &from.b, sizeof from.b);
}

/// The bits of a double, and the double of such bits.
[[nodiscard, gnu::always_inline]] constexpr std::uint64_t to_bits(const double& x) noexcept {
    return __builtin_bit_cast(std::uint64_t, x);
}
[[nodiscard, gnu::always_inline]] constexpr double from_bits(const std::uint64_t& x) noexcept {
    return __builtin_bit_cast(double, x);
}
template <std::size_t Count>
[[nodiscard, gnu::always_inline]] inline wholes<Count> to_bits(const doubles<Count>& x) noexcept {
    using vector = typename wholes<Count>::vector;
    return {(vector)x.a, (vector)x.b};
}
template <std::size_t Count>
[[nodiscard, gnu::always_inline]] inline doubles<Count> from_bits(const wholes<Count>& x) noexcept {
    using vector = typename doubles<Count>::vector;
    return {(vector)x.a, (vector)x.b};
}

/// The products of the lower halves of lanes by `factor`.
template <std::size_t Count>
[[nodiscard, gnu::always_inline]] inline wholes<Count> product_of_lower(
    const wholes<Count>& x, std::uint32_t factor) noexcept {
#if VARSCOPE_HAS_X86_FUNCTIONS
    using vector = typename wholes<Count>::vector;
    using halves = typename lanes<int, 2 * Count>::vector;
    const auto y = (halves)(vector{} + factor);
    if constexpr (Count == 4) {
        return {(vector)__builtin_ia32_pmuludq128((halves)x.a, y),
            (vector)__builtin_ia32_pmuludq128((halves)x.b, y)};
    } else if constexpr (Count == 8) {
        return {(vector)__builtin_ia32_pmuludq256((halves)x.a, y),
            (vector)__builtin_ia32_pmuludq256((halves)x.b, y)};
    } else {
        const typename lanes<long long, 16>::vector none{};
        return {(vector)__builtin_ia32_pmuludq512_mask((halves)x.a, y, none, -1),
            (vector)__builtin_ia32_pmuludq512_mask((halves)x.b, y, none, -1)};
    }
#else
    return (x & std::uint64_t{0xffffffffU}) * std::uint64_t{factor};
#endif
}

/// Of numbers that are not negative.
template <std::size_t Count>
[[nodiscard, gnu::always_inline]] inline doubles<Count> square_root(
    const doubles<Count>& x) noexcept {
#if VARSCOPE_HAS_X86_FUNCTIONS
    if constexpr (Count == 4) {
        return {__builtin_ia32_sqrtpd(x.a), __builtin_ia32_sqrtpd(x.b)};
    } else if constexpr (Count == 8) {
        return {__builtin_ia32_sqrtpd256(x.a), __builtin_ia32_sqrtpd256(x.b)};
    } else { // 4: in the rounding mode of everything else
        return {__builtin_ia32_sqrtpd512_mask(x.a, x.a, -1, 4),
            __builtin_ia32_sqrtpd512_mask(x.b, x.b, -1, 4)};
    }
#else
    doubles<Count> result{};
    for (std::size_t lane = 0; lane < Count / 2; ++lane) {
        result.a[lane] = __builtin_sqrt(x.a[lane]);
        result.b[lane] = __builtin_sqrt(x.b[lane]);
    }
    return result;
#endif
}

template <std::size_t Count>
[[nodiscard, gnu::always_inline]] inline doubles<Count> to_doubles(
    const lanes<std::int32_t, Count>& x) noexcept {
#if VARSCOPE_HAS_X86_FUNCTIONS
    using four = typename lanes<std::int32_t, 8>::vector;
    if constexpr (Count == 4) {
        return {__builtin_ia32_cvtdq2pd(four{x.a[0], x.a[1]}),
            __builtin_ia32_cvtdq2pd(four{x.b[0], x.b[1]})};
    } else if constexpr (Count == 8) {
        return {__builtin_ia32_cvtdq2pd256(x.a), __builtin_ia32_cvtdq2pd256(x.b)};
    } else {
        const typename doubles<16>::vector none{};
        return {__builtin_ia32_cvtdq2pd512_mask(x.a, none, -1),
            __builtin_ia32_cvtdq2pd512_mask(x.b, none, -1)};
    }
#else
    using vector = typename doubles<Count>::vector;
    return {__builtin_convertvector(x.a, vector), __builtin_convertvector(x.b, vector)};
#endif
}
template <std::size_t Count>
[[nodiscard, gnu::always_inline]] inline lanes<float, Count> to_floats(
    const doubles<Count>& x) noexcept {
    using vector = typename lanes<float, Count>::vector;
    return {__builtin_convertvector(x.a, vector), __builtin_convertvector(x.b, vector)};
}

/// Those below `low` become `low`, those above `high` become `high`.
template <std::size_t Count>
[[nodiscard, gnu::always_inline]] inline doubles<Count> clamped(
    const doubles<Count>& x, double low, double high) noexcept {
    using vector = typename doubles<Count>::vector;
    const vector lows = low - vector{}; // the sum would lose the sign of zero
    const vector highs = high - vector{};
    doubles<Count> result{x.a < lows ? lows : x.a, x.b < lows ? lows : x.b};
    result.a = result.a > highs ? highs : result.a;
    result.b = result.b > highs ? highs : result.b;
    return result;
}

/// All bits where a lane is above `bound`, else none.
template <std::size_t Count>
[[nodiscard, gnu::always_inline]] inline wholes<Count> are_above(
    const doubles<Count>& x, double bound) noexcept {
    using vector = typename wholes<Count>::vector;
    return {(vector)(x.a > bound), (vector)(x.b > bound)};
}

/// Writes x[0], y[0], x[1], y[1], ...
template <std::size_t Count>
[[gnu::always_inline]] inline void store_in_turn(
    std::uint64_t* to, const wholes<Count>& x, const wholes<Count>& y) noexcept {
    wholes<Count> first{};
    wholes<Count> second{};
    if constexpr (Count == 4) {
        first = {__builtin_shufflevector(x.a, y.a, 0, 2), __builtin_shufflevector(x.a, y.a, 1, 3)};
        second = {__builtin_shufflevector(x.b, y.b, 0, 2), __builtin_shufflevector(x.b, y.b, 1, 3)};
    } else if constexpr (Count == 8) {
        first = {__builtin_shufflevector(x.a, y.a, 0, 4, 1, 5),
            __builtin_shufflevector(x.a, y.a, 2, 6, 3, 7)};
        second = {__builtin_shufflevector(x.b, y.b, 0, 4, 1, 5),
            __builtin_shufflevector(x.b, y.b, 2, 6, 3, 7)};
    } else {
        first = {__builtin_shufflevector(x.a, y.a, 0, 8, 1, 9, 2, 10, 3, 11),
            __builtin_shufflevector(x.a, y.a, 4, 12, 5, 13, 6, 14, 7, 15)};
        second = {__builtin_shufflevector(x.b, y.b, 0, 8, 1, 9, 2, 10, 3, 11),
            __builtin_shufflevector(x.b, y.b, 4, 12, 5, 13, 6, 14, 7, 15)};
    }
    store(to, first);
    store(to + Count, second);
}

} // namespace varscope::inline VARSCOPE_ABI::detail

#if defined(__clang__)
#pragma float_control(pop)
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif
#undef VARSCOPE_HAS_X86_FUNCTIONS
