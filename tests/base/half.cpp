#include <varscope/variable/assign.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/base/half.hpp>
#include <varscope/train/scatter.hpp>
#include <varscope/op/session.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/core/xmath.hpp>
#include <xtensor/core/xnoalias.hpp>
#include <xtensor/misc/xsort.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xsort.hpp>
#include <xtensor/xview.hpp>
#endif

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

namespace vs = varscope;
using vs::bfloat16;
using vs::float16;

namespace {

template <class Half> using limits = std::numeric_limits<Half>;

template <class Half> double neighbour(Half h, int steps) {
    return double{float{Half::from_bits(static_cast<std::uint16_t>(h.bits() + steps))}};
}

/// Whether `rounded` is the number of its type that is nearest to `exact`, of two the even one. Numbers beyond the greatest are
/// taken as if the exponents went on.
template <class Half> bool is_nearest(double exact, Half rounded) {
    if (std::isnan(exact)) { return std::isnan(float{rounded}); }
    if (std::signbit(exact) != std::signbit(float{rounded})) { return false; }
    const double size = std::abs(exact);
    const auto magnitude = Half::from_bits(static_cast<std::uint16_t>(rounded.bits() & 0x7fff));
    const double greatest = double{float{limits<Half>::max()}};
    const double beyond = greatest + (greatest - neighbour(limits<Half>::max(), -1)); // in the place of infinity
    const auto value = [&](double v) { return std::isinf(v) ? beyond : v; };
    if (std::isinf(float{magnitude})) { return size - greatest >= beyond - size; }
    const double error = std::abs(size - value(double{float{magnitude}}));
    const double above = std::abs(size - value(neighbour(magnitude, 1)));
    const double below = magnitude.bits() == 0 ? error + 1 : std::abs(size - neighbour(magnitude, -1));
    return error < std::min(above, below) || (error <= std::min(above, below) && (magnitude.bits() & 1) == 0);
}

template <class Half> using vector = xt::xtensor<Half, 1>;

} // namespace

TEMPLATE_TEST_CASE("a 16-bit float calculated with another rounds to the nearest, ties to even", "[half]", float16, bfloat16) {
    STATIC_CHECK(std::is_same_v<decltype(TestType() + TestType()), TestType>);
    STATIC_CHECK(std::is_same_v<decltype(-TestType()), TestType>);
    std::mt19937 random(1); // NOLINT(cert-msc51-cpp): the same each time
    int wrong = 0;
    const auto check = [&](TestType a, TestType b) {
        const double x{float{a}};
        const double y{float{b}};
        // In double each result is exact or, of a quotient and of a sum of far numbers, so near that no tie is made or hidden.
        if (!is_nearest(x + y, a + b) || !is_nearest(x - y, a - b) || !is_nearest(x / y, a / b)) { ++wrong; }
        if (std::abs(x * y) > double{limits<float>::min()} && !is_nearest(x * y, a * b)) { ++wrong; }
        if ((a < b) != (x < y) || (a == b) != (x == y) || (a >= b) != (x >= y) || (a != b) != (x != y)) { ++wrong; }
        TestType c = a;
        c += b;
        TestType d = a;
        d /= b;
        const auto same = [](TestType p, TestType q) { return p.bits() == q.bits() || (std::isnan(float{p}) && std::isnan(float{q})); };
        if (!same(c, a + b) || !same(d, a / b)) { ++wrong; }
    };
    for (int i = 0; i < 300000; ++i) {
        const std::uint32_t bits = static_cast<std::uint32_t>(random());
        check(TestType::from_bits(static_cast<std::uint16_t>(bits)), TestType::from_bits(static_cast<std::uint16_t>(bits >> 16)));
        // Near each other, where sums have ties.
        check(TestType::from_bits(static_cast<std::uint16_t>(bits)), TestType::from_bits(static_cast<std::uint16_t>(bits + ((bits >> 16) & 0x1fff))));
    }
    CHECK(wrong == 0);
}

TEMPLATE_TEST_CASE("a 16-bit float with another number follows C++'s rules for float", "[half]", float16, bfloat16) {
    STATIC_CHECK(std::is_same_v<decltype(TestType() + 1.F), float>);
    STATIC_CHECK(std::is_same_v<decltype(1.0 * TestType()), double>);
    STATIC_CHECK(std::is_same_v<decltype(TestType() - 1), float>);
    STATIC_CHECK(std::is_same_v<decltype(float16() / bfloat16()), float>);
    STATIC_CHECK(std::is_same_v<std::common_type_t<TestType, float>, float>);
    STATIC_CHECK(std::is_same_v<std::common_type_t<double, TestType>, double>);
    STATIC_CHECK(std::is_same_v<std::common_type_t<TestType, TestType>, TestType>);
    CHECK(TestType(1) + 0x1p-20F == 1 + 0x1p-20F); // not rounded to 16 bits
    CHECK(TestType(3) == 3);
    CHECK(TestType(3) > 2.5);
    CHECK(2 < TestType(3));
    TestType h = 1.5;
    h *= 2.F;
    h -= 1;
    CHECK(h == 2.F);
}

TEMPLATE_TEST_CASE("every pattern of a 16-bit float becomes a double and comes back", "[half]", float16, bfloat16) {
    int wrong = 0;
    for (int bits = 0; bits <= 0xffff; ++bits) {
        const auto h = TestType::from_bits(static_cast<std::uint16_t>(bits));
        const auto back = TestType(double{float{h}});
        if (std::isnan(float{h}) ? !std::isnan(float{back}) : back.bits() != bits) { ++wrong; }
    }
    CHECK(wrong == 0);
}

TEMPLATE_TEST_CASE("a double is rounded to 16 bits once", "[half]", float16, bfloat16) {
    int wrong = 0;
    for (std::uint16_t bits = 0; bits < limits<TestType>::infinity().bits(); ++bits) {
        const double value = double{float{TestType::from_bits(bits)}};
        const double next = bits + 1 == limits<TestType>::infinity().bits()
            ? value + (value - neighbour(TestType::from_bits(bits), -1)) : neighbour(TestType::from_bits(bits), 1);
        const double middle = (value + next) / 2;
        for (const double exact : {middle, std::nextafter(middle, 0.0), std::nextafter(middle, 1e300), value, std::nextafter(value, 1e300)}) {
            if (!is_nearest(exact, TestType(exact)) || !is_nearest(-exact, TestType(-exact))) { ++wrong; }
        }
    }
    CHECK(wrong == 0);
    CHECK(std::isinf(float{TestType(1e300)}));
    CHECK(TestType(-1e300) == -limits<float>::infinity());
    CHECK(std::isnan(float{TestType(limits<double>::quiet_NaN())}));
    CHECK(TestType(1e-300) == 0);
    CHECK(TestType(true) == 1);
}

TEST_CASE("the limits of 16-bit floats are those of their formats", "[half]") {
    CHECK(limits<float16>::max() == 65504);
    CHECK(limits<float16>::lowest() == -65504);
    CHECK(float{limits<float16>::min()} == 0x1p-14F);
    CHECK(float{limits<float16>::denorm_min()} == 0x1p-24F);
    CHECK(float{limits<float16>::epsilon()} == 0x1p-10F);
    CHECK(float{limits<bfloat16>::max()} == 0x1.fep127F);
    CHECK(float{limits<bfloat16>::min()} == 0x1p-126F);
    CHECK(float{limits<bfloat16>::epsilon()} == 0x1p-7F);
    CHECK(std::isinf(float{limits<bfloat16>::infinity()}));
    CHECK(std::isnan(float{limits<float16>::quiet_NaN()}));
    CHECK(std::isnan(float{limits<bfloat16>::signaling_NaN()}));
    CHECK(limits<float16>::digits10 == 3);
    CHECK(limits<float16>::max_digits10 == 5);
    CHECK(limits<float16>::max_exponent10 == 4);
    CHECK(limits<bfloat16>::digits10 == 2);
    CHECK(limits<bfloat16>::max_digits10 == 4);
    CHECK(limits<bfloat16>::max_exponent10 == 38);
    CHECK(limits<bfloat16>::min_exponent10 == -37);
}

TEMPLATE_TEST_CASE("variables of 16-bit floats are read, assigned and calculated with as others are", "[half]", float16, bfloat16) {
    fresh g;
    using vec = vector<TestType>;
    vs::variable<TestType, 1> v{{1, 2, 3, -4}, "v"};
    const vs::variable<float, 1> f{{1, 2, 3, 4}, "f"};
    const xt::xtensor<float, 1> sum = v + v;
    CHECK(bool(sum == xt::xtensor<float, 1>{2, 4, 6, -8}));
    STATIC_CHECK(std::is_same_v<typename decltype(v + v)::value_type, TestType>);
    STATIC_CHECK(std::is_same_v<typename decltype(v + f)::value_type, float>);
    v += v;
    CHECK(bool(v == vec{2, 4, 6, -8}));
    v = v + f;
    CHECK(bool(v == vec{3, 6, 9, -4}));
    v -= TestType(1);
    v *= 2.F;
    v /= v * 1.F;
    CHECK(bool(v == vec{1, 1, 1, 1}));
    v = f * 1.F;
    xt::xtensor<float, 1> back = v;
    CHECK(bool(back == f));
    vec y = f;
    y = xt::cast<TestType>(f * 3.0);
    CHECK(bool(y == vec{3, 6, 9, 12}));
    y = xt::exp(v) * TestType(0) + xt::abs(-v) + xt::sqrt(v * v);
    CHECK(bool(y == vec{2, 4, 6, 8}));
    y = xt::view(v, xt::range(1, 3)) + TestType(1);
    CHECK(bool(y == vec{3, 4}));
    xt::noalias(y) = v;
    CHECK(bool(y == vec{1, 2, 3, 4}));
    y = xt::where(v > 2.F, v, -v);
    CHECK(bool(y == vec{-1, -2, 3, 4}));
    y = xt::clip(y, TestType(-1), TestType(3));
    CHECK(bool(y == vec{-1, -1, 3, 3}));
    y = xt::maximum(v, 2.F);
    CHECK(bool(y == vec{2, 2, 3, 4}));
    const vec ones = xt::ones<TestType>({4});
    CHECK(bool(xt::eval(ones + ones) == vec{2, 2, 2, 2}));
    v.fill(5);
    v(0) += TestType(1);
    CHECK(bool(v == vec{6, 5, 5, 5}));
    CHECK(bool(vs::session().run(v + v) == vec{12, 10, 10, 10}));
}

TEMPLATE_TEST_CASE("ops and updates take 16-bit floats, and give them", "[half]", float16, bfloat16) {
    fresh g;
    using vec = vector<TestType>;
    vs::variable<TestType, 1> v{{1, 2, 3, -4}, "v"};
    const auto is = [](const auto& op, const vec& wanted) {
        return op.as_tensor().dtype() == vs::dtype_of<TestType> && bool(vec(op) == wanted);
    };
    CHECK(is(vs::add(v, v), {2, 4, 6, -8}));
    CHECK(is(vs::subtract(v, TestType(1)), {0, 1, 2, -5}));
    CHECK(is(vs::multiply(v, v), {1, 4, 9, 16}));
    CHECK(is(vs::divide(v, TestType(2)), {0.5, 1, 1.5, -2}));
    CHECK(is(vs::negative(v), {-1, -2, -3, 4}));
    CHECK(is(vs::square(v), {1, 4, 9, 16}));
    CHECK(is(vs::identity(v), {1, 2, 3, -4}));
    CHECK(is(vs::relu(v), {1, 2, 3, 0}));
    CHECK(is(vs::relu6(vs::add(v, v)), {2, 4, 6, 0}));
    CHECK(is(vs::sigmoid(v), vec(1 / (1 + xt::exp(-xt::cast<float>(v))))));
    CHECK(is(vs::tanh(v), vec(xt::tanh(xt::cast<float>(v)))));
    CHECK(is(vs::bias_add(v, v), {2, 4, 6, -8}));
    CHECK(is(vs::constant(v), {1, 2, 3, -4}));
    CHECK(vs::constant(TestType(2)).as_tensor().dtype() == vs::dtype_of<TestType>);
    CHECK(vs::add(v, 1.F).as_tensor().dtype() == vs::dtype::float32);
    vs::assign_add(v, v);
    vs::assign_sub(v, vec{1, 1, 1, 1});
    CHECK(bool(v == vec{1, 3, 5, -9}));
    vs::assign(v, xt::xtensor<float, 1>{1, 2, 3, 4});
    vs::scatter_add(v, xt::xtensor<int, 1>{0, 0}, vec{1, 2});
    CHECK(bool(v == vec{4, 2, 3, 4}));
}

TEMPLATE_TEST_CASE("sums of 16-bit floats go on in float and are rounded once", "[half]", float16, bfloat16) {
    fresh g;
    const auto ones = vs::get_variable<TestType, 1>("ones", {5001}, {.initializer = vs::ones()});
    const TestType sum(5001);
    CHECK(xt::xtensor<TestType, 0>(vs::reduce_sum(ones))() == sum);
    CHECK(xt::xtensor<TestType, 0>(vs::reduce_mean(ones))() == 1);
    CHECK(xt::xtensor<TestType, 0>(xt::sum(ones))() == sum);
    CHECK(xt::sum(ones)() == 5001);
    CHECK(xt::sum(ones, xt::evaluation_strategy::immediate)() == 5001);
    CHECK(xt::mean(ones)() == 1);
    const vs::variable<TestType, 1> v{{-3, -1, -2}, "v"};
    CHECK(xt::amax(v)() == -1); // not the 0 of a type without limits
    CHECK(xt::amin(v)() == -3);
    CHECK(xt::argmax(v)() == 1);
    CHECK(xt::prod(v)() == -6);
    // Of three thirds in 16 bits, the mean is a third in 16 bits.
    const vector<TestType> thirds{TestType(1.0 / 3), TestType(1.0 / 3), TestType(1.0 / 3)};
    CHECK(xt::xtensor<TestType, 0>(vs::reduce_mean(thirds))() == thirds(0));
}
