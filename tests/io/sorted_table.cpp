#include <varscope/io/sorted_table.hpp>

#include "catch.hpp"
#include "io/bundle_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace bundle_test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using varscope::checkpoint_error;

namespace {

table_entries read(const std::string& file) {
    using namespace varscope::io::detail;
    const auto bytes = std::as_bytes(std::span(file));
    const sorted_table table(bytes, {"table", std::source_location::current()});
    table_entries entries;
    table.for_each([&](std::string_view key, byte_reader value) {
        std::string text;
        while (!value.is_at_end()) { text += static_cast<char>(value.read_u8("a byte")); }
        entries.emplace_back(key, text);
    });
    return entries;
}

table_entries some_entries() {
    table_entries entries{{"", "first"}};
    for (int i = 100; i < 150; ++i) {
        entries.emplace_back("layer_" + std::to_string(i) + "/kernel", std::to_string(i * i));
    }
    entries.emplace_back("z", "");
    entries.emplace_back("\xFF\x00", "last");
    return entries;
}

} // namespace

TEST_CASE("a table is read as it was written, whatever its layout", "[sorted_table]") {
    const table_entries entries = some_entries();
    for (const compression method :
        {compression::none, compression::snappy_literals, compression::snappy_copies}) {
        for (const std::size_t per_block : {1U, 7U, 1000U}) {
            for (const std::size_t interval : {1U, 2U, 16U}) {
                CHECK(read(make_table(entries, {method, per_block, interval})) == entries);
            }
        }
    }
    CHECK(read(make_table({})).empty());
}

TEST_CASE("bytes after a block's place in the index block are ignored", "[sorted_table]") {
    std::string file;
    const std::string block = append_block(file, block_contents({{"a", "1"}}, 16)) + "more";
    const std::string meta = append_block(file, block_contents({}, 1));
    const std::string index = append_block(file, block_contents({{"b", block}}, 1));
    CHECK(read(with_footer(file, meta, index)) == table_entries{{"a", "1"}});
}

TEST_CASE("a file that is no table is told by its end", "[sorted_table]") {
    CHECK_THROWS_MATCHES(read(std::string(100, 'x')), checkpoint_error,
        MessageMatches(ContainsSubstring("not a sorted table") && ContainsSubstring("at byte 92")));
    CHECK_THROWS_MATCHES(
        read("short"), checkpoint_error, MessageMatches(ContainsSubstring("too short")));
    CHECK_THROWS_AS(read(""), checkpoint_error);
}

TEST_CASE("keys that are not ascending are refused, within a block and between blocks",
    "[sorted_table]") {
    for (const std::size_t per_block : {1U, 10U}) {
        const table_layout layout{compression::none, per_block, 16};
        CHECK_THROWS_MATCHES(read(make_table({{"b", "1"}, {"a", "2"}}, layout)), checkpoint_error,
            MessageMatches(ContainsSubstring("not sorted")));
        CHECK_THROWS_AS(read(make_table({{"a", "1"}, {"a", "2"}}, layout)), checkpoint_error);
        CHECK_THROWS_AS(read(make_table({{"", "1"}, {"", "2"}}, layout)), checkpoint_error);
        CHECK_THROWS_AS(read(make_table({{"\xC3", "1"}, {"z", "2"}}, layout)),
            checkpoint_error); // as unsigned bytes
        CHECK(read(make_table({{"z", "1"}, {"\xC3", "2"}}, layout)).size() == 2);
    }
}

TEST_CASE(
    "a block with keys above the one that the index block gives is refused", "[sorted_table]") {
    std::string file;
    const std::string block = append_block(file, block_contents({{"m", "1"}}, 16));
    const std::string meta = append_block(file, block_contents({}, 1));
    const std::string index = append_block(file, block_contents({{"l", block}}, 1));
    CHECK_THROWS_MATCHES(read(with_footer(file, meta, index)), checkpoint_error,
        MessageMatches(ContainsSubstring("expected keys up to 'l', found 'm'")));
}

TEST_CASE(
    "a changed byte is told by the checksum of its block, with both values", "[sorted_table]") {
    std::string file = make_table(some_entries());
    file[10] = static_cast<char>(file[10] ^ 1);
    CHECK_THROWS_MATCHES(read(file), checkpoint_error,
        MessageMatches(ContainsSubstring("the checksum of a block does not match") &&
            ContainsSubstring("at byte 0") && ContainsSubstring("expected crc32c 0x")));
}

TEST_CASE("blocks that are used twice are refused, so that a small table stays little work",
    "[sorted_table]") {
    std::string file;
    const std::string block = append_block(file, block_contents({}, 1));
    const std::string meta = append_block(file, block_contents({}, 1));
    const std::string index = append_block(file, block_contents({{"a", block}, {"b", block}}, 1));
    CHECK_THROWS_MATCHES(read(with_footer(file, meta, index)), checkpoint_error,
        MessageMatches(ContainsSubstring("overlap")));
}

TEST_CASE(
    "blocks of keys that share most of themselves cannot stand for more memory than is sensible",
    "[sorted_table]") {
    table_entries entries;
    const std::string long_key(4000, 'k');
    for (int i = 1000; i < 3000; ++i) { entries.emplace_back(long_key + std::to_string(i), ""); }
    const std::string file = make_table(entries, {compression::none, 10000, 10000});
    CHECK_THROWS_MATCHES(
        read(file), checkpoint_error, MessageMatches(ContainsSubstring("too much memory")));
}

TEST_CASE("a block whose contents cannot be is refused", "[sorted_table]") {
    const auto table_of = [](const std::string& contents) {
        std::string file;
        const std::string block = append_block(file, contents);
        const std::string meta = append_block(file, block_contents({}, 1));
        const std::string index = append_block(file, block_contents({{"zz", block}}, 1));
        return with_footer(file, meta, index);
    };
    const std::string tail = fixed(0, 4) + fixed(1, 4);
    const std::string entry = varint(0) + varint(1) + varint(2) + "abc";
    const std::string huge = varint(std::numeric_limits<std::uint64_t>::max());
    REQUIRE(read(table_of(entry + tail)) == table_entries{{"a", "bc"}});
    SECTION("too short") { CHECK_THROWS_AS(read(table_of("abc")), checkpoint_error); }
    SECTION("no restarts") {
        CHECK_THROWS_AS(read(table_of(entry + fixed(0, 4))), checkpoint_error);
    }
    SECTION("more restarts than fit") {
        CHECK_THROWS_AS(read(table_of(fixed(0, 4) + fixed(2, 4))), checkpoint_error);
        CHECK_THROWS_AS(
            read(table_of(entry + fixed(0, 4) + fixed(0xFFFFFFFFU, 4))), checkpoint_error);
        CHECK_THROWS_AS(
            read(table_of(entry + fixed(0, 4) + fixed(0x40000001U, 4))), checkpoint_error);
    }
    SECTION("a key shares more than the one before has") {
        CHECK_THROWS_AS(
            read(table_of(varint(1) + varint(1) + varint(0) + "a" + tail)), checkpoint_error);
        CHECK_THROWS_AS(
            read(table_of(entry + huge + varint(1) + varint(0) + "b" + tail)), checkpoint_error);
    }
    SECTION("a key or a value is longer than the block") {
        CHECK_THROWS_AS(
            read(table_of(varint(0) + huge + varint(0) + "a" + tail)), checkpoint_error);
        CHECK_THROWS_AS(
            read(table_of(varint(0) + varint(1) + huge + "a" + tail)), checkpoint_error);
        CHECK_THROWS_AS(
            read(table_of(varint(0) + varint(1) + varint(3) + "abc" + tail)), checkpoint_error);
    }
    SECTION("an entry is cut off") {
        CHECK_THROWS_AS(read(table_of(varint(0) + tail)), checkpoint_error);
    }
}

TEST_CASE("a handle that leaves the file is refused", "[sorted_table]") {
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    for (const auto& [offset, size] :
        std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, most}, {most, 0}, {most, most},
            {most - 3, 8}, {0, 1000}, {1000, 0}, {0, 10}, {1, 9}, {9, 0}}) {
        std::string file;
        const std::string good = append_block(file, block_contents({}, 1));
        REQUIRE(file.size() == 13);
        const std::string bad = varint(offset) + varint(size);
        CAPTURE(offset, size);
        CHECK_THROWS_AS(read(with_footer(file, good, bad)), checkpoint_error);
        CHECK_THROWS_AS(read(with_footer(file, bad, good)), checkpoint_error);
        const std::string index = append_block(file, block_contents({{"a", bad}}, 1));
        CHECK_THROWS_AS(read(with_footer(file, good, index)), checkpoint_error);
    }
}

TEST_CASE("a block of an unknown kind of compression is refused", "[sorted_table]") {
    std::string file = block_contents({}, 1) + '\2';
    const std::string handle = varint(0) + varint(file.size() - 1);
    file += fixed(masked_crc(file), 4);
    CHECK_THROWS_MATCHES(read(with_footer(file, handle, handle)), checkpoint_error,
        MessageMatches(ContainsSubstring("expected type 0 (none) or 1 (Snappy), found 2")));
}
