#include "catch.hpp"
#include "thrown.hpp"

#include <varscope/graph/graph_state.hpp>
#include <varscope/scope/freeze.hpp>
#include <varscope/train/regularizers.hpp>
#include <varscope/varscope.hpp>

namespace vs = varscope;

TEST_CASE("a frozen graph shares, and makes no variable", "[freeze]") {
    vs::graph g;
    const vs::as_default in(g);
    const auto v = vs::get_variable<float, 1>("tower/kernel", {2});
    CHECK_FALSE(vs::is_frozen());
    vs::freeze();
    CHECK(vs::is_frozen());
    CHECK_FALSE(vs::is_finalized());
    {
        const vs::variable_scope s("tower", vs::auto_reuse);
        CHECK(vs::get_variable<float, 1>("kernel", {2}).is(v));
        CHECK_THROWS_AS(vs::get_variable("kernal", {2}), vs::frozen);
        CHECK_THROWS_AS(vs::get_variable("parts", {2}, {.partitioner = vs::fixed_size_partitioner(2)}), vs::frozen);
        CHECK_THROWS_AS(vs::make_variable("w", {.initializer = 1.F}), vs::frozen);
    }
    CHECK(vs::make_op({.type = "Add"}).name() == "Add:0");
    CHECK(g.store().size() == 1);
    CHECK(vs::unique_name("w", vs::name_use::ask) == "w");
}

TEST_CASE("a frozen graph tells the nearest keys", "[freeze]") {
    vs::graph g;
    const vs::as_default in(g);
    (void)vs::get_variable("kernel", {2});
    vs::freeze(g);
    try {
        (void)vs::get_variable("kernal", {2});
        FAIL("did not throw");
    } catch (const vs::frozen& e) {
        const std::string text = e.what();
        CHECK(text.starts_with("variable 'kernal' cannot be made: its graph is frozen\n  requested at freeze.cpp:"));
        CHECK(text.find("\n  nearest: 'kernel'\n") != std::string::npos);
        CHECK(e.name() == "kernal");
    }
}

TEST_CASE("a frozen graph takes no hidden name", "[freeze]") {
    vs::graph g;
    const vs::as_default in(g);
    const auto v = vs::get_variable<float, 0>("v", vs::any_shape, {.initializer = 1.F});
    CHECK(vs::unique_name("Const", vs::name_use::ask) == "Const_1"); // TensorFlow's op of the value
    vs::freeze();
    const vs::variable_scope s("", vs::auto_reuse);
    CHECK(vs::get_variable("v", vs::any_shape, {.initializer = 1.F, .dtype = vs::dtype::float32}).is(v));
    CHECK_THROWS_AS(vs::get_variable("w", vs::any_shape, {.initializer = 1.F, .dtype = vs::dtype::float32}), vs::frozen);
    CHECK_THROWS_AS(vs::get_variable("w", {2}, {.partitioner = vs::fixed_size_partitioner(2)}), vs::frozen);
    CHECK_THROWS_AS(vs::make_variable("w", {.initializer = 1.F}), vs::frozen);
    CHECK_THROWS_AS(vs::get_variable("w", {2}, {.regularizer = vs::l2_regularizer(1.F)}), vs::frozen);
    for (const char* name : {"Const_1", "w", "w/part_0", "w/Regularizer"}) {
        CHECK(vs::unique_name(name, vs::name_use::ask) == name);
    }
}

TEST_CASE("a final graph makes no op either", "[freeze]") { // tf.Graph.finalize
    vs::graph g;
    const vs::as_default in(g);
    vs::finalize();
    CHECK(vs::is_finalized());
    CHECK(vs::is_frozen());
    CHECK_THROWS_AS(vs::make_op({.type = "Add"}), vs::frozen);
    CHECK_THROWS_AS(vs::get_variable("v", {1}), vs::frozen);
    CHECK(g.nodes().empty());
}

TEST_CASE("a frozen graph makes no variable of any kind, and is final once it was finalized", "[freeze]") {
    vs::graph g;
    const vs::as_default in(g);
    vs::freeze();
    CHECK_THROWS_AS((vs::get_variable<float, 1>("v", {2})), vs::frozen); // which would be made quickly
    CHECK_THROWS_AS((vs::get_variable<float>("v", {2}, {.initializer = vs::ones()})), vs::frozen);
    CHECK(g.store().size() == 0);
    vs::finalize();
    vs::freeze();
    CHECK(vs::is_finalized());
    CHECK_THROWS_AS(vs::make_op({.type = "Add"}), vs::frozen);
}
