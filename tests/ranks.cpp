#include <varscope/variable/assign.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/op/part_view.hpp>
#include <varscope/train/scatter.hpp>
#include <varscope/op/session.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/core/xnoalias.hpp>
#else
#include <xtensor/xnoalias.hpp>
#endif

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

// Values of every rank from 0 to 5 on their way into variables of every rank, by every way there
// is, with ranks that types say and ranks that they do not. Memory is safe where this is run with a
// sanitizer; elements are right, or as before.

namespace vs = varscope;

namespace {

constexpr std::size_t max_rank = 5;
using any_array = xt::xarray<float, xt::layout_type::row_major>;

/// The last dimensions of (2, 1, 3, 2, 2), or as many dimensions of 1.
std::vector<std::size_t> dimensions_of(std::size_t rank, bool is_flat) {
    constexpr std::array<std::size_t, max_rank> all{2, 1, 3, 2, 2};
    return is_flat ? std::vector<std::size_t>(rank, 1) : std::vector<std::size_t>(all.end() - static_cast<std::ptrdiff_t>(rank), all.end());
}

/// Elements `from`, `from + 1`, ...
template <class Array = any_array>
Array counted(std::size_t rank, bool is_flat, float from) {
    Array result;
    result.resize(dimensions_of(rank, is_flat));
    for (float& x : result.storage()) { x = from++; }
    return result;
}

enum class outcome { written, refused };

/// What became of `v`, which is to hold `expected`, or if there is none what it held.
template <class V>
void check(const char* way, const V& v, const any_array& before, const any_array* expected, const std::function<void()>& write) {
    INFO(way);
    outcome was = outcome::written;
    try {
        write();
    } catch (const vs::shape_mismatch&) { was = outcome::refused; }
    CHECK((was == outcome::written) == (expected != nullptr));
    CHECK(bool(any_array(v) == (expected != nullptr ? *expected : before)));
}

/// All ways that do not broadcast.
template <std::size_t N, class X>
void check_strict(std::size_t rank, bool is_flat, const X& x) {
    fresh g;
    const any_array before = counted(rank, is_flat, 1);
    const any_array given = x;
    const bool fits = given.dimension() == rank;
    auto v = vs::get_variable<float, N>("v", before.shape(), {.initializer = [&](const vs::shape&) { return before; }});
    auto part = vs::part_view<float, N>(v);
    const auto strict = [&](const char* way, const any_array& expected, const std::function<void()>& write) {
        v = before;
        check(way, v, before, fits ? &expected : nullptr, write);
    };
    strict("v = x", given, [&] { v = x; });
    strict("v = x * 1", given, [&] { v = x * 1.F; });
    strict("v.assign(x)", given, [&] { v.assign(x); });
    strict("vs::assign(v, x)", given, [&] { vs::assign(v, x); });
    strict("vs::assign_add(v, x)", before + given, [&] { vs::assign_add(v, x); });
    strict("vs::assign_sub(v, x)", before - given, [&] { vs::assign_sub(v, x); });
    strict("noalias(v) = x", given, [&] { xt::noalias(v) = x; });
    strict("noalias(v) = x * 1", given, [&] { xt::noalias(v) = x * 1.F; });
    strict("part = x", given, [&] { part = x; });
    strict("part.assign(x)", given, [&] { part.assign(x); });
    strict("noalias(part) = x", given, [&] { xt::noalias(part) = x; });
    strict("vs::assign(any, any)", given, [&] { vs::assign(vs::any_variable(v), vs::variable<float>{x, "any"}); });

    const bool makes = N == vs::dynamic_rank || fits;
    const auto made = [&](const char* way, const auto& make) {
        INFO(way);
        const std::size_t nodes = g.graph.nodes().size();
        if (makes) {
            CHECK(bool(any_array(make()) == given));
        } else {
            CHECK_THROWS_AS(make(), vs::shape_mismatch);
            CHECK(g.graph.nodes().size() == nodes);
        }
    };
    made("variable(x)", [&] { return vs::variable<float, N>(x); });
    made("variable{x, name}", [&] { return vs::variable<float, N>{x, "made"}; });
    made("variable{g, x}", [&] { return vs::variable<float, N>{g.graph, x}; });
    made(".initializer = x", [&] { return vs::get_variable<float, N>("initial", vs::any_shape, {.initializer = x}); });
    if constexpr (N != vs::dynamic_rank) {
        const auto p = vs::placeholder<float, N>(before.shape());
        if (fits) {
            CHECK(bool(any_array(vs::session().run(p, vs::feed(p, x))) == given));
        } else {
            CHECK_THROWS_AS(vs::feed(p, x), vs::shape_mismatch);
        }
    }
}

/// The ways that broadcast what stands on their right, as NumPy's do.
template <std::size_t N, class X>
void check_compound(std::size_t rank, bool is_flat, const X& x) {
    fresh g;
    const any_array before = counted(rank, is_flat, 1);
    const any_array given = x;
    const bool fits = given.dimension() <= rank;
    auto v = vs::get_variable<float, N>("v", before.shape(), {.initializer = [&](const vs::shape&) { return before; }});
    auto part = vs::part_view<float, N>(v);
    const auto compound = [&](const char* way, const any_array& expected, const std::function<void()>& write) {
        v = before;
        check(way, v, before, fits ? &expected : nullptr, write);
    };
    const any_array sum = before + given;
    compound("v += x", sum, [&] { v += x; });
    compound("v *= x", before * given, [&] { v *= x; });
    compound("v.plus_assign(x)", sum, [&] { v.plus_assign(x); });
    compound("v.divides_assign(x)", before / given, [&] { v.divides_assign(x); });
    compound("noalias(v) += x", sum, [&] { xt::noalias(v) += x; });
    compound("noalias(v) -= x", before - given, [&] { xt::noalias(v) -= x; });
    compound("part += x", sum, [&] { part += x; });
    compound("part.minus_assign(x)", before - given, [&] { part.minus_assign(x); });
    compound("noalias(part) *= x", before * given, [&] { xt::noalias(part) *= x; });
}

/// Calls `f` with each rank as a constant.
template <class Function>
void for_static_ranks(Function f) {
    [&]<std::size_t... N>(std::index_sequence<N...>) { (f(std::integral_constant<std::size_t, N>{}), ...); }(std::make_index_sequence<max_rank + 1>{});
}

template <class Function>
void for_ranks_of_values(Function f) {
    for (const bool is_flat : {true, false}) {
        for (std::size_t rank = 0; rank <= max_rank; ++rank) { f(rank, is_flat); }
    }
}

} // namespace

TEST_CASE("types that say another rank are refused while compiling, all others are not", "[ranks]") {
    for_static_ranks([](auto n) {
        for_static_ranks([=](auto m) {
            using values = xt::xtensor<float, m()>;
            STATIC_CHECK(vs::detail::may_have_rank<values, n()> == (n() == m()));
            STATIC_CHECK(vs::detail::may_have_rank<decltype(std::declval<values&>() + 1.F), n()> == (n() == m()));
            STATIC_CHECK(vs::detail::may_have_rank<vs::variable<float, m()>, n()> == (n() == m()));
        });
        STATIC_CHECK(vs::detail::may_have_rank<any_array, n()>);
        STATIC_CHECK(vs::detail::may_have_rank<vs::variable<float>, n()>);
        STATIC_CHECK(vs::detail::may_have_rank<xt::xtensor<float, n()>, vs::dynamic_rank>);
    });
}

TEST_CASE("values of a rank known at run time enter variables of that rank only", "[ranks]") {
    for_static_ranks([](auto n) {
        for_ranks_of_values([=](std::size_t rank, bool is_flat) {
            CAPTURE(n(), rank, is_flat);
            const any_array x = counted(rank, is_flat, 10);
            check_strict<n()>(n(), is_flat, x);
            check_compound<n()>(n(), is_flat, x);
        });
    });
}

TEST_CASE("variables of a rank known at run time take values of that rank only", "[ranks]") {
    for (std::size_t of_variable = 0; of_variable <= max_rank; ++of_variable) {
        for_ranks_of_values([=](std::size_t rank, bool is_flat) {
            CAPTURE(of_variable, rank, is_flat);
            const any_array x = counted(rank, is_flat, 10);
            check_strict<vs::dynamic_rank>(of_variable, is_flat, x);
            check_compound<vs::dynamic_rank>(of_variable, is_flat, x);
        });
        for_static_ranks([=](auto m) {
            for (const bool is_flat : {true, false}) {
                CAPTURE(of_variable, m(), is_flat);
                const auto x = counted<xt::xtensor<float, m()>>(m(), is_flat, 10);
                check_strict<vs::dynamic_rank>(of_variable, is_flat, x);
                check_compound<vs::dynamic_rank>(of_variable, is_flat, x);
            }
        });
    }
}

TEST_CASE("values of a lower rank that types say are broadcast by compound assignment", "[ranks]") {
    for_static_ranks([](auto n) {
        for_static_ranks([=](auto m) {
            for (const bool is_flat : {true, false}) {
                CAPTURE(n(), m(), is_flat);
                const auto x = counted<xt::xtensor<float, m()>>(m(), is_flat, 10);
                if constexpr (m() == n()) { check_strict<n()>(n(), is_flat, x); }
                if constexpr (m() <= n()) { check_compound<n()>(n(), is_flat, x); }
            }
        });
    });
}

TEST_CASE("scattered updates have the rank that the indices and the variable ask for", "[ranks]") {
    for (std::size_t of_variable = 1; of_variable <= max_rank; ++of_variable) {
        for_ranks_of_values([=](std::size_t rank, bool is_flat) {
            if (rank == 0) { return; } // one number for all
            CAPTURE(of_variable, rank, is_flat);
            fresh g;
            const any_array before = counted(of_variable, is_flat, 1);
            const vs::variable<float> v{before, "v"};
            any_array x = counted(rank, is_flat, 10);
            std::vector<std::size_t> rows(x.shape().begin(), x.shape().end());
            rows[0] = 1;
            x.resize(rows);
            if (rank == of_variable) {
                vs::scatter_update(v, {0}, x);
                CHECK(v.data()[0] == x.data()[0]);
            } else {
                CHECK_THROWS_AS(vs::scatter_update(v, {0}, x), vs::shape_mismatch);
                CHECK_THROWS_AS(vs::scatter_nd_add(v, {{0}}, x), vs::shape_mismatch);
                CHECK(bool(any_array(v) == before));
            }
        });
    }
}
