#include <varscope/op/ops.hpp>
#include <varscope/variable/get_variable.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace vs = varscope;
using Catch::Matchers::Message;
using vs::shape;

namespace {

template <class T> using vector = xt::xtensor<T, 1>;

template <class T> vector<T> samples() { return vector<T>{T(-7), T(-1), T(0), T(1), T(3), T(9)}; }

/// Whether each element of the op is what `function` makes of the sample, to a unit in the last place or two.
template <class T, class Op, class Function> bool is_elementwise(const Op& op, Function function) {
    const vector<T> in = samples<T>();
    const xt::xarray<double> out = op;
    for (std::size_t i = 0; i < in.size(); ++i) {
        const double wanted = function(static_cast<double>(in(i)));
        const double tolerance = std::is_integral_v<T> ? 0 : 4 * static_cast<double>(std::numeric_limits<T>::epsilon()) * std::max(1.0, std::abs(wanted));
        if (std::abs(out(i) - wanted) > tolerance) { return false; }
    }
    return out.size() == in.size();
}

} // namespace

TEMPLATE_TEST_CASE("element-wise ops have the values of their formulas", "[ops]", float, double, std::int32_t) {
    fresh g;
    const auto x = samples<TestType>();
    CHECK(is_elementwise<TestType>(vs::add(x, x), [](double v) { return v + v; }));
    CHECK(is_elementwise<TestType>(vs::add(x, TestType(2)), [](double v) { return v + 2; }));
    CHECK(is_elementwise<TestType>(vs::subtract(TestType(2), x), [](double v) { return 2 - v; }));
    CHECK(is_elementwise<TestType>(vs::multiply(x, x), [](double v) { return v * v; }));
    CHECK(is_elementwise<TestType>(vs::divide(x, TestType(2)), [](double v) { return v / 2; }));
    CHECK(is_elementwise<TestType>(vs::negative(x), [](double v) { return -v; }));
    CHECK(is_elementwise<TestType>(vs::square(x), [](double v) { return v * v; }));
    CHECK(is_elementwise<TestType>(vs::identity(x), [](double v) { return v; }));
    CHECK(is_elementwise<TestType>(vs::relu(x), [](double v) { return std::max(v, 0.0); }));
    CHECK(is_elementwise<TestType>(vs::relu6(x), [](double v) { return std::clamp(v, 0.0, 6.0); }));
    CHECK(is_elementwise<TestType>(vs::constant(x), [](double v) { return v; }));
}

TEMPLATE_TEST_CASE("sigmoid and tanh have the values of their formulas", "[ops]", float, double) {
    fresh g;
    const auto x = samples<TestType>();
    CHECK(is_elementwise<TestType>(vs::sigmoid(x), [](double v) { return 1 / (1 + std::exp(-v)); }));
    CHECK(is_elementwise<TestType>(vs::tanh(x), [](double v) { return std::tanh(v); }));
    const vector<TestType> extreme = vs::sigmoid(vector<TestType>{-1000, 1000});
    CHECK(bool(extreme == vector<TestType>{0, 1}));
}

TEST_CASE("integers are divided as floating numbers", "[ops]") {
    fresh g;
    const auto y = vs::divide(vector<int>{1, -7}, 2);
    STATIC_CHECK(std::is_same_v<decltype(y)::value_type, double>);
    CHECK(bool(vector<double>(y) == vector<double>{0.5, -3.5}));
    CHECK(y.as_tensor().dtype() == vs::dtype::float64);
}

TEST_CASE("NaN passes through the rectifiers", "[ops]") {
    fresh g;
    const vector<float> x{std::nanf("")};
    CHECK(std::isnan(vector<float>(vs::relu(x))(0)));
    CHECK(std::isnan(vector<float>(vs::relu6(x))(0)));
}

TEST_CASE("ops have TensorFlow's default names and kinds", "[ops]") {
    fresh g;
    const vector<float> x{1, 2};
    const auto is_called = [](const auto& op, const std::string& name, const std::string& type) {
        return op.op_name() == name && op.op_type() == type && op.name() == name + ":0";
    };
    CHECK(is_called(vs::add(x, x), "Add", "Add"));
    CHECK(is_called(vs::subtract(x, x), "Sub", "Sub"));
    CHECK(is_called(vs::multiply(x, x), "Mul", "Mul"));
    CHECK(is_called(vs::divide(x, x), "truediv", "RealDiv"));
    CHECK(is_called(vs::negative(x), "Neg", "Neg"));
    CHECK(is_called(vs::square(x), "Square", "Square"));
    CHECK(is_called(vs::identity(x), "Identity", "Identity"));
    CHECK(is_called(vs::relu(x), "Relu", "Relu"));
    CHECK(is_called(vs::relu6(x), "Relu6", "Relu6"));
    CHECK(is_called(vs::sigmoid(x), "Sigmoid", "Sigmoid"));
    CHECK(is_called(vs::tanh(x), "Tanh", "Tanh"));
    CHECK(is_called(vs::bias_add(x, x), "BiasAdd", "BiasAdd"));
    CHECK(is_called(vs::constant(x), "Const", "Const"));
    CHECK(is_called(vs::no_op(), "NoOp", "NoOp"));
    CHECK(is_called(vs::reduce_sum(x, {0}), "Sum", "Sum"));
    CHECK(is_called(vs::reduce_mean(x, {0}), "Mean", "Mean"));
    CHECK(is_called(vs::reduce_max(x, {0}), "Max", "Max"));
    CHECK(is_called(vs::reduce_min(x, {0}), "Min", "Min"));
    CHECK(is_called(vs::softmax(x), "Softmax", "Softmax"));
    CHECK(is_called(vs::add(x, x), "Add_1", "Add"));
    CHECK(is_called(vs::add(x, x, "Add"), "Add_2", "Add"));
    CHECK(is_called(vs::subtract(x, x, "named"), "named", "Sub"));
}

TEST_CASE("a sum over all axes takes the names of TensorFlow's hidden ops", "[ops]") {
    fresh g;
    const vs::variable<float, 1> w{{1, 2}, "w"};
    CHECK(vs::reduce_sum(vs::identity(w)).name() == "Sum:0");
    CHECK(vs::constant(1.F).name() == "Const_1:0"); // the list of axes was "Const"
    CHECK(vs::reduce_mean(w).name() == "Mean:0");
    CHECK(vs::identity(w, "Rank").name() == "Rank_1:0");
    CHECK(vs::identity(w, "range").name() == "range_1:0");
}

TEST_CASE("a constant has the value of the time when it was made", "[ops]") {
    fresh g;
    vs::variable<float, 1> w{{1, 2}, "w"};
    const auto c = vs::constant(w * 2.F);
    w.fill(0);
    CHECK(bool(vector<float>(c) == vector<float>{2, 4}));
    const auto number = vs::constant(3);
    CHECK(number.as_tensor().shape() == shape());
    CHECK(xt::xtensor<int, 0>(number)() == 3);
}

TEST_CASE("a bias is added along the last axis", "[ops]") {
    fresh g;
    const xt::xtensor<float, 3> x{{{1, 2}, {3, 4}}};
    const xt::xtensor<float, 3> y = vs::bias_add(x, vector<float>{10, 20});
    CHECK(bool(y == xt::xtensor<float, 3>{{{11, 22}, {13, 24}}}));
    const std::string text = "op 'BiasAdd' cannot add a bias of shape (1,) to shape (1, 2, 2)\n  asked for at ops.cpp:" + std::to_string(__LINE__ + 2) +
                             "\n  a bias has one axis, as long as the last one of the value";
    CHECK_THROWS_MATCHES(vs::bias_add(x, vector<float>{10}), vs::shape_mismatch, Message(text));
    CHECK_THROWS_AS(vs::bias_add(x, xt::xtensor<float, 2>{{1, 2}}), vs::shape_mismatch);
    CHECK_THROWS_AS(vs::bias_add(1.F, vector<float>{10}), vs::shape_mismatch);
}

TEMPLATE_TEST_CASE("sums and means over any axes are those of the plain loop", "[ops]", float, double, std::int32_t) {
    fresh g;
    const std::vector<std::size_t> lengths{2, 3, 4};
    xt::xtensor<TestType, 3> x = xt::xtensor<TestType, 3>::from_shape({2, 3, 4});
    int next = 0;
    for (TestType& element : x) { element = static_cast<TestType>(++next); }
    for (unsigned mask = 0; mask < 8; ++mask) {
        std::vector<int> axes;
        std::vector<std::size_t> kept(3);
        std::size_t count = 1;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const bool is_reduced = (mask >> axis & 1U) != 0;
            if (is_reduced) { axes.push_back(static_cast<int>(axis) - (axis == 1 ? 3 : 0)); } // one from the end
            kept[axis] = is_reduced ? 1 : lengths[axis];
            count *= is_reduced ? lengths[axis] : 1;
        }
        xt::xarray<double> sums = xt::xarray<double>::from_shape(kept);
        sums.fill(0);
        for (std::size_t i = 0; i < 2; ++i) {
            for (std::size_t j = 0; j < 3; ++j) {
                for (std::size_t k = 0; k < 4; ++k) { sums(i % kept[0], j % kept[1], k % kept[2]) += static_cast<double>(x(i, j, k)); }
            }
        }
        const auto sum = vs::reduce_sum(x, axes, vs::reduced_axes::keep);
        const auto dropped = vs::reduce_sum(x, axes);
        const xt::xarray<TestType> sum_values = sum;
        const xt::xarray<TestType> mean_values = vs::reduce_mean(x, axes, vs::reduced_axes::keep);
        const xt::xarray<TestType> dropped_values = dropped;
        CAPTURE(mask);
        CHECK(sum.as_tensor().shape() == shape(kept));
        CHECK(dropped.as_tensor().shape().rank() == 3 - axes.size());
        CHECK(bool(sum_values == sums));
        CHECK(std::equal(sums.begin(), sums.end(), dropped_values.begin(), dropped_values.end()));
        for (std::size_t i = 0; i < sums.size(); ++i) {
            const double mean = sums.storage()[i] / static_cast<double>(count);
            CHECK(mean_values.storage()[i] == static_cast<TestType>(mean)); // of integers an integer, as in TensorFlow
        }
    }
    CHECK(xt::xarray<TestType>(vs::reduce_sum(x))() == static_cast<TestType>(300));
    CHECK(xt::xarray<TestType>(vs::reduce_mean(x))() == static_cast<TestType>(12.5));
}

TEST_CASE("sums and means of numbers and of expressions without elements are defined", "[ops]") {
    fresh g;
    const auto none = vs::get_variable<float, 2>("none", {0, 3});
    CHECK(bool(xt::xarray<float>(vs::reduce_sum(none, {0})) == xt::xarray<float>{0, 0, 0}));
    CHECK(xt::xarray<float>(vs::reduce_sum(none, {1})).size() == 0);
    CHECK(xt::xarray<float>(vs::reduce_sum(none))() == 0.F);
    CHECK(std::isnan(xt::xarray<float>(vs::reduce_mean(none))()));
    CHECK(xt::xarray<int>(vs::reduce_mean(xt::xtensor<int, 1>::from_shape({0})))() == 0);
    CHECK(xt::xarray<float>(vs::reduce_sum(2.F))() == 2.F);
    CHECK(xt::xarray<float>(vs::reduce_mean(xt::xtensor<float, 0>(2.F)))() == 2.F);
}

TEST_CASE("a mean of many small integers does not overflow on the way", "[ops]") {
    fresh g;
    vector<std::int8_t> x = vector<std::int8_t>::from_shape({512});
    x.fill(100);
    CHECK(xt::xarray<int>(vs::reduce_mean(x))() == 100);
}

TEST_CASE("a sum of many floats is exact to the precision of float", "[ops]") {
    fresh g;
    vector<float> x = vector<float>::from_shape({1000000});
    x.fill(0.1F);
    const double wanted = 1e6 * static_cast<double>(0.1F);
    CHECK(std::abs(static_cast<double>(xt::xarray<float>(vs::reduce_sum(x))()) - wanted) < wanted * 0x1p-24);
}

TEST_CASE("16-bit floats are summed and averaged", "[ops]") {
    fresh g;
    const auto x = vs::get_variable<vs::float16, 1>("x", {4096}, {.initializer = vs::ones()});
    const xt::xarray<vs::float16> sum = vs::reduce_sum(x);
    const xt::xarray<vs::float16> mean = vs::reduce_mean(x);
    CHECK(sum() == 4096.F); // beyond 2048 float16 alone would not count on
    CHECK(mean() == 1.F);
}

TEST_CASE("an axis that is not there cannot be reduced", "[ops]") {
    fresh g;
    const xt::xtensor<float, 2> x{{1, 2}};
    const std::string text = "op 'Sum' has no axis 2 to reduce\n  asked for at ops.cpp:" + std::to_string(__LINE__ + 1) + " of shape (1, 2)";
    CHECK_THROWS_MATCHES(vs::reduce_sum(x, {2}), vs::bad_shape, Message(text));
    CHECK_THROWS_AS(vs::reduce_mean(x, {-3}), vs::bad_shape);
    CHECK(g.graph.nodes().empty());
}

TEST_CASE("an op without a result has inputs of none and any shape", "[ops]") {
    fresh g;
    const vs::tensor op = vs::no_op("group");
    CHECK(op.name() == "group:0");
    CHECK(op.inputs().empty());
    CHECK(op.shape() == vs::any_shape);
}

TEST_CASE("functions of xtensor's that are called like an op take variables and ops", "[ops]") {
    fresh g;
    auto w = vs::get_variable<double, 2>("w", {2, 2});
    w = xt::xtensor<double, 2>{{1, 2}, {3, 6}};
    CHECK(xt::allclose(xt::variance(w, {0}), vector<double>{1, 4}));
    CHECK(xt::allclose(xt::stddev(vs::add(w, w), {0}), vector<double>{2, 4}));
    using namespace xt; // NOLINT(google-build-using-namespace)
    CHECK(allclose(square(w), w * w));
    const auto values = tanh(w); // xtensor's, no op
    const auto op = vs::tanh(w);
    CHECK(allclose(values, op));
    CHECK(op.name() == "Tanh:0");
}

TEMPLATE_TEST_CASE("the greatest and least over any axes are those of the plain loop", "[ops]", float, double, std::int32_t, std::uint8_t, vs::float16) {
    fresh g;
    xt::xtensor<TestType, 3> x = xt::xtensor<TestType, 3>::from_shape({2, 3, 4});
    int next = 5;
    for (TestType& element : x) { element = static_cast<TestType>(next = next * 7 % 31); }
    for (int axis = -3; axis < 3; ++axis) {
        const auto at = static_cast<std::size_t>((axis + 3) % 3);
        xt::xarray<TestType> greatest = vs::reduce_max(x, {axis}, vs::reduced_axes::keep);
        xt::xarray<TestType> least = vs::reduce_min(x, {axis}, vs::reduced_axes::keep);
        bool is_right = vs::reduce_max(x, {axis}).dimension() == 2 && greatest.dimension() == 3 && greatest.shape()[at] == 1;
        for (std::size_t i = 0; i < 2; ++i) {
            for (std::size_t j = 0; j < 3; ++j) {
                for (std::size_t k = 0; k < 4; ++k) {
                    std::vector<std::size_t> index{i, j, k};
                    const std::size_t length = x.shape()[at];
                    TestType most = x(i, j, k);
                    TestType fewest = most;
                    for (std::size_t n = 0; n < length; ++n) {
                        index[at] = n;
                        most = std::max(most, x.element(index.begin(), index.end()));
                        fewest = std::min(fewest, x.element(index.begin(), index.end()));
                    }
                    index[at] = 0;
                    is_right = is_right && greatest.element(index.begin(), index.end()) == most && least.element(index.begin(), index.end()) == fewest;
                }
            }
        }
        CAPTURE(axis);
        CHECK(is_right);
    }
    CHECK(xt::xarray<TestType>(vs::reduce_max(x))() == *std::max_element(x.begin(), x.end()));
    CHECK(xt::xarray<TestType>(vs::reduce_min(x))() == *std::min_element(x.begin(), x.end()));
}

TEST_CASE("extremes of NaN are NaN, and those of nothing are as far as the type goes", "[ops]") {
    fresh g;
    const float nan = std::nanf("");
    CHECK(std::isnan(xt::xarray<float>(vs::reduce_max(vector<float>{1, nan, 2}))()));
    CHECK(std::isnan(xt::xarray<float>(vs::reduce_min(vector<float>{nan, 1, 2}))()));
    CHECK(xt::xarray<float>(vs::reduce_max(vector<float>::from_shape({0})))() == -std::numeric_limits<float>::infinity());
    CHECK(xt::xarray<float>(vs::reduce_min(vector<float>::from_shape({0})))() == std::numeric_limits<float>::infinity());
    CHECK(xt::xarray<int>(vs::reduce_max(vector<int>::from_shape({0})))() == std::numeric_limits<int>::lowest());
    CHECK(xt::xarray<int>(vs::reduce_min(vector<int>::from_shape({0})))() == std::numeric_limits<int>::max());
    CHECK_THROWS_AS(vs::reduce_max(vector<float>{1}, {1}), vs::bad_shape);
    const vs::variable<float, 1> w{{1, 2}, "w"};
    CHECK(vs::reduce_max(w, "most").name() == "most:0"); // takes the names of the hidden ops too, as a sum
    CHECK(vs::identity(w, "Rank").name() == "Rank_1:0");
}

TEMPLATE_TEST_CASE("softmax is the exponential by its sum along an axis", "[ops]", float, double, vs::float16) {
    fresh g;
    xt::xtensor<TestType, 3> x = xt::xtensor<TestType, 3>::from_shape({2, 3, 4});
    int next = 5;
    for (TestType& element : x) { element = static_cast<TestType>(0.25 * (next = next * 7 % 31)); }
    const double tolerance = 4 * double{std::numeric_limits<TestType>::epsilon()};
    for (int axis = -3; axis < 3; ++axis) {
        const xt::xtensor<TestType, 3> y = axis == -1 ? xt::xtensor<TestType, 3>(vs::softmax(x)) : xt::xtensor<TestType, 3>(vs::softmax(x, axis));
        const xt::xtensor<double, 3> exponential = xt::exp(xt::cast<double>(x));
        const xt::xarray<double> sum = vs::reduce_sum(exponential, {axis}, vs::reduced_axes::keep);
        CAPTURE(axis);
        CHECK(xt::allclose(y, xt::xtensor<double, 3>(exponential / sum), tolerance, tolerance));
    }
    CHECK(vs::softmax(x).as_tensor().dtype() == vs::dtype_of<TestType>);
    const vector<TestType> far = vs::softmax(vector<TestType>{TestType(-20000), TestType(20000)});
    CHECK(bool(far == vector<TestType>{0, 1}));
    CHECK(xt::xarray<TestType>(vs::softmax(xt::xtensor<TestType, 2>::from_shape({2, 0}))).size() == 0);
    CHECK_THROWS_AS(vs::softmax(x, 3), vs::bad_shape);
    CHECK_THROWS_AS(vs::softmax(TestType(1)), vs::bad_shape);
}

TEST_CASE("after using namespace varscope its ops are meant, beside xtensor's functions of these names", "[ops]") {
    fresh g;
    using namespace varscope; // NOLINT(google-build-using-namespace)
    auto w = get_variable<float, 1>("w", {2});
    const auto lazy = w * 2.F;
    CHECK(square(w).name() == "Square:0");
    CHECK(square(w * 2.F).name() == "Square_1:0");
    CHECK(tanh(w).name() == "Tanh:0");
    CHECK(tanh(w * 2.F).name() == "Tanh_1:0");
    CHECK(tanh(lazy).name() == "Tanh_2:0");
    CHECK(tanh(relu(add(w, 1.F))).name() == "Tanh_3:0");
    CHECK(tanh(vector<float>(w), "named").name() == "named:0");
    CHECK(identity(w).name() == "Identity:0");
    CHECK(sigmoid(w).name() == "Sigmoid:0");
    CHECK(reduce_sum(w, {0}).name() == "Sum:0");
    CHECK(tanh(0.0) == 0.0); // the C library's
}
