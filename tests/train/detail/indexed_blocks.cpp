#include <varscope/train/detail/indexed_blocks.hpp>
#include <varscope/variable/get_variable.hpp>

#include "catch.hpp"

#include <cstddef>
#include <source_location>
#include <vector>

namespace vs = varscope;
namespace detail = vs::detail;
using offsets = std::vector<std::size_t>;

namespace {

struct cube {
    vs::graph graph;
    vs::any_variable v = vs::get_variable<float>(graph, "cube", {2, 3, 4});
    std::source_location here = std::source_location::current();

    detail::indexed_blocks rows(const vs::index_array& indices, std::size_t batch_axes = 0) const {
        return detail::find_rows(v.node(), indices, batch_axes, here);
    }
    detail::indexed_blocks tuples(const vs::index_array& indices) const {
        return detail::find_tuples(v.node(), indices, here);
    }
};

} // namespace

TEST_CASE("rows are blocks along the first axis", "[indexed_blocks]") {
    const cube c;
    const auto blocks = c.rows({{1, 0, 1}});
    CHECK(blocks.begins == offsets{12, 0, 12});
    CHECK(blocks.size == 12);
    CHECK(blocks.dimensions == vs::shape{1, 3, 3, 4});
    CHECK(c.rows(1).dimensions == vs::shape{3, 4});
}

TEST_CASE("rows of batches begin in their batch", "[indexed_blocks]") {
    const cube c;
    const auto blocks = c.rows({{2, 0}, {1, 1}}, 1);
    CHECK(blocks.begins == offsets{8, 0, 16, 16});
    CHECK(blocks.size == 4);
    CHECK(blocks.dimensions == vs::shape{2, 2, 4});
    CHECK_THROWS_AS(c.rows({{2, 0}}, 1), vs::bad_shape);
    CHECK_THROWS_AS(c.rows({{2, 0}, {3, 0}}, 1), vs::out_of_range);
    CHECK(c.rows(xt::xarray<int>::from_shape({2, 0}), 1).begins.empty());
}

TEST_CASE("tuples of indices are blocks of the axes that are left", "[indexed_blocks]") {
    const cube c;
    CHECK(c.tuples({{1, 2, 3}, {0, 0, 1}}).begins == offsets{23, 1});
    CHECK(c.tuples({{1, 2, 3}, {0, 0, 1}}).dimensions == vs::shape{2});
    CHECK(c.tuples({{1, 2}, {0, 1}}).begins == offsets{20, 4});
    CHECK(c.tuples({{1, 2}, {0, 1}}).dimensions == vs::shape{2, 4});
    CHECK(c.tuples({1, 2, 3}).dimensions == vs::shape{});
    CHECK(c.tuples(xt::xarray<int>::from_shape({2, 0})).begins == offsets{0, 0});
    CHECK(c.tuples(xt::xarray<int>::from_shape({2, 0})).size == 24);
    CHECK_THROWS_AS(c.tuples({{1, 2, 3, 0}}), vs::bad_shape);
    CHECK_THROWS_AS(c.tuples({{1, 3}}), vs::out_of_range);
}
