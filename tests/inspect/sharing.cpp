#include "catch.hpp"

#include <varscope/inspect/sharing.hpp>
#include <varscope/varscope.hpp>

#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;

namespace {

void tower(vs::reuse_mode mode) {
    const vs::variable_scope s("tower", mode);
    (void)vs::get_variable("kernel", {2});
    (void)vs::get_variable<float, 1>("bias", {2}, {.initializer = vs::zeros()});
}

std::string line(unsigned offset, unsigned line) { return "sharing.cpp:" + std::to_string(line + offset); }

} // namespace

TEST_CASE("the report tells who created and who shared, from where", "[sharing]") {
    vs::graph g({.record_sharing = true});
    const vs::as_default in(g);
    tower(vs::auto_reuse);
    for (int i = 0; i < 2; ++i) { tower(vs::reuse); }
    (void)vs::make_variable("w", {.initializer = 1.F});
    (void)vs::make_variable("w", {.initializer = 1.F});
    const auto report = vs::sharing_report();
    REQUIRE(report.size() == 3);
    CHECK(report[0].name == "tower/kernel");
    CHECK(report[0].times_created == 1);
    CHECK(report[0].times_shared == 2);
    REQUIRE(report[0].shared_at.size() == 1);
    CHECK(report[0].shared_at[0].count == 2);
    CHECK(report[0].shared_at[0].place.line() == report[0].created_at[0].place.line());
    CHECK(report[1].times_shared == 2); // with an initializer of its own, which takes the longer way
    CHECK(report[2].name == "w");
    CHECK_FALSE(report[2].is_shareable);
    CHECK(report[2].times_created == 2);
    CHECK(report[2].created_at.size() == 2);
    const std::string at = vs::to_string(report[0].created_at[0].place);
    CHECK(vs::to_string(report[0]) == "tower/kernel: created once (" + at + "), shared 2 times (2 at " + at + ')');
    CHECK(vs::to_string(report).find("\nw: created 2 times (sharing.cpp:") != std::string::npos);
    CHECK(vs::to_string(report).find("), not to be shared\n") != std::string::npos);
}

TEST_CASE("nothing is recorded unless asked for", "[sharing]") {
    vs::graph g;
    const vs::as_default in(g);
    tower(vs::auto_reuse);
    CHECK(vs::sharing_report().empty());
    vs::record_sharing();
    tower(vs::reuse);
    CHECK(vs::sharing_report().size() == 2);
    vs::stop_recording_sharing();
    tower(vs::reuse);
    CHECK(vs::sharing_report().empty());
}

TEST_CASE("sharing is recorded whatever the scope hands down", "[sharing]") {
    vs::graph g({.record_sharing = true});
    const vs::custom_getter next_one = [](const vs::next_getter& next, const vs::variable_request& r) { return next(r); };
    for (const vs::scope_options& options : {vs::scope_options{.reuse = vs::auto_reuse, .initializer = vs::ones()},
             vs::scope_options{.reuse = vs::auto_reuse, .custom_getter = next_one}, vs::scope_options{.reuse = vs::auto_reuse}}) {
        const vs::variable_scope s(g, "s", options);
        (void)vs::get_variable<float, 1>("v", {1});
    }
    const auto report = vs::sharing_report(g);
    REQUIRE(report.size() == 1);
    CHECK(report[0].times_created == 1);
    CHECK(report[0].times_shared == 2);
}

TEST_CASE("variables cut into parts are recorded as one", "[sharing]") {
    vs::graph g({.record_sharing = true});
    const vs::as_default in(g);
    for (int i = 0; i < 3; ++i) {
        (void)vs::get_variable("v", {4}, {.reuse = vs::auto_reuse, .partitioner = vs::fixed_size_partitioner(2)});
    }
    const auto report = vs::sharing_report();
    REQUIRE(report.size() == 1);
    CHECK(report[0].times_created == 1);
    CHECK(report[0].times_shared == 2);
    vs::expect_shared("v");
}

TEST_CASE("expect_shared is content once every variable that fits was shared", "[sharing]") {
    vs::graph g({.record_sharing = true});
    const vs::as_default in(g);
    tower(vs::auto_reuse);
    CHECK_THROWS_AS(vs::expect_shared("tower/*"), vs::not_shared);
    {
        const vs::variable_scope s("tower", vs::reuse);
        (void)vs::get_variable("kernel", {2});
    }
    vs::expect_shared("tower/kernel");
    vs::expect_shared("*/ker???");
    try {
        vs::expect_shared("tower/*");
        FAIL("did not throw");
    } catch (const vs::not_shared& e) {
        const std::string text = e.what();
        CHECK(text.starts_with("variables that fit 'tower/*' were never shared\n  'tower/bias', created at sharing.cpp:"));
        CHECK(text.find(line(0, __LINE__ - 5)) != std::string::npos);
        CHECK(text.find("kernel") == std::string::npos);
    }
    tower(vs::reuse);
    vs::expect_shared("tower/*");
}

TEST_CASE("expect_shared fails where no variable fits, or nothing is recorded", "[sharing]") {
    vs::graph g({.record_sharing = true});
    const vs::as_default in(g);
    CHECK_THROWS_AS(vs::expect_shared("tower/*"), vs::not_shared);
    (void)vs::get_variable("v", {1});
    vs::stop_recording_sharing();
    CHECK_THROWS_AS(vs::expect_shared("v"), vs::not_shared);
}

TEST_CASE("a pattern of keys has stars and question marks", "[sharing]") {
    using vs::detail::fits_glob;
    CHECK(fits_glob("*", ""));
    CHECK(fits_glob("a*b*c", "aXbYbZc"));
    CHECK(fits_glob("a?c", "abc"));
    CHECK(fits_glob("tower/*", "tower/a/b"));
    CHECK_FALSE(fits_glob("tower/*", "tower_1/a"));
    CHECK_FALSE(fits_glob("a?c", "ac"));
    CHECK_FALSE(fits_glob("", "a"));
    CHECK_FALSE(fits_glob("a*b", "abc"));
}

TEST_CASE("sharing is recorded from many threads", "[sharing][threads]") {
    vs::graph g({.record_sharing = true});
    (void)vs::get_variable(g, "v", {1});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) { (void)vs::get_variable<float, 1>(g, "v", {1}, {.reuse = vs::reuse}); }
        });
    }
    for (auto& t : threads) { t.join(); }
    CHECK(vs::sharing_report(g).at(0).times_shared == 2000);
}
