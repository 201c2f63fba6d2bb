#include <varscope/train/constraints.hpp>

#include <varscope/variable/get_variable.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace vs = varscope;
using vs::dtype;
using vs::shape;

namespace {

using matrix = xt::xtensor<double, 2>;

/// Norms of the columns: 5, 0.5 and 0; of the rows: sqrt(9.09), sqrt(16.16).
const matrix columns{{3, 0.3, 0}, {4, 0.4, 0}};

matrix projected(const vs::constraint& project, const matrix& values = columns) {
    vs::variable<double, 2> v{values, "v"};
    project(v);
    return v;
}

bool is_close(const matrix& a, const matrix& b) {
    bool result = a.shape() == b.shape();
    for (std::size_t i = 0; result && i < a.size(); ++i) { // 1e-7 is added to norms, as in Keras
        result = std::abs(a.data()[i] - b.data()[i]) <= 1e-6;
    }
    return result;
}

} // namespace

TEST_CASE("negative elements become 0", "[constraints]") {
    fresh g;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    CHECK(bool(projected(vs::non_neg(), {{-1, 2}, {0, -infinity}}) == matrix{{0, 2}, {0, 0}}));
    CHECK(vs::non_neg().name() == "non_neg");
    CHECK(std::isnan(projected(vs::non_neg(), {{std::nan("")}})(0, 0)));
}

TEST_CASE("norms are limited, made 1, or brought into an interval", "[constraints]") {
    fresh g;
    CHECK(is_close(projected(vs::max_norm()), {{1.2, 0.3, 0}, {1.6, 0.4, 0}}));
    CHECK(is_close(projected(vs::max_norm(10)), columns));
    CHECK(is_close(projected(vs::unit_norm()), {{0.6, 0.6, 0}, {0.8, 0.8, 0}}));
    CHECK(is_close(projected(vs::min_max_norm(1, 4)), {{2.4, 0.6, 0}, {3.2, 0.8, 0}}));
    CHECK(is_close(projected(vs::min_max_norm(1, 4, 0.5)), {{2.7, 0.45, 0}, {3.6, 0.6, 0}}));
}

TEST_CASE("norms are taken over the axes that are given", "[constraints]") {
    fresh g;
    CHECK(is_close(projected(vs::unit_norm({1}), {{3, 4}, {6, 8}}), {{0.6, 0.8}, {0.6, 0.8}}));
    CHECK(is_close(projected(vs::unit_norm({-1}), {{3, 4}, {6, 8}}), {{0.6, 0.8}, {0.6, 0.8}}));
    CHECK(is_close(projected(vs::unit_norm({0, 1}), {{1, 5}, {7, 5}}), {{0.1, 0.5}, {0.7, 0.5}}));
    CHECK(is_close(projected(vs::unit_norm({}), {{-3, 4}}), {{-1, 1}}));
    const vs::variable<float, 3> v{{{{3, 1}, {4, 0}}, {{0, 1}, {0, 1}}}, "v"};
    vs::unit_norm({0, 1})(v);
    CHECK(v(0, 0, 0) == Catch::Approx(0.6F).epsilon(1e-6));
    CHECK(v(1, 1, 1) == Catch::Approx(1 / std::sqrt(3.F)).epsilon(1e-6));
}

TEST_CASE("constraints are applied to every floating type, and to no other", "[constraints]") {
    fresh g;
    for (const dtype type : {dtype::float16, dtype::bfloat16, dtype::float32, dtype::float64}) {
        const auto v = vs::get_variable(to_string(type), {4}, {.initializer = vs::constant_initializer(-3), .dtype = type});
        vs::unit_norm()(v);
        const auto value = v.value().converted(dtype::float64).value();
        CHECK(*static_cast<const double*>(value.data()) == Catch::Approx(-0.5).epsilon(1e-2));
        vs::non_neg()(v);
        CHECK(*static_cast<const double*>(v.value().converted(dtype::float64).value().data()) == 0);
    }
    const auto i = vs::get_variable<int>("i", {2});
    CHECK(thrown<vs::value_dtype>([&] { vs::non_neg()(i); }) ==
          "constraint 'non_neg' cannot be applied to variable 'i': it has element type int32\n  created at " +
              vs::to_string(i.defined_at()) + "\n  use a floating type");
}

TEST_CASE("a variable that is cut is projected as if it were not, and a part by itself", "[constraints]") {
    fresh g;
    const auto w = vs::get_variable<double, 2>("w", {2, 3}, {.initializer = [](const shape&) { return columns; }, .partitioner = vs::fixed_size_partitioner(2, 1)});
    vs::unit_norm({1})(vs::any_variable(w).parts()[1]); // the last column, each row by itself
    CHECK(is_close(w, columns));
    vs::max_norm(1, {1})(vs::any_variable(w).parts()[0]);
    CHECK(w(0, 0) < 1);
    CHECK(w(0, 2) == 0);
    vs::unit_norm()(w);
    CHECK(std::hypot(w(0, 1), w(1, 1)) == Catch::Approx(1).epsilon(1e-5));
}

TEST_CASE("parameters without a meaning and axes that are not there are refused", "[constraints]") {
    fresh g;
    CHECK(thrown<vs::bad_parameter>([] { (void)vs::max_norm(-1); }) ==
          "max_norm cannot have limit -1\n  requested at constraints.cpp:here\n  give a finite number that is not negative");
    CHECK_THROWS_AS(vs::min_max_norm(2, 1), vs::bad_parameter);
    CHECK_THROWS_AS(vs::min_max_norm(0, 1, 1.5), vs::bad_parameter);
    const vs::variable<double, 2> v{columns, "v"};
    CHECK(thrown<vs::bad_shape>([&] { vs::max_norm(1, {2})(v); }) ==
          "constraint 'max_norm' has no axis 2 in variable 'v'\n  created at " + vs::to_string(v.defined_at()) +
              " with shape (2, 3)\n  give axes that it has");
    CHECK(bool(v == columns));
}

TEST_CASE("variables without elements satisfy every constraint", "[constraints]") {
    fresh g;
    const auto v = vs::get_variable<float>("v", {0, 3});
    CHECK_NOTHROW(vs::unit_norm()(v));
    CHECK_NOTHROW(vs::non_neg()(v));
}
