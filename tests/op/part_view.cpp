#include <varscope/op/part_view.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/op/session.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/core/xmath.hpp>
#include <xtensor/core/xnoalias.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xview.hpp>
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace vs = varscope;
using vs::shape;

namespace {

using matrix = xt::xtensor<float, 2>;

/// 3 rows of 5: {{0, 1, 2, 3, 4}, {10, 11, ...}, {20, ...}}, in columns of 2, 2 and 1.
vs::variable<float, 2> three_by_five() {
    return vs::get_variable<float, 2>("w", {3, 5},
                                      {.initializer = [](const shape&) { return matrix{{0, 1, 2, 3, 4}, {10, 11, 12, 13, 14}, {20, 21, 22, 23, 24}}; },
                                       .partitioner = [](const shape&, vs::dtype) { return std::vector<std::int64_t>{1, 3}; }});
}

struct sliced {
    shape dimensions;
    std::size_t axis;
    std::int64_t count;
};

/// Each axis of shapes of ranks 1 to 4, in even and in uneven parts.
std::vector<sliced> all_cuts() {
    std::vector<sliced> cuts;
    for (const shape& dimensions : {shape{7}, shape{4, 6}, shape{1, 5}, shape{3, 1}, shape{2, 5, 3}, shape{2, 3, 4, 5}}) {
        for (std::size_t axis = 0; axis < dimensions.rank(); ++axis) {
            for (std::int64_t count = 1; count <= dimensions[axis]; ++count) { cuts.push_back({dimensions, axis, count}); }
        }
    }
    return cuts;
}

vs::variable<float> make(vs::graph& g, const sliced& cut, const char* name = "w") {
    const auto at = [cut](const shape& dimensions, vs::dtype) {
        std::vector<std::int64_t> counts(dimensions.rank(), 1);
        counts[cut.axis] = cut.count;
        return counts;
    };
    return vs::get_variable<float>(g, name, cut.dimensions, {.initializer = vs::random_normal(), .partitioner = at});
}

/// Where each element of a part stands in the whole, by the parts' offsets.
std::vector<std::size_t> places_of(const vs::any_variable& part) {
    const auto dimensions = part.shape();
    const auto whole = part.whole()->shape();
    const auto offset = part.offset();
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < part.size(); ++i) {
        std::size_t rest = i;
        std::size_t at = 0;
        std::size_t stride = 1;
        for (std::size_t axis = dimensions.rank(); axis-- > 0;) {
            const auto length = static_cast<std::size_t>(dimensions[axis]);
            at += (rest % length + offset[axis]) * stride;
            rest /= length;
            stride *= static_cast<std::size_t>(whole[axis]);
        }
        result.push_back(at);
    }
    return result;
}

/// Gives element `i` of the part in row-major order the value `from + i`, one by one.
void count_up(vs::part_view<float>& part, float from) {
    for (float& element : part) { element = from++; }
}

} // namespace

TEST_CASE("a view of a part shows the slice of the whole, without a copy", "[part_view]") {
    fresh g;
    const auto w = three_by_five();
    const auto parts = vs::part_views<float, 2>(w);
    REQUIRE(parts.size() == 3);
    CHECK(bool(parts[0] == matrix{{0, 1}, {10, 11}, {20, 21}}));
    CHECK(bool(parts[1] == matrix{{2, 3}, {12, 13}, {22, 23}}));
    CHECK(bool(parts[2] == matrix{{4}, {14}, {24}}));
    CHECK(parts[1].data() == w.data() + 2);
    CHECK(&parts[1](2, 1) == &w(2, 3));
    CHECK(vs::any_variable(parts[1]).op_name() == "w/part_1");
    CHECK_FALSE(parts[1].is_contiguous());
}

TEST_CASE("what is written to a part is seen through the whole, and the other way round", "[part_view]") {
    fresh g;
    auto w = three_by_five();
    auto parts = vs::part_views<float, 2>(w);
    parts[1](0, 0) = 50;
    CHECK(w(0, 2) == 50.F);
    parts[1] = parts[0] * 2.F;
    parts[2] += 0.5F;
    parts[0] -= parts[1];
    parts[2] *= 2.F;
    CHECK(bool(w == matrix{{0, -1, 0, 2, 9}, {-10, -11, 20, 22, 29}, {-20, -21, 40, 42, 49}}));
    w.fill(1);
    CHECK(bool(parts[2] == matrix{{1}, {1}, {1}}));
    parts[0].fill(7);
    xt::noalias(parts[2]) = matrix{{3}, {4}, {5}};
    xt::view(parts[1], 1) = 9.F;
    CHECK(bool(w == matrix{{7, 7, 1, 1, 3}, {7, 7, 9, 9, 4}, {7, 7, 1, 1, 5}}));
    parts[0].assign(parts[1]);
    CHECK(w(1, 0) == 9.F);
    std::sort(parts[1].begin(), parts[1].end());
    CHECK(bool(parts[1] == matrix{{1, 1}, {1, 1}, {9, 9}}));
}

TEST_CASE("views of parts stand in expressions, ops and views, by value", "[part_view]") {
    fresh g;
    const auto make_sum = [] {
        const auto parts = vs::any_variable(three_by_five()).parts();
        const vs::part_view<float, 2> left(parts[0]);
        auto right = vs::part_view<float>(parts[2]); // broadcast along its one column
        return vs::add(left, right) + xt::view(left, 1);
    };
    const auto sum = make_sum();
    CHECK(bool(matrix(sum) == matrix{{14, 16}, {34, 36}, {54, 56}}));
    const vs::part_view<float, 2> left(vs::find_variable("w").value().parts()[0]);
    const auto op = vs::relu(left);
    CHECK(op.inputs().at(0).name() == "w/part_0:0");
    CHECK(bool(matrix(op) == left));
    CHECK(bool(xt::xtensor<float, 1>(vs::reduce_sum(left, {0})) == xt::xtensor<float, 1>{30, 33}));
    CHECK(bool(matrix(xt::transpose(left)) == matrix{{0, 10, 20}, {1, 11, 21}}));
    CHECK(std::vector<float>(left.begin(), left.end()) == std::vector<float>{0, 1, 10, 11, 20, 21});
    CHECK(bool(xt::xtensor<float, 2, xt::layout_type::column_major>(left) == left));
}

TEST_CASE("parts along every axis of every rank are slices of the same memory", "[part_view]") {
    for (const sliced& cut : all_cuts()) {
        CAPTURE(cut.dimensions, cut.axis, cut.count);
        vs::graph g;
        auto w = make(g, cut);
        const std::vector<float> before(w.begin(), w.end());
        float count = 100;
        std::size_t seen = 0;
        for (const vs::any_variable& part : vs::any_variable(w).parts()) {
            vs::part_view<float> view(part);
            const auto places = places_of(part);
            std::vector<float> expected;
            for (const std::size_t at : places) { expected.push_back(before[at]); }
            CHECK(std::vector<float>(view.begin(), view.end()) == expected);
            const vs::array_value copy = part.value();
            CHECK(std::memcmp(copy.data(), expected.data(), part.bytes()) == 0);
            if (part.is_contiguous()) {
                CHECK(vs::variable<float>(part).data() == view.data());
            } else {
                CHECK_THROWS_AS(part.data(), vs::scattered_part);
            }
            count_up(view, count);
            bool is_seen = true;
            for (const std::size_t at : places) { is_seen = is_seen && w.data()[at] == count++; }
            CHECK(is_seen);
            view = view + 0.5F;
            CHECK(w.data()[places.back()] == count - 0.5F);
            seen += part.size();
        }
        CHECK(seen == w.size());
        CHECK(std::none_of(w.begin(), w.end(), [](float x) { return x < 100; })); // every element was written
    }
}

TEST_CASE("a variable that is cut has the initial values of the one that is not", "[part_view]") {
    for (const auto when : {vs::initialization::immediate, vs::initialization::deferred}) {
        for (const sliced& cut : all_cuts()) {
            CAPTURE(cut.dimensions, cut.axis, cut.count);
            vs::graph plain({.seed = 3});
            const auto expected = vs::get_variable<float>(plain, "w", cut.dimensions, {.initializer = vs::random_normal()});
            vs::graph g({.seed = 3, .initialization = when});
            const auto w = make(g, cut);
            if (when == vs::initialization::deferred) {
                const auto parts = vs::any_variable(w).parts();
                // One by one, the last first: each is made of the whole's rule.
                for (auto part = parts.rbegin(); part != parts.rend(); ++part) { g.initialize(part->node()); }
            }
            CHECK(bool(w == expected));
            float* const memory = vs::variable<float>(w).data();
            memory[0] = 1000;
            g.initialize(vs::any_variable(w).parts()[0].node());
            CHECK(bool(w == expected));
        }
    }
}

TEST_CASE("single parts are assigned in a deferred graph, and those without a value are named", "[part_view]") {
    fresh g({.initialization = vs::initialization::deferred});
    const auto w = vs::get_variable<float, 2>("w", {2, 3}, {.initializer = vs::ones(), .partitioner = vs::fixed_size_partitioner(3, 1)});
    const std::string place = vs::to_string(w.defined_at());
    auto parts = vs::part_views<float, 2>(w);
    const auto unread = [&](const std::string& name) {
        return "variable '" + name + "' was read before it had a value\n  created at " + place +
               " in a graph with deferred initialisation\n"
               "  run global_variables_initializer(), restore a checkpoint or assign to it first";
    };
    matrix y;
    CHECK(thrown<vs::uninitialized>([&] { y = parts[0]; }) == unread("w/part_0"));
    parts[0] = matrix{{5}, {6}}; // as a restore does
    CHECK(bool(matrix(parts[0] + 1.F) == matrix{{6}, {7}}));
    CHECK(thrown<vs::uninitialized>([&] { y = parts[1]; }) == unread("w/part_1"));
    CHECK(thrown<vs::uninitialized>([&] { y = parts[1] * 2.F; }) == unread("w/part_1"));
    CHECK(thrown<vs::uninitialized>([&] { xt::noalias(y) = parts[0] + parts[2]; }) == unread("w/part_2"));
    CHECK(thrown<vs::uninitialized>([&] { (void)parts[1](0, 0); }) == unread("w/part_1"));
    CHECK(thrown<vs::uninitialized>([&] { (void)parts[1].begin(); }) == unread("w/part_1"));
    CHECK(thrown<vs::uninitialized>([&] { parts[1] += 1.F; }) == unread("w/part_1"));
    CHECK(thrown<vs::uninitialized>([&] { (void)vs::session().run(vs::relu(parts[2])); }) == unread("w/part_2"));
    CHECK(thrown<vs::uninitialized>([&] { y = w; }) == unread("w/part_1")); // the first without a value
    parts[1].fill(7);
    CHECK_FALSE(w.is_initialized());
    g.graph.initialize(vs::any_variable(parts[2]).node());
    CHECK(w.is_initialized());
    CHECK(bool(w == matrix{{5, 7, 1}, {6, 7, 1}}));
}

TEST_CASE("values of another shape, element type or rank are refused by a part", "[part_view]") {
    fresh g;
    const auto w = three_by_five();
    auto part = vs::part_views<float, 2>(w)[1];
    const std::string place = vs::to_string(w.defined_at());
    CHECK(thrown<vs::shape_mismatch>([&] { part = matrix{{1, 2, 3}}; }) ==
          "part 'w/part_1' cannot take values of shape (1, 3)\n  first created at " + place +
              " with shape (3, 2) float32\n  assign values of the shape it has");
    CHECK_THROWS_AS(vs::part_views<double>(w), vs::dtype_mismatch);
    CHECK_THROWS_AS((vs::part_views<float, 3>(w)), vs::shape_mismatch);
}

TEST_CASE("a variable that is not cut is its own only part", "[part_view]") {
    fresh g;
    vs::variable<float, 2> w{{{1, 2}, {3, 4}}, "w"};
    auto parts = vs::part_views<float>(w);
    REQUIRE(parts.size() == 1);
    parts[0] *= 2.F;
    CHECK(bool(w == matrix{{2, 4}, {6, 8}}));
    CHECK(parts[0].data() == w.data());
}
