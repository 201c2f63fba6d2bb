#include <varscope/random/detail/philox.hpp>

#include "catch.hpp"

#include <cstdint>
#include <set>

using varscope::detail::philox4x32_10;
using varscope::detail::philox_counter;
using varscope::detail::philox_key;

// The known answers that Random123 publishes for philox4x32 with 10 rounds; checked with a second program in Python.
TEST_CASE("philox gives the known answers of its authors", "[random]") {
    constexpr std::uint32_t ones = 0xffffffffU;
    CHECK(philox4x32_10({0, 0, 0, 0}, {0, 0}) ==
          philox_counter{0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U});
    CHECK(philox4x32_10({ones, ones, ones, ones}, {ones, ones}) ==
          philox_counter{0x408f276dU, 0x41c83b0eU, 0xa20bc7c6U, 0x6d5451fdU});
    CHECK(philox4x32_10({0x243f6a88U, 0x85a308d3U, 0x13198a2eU, 0x03707344U}, {0xa4093822U, 0x299f31d0U}) ==
          philox_counter{0xd16cfe09U, 0x94fdccebU, 0x5001e420U, 0x24126ea1U});
}

TEST_CASE("philox works in constant expressions", "[random]") {
    STATIC_REQUIRE(philox4x32_10({0, 0, 0, 0}, {0, 0})[0] == 0x6627e8d5U);
}

TEST_CASE("each bit of philox's counter and key matters", "[random]") {
    std::set<philox_counter> blocks{philox4x32_10({}, {})};
    for (unsigned bit = 0; bit < 128; ++bit) {
        philox_counter counter{};
        counter[bit / 32] = 1U << bit % 32;
        blocks.insert(philox4x32_10(counter, {}));
    }
    for (unsigned bit = 0; bit < 64; ++bit) {
        philox_key key{};
        key[bit / 32] = 1U << bit % 32;
        blocks.insert(philox4x32_10({}, key));
    }
    CHECK(blocks.size() == 1 + 128 + 64);
}
