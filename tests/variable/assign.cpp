#include <varscope/variable/assign.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/op/ops.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xview.hpp>
#endif

#include <complex>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;

namespace {

constexpr vs::graph_options deferred{.initialization = vs::initialization::deferred};

template <class T, std::size_t N>
std::vector<T> elements_of(const vs::variable<T, N>& v) {
    return {v.begin(), v.end()};
}

} // namespace

TEST_CASE("assign, assign_add and assign_sub change all elements and return the handle", "[assign]") {
    fresh g;
    const vs::variable<float, 1> w{{1, 2}, "w"};
    const float* const before = w.data();
    CHECK(vs::assign(w, xt::xtensor<float, 1>{3, 4}).is(w));
    CHECK(elements_of(w) == std::vector<float>{3, 4});
    CHECK(vs::assign_add(w, xt::xarray<float>{10, 20}).is(w));
    CHECK(elements_of(w) == std::vector<float>{13, 24});
    CHECK(vs::assign_sub(vs::variable<float>(w), xt::xarray<float>{1, 2}).is(w));
    CHECK(elements_of(w) == std::vector<float>{12, 22});
    CHECK(w.data() == before);
    CHECK(g.graph.nodes().size() == 1); // no op is recorded
}

TEST_CASE("values are written as nested lists too", "[assign]") {
    fresh g;
    const vs::variable<float, 2> w{{{1, 2}, {3, 4}}, "w"};
    vs::assign(w, {{5, 6}, {7, 8}});
    vs::assign_add(w, {{1, 1}, {2, 2}});
    vs::assign_sub(vs::variable<float>(w), {{0, 1}, {0, 1}});
    CHECK(elements_of(w) == std::vector<float>{6, 6, 9, 9});
}

TEST_CASE("a scalar variable takes a number", "[assign]") {
    fresh g;
    const vs::variable<float, 0> w{1.F, "w"};
    vs::assign(w, 2);
    vs::assign_add(w, 0.5);
    CHECK(w() == 2.5F);
    const vs::variable<std::complex<float>, 0> z{std::complex<float>(1), "z"};
    vs::assign_add(z, std::complex<float>(0, 2));
    vs::assign_add(z, 1);
    CHECK(z() == std::complex<float>(2, 2));
    const vs::variable<vs::bfloat16, 0> h{vs::bfloat16(1.F), "h"};
    vs::assign_add(h, 2.5);
    CHECK(h() == 3.5F);
    const vs::variable<bool, 1> b{{true, false}, "b"};
    vs::assign(b, {false, true});
    CHECK((!b(0) && b(1)));
}

TEST_CASE("values may stand on the variable itself", "[assign]") {
    fresh g;
    const vs::variable<float, 2> w{{{1, 2}, {3, 4}}, "w"};
    vs::assign(w, xt::transpose(w) + 1.F);
    CHECK(elements_of(w) == std::vector<float>{2, 4, 3, 5});
    vs::assign_add(w, w);
    CHECK(elements_of(w) == std::vector<float>{4, 8, 6, 10});
    vs::assign_sub(w, vs::multiply(w, 0.5F));
    CHECK(elements_of(w) == std::vector<float>{2, 4, 3, 5});
}

TEST_CASE("values of another layout or type keep their places", "[assign]") {
    fresh g;
    const vs::variable<double, 2> w{{{0, 0, 0}, {0, 0, 0}}, "w"};
    const xt::xtensor<double, 2, xt::layout_type::column_major> column{{1, 2, 3}, {4, 5, 6}};
    vs::assign(w, column);
    CHECK(elements_of(w) == std::vector<double>{1, 2, 3, 4, 5, 6});
    const xt::xtensor<int, 2, xt::layout_type::column_major> whole{{1, 2, 3}, {4, 5, 6}};
    vs::assign_add(w, whole);
    CHECK(elements_of(w) == std::vector<double>{2, 4, 6, 8, 10, 12});
    vs::assign(w, vs::reduce_sum(xt::xarray<double>::from_shape({0, 2, 3}), {0}));
    CHECK(elements_of(w) == std::vector<double>(6));
}

TEST_CASE("an update of another shape is refused and both shapes are named", "[assign]") {
    fresh g;
    const vs::variable<float, 2> w{{{1, 2}, {3, 4}}, "w"};
    const xt::xarray<float> row{1, 2};
    const auto says = [&](const std::string& shape, const std::string& more = "") {
        return "variable 'w' cannot be updated with values of shape " + shape +
            "\n  first created at " + made(w) +
            " with shape (2, 2) float32\n  updated at assign.cpp:here"
            "\n  give values of the shape it has" + more;
    };
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::assign(w, row); }) ==
        says("(2,)"));
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::assign_add(w, row); }) ==
        says("(2,)"));
    const std::string number = "; for one number in all elements, write ";
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::assign(w, 5); }) ==
        says("()", number + "v.fill(number)"));
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::assign_add(w, 5); }) ==
        says("()", number + "v += number"));
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::assign_sub(w, 5); }) ==
        says("()", number + "v -= number"));
    CHECK(elements_of(w) == std::vector<float>{1, 2, 3, 4});
    try {
        vs::assign(w, row);
        FAIL("not refused");
    } catch (const vs::shape_mismatch& e) {
        CHECK(e.name() == "w");
        CHECK(e.present() == vs::shape{2, 2});
        CHECK(e.asked() == vs::shape{2});
    }
}

TEST_CASE("values whose operands do not broadcast are refused in the variable's name", "[assign]") {
    fresh g;
    const vs::variable<float, 1> w{{1, 2}, "w"};
    const vs::variable<float, 1> u{{1, 2, 3}, "u"};
    const auto values = w + u;
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::assign(w, values); }) ==
        "variable 'w' cannot be updated: shapes (2,) and (3,) do not broadcast"
                "\n  updated at assign.cpp:here");
}

TEST_CASE("assign gives the first value, and the others need one", "[assign]") {
    fresh g(deferred);
    const auto w = vs::get_variable<float, 1>("w", {2});
    const auto u = vs::get_variable<float, 1>("u", {2});
    CHECK_THROWS_AS(vs::assign_add(w, {1, 2}), vs::uninitialized);
    CHECK_THROWS_AS(vs::assign_sub(w, {1, 2}), vs::uninitialized);
    CHECK_THROWS_AS(vs::assign(w, u), vs::uninitialized);
    CHECK_THROWS_AS(vs::assign(w, xt::view(u, xt::all()) * 2.F), vs::uninitialized);
    CHECK_THROWS_AS(vs::assign(w, {1, 2, 3}), vs::shape_mismatch);
    CHECK_FALSE(w.is_initialized());
    vs::assign(w, {1, 2});
    CHECK(elements_of(w) == std::vector<float>{1, 2});
    CHECK_FALSE(u.is_initialized());
}

TEST_CASE("v.assign(x) is vs::assign(v, x)", "[assign]") {
    fresh g(deferred);
    const auto w = vs::get_variable<float, 2>("w", {2, 2});
    CHECK(w.assign({{1, 2}, {3, 4}}).is(w)); // the first value
    w.assign(xt::transpose(w));
    CHECK(elements_of(w) == std::vector<float>{1, 3, 2, 4});
    w.assign(xt::xtensor<int, 2>{{5, 6}, {7, 8}}).assign(w * 2.F);
    CHECK(elements_of(w) == std::vector<float>{10, 12, 14, 16});
    const auto refused = [&](const auto& x) { return thrown<vs::shape_mismatch>([&] { (void)w.assign(x); }); };
    const xt::xarray<float> row{1, 2};
    CHECK(refused(row) == thrown<vs::shape_mismatch>([&] { (void)vs::assign(w, row); }));
    CHECK(refused(5) == thrown<vs::shape_mismatch>([&] { (void)vs::assign(w, 5); }));
    CHECK_THROWS_AS(w.assign(vs::get_variable<float>("u", {2, 2})), vs::uninitialized);
    CHECK(elements_of(w) == std::vector<float>{10, 12, 14, 16});
    const auto n = vs::get_variable<float, 0>("n", {});
    n.assign(2);
    CHECK(n() == 2.F);
}

TEST_CASE("assign copies between variables whose types are known at run time only", "[assign]") {
    fresh g;
    vs::graph later(deferred);
    const vs::variable<std::int64_t, 1> a{{1, -2}, "a"};
    const vs::any_variable b = vs::get_variable(later, "b", {2}, {.dtype = vs::dtype::int64});
    CHECK(vs::assign(b, a).is(b)); // the first value
    CHECK(elements_of(vs::variable<std::int64_t, 1>(b)) == std::vector<std::int64_t>{1, -2});
    const vs::variable<float, 1> f{{0.5F, 2}, "f"};
    vs::assign(vs::any_variable(f), b); // converted, as by the typed form
    CHECK(elements_of(f) == std::vector<float>{1, -2});
    vs::assign(b, b);
    CHECK(elements_of(vs::variable<std::int64_t, 1>(b)) == std::vector<std::int64_t>{1, -2});
    CHECK(thrown<vs::value_dtype>([&] { (void)vs::assign(b, f); }) ==
        "variable 'b' cannot be given elements of 'f', which are float32, as int64\n  requested at assign.cpp:here"
        "\n  integers become every type but bool, floating numbers floating and complex ones, true and false every type");
    const vs::any_variable other = vs::get_variable("other", {1, 2}, {.dtype = vs::dtype::int64});
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::assign(b, other); }) ==
        "variable 'b' cannot be updated with values of shape (1, 2)\n  first created at " + made(b) +
            " with shape (2,) int64\n  updated at assign.cpp:here\n  give values of the shape it has");
    const vs::any_variable empty = vs::get_variable(later, "empty", {2}, {.dtype = vs::dtype::int64});
    CHECK_THROWS_AS(vs::assign(b, empty), vs::uninitialized);
    const vs::any_variable half = vs::get_variable(later, "half", {2}, {.dtype = vs::dtype::float16});
    vs::assign(half, b);
    CHECK(bool(vs::variable<vs::float16, 1>(half)(1) == vs::float16(-2.F)));
    CHECK(elements_of(vs::variable<std::int64_t, 1>(b)) == std::vector<std::int64_t>{1, -2});
}

TEST_CASE("assign copies parts, and wholes of parts", "[assign]") {
    fresh g;
    const auto cut = [](const vs::shape&, vs::dtype) { return std::vector<std::int64_t>{1, 2}; };
    const vs::any_variable w = vs::get_variable<float, 2>("w", {2, 2}, {.partitioner = cut});
    const vs::variable<float, 2> column{{{5}, {6}}, "column"};
    vs::assign(w.parts()[1], column);
    vs::assign(w.parts()[0], w.parts()[1]);
    CHECK(elements_of(vs::variable<float, 2>(w)) == std::vector<float>{5, 5, 6, 6});
    const vs::variable<float, 2> all{{{1, 2}, {3, 4}}, "all"};
    vs::assign(w, all);
    vs::assign(vs::any_variable(column), w.parts()[1]);
    CHECK(elements_of(column) == std::vector<float>{2, 4});
}

TEST_CASE("a counter counts up to its limit", "[assign]") {
    fresh g;
    const vs::variable<std::int64_t, 0> n{3, "n"};
    CHECK(vs::count_up_to(n, 5) == 3);
    CHECK(vs::count_up_to(vs::variable<std::int64_t>(n), 5) == 4);
    CHECK(thrown<vs::out_of_range>([&] { (void)vs::count_up_to(n, 5); }) ==
        "variable 'n' has reached its limit of 5: it is 5\n  first created at " +
            made(n) + " with shape () int64\n  counted at assign.cpp:here\n  assign a smaller value to it to count again");
    CHECK(n() == 5);
    try {
        (void)vs::count_up_to(n, 4);
        FAIL("not refused");
    } catch (const vs::out_of_range& e) {
        CHECK(e.index() == 5);
        CHECK(e.limit() == 4);
    }
    const vs::variable<std::int32_t, 0> small{0, "small"};
    CHECK(vs::count_up_to(small, 1) == 0);
    constexpr auto largest = std::numeric_limits<std::int32_t>::max();
    vs::assign(small, largest);
    CHECK_THROWS_AS(vs::count_up_to(small, largest), vs::out_of_range);
}

TEST_CASE("only a scalar with a value counts", "[assign]") {
    fresh g(deferred);
    const auto n = vs::get_variable<std::int32_t>("n", {2}, {.initializer = vs::zeros()});
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::count_up_to(n, 5); }) ==
        "variable 'n' is not a scalar and cannot count\n  first created at " +
            made(n) + " with shape (2,) int32\n  counted at assign.cpp:here");
    const auto m = vs::get_variable<std::int32_t, 0>("m", {}, {.initializer = vs::zeros()});
    CHECK_THROWS_AS(vs::count_up_to(m, 5), vs::uninitialized);
    CHECK_FALSE(m.is_initialized());
}

TEST_CASE("updates from several threads are all counted", "[assign][threads]") {
    fresh g;
    const vs::variable<std::int64_t, 0> n{0, "n"};
    const vs::variable<std::int64_t, 1> sums{{0, 0}, "sums"};
    const xt::xtensor<std::int64_t, 1> ones{1, 2};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) {
                (void)vs::count_up_to(n, 10'000);
                vs::assign_add(sums, ones);
            }
        });
    }
    for (auto& thread : threads) { thread.join(); }
    CHECK(n() == 2000);
    CHECK(elements_of(sums) == std::vector<std::int64_t>{2000, 4000});
}
