#include <varscope/names/detail/scope_contents.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <vector>

namespace {

using varscope::detail::name_event;
using varscope::detail::scope_contents;

const name_event in_table{};
const name_event y{};
const name_event z{};
const name_event w{};

/// The scopes of one name, and how many were asked for.
struct scopes {
    scope_contents contents{&in_table};
    scope_contents::details_list kept;
    std::uint32_t count = 1; // the one without a number

    void record(std::uint32_t number, const name_event* content) {
        contents.set(number, content, kept, [&] { return count; });
    }
    /// As a thread does that opens the next one, names something in it and leaves it.
    void open_and_leave(const name_event* content) {
        const std::uint32_t number = count++;
        if (!contents.is(number, content)) { record(number, content); }
    }
};

} // namespace

TEST_CASE("all scopes of a name of which nothing was recorded are in the table", "[scope_contents]") {
    scopes x;
    CHECK(x.contents.is_uniform());
    CHECK(x.contents.is(0, &in_table));
    CHECK(x.contents.at(5) == &in_table);
    x.record(3, &in_table);
    CHECK(x.contents.is_uniform());
}

TEST_CASE("the first content that is recorded is the usual one of scopes that are still to come", "[scope_contents]") {
    scopes x;
    x.count = 4; // x_1 to x_3 are open
    x.record(2, &y);
    CHECK(x.contents.at(2) == &y);
    CHECK(x.contents.at(1) == &in_table);
    CHECK(x.contents.at(3) == &in_table);
    CHECK(x.contents.at(4) == &y);
    CHECK(x.contents.is(4, &y));
    CHECK_FALSE(x.contents.is(3, &y));
    CHECK_FALSE(x.contents.is(2, &y)); // which is recorded by itself
    x.record(3, &z);
    x.record(1, &y);
    CHECK(x.contents.at(1) == &y);
    CHECK(x.contents.at(2) == &y);
    CHECK(x.contents.at(3) == &z);
    CHECK(x.contents.at(4) == &y);
}

// It was published, and then taken back: names were lost.
TEST_CASE("a scope that is opened while the usual content changes is recorded by itself", "[scope_contents]") {
    scopes x;
    x.count = 2;
    x.contents.set(1, &y, x.kept, [&] {
        const std::uint32_t before = x.count++; // x_2 is counted just before, and left
        CHECK_FALSE(x.contents.is(2, &y));
        CHECK_FALSE(x.contents.is(2, &in_table));
        return before + 1;
    });
    CHECK(x.contents.at(1) == &y);
    CHECK(x.contents.at(2) == &in_table);
    x.contents.set(2, &y, x.kept, [&] { return x.count; });
    CHECK(x.contents.at(2) == &y);
    CHECK(x.contents.is(3, &y));
}

TEST_CASE("what a program does again and again needs no more records", "[scope_contents]") {
    const std::vector<std::vector<const name_event*>> patterns{{&y}, {&y, &z}, {&y, &in_table}, {&y, &y, &z}, {&y, &z, &w, &z, &y, &in_table, &w}};
    for (const auto& pattern : patterns) {
        scopes x;
        const auto run = [&](std::size_t times) {
            for (std::size_t i = 0; i < times; ++i) {
                for (const name_event* content : pattern) { x.open_and_leave(content); }
            }
        };
        run(1000);
        const std::size_t early = x.contents.size();
        CHECK(early < 64);
        run(100'000);
        CHECK(x.contents.size() < early + 24); // the usual content changes ever more rarely
        for (std::uint32_t number = 1; number < x.count; number += 977) { REQUIRE(x.contents.at(number) == pattern[(number - 1) % pattern.size()]); }
    }
}

TEST_CASE("one time in a thousand is a run of its own", "[scope_contents]") {
    scopes x;
    for (int i = 0; i < 100'000; ++i) { x.open_and_leave(i % 1000 == 999 ? &z : &y); }
    CHECK(x.contents.size() < 8);
    CHECK(x.contents.at(1000) == &z);
    CHECK(x.contents.at(1001) == &y);
    CHECK(x.contents.at(99'000) == &z);
}

TEST_CASE("another content that stays becomes the usual one", "[scope_contents]") {
    scopes x;
    for (int i = 0; i < 10; ++i) { x.open_and_leave(&y); }
    for (int i = 0; i < 1000; ++i) { x.open_and_leave(&z); }
    CHECK(x.contents.is(x.count, &z));
    CHECK(x.contents.at(10) == &y);
    CHECK(x.contents.at(11) == &z);
    CHECK(x.contents.at(1010) == &z);
}

TEST_CASE("threads that leave their scopes in another order need few records", "[scope_contents]") {
    scopes x;
    x.open_and_leave(&y);
    std::mt19937 engine(1);
    std::vector<std::uint32_t> open;
    for (int i = 0; i < 60; ++i) { // below what makes it the usual one
        while (open.size() < 2) { open.push_back(x.count++); }
        const auto left = open.begin() + static_cast<std::ptrdiff_t>(engine() % 2);
        x.record(*left, &z);
        open.erase(left);
    }
    CHECK(x.contents.size() < 12);
}

TEST_CASE("numbers that were given back are recorded anew", "[scope_contents]") {
    scopes x;
    for (const name_event* content : {&y, &z, &y, &z, &z, &z}) { x.open_and_leave(content); }
    x.contents.forget_from(4);
    CHECK(x.contents.at(2) == &z);
    CHECK(x.contents.at(4) == &y); // the usual one
    CHECK(x.contents.at(6) == &y);
    x.record(5, &w);
    CHECK(x.contents.at(5) == &w);
    CHECK(x.contents.at(3) == &y);
}

TEST_CASE("in thousands of random sequences each scope has what was recorded of it last", "[scope_contents]") {
    const std::vector<const name_event*> all{&in_table, &y, &z, &w};
    for (unsigned seed = 1; seed <= 3000; ++seed) {
        std::mt19937 engine(seed);
        scopes x;
        std::map<std::uint32_t, const name_event*> expected{{0, &in_table}};
        std::vector<std::uint32_t> open;
        const auto bias = engine() % all.size();
        for (int step = 0; step < 200; ++step) {
            switch (engine() % 8) {
            case 0: // a path through one: from here on it is in the table
                if (!expected.empty()) {
                    const auto at = std::next(expected.begin(), static_cast<std::ptrdiff_t>(engine() % expected.size()));
                    x.record(at->first, &in_table);
                    at->second = &in_table;
                }
                break;
            case 1: // the last ones are given back
                if (open.empty() && engine() % 4 == 0) {
                    const auto first = static_cast<std::uint32_t>(1 + engine() % x.count);
                    x.contents.forget_from(first);
                    x.count = std::min(x.count, first);
                    expected.erase(expected.lower_bound(first), expected.end());
                }
                break;
            case 2:
            case 3: open.push_back(x.count++); break;
            default:
                if (open.empty()) { open.push_back(x.count++); }
                const auto left = open.begin() + static_cast<std::ptrdiff_t>(engine() % open.size());
                const name_event* const content = all[engine() % 3 == 0 ? engine() % all.size() : bias];
                const bool was_forgotten = x.contents.at(*left) != content && x.contents.is(*left, content);
                REQUIRE_FALSE(was_forgotten);
                if (!x.contents.is(*left, content)) { x.record(*left, content); }
                expected[*left] = content;
                open.erase(left);
            }
            INFO("seed " << seed << ", step " << step);
            for (const auto& [number, content] : expected) { REQUIRE(x.contents.at(number) == content); }
        }
    }
}
