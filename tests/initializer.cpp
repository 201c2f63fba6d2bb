#include <varscope/get_variable.hpp>
#include <varscope/initializer.hpp>
#include <varscope/variable_lists.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace vs = varscope;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using vs::dtype;
using vs::shape;

namespace {

struct named_initializer {
    const char* name;
    vs::initializer rule;
};

const std::vector<named_initializer>& rules() {
    static const std::vector<named_initializer> all{
        {"zeros", vs::zeros()},
        {"ones", vs::ones()},
        {"constant of a bool", vs::constant_initializer(true)},
        {"constant of an integer", vs::constant_initializer(3)},
        {"constant of a number", vs::constant_initializer(0.5)},
        {"random_uniform", vs::random_uniform(-2, 3)},
        {"random_normal", vs::random_normal(1, 2)},
        {"truncated_normal", vs::truncated_normal(1, 2)},
        {"glorot_uniform", vs::glorot_uniform()},
    };
    return all;
}

vs::any_variable make(vs::graph& g, vs::name_arg name, const shape& dimensions, dtype type, const vs::initializer& rule) {
    return vs::get_variable(g, name, dimensions, {.initializer = rule, .dtype = type});
}

std::string bytes_of(const vs::any_variable& v) {
    return {static_cast<const char*>(v.data()), v.bytes()};
}

std::vector<double> numbers_of(const vs::any_variable& v) {
    std::vector<double> result;
    vs::visit_dtype(v.dtype(), [&]<class T>(std::type_identity<T>) {
        const auto* const elements = static_cast<const T*>(v.data());
        for (std::size_t i = 0; i < v.size(); ++i) {
            if constexpr (is_complex(vs::dtype_of<T>)) {
                result.push_back(static_cast<double>(elements[i].real()));
            } else {
                result.push_back(static_cast<double>(elements[i]));
            }
        }
    });
    return result;
}

/// Calls `law(rule, type)` for each initializer and each element type that it makes.
template <class Law> void for_each_rule(Law law) {
    for (const named_initializer& rule : rules()) {
        for (std::size_t i = 0; i < vs::detail::dtype_table.size(); ++i) {
            const auto type = static_cast<dtype>(i);
            CAPTURE(rule.name, type);
            if (rule.rule.model()->can_make(type)) { law(rule.rule, type); }
        }
    }
}

struct moments {
    double mean;
    double stddev;
    double low;
    double high;
};
moments moments_of(const std::vector<double>& sample) {
    moments result{0, 0, sample.at(0), sample.at(0)};
    for (const double x : sample) {
        result.mean += x / static_cast<double>(sample.size());
        result.low = std::min(result.low, x);
        result.high = std::max(result.high, x);
    }
    for (const double x : sample) {
        result.stddev += (x - result.mean) * (x - result.mean) / static_cast<double>(sample.size());
    }
    result.stddev = std::sqrt(result.stddev);
    return result;
}

const std::array<dtype, 4> floating{dtype::float16, dtype::bfloat16, dtype::float32, dtype::float64};

/// One unit in the last place of numbers near 1, which bounds the relative error of rounding.
double epsilon(dtype type) {
    return std::ldexp(1, type == dtype::float16 ? -10 : type == dtype::bfloat16 ? -7 : type == dtype::float32 ? -23 : -52);
}

} // namespace

TEST_CASE("a variable has the shape that its initializer was asked for", "[initializer]") {
    for_each_rule([](const vs::initializer& rule, dtype type) {
        vs::graph g;
        for (const shape& dimensions : {shape(), shape{5}, shape{2, 3}, shape{0, 3}, shape{2, 1, 3, 2}}) {
            const vs::any_variable v = make(g, "v" + std::to_string(g.nodes().size()), dimensions, type, rule);
            CHECK(v.shape() == dimensions);
            CHECK(v.dtype() == type);
            CHECK(numbers_of(v).size() == v.size());
        }
    });
}

TEST_CASE("an initial value depends on the seed and the name alone", "[initializer]") {
    for_each_rule([](const vs::initializer& rule, dtype type) {
        vs::graph one({.seed = 7});
        vs::graph other({.seed = 7});
        (void)make(other, "first", {3}, type, rule).data();
        (void)make(other, "second", {300}, type, rule);
        const vs::any_variable v = make(one, "w", {7, 9}, type, rule);
        const vs::any_variable same = make(other, "w", {7, 9}, type, rule);
        CHECK(bytes_of(v) == bytes_of(same));
    });
}

TEST_CASE("a variable has the same initial value at once and in a graph that defers it", "[initializer]") {
    for_each_rule([](const vs::initializer& rule, dtype type) {
        vs::graph at_once({.seed = 7});
        vs::graph deferred({.seed = 7, .initialization = vs::initialization::deferred});
        const vs::any_variable v = make(at_once, "w", {7, 9}, type, rule);
        const vs::any_variable later = make(deferred, "w", {7, 9}, type, rule);
        deferred.initialize(later.node());
        CHECK(bytes_of(v) == bytes_of(later));
    });
}

TEST_CASE("random initial values differ between names and between seeds", "[initializer]") {
    for (const vs::initializer& rule : {vs::random_uniform(), vs::random_normal(), vs::truncated_normal(), vs::glorot_uniform()}) {
        for (const dtype type : floating) {
            vs::graph g({.seed = 1});
            vs::graph reseeded({.seed = 2});
            const std::string w = bytes_of(make(g, "w", {16}, type, rule));
            CHECK(w != bytes_of(make(g, "u", {16}, type, rule)));
            CHECK(w != bytes_of(make(g, "scope/w", {16}, type, rule)));
            CHECK(w != bytes_of(make(reseeded, "w", {16}, type, rule)));
        }
    }
}

TEST_CASE("zeros and ones make every element type", "[initializer]") {
    for (std::size_t i = 0; i < vs::detail::dtype_table.size(); ++i) {
        const auto type = static_cast<dtype>(i);
        vs::graph g;
        CAPTURE(type);
        CHECK(numbers_of(make(g, "zeros", {2, 2}, type, vs::zeros())) == std::vector<double>(4, 0));
        CHECK(numbers_of(make(g, "ones", {2, 2}, type, vs::ones())) == std::vector<double>(4, 1));
    }
}

TEST_CASE("a constant fills a variable of each type that it converts to", "[initializer]") {
    vs::graph g;
    CHECK(numbers_of(make(g, "a", {3}, dtype::uint8, vs::constant_initializer(200))) == std::vector<double>(3, 200));
    CHECK(numbers_of(make(g, "b", {3}, dtype::float64, vs::constant_initializer(-3))) == std::vector<double>(3, -3));
    CHECK(numbers_of(make(g, "c", {3}, dtype::complex64, vs::constant_initializer(0.5))) == std::vector<double>(3, 0.5));
    CHECK(numbers_of(make(g, "d", {}, dtype::bfloat16, vs::constant_initializer(0.5))) == std::vector<double>(1, 0.5));
    CHECK(numbers_of(make(g, "e", {1}, dtype::boolean, vs::constant_initializer(true))) == std::vector<double>(1, 1));
}

TEST_CASE("a constant that does not convert to the variable's type is refused", "[initializer]") {
    vs::graph g;
    CHECK_THROWS_MATCHES(make(g, "steps", {3}, dtype::int32, vs::constant_initializer(0.5)), vs::value_dtype,
                         MessageMatches(ContainsSubstring("variable 'steps' cannot be given what its initializer makes as int32")));
    CHECK_THROWS_AS(make(g, "v", {3}, dtype::boolean, vs::constant_initializer(1)), vs::value_dtype);
    CHECK(vs::global_variables(g).empty());
}

TEST_CASE("random rules make floating types only", "[initializer]") {
    for (const vs::initializer& rule : {vs::random_uniform(), vs::random_normal(), vs::truncated_normal(), vs::glorot_uniform()}) {
        for (std::size_t i = 0; i < vs::detail::dtype_table.size(); ++i) {
            const auto type = static_cast<dtype>(i);
            vs::graph g;
            if (!is_floating(type)) { CHECK_THROWS_AS(make(g, "w", {2}, type, rule), vs::value_dtype); }
        }
    }
}

TEST_CASE("random_uniform fills its range evenly and leaves out the upper limit", "[initializer]") {
    for (const dtype type : floating) {
        vs::graph g;
        const auto m = moments_of(numbers_of(make(g, "w", {200, 200}, type, vs::random_uniform(-2, 3))));
        CAPTURE(type);
        // 40000 numbers: the standard error of the mean is 5 / sqrt(12 * 40000) = 0.007, that of the deviation 0.005.
        CHECK(std::abs(m.mean - 0.5) < 0.03 + epsilon(type));
        CHECK(std::abs(m.stddev - 5 / std::sqrt(12.0)) < 0.02 + epsilon(type));
        CHECK(m.low >= -2);
        CHECK(m.low < -1.99);
        CHECK(m.high < 3);
        CHECK(m.high > 2.97); // bfloat16 has 2.984375 below 3
    }
}

TEST_CASE("random_normal has the mean and deviation asked for", "[initializer]") {
    for (const dtype type : floating) {
        vs::graph g;
        const auto m = moments_of(numbers_of(make(g, "w", {200, 200}, type, vs::random_normal(1, 2))));
        CAPTURE(type);
        CHECK(std::abs(m.mean - 1) < 0.04 + epsilon(type)); // four standard errors, 2 / sqrt(40000) each
        CHECK(std::abs(m.stddev - 2) < 0.03 + epsilon(type)); // four of 2 / sqrt(80000)
        CHECK(m.low < -5);
        CHECK(m.high > 7); // three deviations: certain among so many
    }
}

TEST_CASE("truncated_normal stays within two deviations and has 0.8796 of one", "[initializer]") {
    for (const dtype type : floating) {
        vs::graph g;
        const auto m = moments_of(numbers_of(make(g, "w", {200, 200}, type, vs::truncated_normal(1, 2))));
        CAPTURE(type);
        CHECK(std::abs(m.mean - 1) < 0.04 + epsilon(type));
        CHECK(std::abs(m.stddev - 2 * 0.87962566103423978) < 0.03 + epsilon(type)); // TensorFlow's init_ops.py names the factor
        CHECK(m.low >= -3);
        CHECK(m.high <= 5);
    }
}

TEST_CASE("the limit of glorot_uniform follows from the fans of the shape", "[initializer]") {
    struct example {
        shape dimensions;
        double fan_in;
        double fan_out;
    };
    // _compute_fans of TensorFlow 1.15: a convolution kernel's window counts for both.
    for (const example& e : {example{{}, 1, 1}, {{2000}, 2000, 2000}, {{30, 70}, 30, 70}, {{3, 5, 20, 7}, 3 * 5 * 20, 3 * 5 * 7}, {{4, 40, 9}, 160, 36}}) {
        const auto fans = vs::detail::fans_of(e.dimensions);
        CHECK(fans.in == e.fan_in);
        CHECK(fans.out == e.fan_out);
        const double limit = std::sqrt(6 / (e.fan_in + e.fan_out)); // Glorot and Bengio 2010, equation 16
        for (const dtype type : floating) {
            vs::graph g;
            const auto m = moments_of(numbers_of(make(g, "w", e.dimensions, type, vs::glorot_uniform())));
            CAPTURE(e.dimensions, type);
            CHECK(m.low >= -limit);
            CHECK(m.high <= limit);
            if (e.dimensions.rank() > 0) {
                CHECK(m.low < -0.98 * limit); // more than a thousand numbers: one is that near with certainty
                CHECK(m.high > 0.98 * limit);
            }
        }
    }
}

TEST_CASE("glorot_uniform takes fans of zero for one", "[initializer]") {
    vs::graph g;
    CHECK(numbers_of(make(g, "w", {0, 0}, dtype::float32, vs::glorot_uniform())).empty());
}

TEST_CASE("a number or an expression as initializer brings the shape and the type", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    CHECK(vs::make_variable("a", {.initializer = 2}).dtype() == dtype::int32);
    CHECK(vs::make_variable("b", {.initializer = 0.5}).dtype() == dtype::float32);
    const xt::xtensor<double, 2> matrix{{1, 2}, {3, 4}};
    const vs::any_variable c = vs::make_variable("c", {.initializer = matrix * 2});
    CHECK(c.dtype() == dtype::float64);
    CHECK(c.shape() == shape{2, 2});
    CHECK(numbers_of(c) == std::vector<double>{2, 4, 6, 8});
    const auto d = vs::get_variable<float>("d", vs::any_shape, {.initializer = xt::xtensor<float, 1>{1, 2}});
    CHECK(d.shape(0) == 2);
}

TEST_CASE("a variable as initializer gives the value that it has then", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    vs::variable<float, 1> w{{1.F, 2.F}, "w"};
    const auto copy = vs::get_variable<float, 1>("copy", vs::any_shape, {.initializer = w});
    w += 1.F;
    CHECK(copy(1) == 2.F);
    CHECK_FALSE(copy.is(w));
}

TEST_CASE("a function without parameters is called once, on creation", "[initializer]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    vs::as_default guard{g};
    int calls = 0;
    const auto w = vs::get_variable<int, 1>("w", vs::any_shape, {.initializer = [&] {
                                                ++calls;
                                                return xt::xtensor<int, 1>{calls, 5};
                                            }});
    CHECK(calls == 1);
    g.initialize(w.node());
    g.initialize(w.node());
    CHECK(calls == 1);
    CHECK(w(0) == 1);
    CHECK(w.shape(0) == 2);
}

TEST_CASE("the result of a function without parameters does not convert", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    CHECK_THROWS_MATCHES((vs::get_variable<float>("w", vs::any_shape, {.initializer = [] { return xt::xtensor<int, 1>{1}; }})), vs::value_dtype,
                         MessageMatches(ContainsSubstring("the result of a function, of type int32 as float32")));
    CHECK(vs::global_variables().empty());
}

TEST_CASE("a function of the shape is called with the full shape, and its elements convert", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    shape asked;
    const auto w = vs::get_variable<float, 2>("w", {2, 3}, {.initializer = [&](const shape& s) {
                                                  asked = s;
                                                  xt::xtensor<int, 2> result = xt::xtensor<int, 2>::from_shape({2, 3});
                                                  result.fill(4);
                                                  return result;
                                              }});
    CHECK(asked == shape{2, 3});
    CHECK(w(1, 2) == 4.F);
}

TEST_CASE("a function of the shape that returns another shape or type is refused", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    const auto other_shape = [](const shape&) { return xt::xtensor<float, 1>{1.F}; };
    const auto other_type = [](const shape&) { return xt::xtensor<float, 1>{1.F, 2.F}; };
    CHECK_THROWS_MATCHES((vs::get_variable<float>("w", {2}, {.initializer = other_shape})), vs::shape_mismatch,
                         MessageMatches(ContainsSubstring("asked for shape (2,) float32")));
    CHECK_THROWS_AS((vs::get_variable<int>("w", {2}, {.initializer = other_type})), vs::shape_mismatch);
    CHECK(vs::global_variables().empty());
}

TEST_CASE("a function of the shape that throws leaves no variable behind", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    const auto refuse = [](const shape&) -> xt::xtensor<float, 1> { throw std::runtime_error("no numbers today"); };
    CHECK_THROWS_AS((vs::get_variable<float>("w", {2}, {.initializer = refuse})), std::runtime_error);
    CHECK(vs::global_variables().empty());
    CHECK(vs::trainable_variables().empty());
    CHECK_FALSE(vs::find_variable("w").has_value());
    CHECK(g.nodes().empty());
    const auto w = vs::get_variable<float>("w", {2}); // its op name is used up, as TensorFlow has it
    CHECK(w.key() == "w");
    CHECK(w.op_name() == "w_1");
}

TEST_CASE("a function of the shape that throws when initialisation is repeated leaves the elements", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    int calls = 0;
    const auto w = vs::get_variable<int, 1>("w", {2}, {.initializer = [&](const shape&) {
                                                if (++calls > 1) { throw std::runtime_error("only once"); }
                                                return xt::xtensor<int, 1>{5, 6};
                                            }});
    CHECK_THROWS_AS(g.initialize(w.node()), std::runtime_error);
    CHECK(w(0) == 5);
    CHECK(w(1) == 6);
}

TEST_CASE("an initializer that was not given is none", "[initializer]") {
    CHECK_FALSE(bool(vs::initializer()));
    CHECK(bool(vs::zeros()));
    CHECK(bool(vs::variable_options{.initializer = 0.5}.initializer));
}
