#include <varscope/variable/get_variable.hpp>
#include <varscope/initializers/initializer_rule.hpp>
#include <varscope/initializers/orthogonal.hpp>
#include <varscope/scope/variable_scope.hpp>

#include "catch.hpp"
#include "initial_values.hpp"

#include <algorithm>
#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <source_location>
#include <string>
#include <type_traits>
#include <vector>

namespace vs = varscope;
using namespace initial_values;

// Kept in every variable of a schema: a pointer, four numbers, a seed and five bytes.
static_assert(sizeof(vs::initializer_rule) <= 72);
static_assert(std::is_trivially_copyable_v<vs::initializer_rule>);
static_assert(std::is_trivially_destructible_v<vs::initializer_rule>);

namespace {

constexpr vs::random_options five{.seed = 5};

struct rule_case {
    const char* name;
    vs::initializer_rule constant;
    vs::initializer (*in_place)(); // the same call, when the program runs
};
template <class Call>
constexpr rule_case both(const char* name, Call call) {
    return {name, call(), [] { return vs::initializer(Call{}()); }};
}

/// Every function that returns a rule.
constexpr std::array cases{
    both("zeros", [] { return vs::zeros(); }),
    both("ones", [] { return vs::ones(); }),
    both("constant", [] { return vs::constant_initializer(0.1); }),
    both("random_uniform", [] { return vs::random_uniform(); }),
    both("random_uniform, seeded", [] { return vs::random_uniform(-2.5, 3.0, five); }),
    both("random_uniform of integers", [] { return vs::random_uniform(-3, 7U); }),
    both("random_uniform of integers, seeded", [] { return vs::random_uniform(-3, 7, five); }),
    both("random_normal", [] { return vs::random_normal(1, 2); }),
    both("random_normal, seeded", [] { return vs::random_normal(1, 2, five); }),
    both("truncated_normal", [] { return vs::truncated_normal(0, 0.02); }),
    both("truncated_normal, seeded", [] { return vs::truncated_normal(1, 2, five); }),
    both("variance_scaling", [] { return vs::variance_scaling(); }),
    both("variance_scaling, untruncated",
        [] {
            return vs::variance_scaling({.scale = 3,
                .mode = vs::fan_mode::fan_out,
                .distribution = vs::scaling_distribution::untruncated_normal,
                .seed = 5});
        }),
    both("variance_scaling, uniform",
        [] {
            return vs::variance_scaling(
                {.mode = vs::fan_mode::fan_avg, .distribution = vs::scaling_distribution::uniform});
        }),
    both("glorot_uniform", [] { return vs::glorot_uniform(); }),
    both("glorot_uniform, seeded", [] { return vs::glorot_uniform(five); }),
    both("glorot_normal", [] { return vs::glorot_normal(five); }),
    both("he_normal", [] { return vs::he_normal(); }),
    both("he_uniform", [] { return vs::he_uniform(five); }),
    both("lecun_normal", [] { return vs::lecun_normal(); }),
    both("lecun_uniform", [] { return vs::lecun_uniform(five); }),
    both("uniform_unit_scaling", [] { return vs::uniform_unit_scaling(-1.43, five); }),
    both("contrib_variance_scaling", [] { return vs::contrib_variance_scaling(); }),
    both("contrib_variance_scaling, uniform",
        [] {
            return vs::contrib_variance_scaling(
                {.factor = 1, .mode = vs::fan_mode::fan_out, .uniform = true, .seed = 5});
        }),
    both("xavier_initializer", [] { return vs::xavier_initializer(); }),
    both("xavier_initializer, normal",
        [] { return vs::xavier_initializer({.uniform = false, .seed = 5}); }),
    both("orthogonal", [] { return vs::orthogonal(2, five); }),
    both("identity_initializer", [] { return vs::identity_initializer(2); }),
    both("convolutional_delta_orthogonal", [] { return vs::convolutional_delta_orthogonal(2); }),
    both("convolutional_orthogonal_1d", [] { return vs::convolutional_orthogonal_1d(2); }),
    both("convolutional_orthogonal_2d", [] { return vs::convolutional_orthogonal_2d(2, five); }),
    both("convolutional_orthogonal_3d", [] { return vs::convolutional_orthogonal_3d(); }),
};
static_assert(
    std::all_of(cases.begin(), cases.end(), [](const rule_case& c) { return bool(c.constant); }));

/// The only element of a variable that a constant of `Number` makes.
template <vs::element Number>
Number element_made(const vs::initializer& rule) {
    vs::graph g;
    const vs::any_variable v = make(g, "w", {1}, vs::dtype_of<Number>, rule);
    Number result;
    std::memcpy(&result, v.data(), sizeof result);
    return result;
}

/// A rule of the user's own: the number of columns in each element.
constexpr auto columns = [](const shape& s) {
    xt::xtensor<float, 2> result = xt::xtensor<float, 2>::from_shape(
        {static_cast<std::size_t>(s[0]), static_cast<std::size_t>(s[1])});
    result.fill(static_cast<float>(s[1]));
    return result;
};

/// Whether a rule of this parameter, a whole number, can stand in a constant expression.
template <int Stddev>
concept constant_stddev =
    requires { typename std::bool_constant<bool(vs::truncated_normal(0, Stddev))>; };
template <int Scale>
concept constant_scale =
    requires { typename std::bool_constant<bool(vs::variance_scaling({.scale = Scale}))>; };
template <int Low, int High>
concept constant_limits =
    requires { typename std::bool_constant<bool(vs::random_uniform(Low, High))>; };

} // namespace

TEST_CASE("a rule that is a constant makes bit for bit what the call in place makes", "[rule]") {
    const std::array<shape, 5> shapes{{{5}, {7, 9}, {3, 7, 9}, {3, 3, 2, 3}, {2, 2, 2, 3, 4}}};
    for (const rule_case& c : cases) {
        std::size_t made = 0;
        for (const dtype type : {dtype::float32, dtype::float64, dtype::bfloat16, dtype::int32}) {
            for (const shape& dimensions : shapes) {
                CAPTURE(c.name, type, dimensions);
                const vs::initializer rule = c.constant;
                if (!rule.model()->can_make(type) || rule.model()->refuses(dimensions, type)) {
                    continue;
                }
                vs::graph g({.seed = 7});
                vs::graph other({.seed = 7});
                const vs::any_variable v = make(g, "w", dimensions, type, c.constant);
                const vs::any_variable in_place = make(other, "w", dimensions, type, c.in_place());
                CHECK(bytes_of(v) == bytes_of(in_place));
                ++made;
            }
        }
        CAPTURE(c.name);
        CHECK(made > 0);
    }
}

TEST_CASE("a constant as a rule keeps its number and its type", "[rule]") {
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
    static constexpr auto tenth = vs::constant_initializer(0.1);
    CHECK(element_made<double>(tenth) == 0.1);
    CHECK(element_made<float>(tenth) == 0.1F);
    static constexpr auto largest_rule = vs::constant_initializer(largest);
    CHECK(element_made<std::uint64_t>(largest_rule) == largest);
    static constexpr auto odd_rule = vs::constant_initializer(largest - 2); // no number of float64
    CHECK(element_made<std::uint64_t>(odd_rule) == largest - 2);
    static constexpr auto smallest_rule = vs::constant_initializer(smallest + 1);
    CHECK(element_made<std::int64_t>(smallest_rule) == smallest + 1);
    static constexpr auto yes = vs::constant_initializer(true);
    CHECK(element_made<bool>(yes));
    static constexpr auto one = vs::constant_initializer(1);
    CHECK_THROWS_AS(element_made<bool>(one), vs::value_dtype); // an integer is no bool
    static constexpr auto half = vs::constant_initializer(vs::float16(0.5F));
    CHECK(element_made<vs::float16>(half) == 0.5F);
    CHECK(element_made<float>(half) == 0.5F);
    static constexpr auto complex = vs::constant_initializer(std::complex<double>(0.1, -2));
    CHECK(element_made<std::complex<double>>(complex) == std::complex<double>(0.1, -2));
    CHECK_THROWS_AS(element_made<double>(complex), vs::value_dtype);
    static constexpr auto verified = vs::constant_initializer(3, {.verify_shape = true});
    CHECK_THROWS_AS(made(verified, {1}), vs::bad_shape);
    CHECK(made(verified, {}) == std::vector<double>{3});
}

TEST_CASE("a rule stands wherever an initializer may", "[rule]") {
    const bool is_first = GENERATE(true, false);
    const std::vector<double> expected(2, is_first ? 0 : 1);
    vs::initializer rule = vs::constant_initializer(7);
    rule = is_first ? vs::zeros() : vs::ones();
    CHECK(made(rule, {2}) == expected);
    rule = is_first ? vs::zeros() : vs::constant_initializer({1, 1}); // a rule or an initializer
    CHECK(made(rule, {2}) == expected);
    const std::vector<vs::initializer> list{vs::zeros(), vs::ones()};
    CHECK(list.size() == 2);
    CHECK(made(list[is_first ? 0 : 1], {2}) == expected);
    const std::map<std::string, vs::initializer> map{{"first", vs::zeros()}, {"then", vs::ones()}};
    CHECK(made(map.at(is_first ? "first" : "then"), {2}) == expected);
    std::optional<vs::initializer> maybe = vs::ones();
    maybe = is_first ? vs::zeros() : vs::ones();
    CHECK(made(*maybe, {2}) == expected);

    vs::graph g;
    vs::as_default guard{g};
    const vs::variable_scope scope{"s", {.initializer = is_first ? vs::zeros() : vs::ones()}};
    const auto of_scope = vs::get_variable<float, 1>("of_scope", {2});
    const auto of_call =
        vs::get_variable<float, 1>("of_call", {2}, {.initializer = vs::constant_initializer(2)});
    CHECK(numbers_of(of_scope) == expected);
    CHECK(numbers_of(of_call) == std::vector<double>(2, 2));
}

TEST_CASE("rules without parameters share the initializer that they become", "[rule]") {
    // That is, only the first conversion allocates.
    CHECK(vs::initializer(vs::zeros()).model() == vs::initializer(vs::zeros()).model());
    CHECK(vs::initializer(vs::ones()).model() == vs::initializer(vs::ones()).model());
    const vs::initializer glorot = vs::glorot_uniform();
    CHECK(glorot.model() == vs::initializer(vs::glorot_uniform()).model());
    CHECK(glorot.model() != vs::initializer(vs::glorot_uniform(five)).model());
}

TEST_CASE("a lambda without captures is a rule that is a constant", "[rule]") {
    static constexpr vs::initializer_rule rule = columns;
    STATIC_CHECK(bool(rule));
    CHECK(made(rule, {2, 3}) == std::vector<double>(6, 3));
    CHECK(made(rule, {4, 1}, dtype::float64) == std::vector<double>(4, 1)); // converts
}

TEST_CASE("what a constant cannot hold is no rule", "[rule]") {
    const float number = 2;
    const auto with_capture = [number](const shape&) { return xt::xtensor<float, 1>{number}; };
    const auto without_shape = [] { return xt::xtensor<float, 1>{2}; };
    STATIC_CHECK_FALSE(std::is_convertible_v<decltype(with_capture), vs::initializer_rule>);
    STATIC_CHECK_FALSE(std::is_convertible_v<decltype(without_shape), vs::initializer_rule>);
    STATIC_CHECK_FALSE(std::is_convertible_v<double, vs::initializer_rule>);
    STATIC_CHECK_FALSE(std::is_convertible_v<vs::initializer, vs::initializer_rule>);
    CHECK(vs::initializer(with_capture)); // but an initializer
    CHECK(vs::initializer(without_shape));
}

TEST_CASE("a rule that was not given is none", "[rule]") {
    static constexpr vs::initializer_rule none;
    STATIC_CHECK_FALSE(bool(none));
    CHECK_FALSE(bool(vs::initializer(none)));
    vs::graph g;
    vs::as_default guard{g};
    const vs::variable_scope scope{"s", {.initializer = vs::ones()}};
    const auto w = vs::get_variable<float, 1>("w", {2}, {.initializer = none});
    CHECK(numbers_of(w) == std::vector<double>(2, 1)); // that of the scope
}

TEST_CASE("a bad parameter is refused where the rule is made", "[rule]") {
    double stddev = -1; // known when the program runs
    CHECK(message_of<vs::bad_parameter>([&] { (void)vs::truncated_normal(0, stddev); }) ==
        "truncated_normal cannot have standard deviation -1\n"
        "  requested at HERE\n"
        "  give a finite number that is not negative");
    auto before = std::source_location::current();
    try {
        before = std::source_location::current();
        (void)vs::truncated_normal(0, stddev);
    } catch (const vs::bad_parameter& e) {
        CHECK(e.asked_at().line() == before.line() + 1);
        CHECK(std::string(e.asked_at().file_name()) == before.file_name());
    }
    stddev = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(vs::random_normal(0, stddev), vs::bad_parameter);
    CHECK_THROWS_AS(vs::variance_scaling({.scale = stddev}), vs::bad_parameter);
    CHECK_THROWS_AS(vs::orthogonal(stddev), vs::bad_parameter);
}

TEST_CASE("a bad parameter is no constant expression", "[rule]") {
    STATIC_CHECK(constant_stddev<0>);
    STATIC_CHECK_FALSE(constant_stddev<-1>);
    STATIC_CHECK(constant_scale<1>);
    STATIC_CHECK_FALSE(constant_scale<0>);
    STATIC_CHECK(constant_limits<3, 3>);
    STATIC_CHECK_FALSE(constant_limits<3, 2>);
}
