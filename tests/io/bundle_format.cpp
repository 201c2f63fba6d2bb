#include <varscope/io/bundle_format.hpp>

#include "catch.hpp"
#include "io/bundle_tensors.hpp"
#include "io/bundle_writer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace bundle_test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using varscope::checkpoint_error;

TEST_CASE("checkpoints of later versions are refused", "[bundle]") {
    const temporary_folder folder;
    bundle_writer writer = small_checkpoint();
    const auto open = [&](const std::string& header) {
        writer.header = header;
        writer.write(folder.path() / "model");
        return bundle_reader(folder.path() / "model").entries().size();
    };
    const std::string shards = varint_field(1, 2);
    CHECK(open(shards) == 5);
    CHECK(open(shards + bytes_field(3, varint_field(1, 9) + varint_field(2, 1))) == 5);
    CHECK(open(shards + bytes_field(3, varint_field(3, 2) + bytes_field(3, varint(0) + varint(3))) +
              varint_field(77, 1)) == 5);
    CHECK_THROWS_MATCHES(open(shards + bytes_field(3, varint_field(1, 9) + varint_field(2, 2))),
        checkpoint_error, MessageMatches(ContainsSubstring("later version")));
    CHECK_THROWS_AS(open(shards + bytes_field(3, varint_field(3, 1))), checkpoint_error);
    CHECK_THROWS_AS(
        open(shards + bytes_field(3, bytes_field(3, varint(0) + varint(1)))), checkpoint_error);
    CHECK_THROWS_MATCHES(open(shards + varint_field(2, 2)), checkpoint_error,
        MessageMatches(ContainsSubstring("byte order")));
}

TEST_CASE("an entry that cannot be is refused when the checkpoint is opened", "[bundle]") {
    const temporary_folder folder;
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    const auto open = [&](const std::string& entry) {
        bundle_writer writer(2);
        writer.add("first", 4, {12}, some_bytes(12));
        writer.add("second", 4, {12}, some_bytes(12), 1);
        writer.entries["t"] = entry;
        writer.write(folder.path() / "model");
        return bundle_reader(folder.path() / "model").entries().size();
    };
    const auto says = [](const std::string& text) {
        return MessageMatches(ContainsSubstring(text));
    };
    const std::uint32_t crc = masked_crc(some_bytes(12));
    REQUIRE(open(encode({1, {3}, 0, 0, 12, crc})) == 3);
    SECTION("size and shape differ") {
        CHECK_THROWS_MATCHES(open(encode({1, {2}, 0, 0, 12, crc})), checkpoint_error,
            says("expected 8 bytes for shape (2,), found 12"));
        CHECK_THROWS_AS(open(encode({1, {4}, 0, 0, 12, crc})), checkpoint_error);
        CHECK_THROWS_AS(open(encode({1, {}, 0, 0, 0, crc})), checkpoint_error);
        CHECK_THROWS_AS(open(encode({11, {3}, 0, 0, 12, crc})),
            checkpoint_error); // qint8: known size, not held
    }
    SECTION("a shape of more bytes than can be counted") {
        CHECK_THROWS_MATCHES(open(encode({1, {std::int64_t{1} << 62, 4}, 0, 0, 0, crc})),
            checkpoint_error, says("more than 2^64"));
        CHECK_THROWS_AS(open(encode({2, {std::int64_t{1} << 61}, 0, 0, 0, crc})), checkpoint_error);
        CHECK_THROWS_AS(
            open(encode({4, {std::int64_t{1} << 32, std::int64_t{1} << 32}, 0, 0, 0, crc})),
            checkpoint_error);
    }
    SECTION("a negative dimension, or an unknown number of axes") {
        CHECK_THROWS_MATCHES(
            open(encode({1, {-3}, 0, 0, 12, crc})), checkpoint_error, says("negative dimension"));
        CHECK_THROWS_AS(open(encode({1, {-1, 0}, 0, 0, 0, crc})), checkpoint_error);
        CHECK_THROWS_MATCHES(
            open(varint_field(1, 1) + bytes_field(2, varint_field(3, 1)) + varint_field(5, 4)),
            checkpoint_error, says("unknown number of axes"));
    }
    SECTION("too many axes") {
        CHECK(open(encode({4, dimensions(32, 1), 0, 0, 1, crc})) == 3);
        CHECK_THROWS_MATCHES(open(encode({4, dimensions(33, 1), 0, 0, 1, crc})), checkpoint_error,
            says("too many axes"));
    }
    SECTION("no element type") {
        CHECK_THROWS_MATCHES(
            open(encode({0, {3}, 0, 0, 12, crc})), checkpoint_error, says("no element type"));
        CHECK_THROWS_AS(open(""), checkpoint_error);
    }
    SECTION("beyond the end of its data file") {
        CHECK_THROWS_MATCHES(open(encode({1, {3}, 0, 1, 12, crc})), checkpoint_error,
            says("expected at most 12 bytes in 'model.data-00000-of-00002', found 12 bytes from "
                 "byte 1"));
        CHECK_THROWS_AS(open(encode({1, {3}, 1, most, 12, crc})), checkpoint_error);
        CHECK_THROWS_AS(open(encode({1, {3}, 1, most - 11, 12, crc})), checkpoint_error);
        CHECK_THROWS_AS(open(encode({7, {3}, 1, 0, most, crc})), checkpoint_error);
        CHECK_THROWS_AS(
            open(encode({4, {std::int64_t{1} << 40}, 0, 0, std::uint64_t{1} << 40, crc})),
            checkpoint_error);
    }
    SECTION("in a data file that there is not") {
        CHECK_THROWS_MATCHES(open(encode({1, {3}, 2, 0, 12, crc})), checkpoint_error,
            says("expected a number below 2, found 2"));
        CHECK_THROWS_AS(open(encode({1, {3}, most, 0, 12, crc})), checkpoint_error);
    }
    SECTION("not a message") { CHECK_THROWS_AS(open(some_bytes(20)), checkpoint_error); }
}

TEST_CASE("signed numbers of keys sort as numbers do", "[bundle]") {
    const auto code = [](std::int64_t value) {
        std::string key;
        varscope::io::detail::append_ordered(key, value);
        return key;
    };
    CHECK(code(0x424242) == "\xF0\x42\x42\x42");
    CHECK(code(-0x800) == std::string("\x38\x00", 2));
    CHECK(code(63) == "\xBF");
    CHECK(code(64) == "\xC0\x40");
    CHECK(code(-1) == "\x7F");
    CHECK(code(0) == "\x80");
    std::vector<std::int64_t> values{
        0, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
    for (int bit = 0; bit < 63; ++bit) {
        const std::int64_t power = std::int64_t{1} << bit;
        values.insert(values.end(), {power, power - 1, -power, -power - 1});
    }
    std::ranges::sort(values);
    values.erase(std::ranges::unique(values).begin(), values.end());
    for (std::size_t i = 1; i < values.size(); ++i) {
        CAPTURE(values[i]);
        CHECK(code(values[i - 1]) < code(values[i]));
    }
    CHECK(varscope::io::detail::slice_key("v", {{0, 2}, {}}) ==
        std::string("\0v\0\1\1\2\x80\x82\x80\x7F", 10));
    CHECK(varscope::io::detail::slice_key(std::string("a\0\xFF", 3), {}) ==
        std::string("\0a\0\xFF\xFF\0\0\1\0", 9));
}
