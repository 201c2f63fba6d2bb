/// \file
/// Random numbers for initial values: the same bits for every platform, thread and order of
/// filling.
///
/// Element i of a tensor is a function of (seed, stream, i) alone. The contract, which may never
/// change:
///
/// - float16, bfloat16 and float32 take the 32 bits of word i % 4 of block i / 4;
/// - float64 takes the upper 53 bits of words 2 (i % 2) and, above it, 2 (i % 2) + 1 of block i /
/// 2;
/// - integers take the 128 bits of block i, its first word the lowest.
///
/// A block is Philox4x32-10 with the seed as key and (block, stream) as counter, low words first. A
/// float32 is calculated in double and rounded once; the 16-bit types are rounded from that
/// float32. All of it is IEEE 754 arithmetic in a fixed order (no libm beyond sqrt), so that
/// vectors of any width give the same bits. Outside of the contract: excess precision (x87), and
/// clang's -ffast-math and -ffp-contract=fast (neither is its default), which override every
/// pragma.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/round_to.hpp>
#include <varscope/base/slices.hpp>
#include <varscope/random/detail/random_batch.hpp>

#include <bit>
#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI::detail {

/// The stream of a variable: 64-bit FNV-1a (Fowler, Noll, Vo) of its name's bytes. May never
/// change.
[[nodiscard]] constexpr std::uint64_t stream_of(std::string_view name) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char character : name) {
        hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3U;
    }
    return hash;
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

/// The part of [low, high] that T can express: what is in it stays in it when it is rounded to T.
/// Where T has no number in between, the nearest to `low`.
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

/// Calls `function` with the `std::type_identity` of a floating type.
template <class Function>
void visit_floating(dtype type, Function&& function) {
    assert(is_floating(type));
    visit_dtype(type, [&]<class T>(std::type_identity<T> identity) {
        if constexpr (floating_element<T>) { function(identity); }
    });
}

/// Where random numbers go: elements [first, first + count) of a tensor.
struct random_target {
    dtype type;
    void* data; // the first of them
    std::uint64_t first;
    std::size_t count;
};

/// In place of the two halves of its bits, the whole number of each element.
void make_whole_numbers(
    random_batch& batch, const random_numbers& wanted, std::size_t count) noexcept;

template <class To, class From>
void convert(void* to, const From* from, std::size_t count) noexcept {
    auto* const out = static_cast<To*>(to);
    for (std::size_t i = 0; i < count; ++i) { out[i] = static_cast<To>(from[i]); }
}

/// Writes `count` elements that are the batch's from `skip` on.
void write_batch(
    const random_batch& batch, std::size_t skip, dtype type, void* to, std::size_t count) noexcept;

/// Writes random numbers, in one thread.
void fill_slice(const random_target& to, const random_stream& from, const random_numbers& wanted,
    batch_maker make) noexcept;

/// Writes random numbers, in several threads: see `for_slices`.
void fill_random(const random_target& to, const random_stream& from, const random_numbers& wanted,
    unsigned threads) noexcept;

/// What the numbers of a floating type have in common; the bounds are for those of [low, high] that
/// it has.
[[nodiscard]] random_numbers numbers_of(
    dtype type, random_numbers::form kind, double low, double high) noexcept;

/// Writes whole numbers from [low, high), each as probable as the others to within 2^-64 of it, and
/// the same for every integer type.
///
/// \param data  elements [first, first + count) of a tensor of type `type`.
/// \param threads  at most so many, or 0: see `for_slices`.
/// \pre low < high, `type` is an integer type, and it can express both low and high - 1.
void fill_uniform_integer(dtype type, void* data, std::uint64_t first, std::size_t count,
    const random_stream& from, std::int64_t low, std::int64_t high, unsigned threads = 1) noexcept;

/// Writes uniform numbers from [low, high): `high` is not reached by rounding either.
///
/// \param type  a floating type; or an integer type, for which both limits are whole and below
///              2^63.
/// \param data  elements [first, first + count) of a tensor of type `type`.
/// \param threads  at most so many, or 0: see `for_slices`.
/// \pre low < high, both finite, and so is their difference. Where `type` has no number in [low,
///      high), all are the one nearest to `low`.
void fill_uniform(dtype type, void* data, std::uint64_t first, std::size_t count,
    const random_stream& from, double low, double high, unsigned threads = 1) noexcept;

/// Writes normal numbers. One too large for `type` becomes its largest finite number.
///
/// \param type  a floating type.
/// \param data  elements [first, first + count) of a tensor of type `type`.
/// \param threads  at most so many, or 0: see `for_slices`.
/// \pre stddev >= 0, both parameters finite.
/// At most 6.4 stddev from the mean, or 8.3 for float64: the fractions have 32 or 53 bits.
void fill_normal(dtype type, void* data, std::uint64_t first, std::size_t count,
    const random_stream& from, double mean, double stddev, unsigned threads = 1) noexcept;

/// Writes normal numbers under the condition that they are within two `stddev` of `mean`, rounding
/// included.
///
/// As tf.truncated_normal: their own standard deviation is 0.8796 `stddev`, not `stddev`.
/// \param type  a floating type.
/// \param data  elements [first, first + count) of a tensor of type `type`.
/// \param threads  at most so many, or 0: see `for_slices`.
/// \pre stddev >= 0, both parameters finite.
void fill_truncated_normal(dtype type, void* data, std::uint64_t first, std::size_t count,
    const random_stream& from, double mean, double stddev, unsigned threads = 1) noexcept;

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/random/impl/random_fill.ipp>
#endif
