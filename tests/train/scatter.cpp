#include <varscope/train/scatter.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/op/ops.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <complex>
#include <cstdint>
#include <string>
#include <vector>

namespace vs = varscope;
using vs::shape;

namespace {

constexpr vs::graph_options deferred{.initialization = vs::initialization::deferred};

template <class E>
auto elements_of(const E& e) {
    return std::vector<typename E::value_type>(e.begin(), e.end());
}
using floats = std::vector<float>;

vs::variable<float, 1> four() { return vs::variable<float, 1>{{1, 2, 3, 4}, "w"}; }
/// {{0, 1}, {10, 11}, {20, 21}}
vs::variable<float, 2> table() { return vs::variable<float, 2>{{{0, 1}, {10, 11}, {20, 21}}, "table"}; }

} // namespace

TEST_CASE("scatters update single elements of a vector", "[scatter]") {
    fresh g;
    const auto w = four();
    CHECK(vs::scatter_update(w, {0, 3}, {10, 40}).is(w));
    CHECK(elements_of(w) == floats{10, 2, 3, 40});
    vs::scatter_add(w, {1, 3}, {1, 2});
    CHECK(elements_of(w) == floats{10, 3, 3, 42});
    vs::scatter_sub(w, {0, 2}, {1, 2});
    CHECK(elements_of(w) == floats{9, 3, 1, 42});
    vs::scatter_mul(w, {2, 1}, {7, 2});
    CHECK(elements_of(w) == floats{9, 6, 7, 42});
    vs::scatter_div(w, {0, 3}, {2, 4});
    CHECK(elements_of(w) == floats{4.5F, 6, 7, 10.5F});
    vs::scatter_min(w, {0, 1}, {5, 5});
    CHECK(elements_of(w) == floats{4.5F, 5, 7, 10.5F});
    vs::scatter_max(w, {0, 1}, {4.75F, 4.75F});
    CHECK(elements_of(w) == floats{4.75F, 5, 7, 10.5F});
    CHECK(g.graph.nodes().size() == 1); // no op is recorded
}

TEST_CASE("scatters update rows", "[scatter]") {
    fresh g;
    const auto w = table();
    vs::scatter_update(w, {2, 0}, {{7, 8}, {9, 10}});
    CHECK(elements_of(w) == floats{9, 10, 10, 11, 7, 8});
    vs::scatter_add(w, xt::xtensor<int, 2>{{0, 1}}, xt::xtensor<float, 3>{{{1, 1}, {2, 2}}});
    CHECK(elements_of(w) == floats{10, 11, 12, 13, 7, 8});
    vs::scatter_update(w, 1, xt::xtensor<float, 1>{0, 1}); // a scalar index: the updates are a row
    CHECK(elements_of(w) == floats{10, 11, 0, 1, 7, 8});
    vs::scatter_sub(vs::variable<float>(w), std::vector<std::uint8_t>{2}, {{7, 8}});
    CHECK(elements_of(w) == floats{10, 11, 0, 1, 0, 0});
}

TEST_CASE("one number goes into every element of the rows", "[scatter]") {
    fresh g;
    const auto w = table();
    vs::scatter_update(w, {0, 2}, 5);
    CHECK(elements_of(w) == floats{5, 5, 10, 11, 5, 5});
    vs::scatter_add(w, {0, 1, 0}, xt::xarray<float>(1.F));
    CHECK(elements_of(w) == floats{7, 7, 11, 12, 5, 5});
}

TEST_CASE("updates for one index are applied in order", "[scatter]") {
    fresh g;
    const auto w = four();
    vs::scatter_update(w, {1, 1, 1}, {7, 8, 9});
    vs::scatter_add(w, {0, 0, 3}, {1, 2, 3});
    vs::scatter_div(w, {2, 2}, {2, 3});
    CHECK(elements_of(w) == floats{4, 9, 0.5F, 7});
}

TEST_CASE("updates may stand on the variable itself", "[scatter]") {
    fresh g;
    const auto w = four();
    vs::scatter_update(w, {3, 2, 1, 0}, w);
    CHECK(elements_of(w) == floats{4, 3, 2, 1});
    vs::scatter_add(w, {0, 0, 0, 0}, vs::multiply(w, 2.F));
    CHECK(elements_of(w) == floats{24, 3, 2, 1});
}

TEST_CASE("elements of every kind are scattered", "[scatter]") {
    fresh g;
    const vs::variable<std::int8_t, 1> i{{100, -128}, "i"};
    vs::scatter_add(i, {0}, {std::int8_t{100}});
    vs::scatter_div(i, {1}, xt::xarray<int>{-1});
    CHECK(elements_of(i) == std::vector<std::int8_t>{-56, -128});
    const vs::variable<bool, 1> b{{true, true}, "b"};
    vs::scatter_update(b, {1}, false);
    CHECK(elements_of(b) == std::vector<bool>{true, false});
    const vs::variable<vs::float16, 1> h{{vs::float16(1.F), vs::float16(2.F)}, "h"};
    vs::scatter_mul(h, {1}, 1.5);
    CHECK(h(1) == 3.F);
    const vs::variable<std::complex<double>, 1> z{{{1, 2}, {3, 4}}, "z"};
    vs::scatter_mul(z, {0}, std::complex<double>(0, 1));
    CHECK(z(0) == std::complex<double>(-2, 1));
    CHECK(elements_of(vs::gather(b, {1, 0})) == std::vector<bool>{false, true});
}

TEST_CASE("without indices nothing changes", "[scatter]") {
    fresh g;
    const auto w = table();
    const xt::xarray<float> none = xt::xarray<float>::from_shape({0, 2});
    vs::scatter_update(w, {}, none);
    vs::scatter_update(w, {}, 3);
    vs::scatter_nd_add(w, xt::xarray<int>::from_shape({0, 1}), none);
    CHECK(elements_of(w) == floats{0, 1, 10, 11, 20, 21});
    CHECK(vs::shape(vs::gather(w, {}).shape()) == shape{0, 2});
    const auto empty = vs::get_variable<float, 2>("empty", {0, 2});
    vs::scatter_update(empty, {}, none);
    CHECK_THROWS_AS(vs::scatter_update(empty, {0}, 1), vs::out_of_range);
    const vs::variable<int, 1> whole{{1, 2}, "whole"};
    vs::scatter_div(whole, {}, 0);
    CHECK(elements_of(whole) == std::vector<int>{1, 2});
}

TEST_CASE("an index that is out of range is refused before anything is written", "[scatter]") {
    fresh g;
    const auto w = table();
    const auto says = [&](const std::string& index, const std::string& axis,
                          const std::string& position, const std::string& length) {
        return "variable 'table' has no index " + index + " along axis " + axis +
            "\n  first created at " + made(w) + " with shape (3, 2) float32\n  asked for at "
            "scatter.cpp:here by number " + position +
            " of the indices\n  indices are counted from 0 and less than " + length + " here";
    };
    CHECK(thrown<vs::out_of_range>([&] { (void)vs::scatter_update(w, {0, 3}, 5); }) ==
        says("3", "0", "1", "3"));
    CHECK(thrown<vs::out_of_range>([&] { (void)vs::scatter_add(w, {-1}, 5); }) ==
        says("-1", "0", "0", "3"));
    CHECK(thrown<vs::out_of_range>([&] { (void)vs::gather(w, 7); }) ==
        says("7", "0", "0", "3"));
    CHECK(thrown<vs::out_of_range>([&] { (void)vs::scatter_nd_update(w, {{0, 0}, {1, 2}}, xt::xtensor<float, 1>{1, 2}); }) ==
        says("2", "1", "3", "2"));
    CHECK(thrown<vs::out_of_range>([&] { (void)vs::gather_nd(w, {4}); }) ==
        says("4", "0", "0", "3"));
    CHECK(elements_of(w) == floats{0, 1, 10, 11, 20, 21});
    try {
        vs::scatter_update(w, {1, 9}, 5);
        FAIL("not refused");
    } catch (const vs::out_of_range& e) {
        CHECK(e.name() == "table");
        CHECK(e.index() == 9);
        CHECK(e.limit() == 3);
    }
}

TEST_CASE("updates of another shape are refused and the right one is named", "[scatter]") {
    fresh g;
    const auto w = table();
    const auto says = [&](const std::string& given, const std::string& indices,
                          const std::string& rest) {
        return "variable 'table' cannot take updates of shape " + given +
            "\n  first created at " + made(w) + " with shape (3, 2) float32\n  updated at "
            "scatter.cpp:here through indices of shape " + indices +
            "\n  give updates of shape " + rest;
    };
    const xt::xtensor<float, 1> row{1, 2};
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::scatter_update(w, {0, 1}, row); }) ==
        says("(2,)", "(2,)", "(2, 2), or one number for all"));
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::scatter_nd_update(w, {{0, 1}}, row); }) ==
        says("(2,)", "(1, 2)", "(1,)"));
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::scatter_nd_update(w, {{0}, {1}}, 5); }) ==
        says("()", "(2, 1)", "(2, 2)"));
    CHECK(elements_of(w) == floats{0, 1, 10, 11, 20, 21});
}

TEST_CASE("whole numbers are not divided by zero", "[scatter]") {
    fresh g;
    const vs::variable<int, 1> w{{6, 7}, "w"};
    const xt::xtensor<int, 1> divisors{2, 0};
    CHECK(thrown<vs::division_by_zero>([&] { (void)vs::scatter_div(w, {0, 1}, divisors); }) ==
        "variable 'w' cannot be divided by 0\n  first created at " + made(w) +
            " with shape (2,) int32\n  updated at scatter.cpp:here");
    CHECK(elements_of(w) == std::vector<int>{6, 7});
    const auto f = four();
    vs::scatter_div(f, {0}, 0);
    CHECK(f(0) > 1e30F);
}

TEST_CASE("a scalar has no rows", "[scatter]") {
    fresh g;
    const vs::variable<float, 0> s{1.F, "s"};
    CHECK(thrown<vs::bad_shape>([&] { (void)vs::scatter_update(s, {0}, 5); }) ==
        "variable 's' cannot be indexed with shape (1,): it has too few axes\n  first created at " +
            made(s) + " with shape () float32\n  asked for at scatter.cpp:here");
    CHECK_THROWS_AS(vs::gather(s, {0}), vs::bad_shape);
    CHECK(s() == 1.F);
}

TEST_CASE("tuples of indices name elements, rows or all of a variable", "[scatter]") {
    fresh g;
    const auto w = table();
    vs::scatter_nd_update(w, {{2, 1}, {0, 0}}, xt::xtensor<float, 1>{5, 6});
    CHECK(elements_of(w) == floats{6, 1, 10, 11, 20, 5});
    vs::scatter_nd_add(w, {{1}, {1}}, {{1, 2}, {3, 4}});
    CHECK(elements_of(w) == floats{6, 1, 14, 17, 20, 5});
    vs::scatter_nd_sub(w, {0, 1}, 1);
    CHECK(elements_of(w) == floats{6, 0, 14, 17, 20, 5});
    vs::scatter_nd_update(w, xt::xarray<int>::from_shape({0}), table());
    CHECK(elements_of(w) == floats{0, 1, 10, 11, 20, 21});
    CHECK_THROWS_AS(vs::scatter_nd_update(w, {{0, 0, 0}}, 1), vs::bad_shape);
    CHECK_THROWS_AS(vs::scatter_nd_update(w, 0, 1), vs::bad_shape);
}

TEST_CASE("batches are updated each in rows of its own", "[scatter]") {
    fresh g;
    const vs::variable<float, 2> w{{{1, 2, 3}, {4, 5, 6}}, "w"};
    vs::batch_scatter_update(w, {{0, 2}, {1, 0}}, {{10, 30}, {50, 40}});
    CHECK(elements_of(w) == floats{10, 2, 30, 40, 50, 6});
    const auto t = table();
    vs::batch_scatter_update(t, {2, 0}, {{5, 6}, {7, 8}});
    CHECK(elements_of(t) == floats{7, 8, 10, 11, 5, 6});
    const vs::variable<float, 3> deep{{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}, "deep"};
    vs::batch_scatter_update(deep, {{1}, {0}}, {{{30, 40}}, {{50, 60}}});
    CHECK(elements_of(deep) == floats{1, 2, 30, 40, 50, 60, 7, 8});
    CHECK_THROWS_AS(vs::batch_scatter_update(w, {{0}, {1}, {2}}, {{1}, {2}, {3}}), vs::bad_shape);
    CHECK_THROWS_AS(vs::batch_scatter_update(w, 0, 1), vs::bad_shape);
    CHECK_THROWS_AS(vs::batch_scatter_update(four(), {{0, 1}}, {1}), vs::bad_shape);
    CHECK_THROWS_AS(vs::batch_scatter_update(w, {{0}, {3}}, {{1}, {2}}), vs::out_of_range);
    CHECK(elements_of(w) == floats{10, 2, 30, 40, 50, 6});
}

TEST_CASE("gather copies rows, and gather_nd what tuples name", "[scatter]") {
    fresh g;
    const auto w = table();
    auto rows = vs::gather(w, {2, 0, 2});
    CHECK(shape(rows.shape()) == shape{3, 2});
    CHECK(elements_of(rows) == floats{20, 21, 0, 1, 20, 21});
    rows.fill(0);
    CHECK(w(2, 0) == 20.F);
    CHECK(shape(vs::gather(w, 1).shape()) == shape{2});
    CHECK(shape(vs::gather(w, {{0, 1, 2}, {2, 1, 0}}).shape()) == shape{2, 3, 2});
    const auto elements = vs::gather_nd(w, {{2, 1}, {1, 0}});
    CHECK(shape(elements.shape()) == shape{2});
    CHECK(elements_of(elements) == floats{21, 10});
    CHECK(elements_of(vs::gather_nd(vs::variable<float>(w), {{2}})) == floats{20, 21});
    CHECK(vs::gather_nd(w, {1, 1})() == 11.F);
}

TEST_CASE("a variable without a value is neither scattered into nor gathered from", "[scatter]") {
    fresh g(deferred);
    const auto w = vs::get_variable<float, 1>("w", {4});
    const auto u = vs::get_variable<float, 1>("u", {2});
    CHECK_THROWS_AS(vs::scatter_update(w, {0, 1}, {1, 2}), vs::uninitialized);
    CHECK_THROWS_AS(vs::scatter_nd_add(w, {{0}}, {1}), vs::uninitialized);
    CHECK_THROWS_AS(vs::gather(w, {0}), vs::uninitialized);
    CHECK_THROWS_AS(vs::gather_nd(w, {{0}}), vs::uninitialized);
    CHECK_FALSE(w.is_initialized());
    w.graph().initialize(w.node());
    CHECK_THROWS_AS(vs::scatter_update(w, {0, 1}, u), vs::uninitialized);
}
