#include <varscope/io/crc32c.hpp>

#include "catch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

using varscope::io::crc32c;
using varscope::io::mask_crc32c;
using varscope::io::unmask_crc32c;

namespace {

constexpr std::uint32_t crc_of(std::string_view text) {
    std::array<std::byte, 64> bytes{};
    for (std::size_t i = 0; i < text.size(); ++i) { bytes[i] = static_cast<std::byte>(text[i]); }
    return crc32c(std::span(bytes).first(text.size()));
}

// From the polynomial's definition: the slowest way, and the plainest.
std::uint32_t by_bits(std::span<const std::byte> bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const std::byte b : bytes) {
        crc ^= std::to_integer<std::uint32_t>(b);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1U) != 0 ? (crc >> 1) ^ 0x82F63B78U : crc >> 1;
        }
    }
    return ~crc;
}

std::vector<std::byte> some_bytes(std::size_t size) {
    std::vector<std::byte> bytes(size);
    std::uint32_t state = 1;
    for (std::byte& b : bytes) {
        state = state * 1664525U + 1013904223U;
        b = static_cast<std::byte>(state >> 24);
    }
    return bytes;
}

} // namespace

TEST_CASE("crc32c gives the published values, while compiling and while running", "[crc32c]") {
    STATIC_CHECK(crc_of("123456789") == 0xE3069283U);
    STATIC_CHECK(crc_of("") == 0U);
    STATIC_CHECK(crc32c(std::array<std::byte, 32>{}) == 0x8A9136AAU); // RFC 3720, B.4
    CHECK(crc_of("123456789") == 0xE3069283U);
    CHECK(crc_of("") == 0U);
    CHECK(crc32c(std::array<std::byte, 32>{}) == 0x8A9136AAU);
    std::array<std::byte, 32> ones{};
    ones.fill(std::byte{0xFF});
    CHECK(crc32c(ones) == 0x62A8AB43U); // RFC 3720, B.4
}

TEST_CASE("crc32c is that of the bits for every length and alignment around the steps it takes",
    "[crc32c]") {
    const auto bytes = some_bytes(20000);
    std::vector<std::size_t> sizes;
    for (std::size_t size = 0; size < 70; ++size) { sizes.push_back(size); }
    for (const std::size_t step : {2048U, 6144U, 12288U, 18432U}) {
        for (std::size_t size = step - 9; size < step + 10; ++size) { sizes.push_back(size); }
    }
    for (const std::size_t size : sizes) {
        for (const std::size_t begin : {0U, 1U, 7U}) {
            const auto part = std::span(bytes).subspan(begin, size);
            const std::uint32_t expected = by_bits(part);
            CAPTURE(size, begin);
            CHECK(crc32c(part) == expected);
            CHECK(
                ~varscope::io::detail::crc32c_portable(~0U, part.data(), part.size()) == expected);
        }
    }
}

TEST_CASE("crc32c of a text in two parts is that of the whole", "[crc32c]") {
    const auto bytes = some_bytes(7000);
    const std::uint32_t whole = crc32c(bytes);
    for (const std::size_t cut : {0U, 1U, 8U, 100U, 6144U, 6999U, 7000U}) {
        CAPTURE(cut);
        CHECK(crc32c(std::span(bytes).subspan(cut), crc32c(std::span(bytes).first(cut))) == whole);
    }
}

TEST_CASE("crc32c differs when one bit does", "[crc32c]") {
    auto bytes = some_bytes(6200);
    const std::uint32_t before = crc32c(bytes);
    for (std::size_t at = 0; at < bytes.size(); at += 31) {
        bytes[at] ^= std::byte{0x10};
        CHECK(crc32c(bytes) != before);
        bytes[at] ^= std::byte{0x10};
    }
}

TEST_CASE("a masked checksum is turned back by unmask", "[crc32c]") {
    STATIC_CHECK(mask_crc32c(0xE3069283U) == 0xC78AB0E5U);
    STATIC_CHECK(unmask_crc32c(0xC78AB0E5U) == 0xE3069283U);
    for (const std::uint32_t crc : {0U, 1U, 0x7FFFU, 0x8000U, 0x5D7D1528U, 0xFFFFFFFFU}) {
        CHECK(unmask_crc32c(mask_crc32c(crc)) == crc);
        CHECK(mask_crc32c(crc) != crc);
    }
}
