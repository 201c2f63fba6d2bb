#include <varscope/initializer_rule.hpp>

#include <varscope/initializers.hpp>
#include <varscope/orthogonal.hpp>
#include <varscope/variance_scaling.hpp>
#include <varscope/varscope.hpp>

#include "catch.hpp"
#include "initial_values.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

namespace vs = varscope;
using namespace initial_values;

namespace {

using rule = vs::initializer_rule;

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

// Each is a constant expression, beside a function that makes the same one at run time.
struct both {
    const char* name;
    rule constant;
    rule (*make)();
    shape dimensions;
};

constexpr rule no_rule;
constexpr rule zeros_rule = vs::zeros();
constexpr rule own_rule = [](const shape& s) {
    return xt::xtensor<float, 1>({static_cast<std::size_t>(s[0])}, 4.F);
};

std::string all_bytes(const vs::initializer& initial, const shape& dimensions, dtype type) {
    vs::graph g({.seed = 11});
    return bytes_of(make(g, "scope/w", dimensions, type, initial));
}

#define BOTH(call, ...)                                                                            \
    [] {                                                                                           \
        static constexpr rule constant = call;                                                     \
        return both{#call, constant, []() -> rule { return call; }, __VA_ARGS__};                  \
    }()

} // namespace

TEST_CASE("a rule is a literal type that owns nothing", "[initializer_rule]") {
    STATIC_CHECK(std::is_trivially_copyable_v<rule>);
    STATIC_CHECK(std::is_trivially_destructible_v<rule>);
    STATIC_CHECK(sizeof(rule) <= 64);
    STATIC_CHECK_FALSE(no_rule);
    CHECK(zeros_rule); // GCC 12 asks no function pointer while compiling under -fsanitize=undefined
    CHECK(own_rule);
    STATIC_CHECK(std::is_convertible_v<rule, vs::initializer>);
    STATIC_CHECK_FALSE(std::is_convertible_v<float, rule>); // a number is an initializer, not a rule
    CHECK_FALSE(static_cast<bool>(vs::initializer(no_rule)));
}

TEST_CASE("a rule known while compiling makes, bit by bit, what it makes in place", "[initializer_rule]") {
    const auto all = {BOTH(vs::zeros(), {7}), BOTH(vs::ones(), {7}), BOTH(vs::constant_initializer(0.1), {7}),
        BOTH(vs::constant_initializer(3), {7}), BOTH(vs::random_uniform(-0.5, 2.5), {40, 3}), BOTH(vs::random_uniform(-3, 9), {40, 3}),
        BOTH(vs::random_uniform(0, 1, {.seed = 5}), {40, 3}), BOTH(vs::random_normal(1, 2), {40, 3}), BOTH(vs::truncated_normal(1, 2, {.seed = 1}), {40, 3}),
        BOTH(vs::variance_scaling({.scale = 3, .mode = vs::fan_mode::fan_out, .distribution = vs::scaling_distribution::untruncated_normal}), {5, 6}),
        BOTH(vs::variance_scaling({.distribution = vs::scaling_distribution::uniform, .seed = 2}), {5, 6}), BOTH(vs::glorot_uniform(), {5, 6}),
        BOTH(vs::glorot_uniform({.seed = 3}), {5, 6}), BOTH(vs::glorot_normal(), {5, 6}), BOTH(vs::he_normal(), {5, 6}), BOTH(vs::he_uniform({.seed = 9}), {5, 6}),
        BOTH(vs::lecun_normal(), {5, 6}), BOTH(vs::lecun_uniform(), {5, 6}), BOTH(vs::uniform_unit_scaling(1.5), {5, 6}),
        BOTH(vs::contrib_variance_scaling(), {5, 6}), BOTH(vs::contrib_variance_scaling({.factor = 1, .uniform = true, .seed = 4}), {5, 6}),
        BOTH(vs::xavier_initializer(), {5, 6}), BOTH(vs::xavier_initializer({.uniform = false}), {5, 6}), BOTH(vs::orthogonal(2), {6, 4}),
        BOTH(vs::identity_initializer(3), {4, 5}), BOTH(vs::convolutional_delta_orthogonal(), {3, 3, 2, 4}),
        BOTH(vs::convolutional_orthogonal_1d(), {3, 2, 4}), BOTH(vs::convolutional_orthogonal_2d(2, {.seed = 8}), {3, 3, 2, 4}),
        BOTH(vs::convolutional_orthogonal_3d(), {2, 2, 2, 2, 4})};
    for (const both& each : all) {
        CAPTURE(each.name);
        for (const dtype type : {dtype::float32, dtype::float64, dtype::bfloat16}) {
            const std::string made = all_bytes(each.constant, each.dimensions, type);
            CHECK(made == all_bytes(each.make(), each.dimensions, type));
            CHECK(made == all_bytes(rule(each.constant), each.dimensions, type));
        }
    }
    CHECK(all_bytes(vs::he_normal(), {5, 6}, dtype::float32) != all_bytes(vs::he_normal({.seed = 1}), {5, 6}, dtype::float32));
    CHECK(all_bytes(vs::he_normal({.seed = 2}), {5, 6}, dtype::float32) != all_bytes(vs::he_normal({.seed = 1}), {5, 6}, dtype::float32));
    CHECK(all_bytes(vs::glorot_uniform({.seed = 2}), {5, 6}, dtype::float32) != all_bytes(vs::glorot_uniform(), {5, 6}, dtype::float32));
    CHECK(all_bytes(vs::xavier_initializer({.uniform = false}), {5, 6}, dtype::float32) != all_bytes(vs::xavier_initializer(), {5, 6}, dtype::float32));
}

TEST_CASE("a rule of one's own is a lambda without captures", "[initializer_rule]") {
    vs::graph g;
    CHECK(vs::get_variable<float, 1>(g, "v", {3}, {.initializer = own_rule})(2) == 4);
    constexpr rule copy = own_rule;
    CHECK(vs::get_variable<float, 1>(g, "w", {3}, {.initializer = copy})(0) == 4);
    int captured = 1;
    const auto with_capture = [&captured](const shape&) { return xt::xarray<float>({static_cast<float>(captured)}); };
    STATIC_CHECK_FALSE(std::is_convertible_v<decltype(with_capture), rule>);
    STATIC_CHECK_FALSE(std::is_convertible_v<decltype([](int) { return 1.F; }), rule>);
}

TEST_CASE("a bad parameter of a rule is refused at run time too", "[initializer_rule]") {
    const double below = -1;
    const double infinite = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(vs::random_normal(0, below), vs::bad_parameter);
    CHECK_THROWS_AS(vs::truncated_normal(infinite), vs::bad_parameter);
    CHECK_THROWS_AS(vs::random_uniform(0.5, below), vs::bad_parameter);
    CHECK_THROWS_AS(vs::random_uniform(3, static_cast<int>(below)), vs::bad_parameter);
    CHECK_THROWS_AS(vs::random_uniform(std::uint64_t{0}, largest), vs::bad_parameter);
    CHECK_THROWS_AS(vs::variance_scaling({.scale = below}), vs::bad_parameter);
    CHECK_THROWS_AS(vs::contrib_variance_scaling({.factor = 0}), vs::bad_parameter);
    CHECK_THROWS_AS(vs::uniform_unit_scaling(infinite), vs::bad_parameter);
    CHECK_THROWS_AS(vs::orthogonal(infinite), vs::bad_parameter);
    CHECK_THROWS_AS(vs::identity_initializer(infinite), vs::bad_parameter);
    CHECK_THROWS_AS(vs::convolutional_delta_orthogonal(infinite), vs::bad_parameter);
    CHECK_THROWS_AS(vs::convolutional_orthogonal_2d(infinite), vs::bad_parameter);
}

TEST_CASE("a constant keeps its type and all of its digits", "[initializer_rule]") {
    constexpr rule yes = vs::constant_initializer(true);
    constexpr rule most = vs::constant_initializer(largest);
    constexpr rule least = vs::constant_initializer(std::numeric_limits<std::int64_t>::min());
    constexpr rule tenth = vs::constant_initializer(0.1);
    constexpr rule tenth_of_float = vs::constant_initializer(0.1F);
    vs::graph g;
    CHECK(vs::get_variable<bool, 0>(g, "bool", {}, {.initializer = yes})());
    CHECK(vs::get_variable<std::uint64_t, 0>(g, "uint64", {}, {.initializer = most})() == largest);
    CHECK(vs::get_variable<std::int64_t, 0>(g, "int64", {}, {.initializer = least})() == std::numeric_limits<std::int64_t>::min());
    CHECK(vs::get_variable<double, 0>(g, "double", {}, {.initializer = tenth})() == 0.1);
    CHECK(vs::get_variable<double, 0>(g, "from_float", {}, {.initializer = tenth_of_float})() == static_cast<double>(0.1F));
    CHECK(vs::get_variable<float, 0>(g, "float", {}, {.initializer = tenth})() == 0.1F);
    CHECK_THROWS_AS((vs::get_variable<int, 0>(g, "int", {}, {.initializer = tenth})), vs::value_dtype);
    CHECK_THROWS_AS((vs::get_variable<bool, 0>(g, "number_as_bool", {}, {.initializer = most})), vs::value_dtype);
    constexpr rule verified = vs::constant_initializer(1.F, {.verify_shape = true});
    CHECK_THROWS_AS((vs::get_variable<float, 1>(g, "verified", {2}, {.initializer = verified})), vs::bad_shape);
    CHECK(vs::get_variable<float, 0>(g, "scalar", {}, {.initializer = verified})() == 1);
}
