#include <varscope/io/snappy.hpp>

#include "catch.hpp"
#include "io/bundle_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <source_location>
#include <span>
#include <string>
#include <vector>

using bundle_test::fixed;
using bundle_test::varint;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using varscope::checkpoint_error;

namespace {

std::string decompress(const std::string& block, std::uint64_t limit = 1U << 26) {
    using namespace varscope::io::detail;
    const byte_origin origin{"file", std::source_location::current()};
    const auto bytes =
        snappy_decompress(byte_reader(std::as_bytes(std::span(block)), origin), limit);
    std::string text;
    for (const std::byte b : bytes) { text += static_cast<char>(b); }
    return text;
}

std::string text_of(std::size_t size) {
    std::string text;
    while (text.size() < size) {
        text += "conv2d_" + std::to_string(text.size() % 1013) + "/kernel/Adam";
    }
    text.resize(size);
    return text;
}

} // namespace

TEST_CASE("a block is decompressed to what was compressed, with each kind of element", "[snappy]") {
    for (const std::size_t size : {0U, 1U, 60U, 61U, 62U, 300U, 5000U, 70000U, 200000U}) {
        const std::string text = text_of(size);
        CAPTURE(size);
        CHECK(decompress(bundle_test::snappy_literals(text)) == text);
        if (size <= 5000) { CHECK(decompress(bundle_test::snappy_copies(text)) == text); }
    }
}

TEST_CASE("the elements of a block mean what the format says", "[snappy]") {
    CHECK(decompress(varint(3) +
              "\x08"
              "abc") == "abc");
    CHECK(decompress(varint(4) +
              "\xF0\x03"
              "abcd") == "abcd"); // length in one more byte
    CHECK(decompress(varint(4) + "\xFC" + fixed(3, 4) + "abcd") == "abcd"); // in four
    CHECK(decompress(varint(9) +
              "\x04"
              "ab" +
              "\x0D\x02") == "ababababa"); // 4 + 3 bytes from 2 back
    CHECK(decompress(varint(6) +
              "\x04"
              "ab" +
              "\x0E" + fixed(2, 2)) == "ababab"); // 1 + 3 bytes
    CHECK(decompress(varint(6) +
              "\x04"
              "ab" +
              "\x0F" + fixed(2, 4)) == "ababab");
    CHECK(decompress(varint(65) + std::string("\0a", 2) + "\xFE" + fixed(1, 2)) ==
        std::string(65, 'a'));
}

TEST_CASE("a copy of the first kind reaches 2047 bytes back", "[snappy]") {
    const std::string text = text_of(2047);
    const std::string block = varint(2051) + "\xF4" + fixed(2046, 2) + text + "\xE1\xFF";
    CHECK(decompress(block) == text + text.substr(0, 4));
}

TEST_CASE("a block that copies from outside of itself is refused", "[snappy]") {
    CHECK_THROWS_MATCHES(decompress(varint(6) +
                             "\x04"
                             "ab" +
                             "\x0E" + fixed(0, 2)),
        checkpoint_error,
        MessageMatches(ContainsSubstring("expected a distance from 1 to 2, found 0")));
    CHECK_THROWS_AS(decompress(varint(6) +
                        "\x04"
                        "ab" +
                        "\x0E" + fixed(3, 2)),
        checkpoint_error);
    CHECK_THROWS_AS(decompress(varint(6) +
                        "\x04"
                        "ab" +
                        "\x0F" + fixed(0xFFFFFFFFU, 4)),
        checkpoint_error);
    CHECK_THROWS_AS(decompress(varint(4) + "\x01\x01"), checkpoint_error);
}

TEST_CASE("a block that holds another number of bytes than it claims is refused", "[snappy]") {
    CHECK_THROWS_MATCHES(decompress(varint(2) +
                             "\x08"
                             "abc"),
        checkpoint_error, MessageMatches(ContainsSubstring("more than it claims")));
    CHECK_THROWS_MATCHES(decompress(varint(4) +
                             "\x08"
                             "abc"),
        checkpoint_error, MessageMatches(ContainsSubstring("less than it claims")));
    CHECK_THROWS_AS(decompress(varint(5) +
                        "\x04"
                        "ab" +
                        "\x0E" + fixed(2, 2)),
        checkpoint_error);
    CHECK_THROWS_AS(
        decompress(varint(3) + "\xFC" + fixed(0xFFFFFFFFU, 4) + "abc"), checkpoint_error);
}

TEST_CASE("a claimed size that so few bytes cannot stand for is refused before it is allocated",
    "[snappy]") {
    for (const std::uint64_t size : {std::uint64_t{200}, std::uint64_t{1} << 25,
             std::uint64_t{1} << 40, std::numeric_limits<std::uint64_t>::max()}) {
        CHECK_THROWS_MATCHES(decompress(varint(size) +
                                 "\x04"
                                 "ab" +
                                 "\xFE" + fixed(2, 2)),
            checkpoint_error, MessageMatches(ContainsSubstring("claims too large a size")));
    }
    const std::string text(100000, 'a'); // as dense as the format gets
    const std::string block = bundle_test::snappy_copies(text);
    CHECK(decompress(block) == text);
    CHECK_THROWS_MATCHES(decompress(block, text.size() - 1), checkpoint_error,
        MessageMatches(ContainsSubstring("expected at most 99999 bytes")));
}

TEST_CASE("a block cut off anywhere is refused", "[snappy]") {
    const std::string text = text_of(700);
    for (const std::string& block :
        {bundle_test::snappy_literals(text), bundle_test::snappy_copies(text)}) {
        std::size_t refused = 0;
        for (std::size_t size = 0; size < block.size(); ++size) {
            try {
                decompress(block.substr(0, size));
            } catch (const checkpoint_error&) { ++refused; }
        }
        CHECK(refused == block.size());
    }
}

TEST_CASE("a block with a changed byte is refused or has the same size", "[snappy]") {
    const std::string text = text_of(700);
    const std::string good = bundle_test::snappy_copies(text);
    std::size_t wrong = 0;
    for (std::size_t at = 2; at < good.size(); ++at) { // after the size
        for (int bit = 0; bit < 8; ++bit) {
            std::string block = good;
            block[at] = static_cast<char>(block[at] ^ (1 << bit));
            try {
                wrong += decompress(block).size() == text.size() ? 0U : 1U;
            } catch (const checkpoint_error&) {} // as good
        }
    }
    CHECK(wrong == 0);
}
