#include <varscope/variable/variable_creator.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

namespace vs = varscope;

static_assert(!std::is_copy_constructible_v<vs::variable_creator_scope> && !std::is_copy_assignable_v<vs::variable_creator_scope>);
static_assert(!std::is_move_constructible_v<vs::variable_creator_scope> && !std::is_move_assignable_v<vs::variable_creator_scope>);
static_assert(!std::is_convertible_v<vs::variable_creator, vs::variable_creator_scope>);

namespace {

vs::variable_creator note(strings& log, std::string who) {
    return [&log, who](const vs::next_creator& next, const vs::variable_creation& wanted) {
        log.push_back(who + ' ' + wanted.name);
        return next(wanted);
    };
}

template <class Change> vs::variable_creator with(Change change) {
    return [change](const vs::next_creator& next, vs::variable_creation wanted) {
        change(wanted);
        return next(wanted);
    };
}

} // namespace

TEST_CASE("a creator is asked for every new variable of its block, shared or not", "[variable_creator]") {
    fresh f;
    strings log;
    (void)vs::get_variable("before", {1});
    {
        vs::variable_creator_scope c{note(log, "c")};
        vs::variable_scope s{"s", vs::auto_reuse};
        (void)vs::get_variable("a", {1});
        (void)vs::get_variable("a", {1});
        (void)vs::get_variable<double, 1>("b", {1});
        (void)vs::get_local_variable("l", {1});
        (void)vs::make_variable("own", {.initializer = 1.f});
        const vs::variable<float, 1> typed({1.f, 2.f}, "typed");
        (void)vs::make_variable(vs::no_name, {.initializer = 1.f});
    }
    (void)vs::get_variable("after", {1});
    CHECK(log == strings{"c s/a", "c s/b", "c s/l", "c own", "c typed", "c Variable"});
}

TEST_CASE("of nested creators the innermost is asked first", "[variable_creator]") {
    fresh f;
    strings log;
    vs::variable_creator_scope a{note(log, "outer")};
    vs::variable_creator_scope b{note(log, "inner")};
    (void)vs::get_variable("v", {1});
    CHECK(log == strings{"inner v", "outer v"});
}

TEST_CASE("a creator is told all that was asked for", "[variable_creator]") {
    fresh f;
    std::optional<vs::variable_creation> seen;
    vs::variable_creator_scope c{[&](const vs::next_creator& next, const vs::variable_creation& wanted) {
        seen = wanted;
        return next(wanted);
    }};
    vs::variable_scope s{"s"};
    const auto here = std::source_location::current().line();
    (void)vs::get_variable("v", {2, 3}, {.initializer = vs::ones(), .dtype = vs::dtype::float64, .trainable = false, .collections = strings{"mine"}, .constraint = "norm"});
    REQUIRE(seen.has_value());
    CHECK(seen->name == "s/v");
    CHECK(seen->shape == vs::shape{2, 3});
    CHECK(seen->dtype == vs::dtype::float64);
    CHECK_FALSE(seen->trainable);
    CHECK(seen->collections == strings{"mine"});
    CHECK(seen->validate_shape);
    CHECK(seen->constraint.name() == "norm");
    CHECK(seen->asked_at.line() == here + 1);
    CHECK(static_cast<bool>(seen->initial_value));
    (void)vs::make_variable("w", {.initializer = 1});
    CHECK(seen->name == "w"); // below the name scope
    CHECK_FALSE(seen->shape.has_rank());
    CHECK_FALSE(seen->dtype.has_value());
    CHECK_FALSE(seen->collections.has_value());
}

TEST_CASE("a creator may change initial value, trainable, collections, constraint and element type", "[variable_creator]") {
    fresh f;
    vs::variable_creator_scope c{with([](vs::variable_creation& w) {
        w.initial_value = vs::constant_initializer(7);
        w.trainable = false;
        w.collections = strings{"mine"};
        w.constraint = "norm";
        w.dtype = vs::dtype::int64;
    })};
    const auto v = vs::get_variable("v", {2});
    CHECK(v.dtype() == vs::dtype::int64);
    CHECK(static_cast<const std::int64_t*>(v.data())[1] == 7);
    CHECK_FALSE(v.is_trainable());
    CHECK(v.constraint().name() == "norm");
    CHECK(names_of(vs::get_collection("mine")) == strings{"v:0"});
    CHECK(vs::global_variables().empty());
    CHECK(vs::trainable_variables().empty());
}

TEST_CASE("a creator may change the shape of a variable of any rank, and the handle has it", "[variable_creator]") {
    fresh f;
    vs::variable_creator_scope c{with([](vs::variable_creation& w) { w.shape = {3, 3}; })};
    CHECK(vs::get_variable<float>("v", {2}).shape(1) == 3);
    CHECK_THROWS_AS((vs::get_variable<float, 1>("w", {2})), vs::bad_shape);
    CHECK_FALSE(vs::find_variable("w").has_value());
}

TEST_CASE("a name that a creator changed is the op's, and the key stays what was asked for", "[variable_creator]") {
    fresh f;
    vs::variable_creator_scope c{with([](vs::variable_creation& w) { w.name += "_renamed"; })};
    vs::variable_scope s{"s", vs::auto_reuse};
    const auto v = vs::get_variable("v", {1});
    CHECK(v.key() == "s/v");
    CHECK(v.op_name() == "s/v_renamed");
    CHECK(vs::get_variable("v", {1}).is(v));
    CHECK(vs::find_variable("s/v")->is(v));
    CHECK_FALSE(vs::find_variable("s/v_renamed").has_value());
    CHECK(vs::make_variable("w", {.initializer = 1.f}).name() == "s/w_renamed:0");
}

TEST_CASE("an outer creator sees what the inner one made of the request", "[variable_creator]") {
    fresh f;
    strings log;
    vs::variable_creator_scope outer{note(log, "outer")};
    vs::variable_creator_scope inner{with([](vs::variable_creation& w) { w.name += "_x"; })};
    (void)vs::get_variable("v", {1});
    CHECK(log == strings{"outer v_x"});
}

TEST_CASE("a creator may make a variable of its own beside the one asked for", "[variable_creator]") {
    fresh f;
    vs::variable_creator_scope c{[](const vs::next_creator& next, const vs::variable_creation& wanted) {
        auto shadow = wanted;
        const auto v = next(wanted);
        if (wanted.name.ends_with("shadow")) { return v; }
        (void)vs::get_variable(wanted.name + "/shadow", wanted.shape, {.trainable = false});
        return v;
    }};
    const auto v = vs::get_variable("v", {2});
    CHECK(v.key() == "v");
    CHECK(names_of(vs::global_variables()) == strings{"v:0", "v/shadow:0"});
    CHECK(names_of(vs::trainable_variables()) == strings{"v:0"});
}

TEST_CASE("each part of a variable is made by the creators", "[variable_creator]") {
    fresh f;
    strings log;
    vs::variable_creator_scope c{note(log, "c")};
    (void)vs::get_variable("v", {4}, {.partitioner = vs::fixed_size_partitioner(2)});
    CHECK(log == strings{"c v/part_0", "c v/part_1"});
}

TEST_CASE("what a creator throws reaches the caller, and leaves no trace", "[variable_creator]") {
    fresh f;
    vs::variable_scope s{"s"};
    (void)vs::get_variable("w", {1});
    const auto before = listing(f.graph, {"v", "s/v"});
    vs::variable_creator_scope c{[](const vs::next_creator&, const vs::variable_creation&) -> vs::any_variable { throw std::runtime_error("no"); }};
    CHECK_THROWS_WITH(vs::get_variable("v", {1}), "no");
    CHECK_THROWS_WITH(vs::make_variable("v", {.initializer = 1.f}), "no");
    CHECK(listing(f.graph, {"v", "s/v"}) == before);
}

TEST_CASE("a creator scope that an exception leaves is over", "[variable_creator]") {
    fresh f;
    strings log;
    try {
        vs::variable_creator_scope c{note(log, "c")};
        throw std::runtime_error("passes");
    } catch (const std::runtime_error&) {}
    (void)vs::get_variable("v", {1});
    CHECK(log.empty());
}

TEST_CASE("creators belong to one graph and one thread", "[variable_creator][threads]") {
    fresh f;
    vs::graph other;
    strings log;
    vs::variable_creator_scope here{note(log, "here")};
    vs::variable_creator_scope there{other, note(log, "there")};
    (void)vs::get_variable("a", {1});
    (void)vs::get_variable(other, "b", {1});
    std::thread([&] { (void)vs::get_variable(f.graph, "c", {1}); }).join();
    CHECK(log == strings{"here a", "there b"});
}

TEST_CASE("a typed handle is refused where a creator made another element type", "[variable_creator]") { // read floats from doubles
    fresh f;
    vs::variable_creator_scope c{with([](vs::variable_creation& w) { w.dtype = vs::dtype::float64; })};
    CHECK_THROWS_AS((vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()})), vs::dtype_mismatch);
    CHECK_THROWS_AS((vs::variable<float, 1>({1.f, 2.f}, "w")), vs::dtype_mismatch);
}

TEST_CASE("a typed handle is refused where a creator returned a variable that does not fit it", "[variable_creator]") { // read beyond its elements
    fresh f;
    const auto numbers = vs::get_variable<int>("numbers", {2, 2});
    const auto matrix = vs::get_variable<float>("matrix", {2, 2});
    std::optional<vs::any_variable> answer;
    vs::variable_creator_scope c{[&](const vs::next_creator&, const vs::variable_creation&) { return *answer; }};
    answer = numbers;
    CHECK_THROWS_AS(vs::get_variable<float>("v", {2, 2}), vs::dtype_mismatch);
    answer = matrix;
    CHECK_THROWS_AS((vs::get_variable<float, 1>("v", {4})), vs::shape_mismatch);
    CHECK(vs::get_variable<float, 2>("v", {2, 2}).is(matrix));
}

TEST_CASE("a creator that makes the variable of one request twice is told so, and nothing more is made", "[variable_creator]") {
    fresh f;
    {
        vs::variable_creator_scope twice{[](const vs::next_creator& next, const vs::variable_creation& wanted) {
            (void)next(wanted);
            return next(wanted);
        }};
        const auto here = std::source_location::current().line();
        try {
            (void)vs::get_variable("v", {1});
            FAIL("did not throw");
        } catch (const vs::already_exists& e) {
            const std::string line = "variable_creator.cpp:" + std::to_string(here + 2);
            CHECK(e.what() == "variable 'v' was made twice by one request\n  first created at " + line +
                    " with shape (1,) float32, by a variable creator\n  requested at " + line +
                    "\n  a creator calls next once, or returns the variable that it made itself");
        }
        CHECK(names_of(vs::global_variables()) == strings{"v:0"}); // by the first call
        CHECK(vs::unique_name("v", vs::name_use::ask) == "v_1");
        CHECK_THROWS_AS(vs::get_variable("w", {4}, {.partitioner = vs::fixed_size_partitioner(2)}), vs::already_exists);
        (void)vs::make_variable("own", {.initializer = 1.f}); // no key: two variables
    }
    CHECK(names_of(vs::global_variables()) == strings{"v:0", "w/part_0:0", "own:0", "own_1:0"});
    vs::variable_creator_scope itself{[made = false](const vs::next_creator& next, const vs::variable_creation& wanted) mutable {
        if (!std::exchange(made, true)) { (void)vs::get_variable(wanted.name, wanted.shape); }
        return next(wanted);
    }};
    CHECK_THROWS_WITH(vs::get_variable("x", {1}), Catch::Matchers::ContainsSubstring("was made twice by one request"));
}
