// See random_fill.hpp.
#pragma once

#include <varscope/random/random_fill.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void make_whole_numbers(
    random_batch& batch, const random_numbers& wanted, std::size_t count) noexcept {
    __extension__ using uint128 = unsigned __int128;
    for (std::size_t i = 0; i < count; ++i) {
        // floor(range bits / 2^128); the sum cannot overflow, as range is below 2^64
        const uint128 carry = (static_cast<uint128>(batch.words[2 * i]) * wanted.range) >> 64;
        const uint128 above = static_cast<uint128>(batch.words[2 * i + 1]) * wanted.range + carry;
        batch.words[i] = wanted.low + static_cast<std::uint64_t>(above >> 64);
    }
}

VARSCOPE_INLINE void write_batch(
    const random_batch& batch, std::size_t skip, dtype type, void* to, std::size_t count) noexcept {
    const std::uint64_t* const whole = batch.words.data() + skip;
    const float* const singles = batch.singles.data() + skip;
    if (type == dtype::float32) {
        std::memcpy(to, singles, count * sizeof(float));
    } else if (type == dtype::float64) {
        std::memcpy(to, batch.values.data() + skip, count * sizeof(double));
    } else if (type == dtype::float16) {
        convert<float16>(to, singles, count);
    } else if (type == dtype::bfloat16) {
        convert<bfloat16>(to, singles, count);
    } else if (size_of(type) == 8) { // modulo 2^64, and so on: the same bits with a sign or without
        std::memcpy(to, whole, count * sizeof(std::uint64_t));
    } else if (size_of(type) == 4) {
        convert<std::uint32_t>(to, whole, count);
    } else if (size_of(type) == 2) {
        convert<std::uint16_t>(to, whole, count);
    } else {
        convert<std::uint8_t>(to, whole, count);
    }
}

VARSCOPE_INLINE void fill_slice(const random_target& to, const random_stream& from,
    const random_numbers& wanted, batch_maker make) noexcept {
    const bool is_whole = wanted.kind == random_numbers::form::whole;
    const std::size_t per_block = is_whole ? 1 : wanted.bits == 32 ? 4 : 2;
    const std::size_t size = size_of(to.type);
    random_batch batch; // not initialised: it is large
    for (std::size_t done = 0; done < to.count;) {
        const std::uint64_t at = to.first + done;
        const std::size_t skip = at % per_block;
        const std::size_t count =
            std::min(random_batch::blocks * per_block - skip, to.count - done);
        make(batch, wanted, from, at / per_block, (skip + count + per_block - 1) / per_block);
        if (is_whole) { make_whole_numbers(batch, wanted, count); }
        write_batch(batch, skip, to.type, static_cast<std::byte*>(to.data) + done * size, count);
        done += count;
    }
}

VARSCOPE_INLINE void fill_random(const random_target& to, const random_stream& from,
    const random_numbers& wanted, unsigned threads) noexcept {
    struct job {
        const random_target& to;
        const random_stream& from;
        const random_numbers& wanted;
        batch_maker make;

        static void fill(const void* what, std::size_t first, std::size_t count) noexcept {
            const auto& [to, from, wanted, make] = *static_cast<const job*>(what);
            auto* const data = static_cast<std::byte*>(to.data) + first * size_of(to.type);
            fill_slice({to.type, data, to.first + first, count}, from, wanted, make);
        }
    };
    const job all{to, from, wanted, best_batch_maker()};
    for_slices(to.count, threads, {&job::fill, &all});
}

VARSCOPE_INLINE random_numbers numbers_of(
    dtype type, random_numbers::form kind, double low, double high) noexcept {
    random_numbers result{.kind = kind};
    result.bits = type == dtype::float64 ? 53 : 32;
    result.are_singles = type != dtype::float64;
    visit_floating(
        type, [&]<class T>(std::type_identity<T>) { result.bounds = interval_of<T>(low, high); });
    return result;
}

VARSCOPE_INLINE void fill_uniform_integer(dtype type, void* data, std::uint64_t first,
    std::size_t count, const random_stream& from, std::int64_t low, std::int64_t high,
    unsigned threads) noexcept {
    assert(is_integer(type) && low < high);
    random_numbers wanted{.kind = random_numbers::form::whole};
    wanted.low = static_cast<std::uint64_t>(low);
    wanted.range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    fill_random({type, data, first, count}, from, wanted, threads);
}

VARSCOPE_INLINE void fill_uniform(dtype type, void* data, std::uint64_t first, std::size_t count,
    const random_stream& from, double low, double high, unsigned threads) noexcept {
    assert(low < high);
    if (is_integer(type)) {
        fill_uniform_integer(type, data, first, count, from, static_cast<std::int64_t>(low),
            static_cast<std::int64_t>(high), threads);
        return;
    }
    random_numbers wanted = numbers_of(type, random_numbers::form::uniform, low, next_below(high));
    wanted.scale = high - low;
    wanted.offset = low;
    fill_random({type, data, first, count}, from, wanted, threads);
}

VARSCOPE_INLINE void fill_normal(dtype type, void* data, std::uint64_t first, std::size_t count,
    const random_stream& from, double mean, double stddev, unsigned threads) noexcept {
    assert(stddev >= 0);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    random_numbers wanted = numbers_of(type, random_numbers::form::normal, -infinity, infinity);
    wanted.scale = stddev;
    wanted.offset = mean;
    fill_random({type, data, first, count}, from, wanted, threads);
}

VARSCOPE_INLINE void fill_truncated_normal(dtype type, void* data, std::uint64_t first,
    std::size_t count, const random_stream& from, double mean, double stddev,
    unsigned threads) noexcept {
    assert(stddev >= 0);
    const double reach = stddev + stddev;
    random_numbers wanted =
        numbers_of(type, random_numbers::form::normal, mean - reach, mean + reach);
    wanted.mass = 0.954499736103641585599; // Phi(2) - Phi(-2) = erf(sqrt(2))
    wanted.scale = stddev;
    wanted.offset = mean;
    fill_random({type, data, first, count}, from, wanted, threads);
}

} // namespace varscope::inline VARSCOPE_ABI::detail
