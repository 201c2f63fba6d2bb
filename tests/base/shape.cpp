#include <varscope/base/shape.hpp>

#include "catch.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using varscope::any_shape;
using varscope::shape;
using varscope::unknown_dimension;
using varscope::unknown_shape_of_rank;

TEST_CASE("a shape is made from a list of integers of any type", "[shape]") {
    const std::size_t units = 64;
    const shape s{784, units, std::int8_t{3}};
    CHECK(s.rank() == 3);
    CHECK(s[0] == 784);
    CHECK(s[1] == 64);
    CHECK(s[2] == 3);
}

TEST_CASE("a shape is made from any range of integers", "[shape]") {
    CHECK(shape(std::vector<std::size_t>{2, 3}) == shape{2, 3});
    CHECK(shape(std::array<int, 2>{2, 3}) == shape{2, 3});
    const std::int64_t dimensions[] = {2, 3};
    CHECK(shape(std::span(dimensions)) == shape{2, 3});
    CHECK(shape(std::vector<int>{}) == shape{});
}

TEST_CASE("text is no shape", "[shape]") {
    STATIC_CHECK(std::convertible_to<std::vector<int>, shape>);
    STATIC_CHECK_FALSE(std::constructible_from<shape, std::string>);
    STATIC_CHECK_FALSE(std::constructible_from<shape, std::string_view>);
    STATIC_CHECK_FALSE(std::constructible_from<shape, const char*>);
    STATIC_CHECK_FALSE(std::constructible_from<shape, double>);
}

TEST_CASE("a shape without axes is a scalar's, and fully defined", "[shape]") {
    const shape scalar;
    CHECK(scalar.has_rank());
    CHECK(scalar.rank() == 0);
    CHECK(scalar.begin() == scalar.end());
    CHECK(scalar.is_fully_defined());
    CHECK(scalar == shape{});
    CHECK(scalar != shape{1});
}

TEST_CASE("of any_shape nothing is known", "[shape]") {
    CHECK_FALSE(any_shape.has_rank());
    CHECK_FALSE(any_shape.is_fully_defined());
    CHECK(any_shape.rank() == 0);
    CHECK(any_shape.begin() == any_shape.end());
    CHECK(any_shape == shape::any());
    CHECK(any_shape != shape{});
}

TEST_CASE("a shape is fully defined when each dimension is known", "[shape]") {
    CHECK(shape{2, 3}.is_fully_defined());
    CHECK(shape{0}.is_fully_defined());
    CHECK_FALSE(shape{2, unknown_dimension}.is_fully_defined());
    CHECK_FALSE(shape{-5}.is_fully_defined());
}

TEST_CASE("shapes are equal when rank and dimensions are", "[shape]") {
    CHECK(shape{2, 3} == shape{2, 3});
    CHECK(shape{2, 3} != shape{3, 2});
    CHECK(shape{2, 3} != shape{2, 3, 1});
    CHECK(shape{2, 3} != shape{2});
    CHECK(shape{2, unknown_dimension} == shape{2, unknown_dimension});
    CHECK(shape{2, unknown_dimension} != shape{2, 3});
}

// The rules of TensorShape.is_compatible_with.
TEST_CASE("shapes are compatible when some shape fits both", "[shape]") {
    struct pair {
        shape a, b;
        bool is_compatible;
    };
    const std::vector<pair> pairs{
        {{2, 3}, {2, 3}, true},
        {{2, 3}, {2, 4}, false},
        {{2, 3}, {2}, false},
        {{2, 3}, {2, 3, 1}, false},
        {{}, {}, true},
        {{}, {1}, false},
        {{2, unknown_dimension}, {2, 3}, true},
        {{2, unknown_dimension}, {4, 3}, false},
        {{2, unknown_dimension}, {unknown_dimension, 3}, true},
        {{unknown_dimension}, {unknown_dimension, unknown_dimension}, false},
        {any_shape, {2, 3}, true},
        {any_shape, {}, true},
        {any_shape, any_shape, true},
    };
    for (const auto& [a, b, is_compatible] : pairs) {
        CAPTURE(a, b);
        CHECK(a.is_compatible_with(b) == is_compatible);
        CHECK(b.is_compatible_with(a) == is_compatible);
    }
}

TEST_CASE("a shape prints as in Python, with a question mark for what is not known", "[shape]") {
    CHECK(to_string(shape{2, 3}) == "(2, 3)");
    CHECK(to_string(shape{2}) == "(2,)");
    CHECK(to_string(shape{}) == "()");
    CHECK(to_string(shape{unknown_dimension, 3}) == "(?, 3)");
    CHECK(to_string(shape{unknown_dimension}) == "(?,)");
    CHECK(to_string(shape{-2, 0}) == "(-2, 0)");
    CHECK(to_string(shape{9223372036854775807}) == "(9223372036854775807,)");
    CHECK(to_string(any_shape) == "<unknown>");
}

TEST_CASE("a shape is written to a stream as it prints", "[shape]") {
    std::ostringstream out;
    out << shape{2, varscope::unknown_dimension} << ' ' << shape() << ' ' << varscope::any_shape;
    CHECK(out.str() == "(2, ?) () <unknown>");
}

TEST_CASE("a shape grows at the end", "[shape]") {
    shape s;
    s.push_back(4);
    s.push_back(unknown_dimension);
    CHECK(s == shape{4, unknown_dimension});
}

TEST_CASE("a shape holds 32 axes and refuses one more", "[shape]") {
    const std::vector<int> full(shape::max_rank, 2);
    shape s(full);
    CHECK(s.rank() == 32);
    CHECK_THROWS_MATCHES(
        s.push_back(2), std::length_error, MessageMatches(ContainsSubstring("32 axes")));
    CHECK(s == shape(full));
    CHECK_THROWS_AS(shape(std::vector<int>(33, 2)), std::length_error);
}

TEST_CASE("of a shape only the number of axes can be known", "[shape]") {
    STATIC_CHECK(unknown_shape_of_rank(0) == shape());
    STATIC_CHECK(unknown_shape_of_rank(2) == shape{unknown_dimension, unknown_dimension});
    CHECK_THROWS_AS(unknown_shape_of_rank(shape::max_rank + 1), std::length_error);
}

TEST_CASE("a copy of a shape is equal and independent", "[shape]") {
    const shape original{2, 3};
    shape copy = original;
    copy.push_back(4);
    CHECK(original == shape{2, 3});
    CHECK(copy == shape{2, 3, 4});
    copy = original;
    CHECK(copy == original);
    copy = any_shape;
    CHECK(copy == any_shape);
}

TEST_CASE("a shape can be a constant expression", "[shape]") {
    STATIC_CHECK(shape{2, 3}.rank() == 2);
    STATIC_CHECK(shape{2, 3} == shape{2, 3});
    STATIC_CHECK(shape{2, unknown_dimension}.is_compatible_with(shape{2, 3}));
    constexpr shape grown = [] {
        shape s{1};
        s.push_back(2);
        return s;
    }();
    STATIC_CHECK(grown[1] == 2);
}
