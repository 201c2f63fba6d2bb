#include <varscope/train/apply_constraint.hpp>

#include <varscope/train/constraints.hpp>
#include <varscope/variable/get_variable.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#include <stdexcept>

namespace vs = varscope;

namespace {

using vector = xt::xtensor<float, 1>;

vs::variable<float, 1> make(const vs::constraint& c) {
    return vs::get_variable<float, 1>("w", {3}, {.initializer = vs::ones(), .constraint = c});
}

} // namespace

TEST_CASE("an update assigns and then projects", "[apply_constraint]") {
    fresh g;
    const auto w = make(vs::non_neg());
    CHECK(vs::apply_update(w, w - vector{0.5F, 1, 2}).is(w));
    CHECK(bool(w == vector{0.5F, 0, 0}));
    vs::apply_update(w, {-1, 0, 1});
    CHECK(bool(w == vector{0, 0, 1}));
}

TEST_CASE("an assignment alone does not project, and a constraint can be applied later", "[apply_constraint]") {
    fresh g;
    auto w = make(vs::non_neg());
    w = vector{-1, 2, -3};
    CHECK(w(0) == -1.F);
    vs::apply_constraint(w);
    CHECK(bool(w == vector{0, 2, 0}));
}

TEST_CASE("without a constraint, or with one that is only a name, an update assigns", "[apply_constraint]") {
    fresh g;
    const auto w = make({});
    vs::apply_update(w, {-1, 2, -3});
    vs::apply_constraint(w);
    CHECK(bool(w == vector{-1, 2, -3}));
    const vs::variable<float, 1> named{{1}, "named", {.constraint = "NonNeg"}};
    vs::apply_update(named, {-2});
    CHECK(named(0) == -2.F);
}

TEST_CASE("an update whose constraint fails leaves what was there", "[apply_constraint]") {
    fresh g;
    const auto w = make({"failing", [](const vs::any_variable& v) {
                             static_cast<float*>(v.data())[1] = 100;
                             throw std::runtime_error("cannot");
                         }});
    CHECK_THROWS_AS(vs::apply_update(w, {4, 5, 6}), std::runtime_error);
    CHECK(bool(w == vector{1, 1, 1}));
    CHECK_THROWS_AS(vs::apply_update(w, {4, 5}), vs::shape_mismatch);
    CHECK(bool(w == vector{1, 1, 1}));
}

TEST_CASE("an update may give the first value", "[apply_constraint]") {
    fresh g({.initialization = vs::initialization::deferred});
    const auto w = make(vs::unit_norm());
    CHECK_THROWS_AS(vs::apply_constraint(w), vs::uninitialized);
    CHECK_THROWS_AS(vs::apply_update(w, w * 2.F), vs::uninitialized);
    vs::apply_update(w, {0, 2, 0});
    CHECK(w(1) == Catch::Approx(1.F).epsilon(1e-6));
}

TEST_CASE("a constraint of a scope holds for its variables", "[apply_constraint]") {
    fresh g;
    const vs::variable_scope scope{"s", {.constraint = vs::non_neg()}};
    const auto w = make({});
    vs::apply_update(w, {-1, -1, 1});
    CHECK(bool(w == vector{0, 0, 1}));
}
