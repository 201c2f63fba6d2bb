#include <varscope/initializers/rule.hpp>

#include "catch.hpp"
#include "initial_values.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

namespace detail = varscope::detail;
using varscope::bad_parameter;
using varscope::dtype;
using varscope::shape;

namespace {

void accept(void (*check)(const char*, const char*, double, const std::source_location&), double value) {
    check("rule", "parameter", value, std::source_location::current());
}

} // namespace

TEST_CASE("parameters are checked for what they may be", "[rule]") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const auto& check : {detail::check_finite, detail::check_not_negative, detail::check_positive}) {
        CHECK_NOTHROW(accept(check, 0.5));
        CHECK_THROWS_AS(accept(check, infinity), bad_parameter);
        CHECK_THROWS_AS(accept(check, std::numeric_limits<double>::quiet_NaN()), bad_parameter);
    }
    CHECK_NOTHROW(accept(detail::check_finite, -1));
    CHECK_NOTHROW(accept(detail::check_not_negative, 0));
    CHECK_THROWS_AS(accept(detail::check_not_negative, -1e-300), bad_parameter);
    CHECK_THROWS_AS(accept(detail::check_positive, 0), bad_parameter);
}

TEST_CASE("a bad parameter is told with its value", "[rule]") {
    CHECK(initial_values::message_of<bad_parameter>([] { accept(detail::check_positive, -2.5); }) ==
          "rule cannot have parameter -2.5\n"
          "  requested at HERE\n"
          "  give a finite number above 0");
}

TEST_CASE("an explicit seed replaces the seed of the graph and the name", "[rule]") {
    const shape scalar;
    const detail::fill_target target{dtype::float32, scalar, nullptr, 1, 1, "kernel"};
    CHECK(detail::with_seed(target, std::nullopt).stream().seed == 1);
    CHECK(detail::with_seed(target, std::nullopt).stream().stream == detail::stream_of("kernel"));
    CHECK(detail::with_seed(target, 7).stream().seed == 7);
    CHECK(detail::with_seed(target, 7).stream().stream == 0);
}

TEST_CASE("the range from a number to itself has that number", "[rule]") {
    const shape pair{2};
    std::vector<double> values(2);
    detail::fill_between({dtype::float64, pair, values.data(), 2, 1, {}}, 3, 3);
    CHECK(values == std::vector<double>{3, 3});
}

TEST_CASE("a rule tells why it refuses a type or a shape", "[rule]") {
    const auto rule = detail::make_floating_rule(
        "a rule", std::nullopt, [](const detail::fill_target&) {},
        [](const shape& s) -> std::optional<std::string> {
            if (s.rank() == 1) { return std::nullopt; }
            return "a rule makes vectors only";
        });
    CHECK(rule.model()->refuses({2}, dtype::int32) == "a rule makes floating types only");
    CHECK(rule.model()->refuses({2, 2}, dtype::float16) == "a rule makes vectors only");
    CHECK(rule.model()->refuses({2}, dtype::float16) == std::nullopt);
}
