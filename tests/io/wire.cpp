#include <varscope/io/wire.hpp>

#include "catch.hpp"
#include "io/bundle_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <source_location>
#include <span>
#include <string>
#include <vector>

using bundle_test::bytes_field;
using bundle_test::fixed32_field;
using bundle_test::varint;
using bundle_test::varint_field;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using varscope::checkpoint_error;
using varscope::io::detail::byte_reader;
using varscope::io::detail::for_each_field;
using varscope::io::detail::in_quotes;
using varscope::io::detail::proto_field;
using varscope::io::detail::wire_type;

namespace {

byte_reader reader_of(const std::string& bytes) {
    return byte_reader(
        std::as_bytes(std::span(bytes)), {"/some/file", std::source_location::current(), 1000});
}

} // namespace

TEST_CASE("a varint is read as it was written, for every number of groups", "[wire]") {
    for (int bits = 0; bits < 64; ++bits) {
        for (const std::uint64_t value :
            {std::uint64_t{1} << bits, (std::uint64_t{1} << bits) - 1}) {
            const std::string bytes = varint(value) + "x";
            byte_reader reader = reader_of(bytes);
            CHECK(reader.read_varint("a number") == value);
            CHECK(reader.remaining() == 1);
        }
    }
    const std::string most = varint(std::numeric_limits<std::uint64_t>::max());
    CHECK(most.size() == 10);
    CHECK(reader_of(most).read_varint("a number") == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("a varint of more than 64 bits is refused", "[wire]") {
    CHECK_THROWS_AS(
        reader_of(std::string(9, '\xFF') + '\x02').read_varint("a number"), checkpoint_error);
    CHECK_THROWS_AS(
        reader_of(std::string(10, '\x80') + '\x01').read_varint("a number"), checkpoint_error);
    CHECK_THROWS_AS(reader_of(std::string(20, '\xFF')).read_varint("a number"), checkpoint_error);
}

TEST_CASE("a varint that the end cuts off is refused", "[wire]") {
    for (std::size_t size = 0; size < 10; ++size) {
        const std::string bytes(size, '\x80');
        CHECK_THROWS_AS(reader_of(bytes).read_varint("a number"), checkpoint_error);
    }
}

TEST_CASE("integers of fixed size are little-endian", "[wire]") {
    const std::string bytes = "\x01\x02\x03\x04\x05\x06\x07\xF8";
    CHECK(reader_of(bytes).read_u8("a number") == 0x01U);
    CHECK(reader_of(bytes).read_u32("a number") == 0x04030201U);
    CHECK(reader_of(bytes).read_u64("a number") == 0xF807060504030201U);
    CHECK_THROWS_AS(reader_of("abc").read_u32("a number"), checkpoint_error);
    CHECK_THROWS_AS(reader_of("abcdefg").read_u64("a number"), checkpoint_error);
    CHECK_THROWS_AS(reader_of("").read_u8("a number"), checkpoint_error);
}

TEST_CASE("a length beyond the end is refused, and the error says where it stands", "[wire]") {
    const std::string bytes = "abcdef";
    byte_reader reader = reader_of(bytes);
    reader.take(2, "a key");
    try {
        reader.take(std::numeric_limits<std::uint64_t>::max(), "a key");
        FAIL("taken");
    } catch (const checkpoint_error& e) {
        CHECK(e.name() == "/some/file");
        CHECK(e.offset() == 1002U);
        CHECK(std::string(e.what()) ==
            "checkpoint file '/some/file': a key does not fit\n"
            "  at byte 1002\n"
            "  expected 18446744073709551615 bytes, found 4\n"
            "  the file is damaged or was cut off; get it again from where it was written");
    }
    SECTION("also in a part of the bytes") {
        byte_reader part = reader.take_reader(3, "a value");
        part.take(1, "a key");
        CHECK_THROWS_MATCHES(part.take(3, "a key"), checkpoint_error,
            MessageMatches(ContainsSubstring("at byte 1003") &&
                ContainsSubstring("expected 3 bytes, found 2")));
    }
}

TEST_CASE(
    "in decompressed bytes the error says both where they come from and where in them", "[wire]") {
    const std::string bytes = "abc";
    byte_reader reader(
        std::as_bytes(std::span(bytes)), {"f", std::source_location::current(), 77, true}, 5);
    reader.take(1, "a key");
    CHECK_THROWS_MATCHES(reader.take(9, "a key"), checkpoint_error,
        MessageMatches(
            ContainsSubstring("at byte 77, position 6 of what is decompressed from there")));
}

TEST_CASE("the fields of a message are visited in order, with those that nobody knows", "[wire]") {
    const std::string message = varint_field(1, 300) + bytes_field(2, "text") +
        fixed32_field(3, 0xDEADBEEFU) + varint(4 * 8 + 1) + std::string(8, '\x11') +
        varint_field(536870911, 7) + varint_field(5, static_cast<std::uint64_t>(-3));
    std::vector<std::uint64_t> numbers;
    for_each_field(reader_of(message), [&](const proto_field& field) {
        numbers.push_back(field.number());
        switch (field.number()) {
        case 1: CHECK(field.unsigned_integer() == 300); break;
        case 2: CHECK(field.content().remaining() == 4); break;
        case 3: CHECK(field.fixed32() == 0xDEADBEEFU); break;
        case 4: CHECK(field.type() == wire_type::fixed64); break;
        case 5: CHECK(field.integer() == -3); break;
        default: CHECK(field.unsigned_integer() == 7); break;
        }
    });
    CHECK(numbers == std::vector<std::uint64_t>{1, 2, 3, 4, 536870911, 5});
}

TEST_CASE("a field of another kind than asked for is refused", "[wire]") {
    const std::string number = varint_field(1, 5);
    const std::string text = bytes_field(1, "abc");
    for_each_field(reader_of(number), [](const proto_field& field) {
        CHECK_THROWS_AS(field.content(), checkpoint_error);
        CHECK_THROWS_AS(field.fixed32(), checkpoint_error);
    });
    for_each_field(reader_of(text),
        [](const proto_field& field) { CHECK_THROWS_AS(field.integer(), checkpoint_error); });
}

TEST_CASE("a message with an impossible field is refused", "[wire]") {
    const auto visit = [](const std::string& message) {
        for_each_field(reader_of(message), [](const proto_field&) {});
    };
    CHECK_THROWS_AS(visit(varint_field(0, 1)), checkpoint_error);
    CHECK_THROWS_AS(visit(varint_field(536870912, 1)), checkpoint_error);
    for (const unsigned type : {3U, 4U, 6U, 7U}) {
        CHECK_THROWS_AS(visit(varint(8 + type) + "abc"), checkpoint_error);
    }
    CHECK_THROWS_AS(visit(varint(8 + 2) + varint(4) + "abc"), checkpoint_error);
    CHECK_THROWS_AS(
        visit(varint(8 + 2) + varint(std::numeric_limits<std::uint64_t>::max())), checkpoint_error);
    CHECK_THROWS_AS(visit(varint(8 + 5) + "abc"), checkpoint_error);
    CHECK_THROWS_AS(visit(varint(8 + 1) + "abcdefg"), checkpoint_error);
}

TEST_CASE(
    "control characters of a name cannot reach the terminal, nor a long name fill it", "[wire]") {
    CHECK(in_quotes("a/b") == "'a/b'");
    CHECK(in_quotes(std::string("\x1B[2J\n\0\x7F", 7)) == "'\\x1b[2J\\x0a\\x00\\x7f'");
    CHECK(in_quotes(std::string(1000, 'x')) ==
        "'" + std::string(240, 'x') + "'... (1000 characters)");
}
