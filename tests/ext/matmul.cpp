#include <varscope/ext/matmul.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/misc/xmanipulation.hpp>
#include <xtensor/views/xstrided_view.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xmanipulation.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xview.hpp>
#endif

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>

namespace vs = varscope;
using Catch::Matchers::Message;
using vs::shape;

namespace {

template <class T> using matrix = xt::xtensor<T, 2>;

/// Small whole numbers, so that every product and sum is exact in any order.
template <class T> matrix<T> numbers(std::size_t rows, std::size_t columns, int start = 0) {
    matrix<T> result = matrix<T>::from_shape({rows, columns});
    for (T& element : result) { element = static_cast<T>((++start * 7) % 11 - 5); }
    return result;
}

template <class A, class B> matrix<double> expected(const A& a, const B& b) {
    matrix<double> result = matrix<double>::from_shape({a.shape()[0], b.shape()[1]});
    for (std::size_t i = 0; i < result.shape(0); ++i) {
        for (std::size_t j = 0; j < result.shape(1); ++j) {
            double sum = 0;
            for (std::size_t k = 0; k < b.shape()[0]; ++k) { sum += static_cast<double>(a(i, k)) * static_cast<double>(b(k, j)); }
            result(i, j) = sum;
        }
    }
    return result;
}

} // namespace

TEMPLATE_TEST_CASE("a product has the elements of the plain loop, whatever the lengths of the axes", "[matmul]", float, double) {
    fresh g;
    const std::array<std::size_t, 6> lengths{0, 1, 2, 3, 8, 33};
    for (const std::size_t rows : lengths) {
        for (const std::size_t inner : lengths) {
            for (const std::size_t columns : lengths) {
                CAPTURE(rows, inner, columns);
                const auto a = numbers<TestType>(rows, inner);
                const auto b = numbers<TestType>(inner, columns, 3);
                const matrix<TestType> product = vs::matmul(a, b);
                CHECK(shape(product.shape()) == shape{rows, columns});
                CHECK(bool(product == expected(a, b)));
            }
        }
    }
}

TEST_CASE("operands of a product may be of any layout, lazy, views or variables", "[matmul]") {
    fresh g;
    const auto a = numbers<float>(3, 4);
    const auto b = numbers<float>(4, 5, 2);
    const auto wanted = expected(a, b);
    const xt::xtensor<float, 2, xt::layout_type::column_major> column_major = a;
    const xt::xarray<float> dynamic = b;
    const vs::variable<float, 2> v(a, "v");
    const vs::variable<float> w(b, "w");
    const matrix<float> transposed = xt::transpose(a);
    matrix<float> r;
    SECTION("column-major") { r = vs::matmul(column_major, b); }
    SECTION("dynamic rank") { r = vs::matmul(a, dynamic); }
    SECTION("transposed") { r = vs::matmul(xt::transpose(transposed), b); }
    SECTION("lazy") { r = vs::matmul(a * 1.F, b + 0.F); }
    SECTION("variables") { r = vs::matmul(v, w); }
    SECTION("ops") { r = vs::matmul(vs::identity(v), vs::identity(w)); }
    SECTION("whole views") { r = vs::matmul(xt::view(v, xt::all(), xt::all()), xt::view(b, xt::all())); }
    SECTION("a container that goes away") { r = vs::matmul(matrix<float>(a), xt::xarray<float>(b)); }
    CHECK(bool(r == wanted));
}

TEST_CASE("parts of matrices are multiplied", "[matmul]") {
    fresh g;
    const auto b = numbers<float>(4, 5, 2);
    const auto larger = numbers<float>(9, 9);
    const vs::variable<float, 2> v(numbers<float>(3, 4), "v");
    const vs::variable<float> w(b, "w");
    SECTION("parts of a matrix") {
        const auto left = xt::view(larger, xt::range(2, 5), xt::range(1, 5));
        const auto right = xt::view(larger, xt::range(0, 4), xt::all());
        const matrix<float> part = vs::matmul(left, right);
        CHECK(bool(part == expected(left, right)));
    }
    SECTION("rows that start further on") {
        const auto rows = xt::view(v, xt::range(1, 3));
        const matrix<float> part = vs::matmul(rows, w);
        CHECK(bool(part == expected(rows, b)));
    }
    SECTION("one row, one column") {
        const auto row = xt::view(v, xt::range(2, 3), xt::all());
        const auto column = xt::view(w, xt::all(), xt::range(1, 2));
        const matrix<float> part = vs::matmul(row, column);
        CHECK(bool(part == expected(row, column)));
    }
    SECTION("every other column") {
        const auto left = xt::view(larger, xt::all(), xt::range(0, 9, 2));
        const auto right = xt::strided_view(larger, {xt::range(0, 9, 2), xt::range(3, 5)});
        const matrix<float> part = vs::matmul(left, right);
        CHECK(bool(part == expected(left, right)));
    }
}

TEST_CASE("a product of float and double is of double", "[matmul]") {
    fresh g;
    const auto a = numbers<float>(2, 3);
    const auto b = numbers<double>(3, 2);
    const auto product = vs::matmul(a, b);
    STATIC_CHECK(std::is_same_v<decltype(product)::value_type, double>);
    const matrix<double> r = product;
    CHECK(bool(r == expected(a, b)));
}

TEST_CASE("a product stands in larger expressions and reads its operands when it is evaluated", "[matmul]") {
    fresh g;
    const auto make = [] {
        const auto w = vs::get_variable<float, 2>("w", {2, 2}, {.initializer = vs::ones()});
        return vs::relu(vs::matmul(w, w) + xt::xtensor<float, 1>{-10, 10});
    };
    const auto y = make();
    matrix<float> r = y;
    CHECK(bool(r == matrix<float>{{0, 12}, {0, 12}}));
    vs::variable<float>(vs::find_variable("w").value()).fill(3);
    r = y;
    CHECK(bool(r == matrix<float>{{8, 28}, {8, 28}}));
}

TEST_CASE("a variable may be assigned a product with itself", "[matmul]") {
    fresh g;
    vs::variable<float, 2> w{{{1, 2}, {3, 4}}, "w"};
    w = vs::matmul(w, w);
    CHECK(bool(w == matrix<float>{{7, 10}, {15, 22}}));
}

TEST_CASE("a product is an op named MatMul with its operands as inputs", "[matmul]") {
    fresh g;
    const auto a = vs::get_variable<float, 2>("a", {2, 3});
    const auto b = vs::get_variable<float, 2>("b", {3, 4});
    const auto y = vs::matmul(a, vs::identity(b));
    CHECK(y.name() == "MatMul:0");
    CHECK(y.op_type() == "MatMul");
    CHECK(y.as_tensor().shape() == shape{2, 4});
    REQUIRE(y.inputs().size() == 2);
    CHECK(y.inputs()[0].name() == "a:0");
    CHECK(y.inputs()[1].name() == "Identity:0");
    CHECK(vs::matmul(a, b).name() == "MatMul_1:0");
    CHECK(vs::matmul(a, b, "logits").name() == "logits:0");
}

TEST_CASE("shapes that do not fit are refused before anything is recorded", "[matmul]") {
    fresh g;
    const auto a = numbers<float>(2, 3);
    const std::string text = "op 'MatMul' cannot multiply shapes (2, 3) and (2, 3)\n  asked for at matmul.cpp:" + std::to_string(__LINE__ + 2) +
                             "\n  both need two axes, and the columns of the first must be as many as the rows of the second";
    CHECK_THROWS_MATCHES(vs::matmul(a, a), vs::shape_mismatch, Message(text));
    CHECK_THROWS_AS(vs::matmul(a, xt::xtensor<float, 1>{1, 2, 3}), vs::shape_mismatch);
    CHECK(g.graph.nodes().empty());
    CHECK(vs::matmul(a, xt::transpose(a)).name() == "MatMul:0");
}

TEST_CASE("a product over a variable without a value is made, and refused when it is read", "[matmul]") {
    vs::graph graph({.initialization = vs::initialization::deferred});
    const vs::as_default guard{graph};
    const auto w = vs::get_variable<float, 2>("w", {2, 2});
    const auto y = vs::matmul(w, w) + 1.F;
    matrix<float> r;
    CHECK_THROWS_AS(r = y, vs::uninitialized);
    graph.initialize(w.node());
    CHECK_NOTHROW(r = y);
}

TEMPLATE_TEST_CASE("16-bit matrices are multiplied in float and rounded once", "[matmul]", vs::float16, vs::bfloat16) {
    fresh g;
    using half_matrix = xt::xtensor<TestType, 2>;
    half_matrix ones = half_matrix::from_shape({1, 3000});
    ones.fill(1);
    const auto y = vs::matmul(ones, half_matrix(xt::transpose(ones)));
    CHECK(y.as_tensor().dtype() == vs::dtype_of<TestType>);
    CHECK(half_matrix(y)(0, 0) == TestType(3000)); // beyond 2048 float16 alone would not count on
}
