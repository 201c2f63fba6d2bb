#include <varscope/detail/name_entry.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>

namespace {

using varscope::detail::name_history;
using varscope::detail::scope_histories;

const name_history y{};
const name_history z{};
const name_history w{};
const name_history* const in_table = name_history::in_table();

/// The histories of one name, and how often that was asked for: number n is open once there were n + 1 requests.
struct one_name {
    scope_histories scopes;
    scope_histories::exception_list kept;
    std::uint64_t requests = 1; // the scope that has no number

    std::uint32_t open() { return static_cast<std::uint32_t>(requests++); }
    void tell(std::uint32_t number, const name_history* inside) {
        scopes.set(number, inside, kept, [&] { return requests; });
    }
    /// The same while another thread opens a scope between the two looks at the count.
    void tell_while_opening(std::uint32_t number, const name_history* inside) {
        const std::uint64_t before = requests;
        scopes.set(number, inside, kept, [&] { return std::exchange(requests, before + 1); });
        requests = before + 1; // if it did not look
    }
    void forget_from(std::uint32_t number) {
        requests = number;
        scopes.forget_from(number);
    }
    void end() { scopes.end_at(static_cast<std::uint32_t>(requests), kept); }
};

/// Runs a random sequence of openings, tellings and takings back, and remembers each scope by itself.
class comparison {
public:
    explicit comparison(unsigned seed) : engine_{seed} {}

    void run() {
        for (int i = 0; i < 60; ++i) {
            step();
            compare();
        }
    }
    std::string log;
    std::string wrong;
    std::size_t between = 0; // scopes that were opened between two looks

private:
    std::uint32_t pick(std::uint64_t count) { return static_cast<std::uint32_t>(engine_() % count); }

    void remember(std::uint32_t number) {
        // What a scope that was not told yet is said to have does not count; it is to stay what it was.
        expected_[number] = name_.scopes.at(number);
    }
    void tell(std::uint32_t number, const name_history* inside, bool is_between) {
        if (is_between) {
            remember(static_cast<std::uint32_t>(name_.requests)); // as it was before
            ++between;
            name_.tell_while_opening(number, inside);
        } else {
            name_.tell(number, inside);
        }
        if (number < end_) { expected_[number] = inside; }
    }

    void step() {
        const std::array histories{in_table, &y, &z, &w};
        const std::array<const char*, 4> texts{"in table", "y", "z", "w"};
        switch (pick(16)) {
        case 0: {
            const std::uint32_t from = 1 + pick(name_.requests);
            log += "forget from " + std::to_string(from) + "; ";
            if (from >= name_.requests) { return; }
            name_.forget_from(from);
            expected_.erase(expected_.lower_bound(from), expected_.end());
            return;
        }
        case 1:
            if (pick(10) == 0) {
                log += "end; ";
                name_.end();
                end_ = std::min(end_, static_cast<std::uint32_t>(name_.requests));
            }
            return;
        case 2:
        case 3:
        case 4:
        case 5: {
            const std::uint32_t opened = name_.open();
            log += "open " + std::to_string(opened) + "; ";
            remember(opened);
            return;
        }
        default: {
            const std::uint32_t latest = static_cast<std::uint32_t>(name_.requests) - 1;
            const std::uint32_t number = pick(2) == 0 ? latest : pick(name_.requests);
            const std::uint32_t which = pick(histories.size());
            const bool is_between = pick(4) == 0;
            log += "tell " + std::to_string(number) + ' ' + texts[which] + (is_between ? " while opening; " : "; ");
            tell(number, histories[which], is_between);
        }
        }
    }

    void compare() {
        for (const auto& [number, inside] : expected_) {
            if (name_.scopes.at(number) != inside && wrong.empty()) { wrong = std::to_string(number) + " after " + log; }
        }
    }

    std::mt19937 engine_;
    one_name name_;
    std::map<std::uint32_t, const name_history*> expected_{{0, in_table}};
    std::uint32_t end_ = std::numeric_limits<std::uint32_t>::max();
};

} // namespace

TEST_CASE("all scopes of a name of which nothing was told are in the table", "[name_entry]") {
    const scope_histories scopes;
    CHECK(scopes.is_initial());
    for (const std::uint32_t number : {0U, 1U, 1000U, std::numeric_limits<std::uint32_t>::max()}) {
        CHECK(scopes.at(number) == in_table);
        CHECK(scopes.is(number, in_table));
        CHECK_FALSE(scopes.is(number, &y));
        CHECK_FALSE(scopes.is(number, nullptr));
    }
}

TEST_CASE("telling what is known already changes nothing", "[name_entry]") {
    one_name x;
    x.tell(0, in_table);
    x.tell(x.open(), in_table);
    CHECK(x.scopes.is_initial());
    CHECK(x.kept.empty());
}

TEST_CASE("what is told of the scope that was opened last holds for all that come after it", "[name_entry]") {
    one_name x;
    x.tell(x.open(), &y);
    CHECK_FALSE(x.scopes.is_initial());
    CHECK(x.scopes.at(0) == in_table);
    CHECK(x.scopes.at(1) == &y);
    CHECK(x.scopes.at(2) == &y);
    CHECK(x.scopes.at(std::numeric_limits<std::uint32_t>::max()) == &y);
    CHECK_FALSE(x.scopes.is(0, &y));
    CHECK(x.scopes.is(1, &y));
    CHECK(x.scopes.is(2, &y));
    CHECK_FALSE(x.scopes.is(2, in_table));
    for (int i = 0; i < 1000; ++i) { x.tell(x.open(), &y); }
    CHECK(x.kept.empty()); // no memory for the usual
}

TEST_CASE("a scope in which nothing was opened has another history than one in the table", "[name_entry]") {
    one_name x;
    x.tell(x.open(), nullptr);
    CHECK(x.scopes.at(0) == in_table);
    CHECK(x.scopes.at(1) == nullptr);
    CHECK(x.scopes.is(1, nullptr));
}

TEST_CASE("another history begins another run, and those before it stay", "[name_entry]") {
    one_name x;
    x.tell(x.open(), &y);
    x.tell(x.open(), &y);
    x.tell(x.open(), &z);
    x.tell(x.open(), &y);
    CHECK(x.scopes.at(0) == in_table);
    CHECK(x.scopes.at(1) == &y);
    CHECK(x.scopes.at(2) == &y);
    CHECK(x.scopes.at(3) == &z);
    CHECK(x.scopes.at(4) == &y);
    CHECK(x.scopes.at(5) == &y);
    CHECK_FALSE(x.scopes.is(1, &y)); // it takes a closer look
    CHECK(x.kept.size() == 1);
}

TEST_CASE("a scope told after a later one was opened is told alone", "[name_entry]") {
    one_name x;
    x.tell(x.open(), &y);
    x.open();
    x.open();
    x.tell(3, &y); // as all that come after 1
    CHECK(x.kept.empty());
    x.tell(2, &z);
    CHECK(x.scopes.at(1) == &y);
    CHECK(x.scopes.at(2) == &z);
    CHECK(x.scopes.at(3) == &y);
    CHECK(x.scopes.at(4) == &y);
}

TEST_CASE("a scope opened between the two looks at the count is seen in the second", "[name_entry]") {
    one_name x;
    x.tell(x.open(), &y);
    x.open();
    x.tell_while_opening(2, &z);
    CHECK(x.requests == 4);
    x.tell(3, &y);
    CHECK(x.scopes.at(0) == in_table);
    CHECK(x.scopes.at(1) == &y);
    CHECK(x.scopes.at(2) == &z);
    CHECK(x.scopes.at(3) == &y);
    CHECK(x.scopes.at(4) == &y);
}

TEST_CASE("the same where there is no run yet", "[name_entry]") {
    one_name x;
    x.open();
    x.tell_while_opening(1, &z);
    CHECK(x.scopes.at(0) == in_table);
    CHECK(x.scopes.at(1) == &z);
    CHECK(x.scopes.at(2) == in_table);
}

TEST_CASE("the scope that has no number is told alone", "[name_entry]") {
    one_name x;
    x.tell(0, &y);
    CHECK(x.scopes.at(0) == &y);
    CHECK(x.scopes.at(1) == in_table);
    CHECK_FALSE(x.scopes.is_initial());
}

TEST_CASE("a scope that is told again has what it was told last", "[name_entry]") {
    one_name x;
    x.tell(x.open(), &y);
    x.tell(x.open(), &y);
    x.tell(1, in_table);
    CHECK(x.scopes.at(1) == in_table);
    CHECK(x.scopes.at(2) == &y);
    x.tell(1, &z);
    CHECK(x.scopes.at(1) == &z);
    CHECK(x.scopes.at(2) == &y);
}

TEST_CASE("from its end on all scopes are in the table, whatever is told", "[name_entry]") {
    one_name x;
    x.tell(x.open(), &y);
    x.tell(x.open(), &y);
    x.scopes.end_at(2, x.kept);
    CHECK(x.scopes.at(0) == in_table);
    CHECK(x.scopes.at(1) == &y);
    CHECK(x.scopes.at(2) == in_table);
    CHECK(x.scopes.at(1000) == in_table);
    x.tell(2, &z);
    x.tell(x.open(), &z);
    CHECK(x.scopes.at(2) == in_table);
    CHECK(x.scopes.at(3) == in_table);
    x.tell(1, &z);
    CHECK(x.scopes.at(1) == &z);
}

TEST_CASE("of several ends the first one counts", "[name_entry]") {
    one_name x;
    x.tell(x.open(), &y);
    x.scopes.end_at(3, x.kept);
    x.scopes.end_at(2, x.kept);
    x.scopes.end_at(4, x.kept);
    CHECK(x.scopes.at(1) == &y);
    CHECK(x.scopes.at(2) == in_table);
    CHECK(x.scopes.at(3) == in_table);
}

TEST_CASE("a name that has an end is not as at first", "[name_entry]") {
    one_name x;
    x.end();
    CHECK_FALSE(x.scopes.is_initial());
}

TEST_CASE("forgetting the scopes from a number on brings the run before back", "[name_entry]") {
    one_name x;
    x.tell(x.open(), &y);
    x.tell(x.open(), &z);
    x.tell(x.open(), &w);
    x.forget_from(3);
    CHECK(x.scopes.at(2) == &z);
    CHECK(x.scopes.at(3) == &z);
    CHECK(x.scopes.is(3, &z));
    x.forget_from(2);
    CHECK(x.scopes.at(1) == &y);
    CHECK(x.scopes.at(2) == &y);
    x.forget_from(1);
    CHECK(x.scopes.at(1) == in_table);
    CHECK(x.scopes.is(1, in_table));
}

TEST_CASE("forgetting several runs at once leaves those before", "[name_entry]") {
    one_name x;
    x.tell(x.open(), &y);
    x.tell(x.open(), &z);
    x.tell(x.open(), &w);
    x.forget_from(2);
    CHECK(x.scopes.at(0) == in_table);
    CHECK(x.scopes.at(1) == &y);
    CHECK(x.scopes.at(5) == &y);
}

TEST_CASE("forgetting leaves the runs that began before it as they are", "[name_entry]") {
    one_name x;
    x.tell(x.open(), &y);
    x.tell(x.open(), &y);
    x.tell(x.open(), &y);
    x.forget_from(2);
    CHECK(x.scopes.at(1) == &y);
    CHECK(x.scopes.at(2) == &y);
}

TEST_CASE("forgetting takes what was told of single scopes too", "[name_entry]") {
    one_name x;
    x.tell(x.open(), &y);
    for (int i = 0; i < 3; ++i) { x.open(); }
    x.tell(2, &z);
    x.tell(3, &z);
    x.forget_from(3);
    CHECK(x.scopes.at(2) == &z);
    CHECK(x.scopes.at(3) == &y);
}

// A scope was told alone since a later one was there, which was given back then.
TEST_CASE("a scope that was told alone and is the last one again has what it is told then", "[name_entry]") {
    one_name x;
    x.tell(x.open(), &y);
    x.open();
    x.open();
    x.tell(2, &z);
    x.forget_from(3);
    x.tell(2, in_table);
    CHECK(x.scopes.at(2) == in_table);
    CHECK(x.scopes.at(1) == &y);
}

TEST_CASE("nothing is said to be known of a scope that was told otherwise alone", "[name_entry]") {
    one_name x;
    x.open();
    x.open();
    x.tell(1, &y);
    CHECK(x.scopes.at(1) == &y);
    CHECK_FALSE(x.scopes.is(1, in_table));
}

TEST_CASE("in thousands of random sequences each scope has what it was told last, and nothing else changes it", "[name_entry]") {
    std::size_t between = 0;
    for (unsigned seed = 1; seed <= 5000; ++seed) {
        comparison c(seed);
        c.run();
        INFO("seed " << seed);
        REQUIRE(c.wrong == "");
        between += c.between;
    }
    CHECK(between > 1000);
}
