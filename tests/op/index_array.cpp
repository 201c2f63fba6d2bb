#include <varscope/op/index_array.hpp>
#include <varscope/variable/get_variable.hpp>

#include "catch.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace vs = varscope;
using vs::index_array;
using vs::shape;

namespace {

/// As a function of the library takes indices.
shape shape_of(const index_array& indices) { return indices.shape(); }
std::vector<std::int64_t> numbers_of(const index_array& indices) {
    return {indices.numbers().begin(), indices.numbers().end()};
}

} // namespace

TEST_CASE("indices are written as a number, a list or lists of lists", "[index_array]") {
    CHECK(shape_of(7) == shape{});
    CHECK(numbers_of(7) == std::vector<std::int64_t>{7});
    CHECK(shape_of({0, 2, 1}) == shape{3});
    CHECK(numbers_of({0, 2, 1}) == std::vector<std::int64_t>{0, 2, 1});
    CHECK(shape_of({5}) == shape{1});
    CHECK(shape_of({{0, 1, 2}, {3, 4, 5}}) == shape{2, 3});
    CHECK(numbers_of({{0, 1, 2}, {3, 4, 5}}) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5});
    CHECK(shape_of({{4}, {2}}) == shape{2, 1});
    CHECK(shape_of({{4, 2}}) == shape{1, 2});
    CHECK(shape_of({{4}}) == shape{1, 1});
    CHECK(shape_of({}) == shape{0});
    const std::size_t row = 3;
    CHECK(numbers_of({row, row}) == std::vector<std::int64_t>{3, 3});
}

TEST_CASE("indices are made of ranges and expressions of integers", "[index_array]") {
    CHECK(numbers_of(std::vector<int>{1, 2}) == std::vector<std::int64_t>{1, 2});
    CHECK(shape_of(std::array<std::uint8_t, 3>{1, 2, 200}) == shape{3});
    const xt::xtensor<int, 2, xt::layout_type::column_major> column{{1, 2}, {3, 4}};
    CHECK(shape_of(column) == shape{2, 2});
    CHECK(numbers_of(column + 1) == std::vector<std::int64_t>{2, 3, 4, 5});
    CHECK(shape_of(xt::xarray<int>(5)) == shape{});
    CHECK(shape_of(xt::xarray<int>::from_shape({0, 2})) == shape{0, 2});
    CHECK(shape_of(std::vector<int>{}) == shape{0});
    STATIC_CHECK_FALSE(std::is_convertible_v<float, index_array>);
    STATIC_CHECK_FALSE(std::is_convertible_v<bool, index_array>);
    STATIC_CHECK_FALSE(std::is_convertible_v<xt::xarray<float>, index_array>);
}

TEST_CASE("indices beyond 64 bits with a sign stay beyond every axis", "[index_array]") {
    CHECK(numbers_of(std::numeric_limits<std::uint64_t>::max())[0] ==
        std::numeric_limits<std::int64_t>::max());
    CHECK(numbers_of(std::vector<int>{-1})[0] == -1);
}

TEST_CASE("lists of indices of several lengths are refused", "[index_array]") {
    CHECK_THROWS_AS(shape_of({{1, 2}, {3}}), vs::bad_shape);
    CHECK_THROWS_AS(shape_of({1, {3}}), vs::bad_shape);
    CHECK_THROWS_AS(shape_of({{3}, 1}), vs::bad_shape);
}

TEST_CASE("a variable without a value is refused as indices", "[index_array]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    const auto v = vs::get_variable<int, 1>(g, "v", {2});
    CHECK_THROWS_AS(shape_of(v), vs::uninitialized);
    CHECK_THROWS_AS(shape_of(v + 1), vs::uninitialized);
}
