#include <varscope/io/bundle_data.hpp>

#include "catch.hpp"
#include "io/bundle_tensors.hpp"
#include "io/bundle_writer.hpp"

#include <filesystem>
#include <string>
#include <vector>

using namespace bundle_test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using varscope::checkpoint_error;
using varscope::shape;

TEST_CASE("a partitioned tensor is put together, however it was cut", "[bundle]") {
    const dimensions size{4, 6, 5};
    const std::string tensor = some_bytes(4 * 6 * 5 * 4);
    const std::vector<std::vector<std::vector<extent>>> cuts{
        {{{}, {}, {}}},                                         // one slice
        {{{0, 4}, {0, 6}, {0, 5}}},                             // the same, lengths written
        {{{0, 1}, {}, {}}, {{1, 3}, {}, {}}},                   // first axis
        {{{}, {0, 2}, {}}, {{}, {2, 2}, {}}, {{}, {4, 2}, {}}}, // middle axis
        {{{}, {}, {0, 1}}, {{}, {}, {1, 4}}},                   // last axis
        {{{}, {0, 3}, {0, 2}}, {{}, {0, 3}, {2, 3}}, {{}, {3, 3}, {0, 4}},
            {{}, {3, 3}, {4, 1}}},                                      // not a grid
        {{{2, 2}, {}, {}}, {{0, 2}, {}, {3, 2}}, {{0, 2}, {}, {0, 3}}}, // not in order
        {{{0, 4}, {}, {}}, {{4, 0}, {}, {}}},                           // one is empty
    };
    for (const auto& boxes : cuts) {
        const temporary_folder folder;
        bundle_writer writer(2);
        writer.add("before", 4, {3}, "abc");
        writer.add_slices("part_of", 1, size, slices_of(tensor, size, 4, boxes, 2));
        writer.write(folder.path() / "model");
        const bundle_reader reader(folder.path() / "model");
        CHECK(reader.entries().size() == 2); // the slices are not listed
        const bundle_entry* entry = reader.find("part_of");
        REQUIRE(entry != nullptr);
        CHECK(entry->is_sliced);
        CHECK(entry->shape == shape{4, 6, 5});
        CHECK(entry->bytes == tensor.size());
        CHECK_NOTHROW(reader.verify(*entry));
        CHECK(read_text(reader, *entry) == tensor);
    }
}

TEST_CASE("large tensors are read, whole and partitioned", "[bundle]") {
    const temporary_folder folder;
    bundle_writer writer;
    const std::string wide =
        some_bytes(3 * 70000 * 8); // a slice has runs longer than what is read at a time
    const std::string tall = some_bytes(300 * 5000 * 4); // or many short ones
    writer.add("whole", 2, {3, 70000}, wide);
    writer.add_slices(
        "wide_rows", 2, {3, 70000}, slices_of(wide, {3, 70000}, 8, {{{0, 2}, {}}, {{2, 1}, {}}}));
    writer.add_slices("wide_columns", 2, {3, 70000},
        slices_of(wide, {3, 70000}, 8, {{{}, {0, 8191}}, {{}, {8191, 61809}}}));
    writer.add_slices("tall", 1, {300, 5000},
        slices_of(tall, {300, 5000}, 4, {{{}, {0, 2500}}, {{}, {2500, 2500}}}));
    writer.write(folder.path() / "model");
    const bundle_reader reader(folder.path() / "model");
    for (const bundle_entry& entry : reader.entries()) {
        CHECK_NOTHROW(reader.verify(entry));
        CHECK(read_text(reader, entry) == (entry.name == "tall" ? tall : wide));
    }
}

TEST_CASE(
    "a wrong checksum of values is told by verify and by read, with both values", "[bundle]") {
    const temporary_folder folder;
    bundle_writer writer;
    writer.add("first", 4, {5}, "abcde");
    writer.add("second", 1, {2}, some_bytes(8));
    writer.data[0][7] = static_cast<char>(writer.data[0][7] ^ 4);
    writer.write(folder.path() / "model");
    const bundle_reader reader(folder.path() / "model");
    CHECK(read_text(reader, "first") == "abcde");
    const bundle_entry& second = *reader.find("second");
    const auto matcher = [] {
        return MessageMatches(ContainsSubstring("the checksum of tensor 'second' does not match"));
    };
    CHECK_THROWS_MATCHES(reader.verify(second), checkpoint_error, matcher());
    CHECK_THROWS_MATCHES(read_text(reader, second), checkpoint_error, matcher());
    try {
        reader.verify(second);
    } catch (const checkpoint_error& e) {
        CHECK(e.name() == (folder.path() / "model.data-00000-of-00001").string());
        CHECK(e.offset() == 5U);
        CHECK_THAT(e.what(), ContainsSubstring("at byte 5\n  expected crc32c 0x"));
    }
}

TEST_CASE("a bool that is neither true nor false is refused, as no C++ program could hold it",
    "[bundle]") {
    const temporary_folder folder;
    bundle_writer writer;
    writer.add("flags", 10, {4}, std::string("\0\1\2\1", 4));
    writer.write(folder.path() / "model");
    const bundle_reader reader(folder.path() / "model");
    CHECK_THROWS_MATCHES(reader.verify(reader.entries()[0]), checkpoint_error,
        MessageMatches(
            ContainsSubstring("at byte 2") && ContainsSubstring("'flags' of type bool")));
    CHECK_THROWS_AS(read_text(reader, "flags"), checkpoint_error);
}

TEST_CASE("a data file that is cut off after opening is told", "[bundle][hostile]") {
    const temporary_folder folder;
    const auto prefix = folder.path() / "model";
    small_checkpoint().write(prefix);
    const bundle_reader reader(prefix);
    std::filesystem::resize_file(bundle_writer::data_path(prefix, 0, 2), 4);
    CHECK_THROWS_MATCHES(read_text(reader, "dense/bias"), checkpoint_error,
        MessageMatches(ContainsSubstring("too short")));
    CHECK(read_text(reader, "dense/kernel") == some_bytes(24));
}
