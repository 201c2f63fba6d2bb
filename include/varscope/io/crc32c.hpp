/// \file
/// CRC-32C, the checksum of TensorFlow's files.
#pragma once

#include <varscope/version.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI::io {
namespace detail {

/// tables[k][b]: the register after byte `b` and then k zero bytes, from a register of zero.
using crc32c_tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr crc32c_tables make_crc32c_tables() noexcept {
    constexpr std::uint32_t polynomial = 0x82F63B78U; // Castagnoli, reflected
    crc32c_tables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1) ^ ((value & 1U) != 0 ? polynomial : 0U);
        }
        tables[0][byte] = value;
    }
    for (std::size_t zeros = 1; zeros < 8; ++zeros) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t before = tables[zeros - 1][byte];
            tables[zeros][byte] = (before >> 8) ^ tables[0][before & 0xFFU];
        }
    }
    return tables;
}

inline constexpr crc32c_tables crc32c_table = make_crc32c_tables();

/// Eight bytes at a time by tables. `state` is the register, not yet inverted.
constexpr std::uint32_t crc32c_portable(
    std::uint32_t state, const std::byte* data, std::size_t size) noexcept {
    const auto& t = crc32c_table;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(data[i]); };
    for (; size >= 8; data += 8, size -= 8) {
        const std::uint32_t low =
            state ^ (byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24));
        state = t[7][low & 0xFFU] ^ t[6][(low >> 8) & 0xFFU] ^ t[5][(low >> 16) & 0xFFU] ^
            t[4][low >> 24] ^ t[3][byte(4)] ^ t[2][byte(5)] ^ t[1][byte(6)] ^ t[0][byte(7)];
    }
    for (; size > 0; ++data, --size) { state = (state >> 8) ^ t[0][(state ^ byte(0)) & 0xFFU]; }
    return state;
}

#if defined(__x86_64__) && defined(__GNUC__)

/// The instruction answers after three cycles and one can start each cycle: three lanes of this
/// many bytes run side by side and are joined.
inline constexpr std::size_t crc32c_lane = 2048;

/// What a register becomes after `crc32c_lane` zero bytes, by each of its four bytes.
using crc32c_shift_table = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr crc32c_shift_table make_crc32c_shift() noexcept {
    using matrix = std::array<std::uint32_t, 32>; // over GF(2); element i is the image of bit i
    const auto apply = [](const matrix& m, std::uint32_t value) {
        std::uint32_t image = 0;
        for (; value != 0; value &= value - 1) {
            image ^= m[static_cast<std::size_t>(std::countr_zero(value))];
        }
        return image;
    };
    matrix zeros{};
    for (std::size_t bit = 0; bit < 32; ++bit) {
        const std::uint32_t value = 1U << bit;
        zeros[bit] = (value >> 8) ^ crc32c_table[0][value & 0xFFU];
    }
    for (std::size_t bytes = 1; bytes < crc32c_lane; bytes *= 2) {
        matrix twice{};
        for (std::size_t bit = 0; bit < 32; ++bit) { twice[bit] = apply(zeros, zeros[bit]); }
        zeros = twice;
    }
    crc32c_shift_table table{};
    for (std::uint32_t part = 0; part < 4; ++part) {
        for (std::uint32_t byte = 0; byte < 256; ++byte) {
            table[part][byte] = apply(zeros, byte << (8 * part));
        }
    }
    return table;
}

inline constexpr crc32c_shift_table crc32c_shift = make_crc32c_shift();

// A function of this target can be called only after asking the processor, and is not inlined into
// others.
__attribute__((target("sse4.2"))) inline std::uint32_t crc32c_sse42(
    std::uint32_t state, const std::byte* data, std::size_t size) noexcept {
    const auto load = [](const std::byte* from) {
        std::uint64_t word = 0;
        std::memcpy(&word, from, sizeof word);
        return word;
    };
    const auto shifted = [](std::uint64_t crc) {
        return static_cast<std::uint64_t>(crc32c_shift[0][crc & 0xFFU] ^
            crc32c_shift[1][(crc >> 8) & 0xFFU] ^ crc32c_shift[2][(crc >> 16) & 0xFFU] ^
            crc32c_shift[3][(crc >> 24) & 0xFFU]);
    };
    std::uint64_t crc = state;
    for (; size >= 3 * crc32c_lane; data += 3 * crc32c_lane, size -= 3 * crc32c_lane) {
        std::uint64_t second = 0;
        std::uint64_t third = 0;
        for (std::size_t i = 0; i < crc32c_lane; i += 8) {
            crc = __builtin_ia32_crc32di(crc, load(data + i));
            second = __builtin_ia32_crc32di(second, load(data + crc32c_lane + i));
            third = __builtin_ia32_crc32di(third, load(data + 2 * crc32c_lane + i));
        }
        crc = shifted(shifted(crc) ^ second) ^ third;
    }
    for (; size >= 8; data += 8, size -= 8) { crc = __builtin_ia32_crc32di(crc, load(data)); }
    auto rest = static_cast<std::uint32_t>(crc);
    for (; size > 0; ++data, --size) {
        rest = __builtin_ia32_crc32qi(rest, static_cast<std::uint8_t>(*data));
    }
    return rest;
}

inline bool has_sse42() noexcept {
    static const bool answer = [] {
        __builtin_cpu_init();
        return __builtin_cpu_supports("sse4.2") != 0;
    }();
    return answer;
}

#endif

} // namespace detail

/// The CRC-32C of some bytes, or of those before and them (polynomial 0x1EDC6F41; RFC 3720 B.4).
///
/// \param before  the CRC-32C of what comes before `bytes`; 0 for nothing.
/// Safe from any thread. Uses the processor's instruction on x86-64 where it has one, tables
/// otherwise and in constant expressions; both give the same value.
[[nodiscard]] constexpr std::uint32_t crc32c(
    std::span<const std::byte> bytes, std::uint32_t before = 0) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
    if (!std::is_constant_evaluated() && detail::has_sse42()) {
        return ~detail::crc32c_sse42(~before, bytes.data(), bytes.size());
    }
#endif
    return ~detail::crc32c_portable(~before, bytes.data(), bytes.size());
}

/// A checksum as TensorFlow stores it, so that the checksum of bytes that hold checksums stays a
/// good one.
[[nodiscard]] constexpr std::uint32_t mask_crc32c(std::uint32_t crc) noexcept {
    return std::rotr(crc, 15) + 0xA282EAD8U;
}

/// The checksum that `mask_crc32c` made `masked` from.
[[nodiscard]] constexpr std::uint32_t unmask_crc32c(std::uint32_t masked) noexcept {
    return std::rotl(masked - 0xA282EAD8U, 15);
}

} // namespace varscope::inline VARSCOPE_ABI::io
