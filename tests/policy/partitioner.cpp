// The numbers are those of the formulas of python/ops/partitioned_variables.py (TensorFlow 1.15).
#include <varscope/policy/partitioner.hpp>

#include "catch.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace vs = varscope;

namespace {

using counts = std::vector<std::int64_t>;

constexpr auto float32 = vs::dtype::float32;
constexpr std::int64_t kib = 1024;

} // namespace

TEST_CASE("a partitioner is empty, or a function of shape and element type that is called as it is", "[partitioner]") {
    CHECK_FALSE(static_cast<bool>(vs::partitioner()));
    const vs::partitioner p = [](const vs::shape& s, vs::dtype type) { return counts{static_cast<std::int64_t>(s.rank()), type == vs::dtype::int64 ? 8 : 0}; };
    const vs::partitioner copy = p;
    CHECK(static_cast<bool>(copy));
    CHECK(copy({5, 6, 7}, vs::dtype::int64) == counts{3, 8});
    CHECK(copy({}, float32) == counts{0, 0});
    STATIC_CHECK_FALSE(std::is_constructible_v<vs::partitioner, int>);
    STATIC_CHECK_FALSE(std::is_constructible_v<vs::partitioner, std::vector<std::int64_t>>);
}

TEST_CASE("fixed_size_partitioner gives as many parts as it is told, but not more than the axis is long", "[partitioner]") {
    CHECK(vs::fixed_size_partitioner(2)({3, 1, 1}, float32) == counts{2, 1, 1});
    CHECK(vs::fixed_size_partitioner(3)({3, 1, 1}, float32) == counts{3, 1, 1});
    CHECK(vs::fixed_size_partitioner(4)({3, 1, 1}, float32) == counts{3, 1, 1});
    CHECK(vs::fixed_size_partitioner(1)({3}, float32) == counts{1});
    CHECK(vs::fixed_size_partitioner(4, 1)({3, 9}, float32) == counts{1, 4});
    CHECK(vs::fixed_size_partitioner(4, 2)({3, 9, 2}, float32) == counts{1, 1, 2});
}

TEST_CASE("variable_axis_size_partitioner counts the slices that fit in a part, at least one", "[partitioner]") {
    const auto p = [](std::int64_t bytes) { return vs::variable_axis_size_partitioner(bytes); };
    // partitioned_variables_test.py, testVariableAxisSizePartitioner: shape (4, 8, 16, 32) of float32
    const vs::shape s{4, 8, 16, 32}; // a slice: 8 * 16 * 32 * 4 = 16384 bytes
    CHECK(p(16384)(s, float32) == counts{4, 1, 1, 1});
    CHECK(p(2 * 16384)(s, float32) == counts{2, 1, 1, 1});
    CHECK(p(3 * 16384)(s, float32) == counts{2, 1, 1, 1});
    CHECK(p(4 * 16384 - 1)(s, float32) == counts{2, 1, 1, 1});
    CHECK(p(4 * 16384)(s, float32) == counts{1, 1, 1, 1});
    CHECK(p(1)(s, float32) == counts{4, 1, 1, 1});
    CHECK(p(16384)(s, vs::dtype::float64) == counts{4, 1, 1, 1});
    CHECK(p(2 * 16384)(s, vs::dtype::float64) == counts{4, 1, 1, 1});
    CHECK(p(16384)(s, vs::dtype::float16) == counts{2, 1, 1, 1});
    CHECK(p(16384)(s, vs::dtype::boolean) == counts{1, 1, 1, 1});
}

TEST_CASE("variable_axis_size_partitioner cuts along the axis it is told, in so many parts at most", "[partitioner]") {
    CHECK(vs::variable_axis_size_partitioner(40, 1)({5, 7}, float32) == counts{1, 4}); // 20 bytes a slice, 2 slices a part
    CHECK(vs::variable_axis_size_partitioner(1, 1, 3)({5, 7}, float32) == counts{1, 3});
    CHECK(vs::variable_axis_size_partitioner(1, 1, 7)({5, 7}, float32) == counts{1, 7});
    CHECK(vs::variable_axis_size_partitioner(1, 1, 8)({5, 7}, float32) == counts{1, 7});
    CHECK(vs::variable_axis_size_partitioner(1, 0, 1)({5, 7}, float32) == counts{1, 1});
}

TEST_CASE("variable_axis_size_partitioner gives an axis without elements no part, and one whose slices have none a single one", "[partitioner]") {
    CHECK(vs::variable_axis_size_partitioner(16)({0, 4}, float32) == counts{0, 1});
    CHECK(vs::variable_axis_size_partitioner(16)({4, 0}, float32) == counts{1, 1});
}

TEST_CASE("min_max_variable_partitioner gives each part so many bytes at least", "[partitioner]") {
    // partitioned_variables_test.py, testMinMaxVariablePartitioner: (max_parts, axis, min_part_bytes), shape, counts
    CHECK(vs::min_max_variable_partitioner(100, 0, 2 * kib)({2048}, float32) == counts{4});
    CHECK(vs::min_max_variable_partitioner(100, 0, 256 * kib)({65536}, float32) == counts{1});
    CHECK(vs::min_max_variable_partitioner(100, 0, 256 * kib)({65537}, float32) == counts{2});
    CHECK(vs::min_max_variable_partitioner(100, 0, 256 * kib)({128 * 512}, vs::dtype::float64) == counts{2});
    CHECK(vs::min_max_variable_partitioner(100, 0, 1)({8, 8}, float32) == counts{8, 1});
    CHECK(vs::min_max_variable_partitioner(5, 0, 1)({8, 8}, float32) == counts{5, 1});
    CHECK(vs::min_max_variable_partitioner(100, 1, 64)({8, 9}, float32) == counts{1, 5}); // 288 bytes
}

TEST_CASE("min_max_variable_partitioner makes one part unless told otherwise, of 256 KiB at least", "[partitioner]") {
    CHECK(vs::min_max_variable_partitioner()({1 << 20}, float32) == counts{1});
    CHECK(vs::min_max_variable_partitioner(16)({1 << 20}, float32) == counts{16});
    CHECK(vs::min_max_variable_partitioner(17)({1 << 20}, float32) == counts{16});
    CHECK(vs::min_max_variable_partitioner(16)({0, 3}, float32) == counts{1, 1});
}

TEST_CASE("a partitioner that is told an axis the shape has not says so", "[partitioner]") {
    const auto text = [](const vs::partitioner& p, const vs::shape& s) {
        try {
            (void)p(s, float32);
        } catch (const std::invalid_argument& e) { return std::string(e.what()); }
        return std::string("nothing");
    };
    CHECK(text(vs::fixed_size_partitioner(2, 2), {3, 4}) == "the partitioner cuts axis 2, and the shape (3, 4) has none");
    CHECK(text(vs::variable_axis_size_partitioner(8, 1), {3}) == "the partitioner cuts axis 1, and the shape (3,) has none");
    CHECK(text(vs::min_max_variable_partitioner(8, 0), {}) == "the partitioner cuts axis 0, and the shape () has none");
}

TEST_CASE("limits below 1 are refused when the partitioner is made", "[partitioner]") {
    CHECK_THROWS_AS(vs::variable_axis_size_partitioner(0), std::invalid_argument);
    CHECK_THROWS_AS(vs::variable_axis_size_partitioner(-1), std::invalid_argument);
    CHECK_THROWS_AS(vs::variable_axis_size_partitioner(1, 0, 0), std::invalid_argument);
    CHECK_THROWS_AS(vs::min_max_variable_partitioner(0), std::invalid_argument);
    CHECK_THROWS_AS(vs::min_max_variable_partitioner(1, 0, 0), std::invalid_argument);
}

TEST_CASE("byte limits beyond every variable are no trouble", "[partitioner]") {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    CHECK(vs::variable_axis_size_partitioner(most)({5}, float32) == counts{1});
    CHECK(vs::min_max_variable_partitioner(most, 0, most)({5}, float32) == counts{1});
    CHECK(vs::fixed_size_partitioner(most)({5}, float32) == counts{5});
}

TEST_CASE("a partitioner counts the bytes of shapes that no variable can have as the most there are", "[partitioner]") {
    constexpr std::int64_t large = std::int64_t{1} << 40;
    CHECK(vs::variable_axis_size_partitioner(1 << 20)({large, large}, float32) == counts{large, 1});
    CHECK(vs::variable_axis_size_partitioner(1 << 20)({4, large, large}, float32) == counts{4, 1, 1});
    CHECK(vs::variable_axis_size_partitioner(1 << 20, 1)({0, large, large}, float32) == counts{1, 1, 1});
    CHECK(vs::min_max_variable_partitioner(16)({large, large}, float32) == counts{16, 1});
    CHECK(vs::min_max_variable_partitioner(16, 1)({0, large, large}, float32) == counts{1, 1, 1});
    CHECK(vs::fixed_size_partitioner(2)({large, large}, float32) == counts{2, 1});
}
