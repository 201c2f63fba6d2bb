#include <varscope/random/detail/random_batch.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace {

using namespace varscope::detail;

constexpr random_stream kernel{0x0123456789abcdefU, 0xfedcba9876543210U};

struct named_maker {
    const char* name;
    batch_maker make;
};

/// Those that this machine can run.
std::vector<named_maker> makers() {
    std::vector<named_maker> result{{"plain", make_batch}};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) { result.push_back({"AVX2", make_batch_avx2}); }
    if (__builtin_cpu_supports("avx512f")) { result.push_back({"AVX-512", make_batch_avx512}); }
#endif
    return result;
}

/// The number that the contract gives an element, calculated alone.
double expected_value(const random_numbers& wanted, std::uint64_t block, std::size_t i) {
    const std::size_t per_block = wanted.bits == 32 ? 4 : 2;
    const std::uint64_t at = block + i / per_block;
    const philox_counter words = philox4x32_10(
        {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at >> 32),
            static_cast<std::uint32_t>(kernel.stream),
            static_cast<std::uint32_t>(kernel.stream >> 32)},
        {static_cast<std::uint32_t>(kernel.seed), static_cast<std::uint32_t>(kernel.seed >> 32)});
    double x = 0;
    double half_step = 0x1p-33;
    if (wanted.bits == 32) {
        x = words.at(i % 4) * 0x1p-32;
    } else {
        const std::uint64_t bits =
            words.at(2 * (i % 2)) | std::uint64_t{words.at(2 * (i % 2) + 1)} << 32;
        x = static_cast<double>(bits >> 11) * 0x1p-53;
        half_step = 0x1p-54;
    }
    if (wanted.kind == random_numbers::form::normal) {
        x = normal_quantile((x - (0.5 - half_step)) * wanted.mass);
    }
    volatile const double product = x * wanted.scale; // not fused with the sum
    x = product + wanted.offset;
    x = x < wanted.bounds.low ? wanted.bounds.low : x;
    return x > wanted.bounds.high ? wanted.bounds.high : x;
}

} // namespace

TEST_CASE("vectors of every width give the bits of single numbers", "[random]") {
    const auto batch = std::make_unique<random_batch>();
    const std::uint64_t block = GENERATE(std::uint64_t{0}, (std::uint64_t{1} << 32) - 5);
    const std::size_t blocks = GENERATE(as<std::size_t>{}, 1, 15, 16, 17, 100, 128);
    for (const auto& [name, make] : makers()) {
        for (const int bits : {32, 53}) {
            for (const auto kind : {random_numbers::form::uniform, random_numbers::form::normal}) {
                random_numbers wanted{.kind = kind, .bits = bits};
                wanted.mass = 0.96875;
                wanted.scale = 0.7;
                wanted.offset = -0.1;
                wanted.bounds = {-0.7, 0.8};
                const std::size_t count = blocks * (bits == 32 ? 4 : 2);
                std::vector<std::uint64_t> expected;
                std::vector<float> expected_singles;
                for (std::size_t i = 0; i < count; ++i) {
                    const double value = expected_value(wanted, block, i);
                    expected.push_back(std::bit_cast<std::uint64_t>(value));
                    expected_singles.push_back(static_cast<float>(value));
                }
                INFO(name << ", " << bits << " bits, form " << static_cast<int>(kind));
                make(*batch, wanted, kernel, block, blocks);
                CHECK(std::equal(expected.begin(), expected.end(), batch->values.begin(),
                    [](std::uint64_t x, double y) {
                        return x == std::bit_cast<std::uint64_t>(y);
                    }));
                wanted.are_singles = true;
                make(*batch, wanted, kernel, block, blocks);
                CHECK(std::equal(
                    expected_singles.begin(), expected_singles.end(), batch->singles.begin()));
            }
        }
    }
}

TEST_CASE("vectors of every width give the words of single blocks", "[random]") {
    const auto batch = std::make_unique<random_batch>();
    for (const auto& [name, make] : makers()) {
        INFO(name);
        constexpr std::uint64_t first = (std::uint64_t{1} << 32) - 50;
        make(*batch, {.kind = random_numbers::form::whole}, kernel, first, random_batch::blocks);
        bool is_same = true;
        for (std::uint64_t i = 0; i < random_batch::blocks; ++i) {
            const philox_counter words = philox4x32_10(
                {static_cast<std::uint32_t>(first + i),
                    static_cast<std::uint32_t>((first + i) >> 32), 0x76543210U, 0xfedcba98U},
                {0x89abcdefU, 0x01234567U});
            is_same = is_same &&
                batch->words[2 * i] == (words[0] | std::uint64_t{words[1]} << 32) &&
                batch->words[2 * i + 1] == (words[2] | std::uint64_t{words[3]} << 32);
        }
        CHECK(is_same);
    }
}

TEST_CASE(
    "quantiles are the same bits anywhere in a batch, in the furthest tails too", "[random]") {
    std::vector<double> fractions;
    for (int power = 2; power <= 54; ++power) {
        for (const double step : {0x1p-54, 0x1p-53}) {
            fractions.push_back(std::max(step - 0.5, std::ldexp(1.0, -power) - 0.5));
            fractions.push_back(-fractions.back());
        }
    }
    for (const double near : {0.4249999, quantile_centre, 0.4250001, 0x1p-54, 0.1}) {
        fractions.insert(fractions.end(), {near, -near});
    }
    const auto batch = std::make_unique<random_batch>();
    for (std::size_t shift = 0; shift < 3; ++shift) {
        for (std::size_t i = 0; i < random_batch::size; ++i) {
            batch->fractions[i] = fractions[(i + shift) % fractions.size()];
        }
        make_quantiles<4>(*batch, random_batch::size, 1.0);
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < random_batch::size; ++i) {
            const double expected = normal_quantile(fractions[(i + shift) % fractions.size()]);
            wrong += std::bit_cast<std::uint64_t>(batch->values[i]) !=
                std::bit_cast<std::uint64_t>(expected);
        }
        CHECK(wrong == 0);
    }
}
