#include <varscope/initializers/initializers.hpp>

#include "catch.hpp"
#include "initial_values.hpp"

#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace vs = varscope;
using namespace initial_values;

namespace {

using numbers = std::vector<double>;

const shape million{1000, 1000};

} // namespace

TEST_CASE("zeros and ones make every element type", "[initializer]") {
    for (std::size_t i = 0; i < vs::detail::dtype_table.size(); ++i) {
        const auto type = static_cast<dtype>(i);
        CAPTURE(type);
        CHECK(made(vs::zeros(), {2, 2}, type) == numbers(4, 0));
        CHECK(made(vs::ones(), {2, 2}, type) == numbers(4, 1));
    }
}

TEST_CASE("a constant fills a variable of each type that it converts to", "[initializer]") {
    CHECK(made(vs::constant_initializer(200), {3}, dtype::uint8) == numbers(3, 200));
    CHECK(made(vs::constant_initializer(-3), {3}, dtype::float64) == numbers(3, -3));
    CHECK(made(vs::constant_initializer(0.5), {3}, dtype::complex64) == numbers(3, 0.5));
    CHECK(made(vs::constant_initializer(0.5), {}, dtype::bfloat16) == numbers(1, 0.5));
    CHECK(made(vs::constant_initializer(true), {1}, dtype::boolean) == numbers(1, 1));
    CHECK(made(vs::constant_initializer(std::complex<double>(2, 1)), {1}, dtype::complex128) == numbers(1, 2));
}

TEST_CASE("a constant of double precision keeps its digits in a variable of float64", "[initializer]") {
    CHECK(made(vs::constant_initializer(0.1), {1}, dtype::float64) == numbers{0.1});
    CHECK(made(vs::constant_initializer({0.1, 0.2}), {2}, dtype::float64) == numbers{0.1, 0.2});
    CHECK(made(vs::constant_initializer(0.1), {1}, dtype::float32) == numbers{static_cast<double>(0.1F)});
}

TEST_CASE("a constant that does not convert to the variable's type is refused", "[initializer]") {
    CHECK(message_of<vs::value_dtype>([] { (void)made(vs::constant_initializer(0.5), {3}, dtype::int32); }) ==
          "variable 'w' cannot be given what its initializer makes as int32\n"
          "  requested at HERE\n"
          "  integers become every type but bool, floating numbers floating and complex ones, true and false every type");
    CHECK_THROWS_AS(made(vs::constant_initializer(1), {3}, dtype::boolean), vs::value_dtype);
    CHECK_THROWS_AS(made(vs::constant_initializer({1, 2}), {2}, dtype::boolean), vs::value_dtype);
    CHECK_THROWS_AS(made(vs::constant_initializer(std::complex<float>(1, 0)), {1}), vs::value_dtype);
}

TEST_CASE("a list fills a variable in row-major order, and its last element is repeated", "[initializer]") {
    // The examples of tf.constant_initializer's documentation (TensorFlow 1.15).
    const auto rule = vs::constant_initializer({0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(made(rule, {2, 4}) == numbers{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(made(rule, {3, 4}) == numbers{0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7});
    CHECK(made(rule, {8}, dtype::int8) == numbers{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("a list may be any range or an xtensor expression", "[initializer]") {
    CHECK(made(vs::constant_initializer(std::vector<float>{1.5F, 2}), {3}) == numbers{1.5, 2, 2});
    CHECK(made(vs::constant_initializer(std::vector<bool>{true, false}), {3}, dtype::boolean) == numbers{1, 0, 0});
    const xt::xtensor<int, 2> matrix{{1, 2}, {3, 4}};
    CHECK(made(vs::constant_initializer(matrix + 1), {5}) == numbers{2, 3, 4, 5, 5});
    CHECK(made(vs::constant_initializer(std::vector<float>{}), {0, 2}).empty());
}

TEST_CASE("a list that is longer than a variable is refused", "[initializer]") {
    CHECK(message_of<vs::bad_shape>([] { (void)made(vs::constant_initializer({1, 2, 3, 4, 5, 6, 7, 8}), {2, 3}); }) ==
          "variable 'w' cannot have shape (2, 3): constant_initializer has 8 elements, and that is room for 6\n"
          "  requested at HERE\n"
          "  ask for another shape, or use another initializer");
    CHECK_THROWS_AS(made(vs::constant_initializer({1, 2}), {}), vs::bad_shape);
}

TEST_CASE("a list without elements makes no element", "[initializer]") {
    CHECK(message_of<vs::bad_shape>([] { (void)made(vs::constant_initializer(std::vector<float>{}), {2}); }) ==
          "variable 'w' cannot have shape (2,): constant_initializer has no element to repeat\n"
          "  requested at HERE\n"
          "  ask for another shape, or use another initializer");
}

TEST_CASE("a constant that verifies the shape makes no other one", "[initializer]") {
    const vs::constant_options verified{.verify_shape = true};
    CHECK(message_of<vs::bad_shape>([&] { (void)made(vs::constant_initializer({0, 1, 2, 3, 4, 5, 6, 7}, verified), {2, 4}); }) ==
          "variable 'w' cannot have shape (2, 4): constant_initializer has the shape (8,), and was told to verify it\n"
          "  requested at HERE\n"
          "  ask for another shape, or use another initializer");
    CHECK(made(vs::constant_initializer({1, 2}, verified), {2}) == numbers{1, 2});
    CHECK(made(vs::constant_initializer(3, verified), {}) == numbers{3});
    CHECK_THROWS_AS(made(vs::constant_initializer(3, verified), {1}), vs::bad_shape);
    const xt::xtensor<int, 2> matrix{{1, 2}, {3, 4}};
    CHECK(made(vs::constant_initializer(matrix, verified), {2, 2}) == numbers{1, 2, 3, 4});
    CHECK_THROWS_AS(made(vs::constant_initializer(matrix, verified), {4}), vs::bad_shape);
}

TEST_CASE("random_uniform fills its range evenly and leaves out the upper limit", "[initializer]") {
    for (const dtype type : floating) {
        CAPTURE(type);
        const numbers sample = made(vs::random_uniform(-2, 3), million, type);
        CHECK(difference(sample, uniform_between(-2, 3), type) == "");
        CHECK(moments_of(sample).low >= -2);
        CHECK(moments_of(sample).high < 3);
        CHECK(made(vs::random_uniform(-2.0, 3.0), {100}, type) == made(vs::random_uniform(-2, 3), {100}, type));
    }
    CHECK(difference(made(vs::random_uniform(), million), uniform_between(0, 1)) == "");
}

TEST_CASE("random_uniform of equal limits is constant", "[initializer]") {
    CHECK(made(vs::random_uniform(0.5, 0.5), {3}) == numbers(3, 0.5));
    CHECK(made(vs::random_uniform(2, 2), {3}) == numbers(3, 2));
}

TEST_CASE("random_uniform of integers makes each of them equally often", "[initializer]") {
    for (std::size_t i = 0; i < vs::detail::dtype_table.size(); ++i) {
        const auto type = static_cast<dtype>(i);
        if (!is_integer(type)) { continue; }
        CAPTURE(type);
        std::vector<double> counts(6);
        for (const double x : made(vs::random_uniform(1, 7), {60000}, type)) {
            REQUIRE(x == std::floor(x));
            ++counts.at(static_cast<std::size_t>(x) - 1);
        }
        for (const double count : counts) { CHECK(std::abs(count - 10000) < 5 * std::sqrt(60000 * (1.0 / 6) * (5.0 / 6))); } // five standard errors
    }
}

TEST_CASE("random_uniform makes integers up to the limits of their types", "[initializer]") {
    const moments m = moments_of(made(vs::random_uniform(-128, 128), {10000}, dtype::int8));
    CHECK(m.low == -128);
    CHECK(m.high == 127);
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    CHECK(moments_of(made(vs::random_uniform(-largest - 1, largest), {1000}, dtype::int64)).high > 9e18);
    CHECK(moments_of(made(vs::random_uniform(0U, std::uint64_t{1} << 40), {1000}, dtype::uint64)).high > 1e12);
    CHECK(made(vs::random_uniform(largest - 1, largest), {2}, dtype::float64) == numbers(2, 0x1p63)); // one number of float64
}

TEST_CASE("random_uniform makes integers only if it was given such limits and the type has them all", "[initializer]") {
    CHECK(message_of<vs::value_dtype>([] { (void)made(vs::random_uniform(0, 300), {2}, dtype::uint8); }) ==
          "variable 'w' cannot be given what its initializer makes as uint8: it has not all numbers of [0, 300)\n"
          "  requested at HERE\n"
          "  ask for another element type, or use another initializer");
    CHECK(message_of<vs::value_dtype>([] { (void)made(vs::random_uniform(3, 3), {2}, dtype::int32); }) ==
          "variable 'w' cannot be given what its initializer makes as int32: [3, 3) has no integers\n"
          "  requested at HERE\n"
          "  ask for another element type, or use another initializer");
    CHECK(message_of<vs::value_dtype>([] { (void)made(vs::random_uniform(), {2}, dtype::int32); }) ==
          "variable 'w' cannot be given what its initializer makes as int32: random_uniform of limits that are not integers makes floating types only\n"
          "  requested at HERE\n"
          "  ask for another element type, or use another initializer");
    CHECK(message_of<vs::value_dtype>([] { (void)made(vs::random_uniform(0, 2), {2}, dtype::boolean); }) ==
          "variable 'w' cannot be given what its initializer makes as bool: random_uniform makes numbers only\n"
          "  requested at HERE\n"
          "  ask for another element type, or use another initializer");
}

TEST_CASE("random_normal has the mean and deviation asked for", "[initializer]") {
    for (const dtype type : floating) {
        CAPTURE(type);
        CHECK(difference(made(vs::random_normal(1, 2), million, type), normal(1, 2), type) == "");
    }
    CHECK(difference(made(vs::random_normal(), million), normal(0, 1)) == "");
    CHECK(made(vs::random_normal(3, 0), {2}) == numbers(2, 3));
}

TEST_CASE("truncated_normal stays within two deviations, uncorrected", "[initializer]") {
    for (const dtype type : floating) {
        CAPTURE(type);
        const numbers sample = made(vs::truncated_normal(1, 2), million, type);
        CHECK(difference(sample, truncated(1, 2), type) == "");
        CHECK(moments_of(sample).low >= -3);
        CHECK(moments_of(sample).high <= 5);
    }
    CHECK(truncated(0, 1).stddev == Catch::Approx(0.87962566103423978).epsilon(1e-12)); // TensorFlow's init_ops.py names the factor
}

TEST_CASE("a sample of a million tells distributions apart that are nearly alike", "[initializer]") {
    const numbers uniform = made(vs::random_uniform(-2, 3), million);
    CHECK(difference(uniform, uniform_between(-2, 3)) == "");
    CHECK(difference(uniform, uniform_between(-2, 3.02)).starts_with("mean"));
    CHECK(difference(uniform, uniform_between(-2.02, 3.02)).starts_with("deviation"));
    CHECK(difference(uniform, {0.5, 5 / std::sqrt(12.0), 2.4999, 0.5}).starts_with("reaches"));
    CHECK(difference(uniform, {0.5, 5 / std::sqrt(12.0), 2.501, 0.5}).starts_with("ends"));
    const numbers cut = made(vs::truncated_normal(0, 1), million);
    CHECK(difference(cut, truncated(0, 1)) == "");
    CHECK(difference(cut, truncated(0, 1.01)).starts_with("deviation"));
    CHECK(difference(cut, normal(0, truncated(0, 1).stddev)).starts_with("ends"));
    CHECK(difference(made(vs::random_normal(), million), {0, 1, 2, 0.1}).starts_with("reaches"));
}

TEST_CASE("limits and deviations without meaning are refused at once", "[initializer]") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    CHECK(message_of<vs::bad_parameter>([] { (void)vs::random_uniform(2.0, 1.5); }) ==
          "random_uniform cannot have upper limit 1.5\n"
          "  requested at HERE\n"
          "  give a finite number that is not below the lower limit");
    CHECK(message_of<vs::bad_parameter>([] { (void)vs::random_normal(0, -1); }) ==
          "random_normal cannot have standard deviation -1\n"
          "  requested at HERE\n"
          "  give a finite number that is not negative");
    CHECK(message_of<vs::bad_parameter>([] { (void)vs::truncated_normal(0, -1); }) ==
          "truncated_normal cannot have standard deviation -1\n"
          "  requested at HERE\n"
          "  give a finite number that is not negative");
    CHECK_THROWS_AS(vs::random_uniform(3, 2), vs::bad_parameter);
    CHECK_THROWS_AS(vs::random_uniform(0, ~std::uint64_t{0}), vs::bad_parameter);
    CHECK_THROWS_AS(vs::random_uniform(-1e308, 1e308), vs::bad_parameter);
    CHECK_THROWS_AS(vs::random_uniform(std::nan(""), 1), vs::bad_parameter);
    CHECK_THROWS_AS(vs::random_normal(infinity), vs::bad_parameter);
    CHECK_THROWS_AS(vs::truncated_normal(infinity), vs::bad_parameter);
    CHECK_THROWS_AS(vs::truncated_normal(0, infinity), vs::bad_parameter);
}

TEST_CASE("a number as the constant fits a variable without elements", "[initializers]") {
    vs::graph g;
    CHECK(vs::get_variable(g, "v", {0, 3}, {.initializer = vs::constant_initializer(1.F)}).size() == 0);
    CHECK_THROWS_AS(vs::get_variable(g, "w", {0}, {.initializer = vs::constant_initializer({1.F})}), vs::bad_shape);
}
