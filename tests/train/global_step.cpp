#include <varscope/train/global_step.hpp>
#include <varscope/scope/variable_scope.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;

TEST_CASE("a new global step is an int64 scalar that begins at 0", "[global_step]") {
    fresh g;
    const vs::name_scope ignored{"ignored"};
    auto step = vs::create_global_step();
    CHECK(step.name() == "global_step:0");
    CHECK(step.key() == "global_step");
    CHECK(step() == 0);
    CHECK_FALSE(step.is_trainable());
    CHECK(vs::get_collection(vs::graph_keys::global_step).size() == 1);
    CHECK(vs::global_variables().size() == 1);
    CHECK(vs::trainable_variables().empty());
    CHECK(vs::get_global_step().value().is(step));
    step += 5;
    CHECK(vs::global_step(step) == 5);
}

TEST_CASE("the global step is made in the variable scope and found in every one", "[global_step]") {
    fresh g;
    CHECK_FALSE(vs::get_global_step().has_value());
    {
        const vs::variable_scope scope{"scope"};
        CHECK(vs::get_or_create_global_step().name() == "scope/global_step:0");
    }
    CHECK(vs::get_or_create_global_step().name() == "scope/global_step:0");
    CHECK(vs::global_variables().size() == 1);
}

TEST_CASE("another graph has a global step of its own", "[global_step]") {
    fresh g;
    vs::graph other;
    const auto step = vs::create_global_step(other);
    CHECK(&step.graph() == &other);
    CHECK(&vs::current_graph() == &g.graph);
    CHECK_FALSE(vs::get_global_step().has_value());
    CHECK(vs::get_global_step(other).value().is(step));
    CHECK(vs::get_or_create_global_step(other).is(step));
}

TEST_CASE("a second global step is refused", "[global_step]") {
    fresh g;
    const auto step = vs::create_global_step();
    CHECK(thrown<vs::already_exists>([&] { (void)vs::create_global_step(); }) ==
        "the graph has a global step already: variable 'global_step'\n  first created at " +
            made(step) + " with shape () int64\n  requested again at global_step.cpp:here\n  to share it, call get_or_create_global_step()");
    CHECK(vs::global_variables().size() == 1);
    CHECK(step() == 0);
}

TEST_CASE("a variable of the right name is the global step", "[global_step]") {
    fresh g;
    const vs::variable<std::int32_t, 0> step{10, "global_step"};
    CHECK(vs::get_global_step().value().is(step));
    CHECK(vs::global_step(step) == 10);
    CHECK_THROWS_AS(vs::create_global_step(), vs::already_exists);
}

TEST_CASE("the collection goes before the name", "[global_step]") {
    fresh g;
    const vs::variable<std::int32_t, 0> named{10, "global_step"};
    const auto listed = vs::get_variable<std::uint8_t, 0>("other", {},
        {.initializer = vs::zeros(), .collections = std::vector<std::string>{"global_step"}});
    CHECK(vs::get_global_step().value().is(listed));
}

TEST_CASE("of several variables in the collection none is the global step", "[global_step]") {
    fresh g;
    const vs::variable_options options{
        .initializer = vs::zeros(), .collections = std::vector<std::string>{"global_step"}};
    const auto a = vs::get_variable<int, 0>("a", {}, options);
    const auto b = vs::get_variable<int, 0>("b", {}, options);
    CHECK(thrown<vs::ambiguous_name>([&] { (void)vs::get_global_step(); }) ==
        "collection 'global_step' has 2 entries, and only one can be the global step"
                "\n  'a', created at " + made(a) + "\n  'b', created at " +
            made(b) + "\n  asked for at global_step.cpp:here");
}

TEST_CASE("a global step is a scalar of an integer type", "[global_step]") {
    fresh g;
    const vs::variable<float, 0> real{1.F, "real"};
    const vs::variable<int, 1> list{{1}, "global_step"};
    CHECK(thrown<vs::dtype_mismatch>([&] { (void)vs::assert_global_step(real); }) ==
        "variable 'real' cannot be the global step\n  first created at " +
            made(real) + " with shape () float32\n  asked for at global_step.cpp:here"
            "\n  a global step is of an integer type, e.g. int64");
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::get_global_step(); }) ==
        "variable 'global_step' cannot be the global step\n  first created at " +
            made(list) + " with shape (1,) int32\n  asked for at global_step.cpp:here"
            "\n  a global step is a scalar");
    CHECK_THROWS_AS(vs::get_or_create_global_step(), vs::shape_mismatch);
    CHECK_THROWS_AS(vs::global_step(real), vs::dtype_mismatch);
    CHECK(vs::global_variables().size() == 2);
}

TEST_CASE("a global step without a value cannot be read", "[global_step]") {
    fresh g({.initialization = vs::initialization::deferred});
    const auto step = vs::create_global_step();
    CHECK_THROWS_AS(vs::global_step(step), vs::uninitialized);
    CHECK(vs::get_global_step().has_value());
}

TEST_CASE("a scope that only reuses makes no global step", "[global_step]") {
    fresh g;
    const vs::variable_scope scope{"scope", vs::reuse};
    CHECK_THROWS_AS(vs::create_global_step(), vs::does_not_exist);
    CHECK(g.graph.nodes().empty());
    CHECK(vs::get_collection("global_step").empty());
}

TEST_CASE("many threads share one global step", "[global_step][threads]") {
    vs::graph g;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] { (void)vs::get_or_create_global_step(g); });
    }
    for (auto& thread : threads) { thread.join(); }
    CHECK(vs::global_variables(g).size() == 1);
}
