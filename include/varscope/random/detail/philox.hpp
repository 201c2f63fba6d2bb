/// \file
/// Philox4x32-10, the counter-based generator behind every random initial value.
#pragma once

#include <varscope/version.hpp>

#include <array>
#include <cstdint>

namespace varscope::inline VARSCOPE_ABI::detail {

using philox_counter = std::array<std::uint32_t, 4>; // word 0 is the lowest
using philox_key = std::array<std::uint32_t, 2>;

inline constexpr std::array<std::uint32_t, 2> philox_multiplier{0xd2511f53U, 0xcd9e8d57U};
inline constexpr philox_key philox_weyl{0x9e3779b9U, 0xbb67ae85U}; // golden ratio; sqrt(3) - 1

/// Four random words: a bijection of the counter, another one for each key. Not for secrets.
///
/// Follows Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011),
/// with 10 rounds; equals the known answers of Random123.
[[nodiscard]] constexpr philox_counter philox4x32_10(
    philox_counter counter, philox_key key) noexcept {
    auto [x0, x1, x2, x3] = counter;
    auto [k0, k1] = key;
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t p0 = std::uint64_t{philox_multiplier[0]} * x0;
        const std::uint64_t p1 = std::uint64_t{philox_multiplier[1]} * x2;
        x0 = static_cast<std::uint32_t>(p1 >> 32) ^ x1 ^ k0;
        x1 = static_cast<std::uint32_t>(p1);
        x2 = static_cast<std::uint32_t>(p0 >> 32) ^ x3 ^ k1;
        x3 = static_cast<std::uint32_t>(p0);
        k0 += philox_weyl[0];
        k1 += philox_weyl[1];
    }
    return {x0, x1, x2, x3};
}

} // namespace varscope::inline VARSCOPE_ABI::detail
