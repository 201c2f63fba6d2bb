/// \file
/// Batches of random numbers, with the widest vectors that the machine has and the same bits with
/// any.
#pragma once

#include <varscope/random/detail/lanes.hpp>
#include <varscope/random/detail/normal_quantile.hpp>
#include <varscope/random/detail/philox.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Which random numbers: the seed of the graph, and of the variable in it.
struct random_stream {
    std::uint64_t seed;   // the Philox key
    std::uint64_t stream; // the upper half of the counter; see `stream_of`
};

/// A closed interval.
struct interval {
    double low;
    double high;
};

/// What becomes of the random bits of each element.
struct random_numbers {
    enum class form : std::uint8_t {
        whole, // the bits of its block as a fraction in [0, 1) of `range`, rounded down, plus `low`
        uniform, // a fraction in [0, 1)
        normal,  // a quantile
    };
    form kind;
    // Of whole numbers; modulo 2^64.
    std::uint64_t low = 0;
    std::uint64_t range = 0;
    // Of the others.
    int bits = 32;            // of a fraction: 32 or 53
    bool are_singles = false; // whether the results are rounded to float, or stay double
    double mass = 1;          // what part of the normal distribution is made, about its middle
    double scale = 1;         // what a fraction or quantile is multiplied by,
    double offset = 0;        // what is added to it then,
    interval bounds = {};     // and the bounds to which it is moved if it is beyond
};

/// Room for a batch. What is made first is used by what comes after.
struct random_batch {
    static constexpr std::size_t blocks = 128;
    static constexpr std::size_t size = 4 * blocks;        // elements of 32 bits
    alignas(64) std::array<std::uint64_t, size / 2> words; // two in each, the first below
    alignas(64) std::array<double, size> fractions;
    alignas(64) std::array<double, size> values;
    alignas(64) std::array<double, size + 16> tails; // of those fractions that are in a tail
    std::array<std::uint16_t, size> places;          // which these are
    alignas(64) std::array<float, size> singles;
};

// As in normal_quantile.hpp: nothing is fused, and vectors stay inside.
#if defined(__clang__)
#pragma float_control(push)
#pragma clang fp contract(off)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off", "no-fast-math")
#endif

/// philox4x32_10 of `count` blocks, which is a multiple of `Count`.
template <std::size_t Count>
[[gnu::always_inline]] inline void make_words(random_batch& batch, const random_stream& from,
    std::uint64_t block, std::size_t count) noexcept {
    constexpr std::uint64_t half = 32; // bits
    constexpr std::uint64_t lower = 0xffffffffU;
    std::array<std::uint64_t, Count> blocks{};
    for (std::size_t lane = 0; lane < Count; ++lane) { blocks[lane] = block + lane; }
    for (std::size_t i = 0; i < count; i += Count) {
        // Only the lower halves count, until the end.
        wholes<Count> x0;
        load(x0, blocks.data());
        x0 = x0 + i;
        wholes<Count> x1 = x0 >> half;
        wholes<Count> x2{};
        x2 = x2 + from.stream;
        wholes<Count> x3 = x2 >> half;
        std::uint64_t k0 = from.seed;
        std::uint64_t k1 = from.seed >> half;
        for (int round = 0; round < 10; ++round) {
            const wholes<Count> p0 = product_of_lower(x0, philox_multiplier[0]);
            const wholes<Count> p1 = product_of_lower(x2, philox_multiplier[1]);
            x0 = (p1 >> half) ^ x1 ^ k0;
            x1 = p1;
            x2 = (p0 >> half) ^ x3 ^ k1;
            x3 = p0;
            k0 += philox_weyl[0];
            k1 += philox_weyl[1];
        }
        store_in_turn(
            &batch.words[2 * i], (x0 & lower) | (x1 << half), (x2 & lower) | (x3 << half));
    }
}

/// The random fractions k 2^-32 in [0, 1) of `count` elements, plus `shift`, which leaves them
/// exact.
template <std::size_t Count>
[[gnu::always_inline]] inline void make_fractions_32(
    random_batch& batch, std::size_t count, double shift) noexcept {
    std::array<std::int32_t, 2 * Count> words; // k - 2^31
    for (std::size_t i = 0; i < count; i += words.size()) {
        wholes<Count> pairs;
        load(pairs, &batch.words[i / 2]);
        pairs = pairs ^ std::uint64_t{0x8000000080000000U};
        if constexpr (std::endian::native == std::endian::big) {
            pairs = (pairs >> std::uint64_t{32}) | (pairs << std::uint64_t{32});
        }
        __builtin_memcpy(words.data(), &pairs, sizeof pairs);
        for (std::size_t j = 0; j < words.size(); j += Count) {
            lanes<std::int32_t, Count> loaded;
            load(loaded, &words[j]);
            store(&batch.fractions[i + j], to_doubles(loaded) * 0x1p-32 + (shift + 0.5));
        }
    }
}

/// The same with 53 bits.
template <std::size_t Count>
[[gnu::always_inline]] inline void make_fractions_53(
    random_batch& batch, std::size_t count, double shift) noexcept {
    for (std::size_t i = 0; i < count; i += Count) {
        wholes<Count> k;
        load(k, &batch.words[i]);
        k = k >> std::uint64_t{11};
        // Each half as the last digits of a power of two: 2^52 + k mod 2^32, and 2^84 + the rest.
        const auto low =
            from_bits((k & std::uint64_t{0xffffffffU}) | std::uint64_t{0x4330000000000000U});
        const auto high = from_bits((k >> std::uint64_t{32}) | std::uint64_t{0x4530000000000000U});
        store(&batch.fractions[i], ((high - (0x1p84 + 0x1p52)) + low) * 0x1p-53 + shift);
    }
}

/// Quantiles of the fractions times `mass`. The centre is calculated for all, since few need more.
template <std::size_t Count>
[[gnu::always_inline]] inline void make_quantiles(
    random_batch& batch, std::size_t count, double mass) noexcept {
    std::size_t found = 0;
    for (std::size_t start = 0; start < count; start += 64 * Count) {
        const std::size_t end = count - start < 64 * Count ? count : start + 64 * Count;
        wholes<Count> marks{}; // of each lane, a bit for each time it is in a tail
        std::uint64_t bit = 1;
        for (std::size_t i = start; i < end; i += Count) {
            doubles<Count> q;
            load(q, &batch.fractions[i]);
            q = q * mass;
            store(&batch.fractions[i], q);
            constexpr std::uint64_t sign = std::uint64_t{1} << 63;
            marks = marks | (are_above(from_bits(to_bits(q) & ~sign), quantile_centre) & bit);
            bit <<= 1;
            store(&batch.values[i], normal_quantile_centre(q));
        }
        std::array<std::uint64_t, Count> rest;
        store(rest.data(), marks);
        for (std::size_t lane = 0; lane < Count; ++lane) {
            for (; rest[lane] != 0; rest[lane] &= rest[lane] - 1) {
                const auto times = static_cast<std::size_t>(std::countr_zero(rest[lane]));
                const std::size_t place = start + lane + Count * times;
                batch.tails[found] = batch.fractions[place];
                batch.places[found] = static_cast<std::uint16_t>(place);
                ++found;
            }
        }
    }
    for (std::size_t i = found; i % Count != 0; ++i) { batch.tails[i] = quantile_centre; }
    for (std::size_t i = 0; i < found; i += Count) {
        doubles<Count> q;
        load(q, &batch.tails[i]);
        store(&batch.tails[i], normal_quantile_tail(q));
    }
    for (std::size_t i = 0; i < found; ++i) {
        const std::size_t place = batch.places[i];
        const double q = batch.fractions[place];
        constexpr double limit = 0.5 - 0x1p-36;
        batch.values[place] = q > limit || q < -limit ? normal_quantile_tail(q) : batch.tails[i];
    }
}

template <std::size_t Count>
[[gnu::always_inline]] inline void make_values(random_batch& batch, const random_numbers& wanted,
    const random_stream& from, std::uint64_t block, std::size_t blocks) noexcept {
    blocks = (blocks + Count - 1) / Count * Count;
    make_words<Count>(batch, from, block, blocks);
    if (wanted.kind == random_numbers::form::whole) { return; }

    // A normal number stands for the middle of its step: quantile(1/2 + (u + half a step - 1/2)
    // mass). The difference is exact and never 0.
    const bool is_normal = wanted.kind == random_numbers::form::normal;
    const std::size_t count = blocks * (wanted.bits == 32 ? 4 : 2);
    if (wanted.bits == 32) {
        make_fractions_32<Count>(batch, count, is_normal ? 0x1p-33 - 0.5 : 0.0);
    } else {
        make_fractions_53<Count>(batch, count, is_normal ? 0x1p-54 - 0.5 : 0.0);
    }
    if (is_normal) { make_quantiles<Count>(batch, count, wanted.mass); }

    const double* const numbers = is_normal ? batch.values.data() : batch.fractions.data();
    for (std::size_t i = 0; i < count; i += Count) {
        doubles<Count> value;
        load(value, numbers + i);
        value =
            clamped(value * wanted.scale + wanted.offset, wanted.bounds.low, wanted.bounds.high);
        if (wanted.are_singles) {
            store(&batch.singles[i], to_floats(value));
        } else {
            store(&batch.values[i], value);
        }
    }
}

using batch_maker = void (*)(random_batch&, const random_numbers&, const random_stream&,
    std::uint64_t block, std::size_t blocks) noexcept;

void make_batch(random_batch& batch, const random_numbers& wanted, const random_stream& from,
    std::uint64_t block, std::size_t blocks) noexcept;
#if defined(__x86_64__)
[[gnu::target("avx2")]] inline void make_batch_avx2(random_batch& batch,
    const random_numbers& wanted, const random_stream& from, std::uint64_t block,
    std::size_t blocks) noexcept {
    make_values<8>(batch, wanted, from, block, blocks);
}
[[gnu::target("avx512f")]] inline void make_batch_avx512(random_batch& batch,
    const random_numbers& wanted, const random_stream& from, std::uint64_t block,
    std::size_t blocks) noexcept {
    make_values<16>(batch, wanted, from, block, blocks);
}
#endif

#if defined(__clang__)
#pragma float_control(pop)
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

/// The fastest for this machine.
[[nodiscard]] batch_maker best_batch_maker() noexcept;

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/random/impl/random_batch.ipp>
#endif
