#include <varscope/initializers/variance_scaling.hpp>

#include "catch.hpp"
#include "initial_values.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace vs = varscope;
using namespace initial_values;
using vs::fan_mode;
using vs::scaling_distribution;

namespace {

expected within(double limit) { return uniform_between(-limit, limit); }
/// Of which `stddev` comes out: the correction of variance_scaling.
expected corrected(double stddev) { return truncated(0, stddev / 0.87962566103423978); }

} // namespace

TEST_CASE("fans are the last two dimensions, times the window of a convolution", "[initializer]") {
    struct example {
        shape dimensions;
        double in;
        double out;
    };
    // _compute_fans of TensorFlow 1.15.
    for (const example& e : {example{{}, 1, 1}, {{2000}, 2000, 2000}, {{30, 70}, 30, 70}, {{4, 40, 9}, 160, 36},
                             {{3, 5, 20, 7}, 3 * 5 * 20, 3 * 5 * 7}, {{2, 3, 4, 5, 6}, 24 * 5, 24 * 6}, {{0, 3}, 0, 3}}) {
        CAPTURE(e.dimensions);
        const auto fans = vs::detail::fans_of(e.dimensions);
        CHECK(fans.in == e.in);
        CHECK(fans.out == e.out);
        CHECK(vs::detail::fan_count(e.dimensions, fan_mode::fan_in) == std::max(1.0, e.in));
        CHECK(vs::detail::fan_count(e.dimensions, fan_mode::fan_out) == std::max(1.0, e.out));
        CHECK(vs::detail::fan_count(e.dimensions, fan_mode::fan_avg) == std::max(1.0, (e.in + e.out) / 2));
    }
}

TEST_CASE("scaled rules have the distribution that their formula gives", "[initializer]") {
    struct example {
        const char* name;
        vs::initializer rule;
        expected (*by_fans)(double in, double out);
    };
    const auto scaling = [](double scale, fan_mode mode, scaling_distribution distribution) {
        return vs::variance_scaling({.scale = scale, .mode = mode, .distribution = distribution});
    };
    const auto contrib = [](double factor, fan_mode mode, bool uniform) {
        return vs::contrib_variance_scaling({.factor = factor, .mode = mode, .uniform = uniform});
    };
    const std::vector<example> examples{
        {"the default", vs::variance_scaling(), [](double in, double) { return corrected(std::sqrt(1 / in)); }},
        {"fan out", scaling(3, fan_mode::fan_out, scaling_distribution::truncated_normal), [](double, double out) { return corrected(std::sqrt(3 / out)); }},
        {"fan average", scaling(3, fan_mode::fan_avg, scaling_distribution::normal), [](double in, double out) { return corrected(std::sqrt(6 / (in + out))); }},
        {"untruncated", scaling(0.5, fan_mode::fan_in, scaling_distribution::untruncated_normal), [](double in, double) { return normal(0, std::sqrt(0.5 / in)); }},
        {"uniform", scaling(0.5, fan_mode::fan_out, scaling_distribution::uniform), [](double, double out) { return within(std::sqrt(1.5 / out)); }},
        {"glorot_uniform", vs::glorot_uniform(), [](double in, double out) { return within(std::sqrt(6 / (in + out))); }}, // Glorot and Bengio 2010, equation 16
        {"glorot_normal", vs::glorot_normal(), [](double in, double out) { return corrected(std::sqrt(2 / (in + out))); }},
        {"he_normal", vs::he_normal(), [](double in, double) { return corrected(std::sqrt(2 / in)); }}, // He et al. 2015, equation 10
        {"he_uniform", vs::he_uniform(), [](double in, double) { return within(std::sqrt(6 / in)); }},
        {"lecun_normal", vs::lecun_normal(), [](double in, double) { return corrected(std::sqrt(1 / in)); }},
        {"lecun_uniform", vs::lecun_uniform(), [](double in, double) { return within(std::sqrt(3 / in)); }},
        {"uniform_unit_scaling", vs::uniform_unit_scaling(1.43), [](double in, double) { return within(1.43 * std::sqrt(3 / in)); }},
        {"contrib's default", vs::contrib_variance_scaling(), [](double in, double) { return truncated(0, std::sqrt(2.6 / in)); }},
        {"contrib's uniform", contrib(1, fan_mode::fan_out, true), [](double, double out) { return within(std::sqrt(3 / out)); }},
        {"contrib's average", contrib(1, fan_mode::fan_avg, false), [](double in, double out) { return truncated(0, std::sqrt(2.6 / (in + out))); }},
        {"xavier_initializer", vs::xavier_initializer(), [](double in, double out) { return within(std::sqrt(6 / (in + out))); }},
        {"normal xavier_initializer", vs::xavier_initializer({.uniform = false}), [](double in, double out) { return truncated(0, std::sqrt(2.6 / (in + out))); }},
    };
    for (const example& e : examples) {
        CAPTURE(e.name);
        CHECK(difference(made(e.rule, {250, 4000}), e.by_fans(250, 4000)) == "");
        CHECK(difference(made(e.rule, {2, 5, 10, 600}), e.by_fans(100, 6000)) == "");
        for (const dtype type : floating) {
            CAPTURE(type);
            CHECK(difference(made(e.rule, {300, 200}, type), e.by_fans(300, 200), type) == "");
        }
    }
}

TEST_CASE("contrib corrects truncation otherwise, and a million numbers tell", "[initializer]") {
    const auto sample = made(vs::contrib_variance_scaling({.factor = 1}), {250, 4000});
    CHECK(difference(sample, truncated(0, std::sqrt(1.3 / 250))) == "");
    CHECK(difference(sample, corrected(std::sqrt(1.0 / 250))).starts_with("reaches")); // 0.3% further
}

TEST_CASE("scalars and vectors have fans as well", "[initializer]") {
    CHECK(std::abs(made(vs::glorot_uniform(), {}).at(0)) <= std::sqrt(3.0));
    CHECK(difference(made(vs::he_uniform(), {1000000}), within(std::sqrt(6.0 / 1000000))) == "");
    CHECK(difference(made(vs::uniform_unit_scaling(), {1000000}), within(std::sqrt(3.0))) == ""); // all but the last dimension: none
    CHECK(made(vs::glorot_uniform(), {0, 0}).empty());
    CHECK(made(vs::contrib_variance_scaling(), {0, 3}).empty());
}

TEST_CASE("uniform_unit_scaling ignores the sign of its factor", "[initializer]") {
    CHECK(made(vs::uniform_unit_scaling(-2), {2, 3}) == made(vs::uniform_unit_scaling(2), {2, 3}));
    CHECK(made(vs::uniform_unit_scaling(0), {2}) == std::vector<double>(2, 0));
}

TEST_CASE("scales without meaning are refused at once", "[initializer]") {
    CHECK(message_of<vs::bad_parameter>([] { (void)vs::variance_scaling({.scale = -1}); }) ==
          "variance_scaling cannot have scale -1\n"
          "  requested at HERE\n"
          "  give a finite number above 0");
    CHECK(message_of<vs::bad_parameter>([] { (void)vs::contrib_variance_scaling({.factor = 0}); }) ==
          "contrib_variance_scaling cannot have factor 0\n"
          "  requested at HERE\n"
          "  give a finite number above 0");
    CHECK(message_of<vs::bad_parameter>([] { (void)vs::uniform_unit_scaling(std::nan("")); }) ==
          "uniform_unit_scaling cannot have factor nan\n"
          "  requested at HERE\n"
          "  give a finite number");
    CHECK_THROWS_AS(vs::variance_scaling({.scale = 0}), vs::bad_parameter);
    CHECK_THROWS_AS(vs::variance_scaling({.scale = std::nan("")}), vs::bad_parameter);
}

TEST_CASE("the place of a bad parameter is where the rule was asked for", "[initializer]") {
    try {
        (void)vs::variance_scaling({.scale = -1});
        FAIL("nothing was thrown");
    } catch (const vs::bad_parameter& e) {
        CHECK(vs::to_string(e.asked_at()) == "variance_scaling.cpp:" + std::to_string(__LINE__ - 3));
        CHECK(e.name() == "variance_scaling");
    }
}
