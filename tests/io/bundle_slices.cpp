#include <varscope/io/bundle_slices.hpp>

#include "catch.hpp"
#include "io/bundle_tensors.hpp"
#include "io/bundle_writer.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

using namespace bundle_test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using varscope::checkpoint_error;

TEST_CASE("slices that do not make up their tensor are refused", "[bundle]") {
    const temporary_folder folder;
    const dimensions size{4, 4};
    const std::string tensor = some_bytes(16);
    const auto open = [&](const std::vector<std::vector<extent>>& boxes,
                          const std::function<void(bundle_writer&)>& damage = {}) {
        bundle_writer writer;
        writer.add_slices("t", 4, size, slices_of(tensor, size, 1, boxes));
        if (damage) { damage(writer); }
        writer.write(folder.path() / "model");
        const bundle_reader reader(folder.path() / "model");
    };
    const auto says = [](const std::string& text) {
        return MessageMatches(ContainsSubstring(text));
    };
    const std::vector<extent> top{{0, 2}, {}};
    const std::vector<extent> bottom{{2, 2}, {}};
    REQUIRE_NOTHROW(open({top, bottom}));
    SECTION("a hole") {
        CHECK_THROWS_MATCHES(open({top}), checkpoint_error, says("found 8 in none"));
    }
    SECTION("an overlap, more elements than there are") {
        CHECK_THROWS_MATCHES(
            open({top, bottom, {{1, 2}, {}}}), checkpoint_error, says("found some in several"));
    }
    SECTION("an overlap and a hole") {
        CHECK_THROWS_MATCHES(
            open({top, {{1, 2}, {}}}), checkpoint_error, says("found some in several"));
        CHECK_THROWS_AS(
            open({{{0, 2}, {0, 2}}, {{2, 2}, {2, 2}}, {{1, 2}, {1, 2}}, {{0, 2}, {2, 2}}}),
            checkpoint_error);
    }
    SECTION("the same slice twice") { CHECK_THROWS_AS(open({top, top}), checkpoint_error); }
    SECTION("outside of the tensor") {
        CHECK_THROWS_MATCHES(open({top, bottom},
                                 [](bundle_writer& w) {
                                     w.entries["t"] = encode({4, {4, 4}, 0, 0, 0, 0,
                                         bytes_field(7, encode({{3, 2}, {}}))});
                                 }),
            checkpoint_error, says("is not inside of it"));
        for (const extent e : {extent{-1, 2}, extent{0, -2}, extent{5, 0}, extent{1, {}},
                 extent{2, std::numeric_limits<std::int64_t>::max()},
                 extent{std::numeric_limits<std::int64_t>::max(), 1},
                 extent{std::numeric_limits<std::int64_t>::min(), {}}}) {
            CHECK_THROWS_AS(open({top, bottom},
                                [&](bundle_writer& w) {
                                    w.entries["t"] = encode(
                                        {4, {4, 4}, 0, 0, 0, 0, bytes_field(7, encode({e, {}}))});
                                }),
                checkpoint_error);
        }
    }
    SECTION("of another number of axes") {
        for (const std::vector<extent>& box :
            {std::vector<extent>{{0, 4}}, std::vector<extent>{}, std::vector<extent>(40)}) {
            CHECK_THROWS_AS(open({top, bottom},
                                [&](bundle_writer& w) {
                                    w.entries["t"] = encode(
                                        {4, {4, 4}, 0, 0, 0, 0, bytes_field(7, encode(box))});
                                }),
                checkpoint_error);
        }
    }
    SECTION("missing") {
        CHECK_THROWS_MATCHES(
            open({top, bottom}, [&](bundle_writer& w) { w.entries.erase(slice_key("t", top)); }),
            checkpoint_error, says("is missing"));
    }
    SECTION("of another type or shape, or in slices itself") {
        const std::uint32_t crc = masked_crc(tensor.substr(0, 8));
        for (const record& other : {record{6, {2, 4}, 0, 0, 8, crc},
                 record{4, {4, 2}, 0, 0, 8, crc}, record{4, {8}, 0, 0, 8, crc},
                 record{4, {2, 4}, 0, 0, 8, crc, bytes_field(7, encode(top))}}) {
            CHECK_THROWS_MATCHES(
                open({top, bottom},
                    [&](bundle_writer& w) { w.entries[slice_key("t", top)] = encode(other); }),
                checkpoint_error, says("does not fit"));
        }
    }
}
