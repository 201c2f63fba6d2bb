#include <varscope/op/detail/computed.hpp>

#include "catch.hpp"

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/core/xmath.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xmath.hpp>
#include <xtensor/xview.hpp>
#endif

#include <cstddef>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace {

using container = xt::xtensor<int, 2>;

/// {{1, 2, 3}, {4, 5, 6}} times how often it was asked.
struct counting {
    int* evaluations;
    bool* is_readable;

    void check() const {
        if (!*is_readable) { throw std::runtime_error("an input cannot be read"); }
    }
    container operator()() const {
        check();
        return container{{1, 2, 3}, {4, 5, 6}} * ++*evaluations;
    }
};

struct counted {
    int evaluations = 0;
    bool is_readable = true;
    varscope::detail::computed<container, counting> expression{{2, 3}, {&evaluations, &is_readable}};
};

} // namespace

TEST_CASE("an expression computed as a whole has the elements of its function", "[computed]") {
    counted c;
    const container copy = c.expression;
    CHECK(bool(copy == container{{1, 2, 3}, {4, 5, 6}}));
    CHECK(c.expression.dimension() == 2);
    CHECK(c.expression.size() == 6);
    CHECK(c.expression.shape(1) == 3);
}

TEST_CASE("an expression is computed once a pass, and anew in the next one", "[computed]") {
    counted c;
    container r;
    r = c.expression;
    CHECK(c.evaluations == 1);
    r = c.expression * 10 + c.expression;
    CHECK(c.evaluations == 2);
    CHECK(bool(r == container{{22, 44, 66}, {88, 110, 132}}));
    const std::vector<int> elements(c.expression.begin(), c.expression.end());
    CHECK(c.evaluations == 3);
    CHECK(elements == std::vector<int>{3, 6, 9, 12, 15, 18});
}

TEST_CASE("an expression broadcasts and is viewed", "[computed]") {
    counted c;
    const xt::xtensor<int, 3> both = c.expression + xt::xtensor<int, 3>{{{100}}, {{200}}};
    CHECK(both(1, 1, 2) == 206);
    const xt::xtensor<int, 1> column = xt::view(c.expression, xt::all(), 1);
    CHECK(bool(column == xt::xtensor<int, 1>{4, 10}));
    CHECK(xt::sum(c.expression)() == 63);
}

TEST_CASE("a single element is computed with all others", "[computed]") {
    counted c;
    CHECK(c.expression(1, 2) == 6);
    CHECK(c.expression.at(1, 2) == 12);
    CHECK(c.expression[std::vector<std::size_t>{1, 2}] == 18);
    CHECK(c.evaluations == 3);
}

TEST_CASE("copies of an expression share one pass", "[computed]") {
    counted c;
    const auto copy = c.expression;
    const container r = copy + c.expression;
    CHECK(c.evaluations == 1);
    CHECK(r(0, 0) == 2);
}

TEST_CASE("a result lives as long as an iterator over it", "[computed]") {
    counted c;
    auto position = [&] {
        const auto copy = c.expression;
        return copy.begin();
    }();
    ++position;
    CHECK(*position == 2);
}

TEST_CASE("an expression whose input cannot be read throws from an assignment", "[computed]") {
    counted c;
    c.is_readable = false;
    container r;
    CHECK_THROWS_AS(r = c.expression, std::runtime_error);
    CHECK_THROWS_AS(r = c.expression + 1, std::runtime_error);
    CHECK_THROWS_AS(c.expression(0, 0), std::runtime_error);
    c.is_readable = true;
    r = c.expression;
    CHECK(r(0, 0) == 1);
}

TEST_CASE("an evaluation that is under way lends nothing to the next one", "[computed]") {
    counted c;
    auto under_way = c.expression.begin();
    CHECK(*under_way == 1);
    CHECK(container(c.expression)(0, 0) == 2);
    const container next = c.expression + 0;
    CHECK(next(0, 0) == 3);
    ++under_way;
    CHECK(*under_way == 2); // still the first
    CHECK(c.evaluations == 3);
}

TEST_CASE("copies of an iterator that has read nothing yet share what the first to read computes", "[computed]") {
    counted c;
    const auto first = c.expression.begin();
    auto second = first;
    ++second;
    CHECK(*first + *second == 3);
    CHECK(c.evaluations == 1);
}

TEST_CASE("what is computed twice within one evaluation is computed once", "[computed]") {
    counted c;
    {
        const auto evaluation = varscope::detail::evaluation_scope::of_its_own();
        CHECK(container(c.expression)(0, 0) == 1);
        CHECK(container(c.expression + 1)(0, 0) == 2);
        CHECK(c.expression(0, 1) == 2);
        {
            const auto inner = varscope::detail::evaluation_scope::of_its_own();
            CHECK(container(c.expression)(0, 0) == 2);
            const auto of_the_user = varscope::detail::evaluation_scope::suspended();
            CHECK(container(c.expression)(0, 0) == 3);
        }
        CHECK(container(c.expression)(0, 0) == 1);
    }
    CHECK(container(c.expression)(0, 0) == 4);
}
