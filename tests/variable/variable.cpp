#include <varscope/variable/get_variable.hpp>
#include <varscope/op/part_view.hpp>
#include <varscope/variable/variable.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/core/xeval.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/core/xnoalias.hpp>
#include <xtensor/generators/xbuilder.hpp>
#include <xtensor/io/xio.hpp>
#include <xtensor/misc/xmanipulation.hpp>
#include <xtensor/misc/xsort.hpp>
#include <xtensor/views/xstrided_view.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xeval.hpp>
#include <xtensor/xio.hpp>
#include <xtensor/xmanipulation.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xsort.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xview.hpp>
#endif

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <complex>
#include <concepts>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <numeric>
#include <optional>
#include <sstream>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace vs = varscope;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::Message;
using vs::dtype;
using vs::shape;

namespace {

/// A graph of its own for each test.
template <class T> T number(int n) {
    if constexpr (std::is_class_v<T>) {
        return T(static_cast<float>(n));
    } else {
        return static_cast<T>(n);
    }
}

/// {{0, 1, 2}, {10, 11, 12}}
vs::variable<float, 2> two_by_three(vs::name_arg name = vs::no_name) {
    return vs::variable<float, 2>{{{0, 1, 2}, {10, 11, 12}}, name};
}
vs::variable<float, 2> square() { return vs::variable<float, 2>{{{1, 2}, {3, 4}}, "square"}; }

template <class E> std::vector<float> elements_of(const E& expression) { return {expression.begin(), expression.end()}; }

} // namespace

TEMPLATE_TEST_CASE("a variable of each element type is read and written", "[variable]", vs::float16, vs::bfloat16, float, double, std::int8_t,
                   std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, bool,
                   std::complex<float>, std::complex<double>) {
    fresh g;
    auto w = vs::get_variable<TestType, 2>("w", {2, 3}, {.initializer = vs::zeros()});
    auto dynamic = vs::get_variable<TestType>("dynamic", {2, 3}, {.initializer = vs::ones()});
    CHECK(w.dtype() == vs::dtype_of<TestType>);
    CHECK(w.size() == 6);
    CHECK(bool(w(1, 2) == number<TestType>(0)));
    w(1, 2) = number<TestType>(1);
    CHECK(bool(w.at(1, 2) == number<TestType>(1)));
    CHECK(bool(w.data()[5] == number<TestType>(1)));
    CHECK_FALSE(bool(w == dynamic));
    w.assign(dynamic);
    CHECK(bool(w == dynamic));
    const xt::xarray<TestType> copy = w;
    CHECK(bool(copy(0, 1) == number<TestType>(1)));
}

TEST_CASE("nested lists give the elements of ranks 0 to 3", "[variable]") {
    fresh g;
    const vs::variable<float, 0> scalar{3.F, "scalar"};
    const vs::variable<float, 1> vector{{1, 2}, "vector"};
    const vs::variable<float, 2> matrix{{{1, 2, 3}, {4, 5, 6}}, "matrix"};
    const vs::variable<int, 3> cube{{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}, "cube"};
    CHECK(scalar() == 3.F);
    CHECK(vector(1) == 2.F);
    CHECK(matrix(1, 0) == 4.F);
    CHECK(cube(1, 0, 1) == 6);
    CHECK(shape(cube.shape()) == shape{2, 2, 2});
}

TEST_CASE("nested lists give the elements of variables of dynamic rank", "[variable]") {
    fresh g;
    const vs::variable<float> vector{{1, 2}, "vector"};
    const vs::variable<float> matrix{{{1, 2, 3}, {4, 5, 6}}, "matrix"};
    CHECK(vector.dimension() == 1);
    CHECK(matrix(1, 0) == 4.F);
    CHECK(shape(matrix.shape()) == shape{2, 3});
}

TEST_CASE("the shape of a variable prints, and is what xtensor takes for a shape", "[variable]") {
    fresh g;
    const vs::variable<float, 2> matrix{{{1, 2, 3}, {4, 5, 6}}, "matrix"};
    const vs::variable<float, 0> scalar{3.F, "scalar"};
    const vs::variable<float> dynamic{{{1, 2, 3}, {4, 5, 6}}, "dynamic"};
    const vs::part_view<float, 2> whole(matrix);
    std::ostringstream out;
    out << matrix.shape() << ' ' << scalar.shape() << ' ' << dynamic.shape() << ' ' << whole.shape();
    CHECK(out.str() == "(2, 3) () (2, 3) (2, 3)");

    const auto [rows, columns] = matrix.shape();
    CHECK(rows == 2);
    CHECK(columns == 3);
    const std::array<std::size_t, 2> copy = matrix.shape();
    CHECK(copy == matrix.shape());
    CHECK(xt::xtensor<float, 2>(matrix.shape()).shape() == copy);
    const xt::xtensor<float, 2> sum = xt::ones<float>(matrix.shape()) + matrix;
    CHECK(sum(1, 2) == 7.F);
    std::vector<float> numbers(6, 1.F);
    auto adapted = xt::adapt(numbers, matrix.shape());
    STATIC_CHECK(xt::get_rank<decltype(adapted)>::value == 2);
    adapted += matrix;
    CHECK(numbers[5] == 7.F);
    CHECK(vs::get_variable<float, 2>("like", matrix.shape()).shape() == copy);
    STATIC_CHECK(std::is_same_v<decltype(matrix + matrix)::shape_type, std::array<std::size_t, 2>>);
}

TEST_CASE("a list of integers gives elements, not a shape", "[variable]") {
    fresh g;
    const vs::variable<std::size_t, 1> v{{2, 3}, "v"};
    CHECK(v.size() == 2);
    CHECK(v(1) == 3);
}

TEST_CASE("variables made under one name are named apart", "[variable]") {
    fresh g;
    const vs::variable<float, 1> a{{1}, "w"};
    const vs::variable<float, 1> b{{2}, "w"};
    const vs::variable<float, 1> c{{3}};
    CHECK(a.name() == "w:0");
    CHECK(b.name() == "w_1:0");
    CHECK(c.name() == "Variable:0");
    CHECK(b.op_name() == "w_1");
    CHECK(b.key().empty());
}

TEST_CASE("a variable is made of an expression, and does not follow it", "[variable]") {
    fresh g;
    vs::variable<float, 1> a{{1, 2}, "a"};
    const vs::variable<float, 1> b(a * 2.F, "b");
    a.fill(0);
    CHECK(elements_of(b) == std::vector<float>{2, 4});
}

TEST_CASE("a variable is made in the graph that is given", "[variable]") {
    vs::graph g;
    const vs::variable<float, 1> v{g, {1, 2}, "v"};
    CHECK(&v.graph() == &g);
    CHECK(vs::global_variables(g).size() == 1);
}

TEST_CASE("options of a variable hold", "[variable]") {
    fresh g;
    const vs::variable<float, 1> v{{1, 2}, "v", {.trainable = false}};
    CHECK(v(1) == 2.F);
    CHECK_FALSE(v.is_trainable());
    CHECK(vs::trainable_variables().empty());
}

TEST_CASE("a variable knows where it was defined", "[variable]") {
    fresh g;
    const vs::variable<float, 1> v{{1, 2}, "v"};
    CHECK(v.defined_at().line() == __LINE__ - 1);
    CHECK_THAT(v.defined_at().file_name(), ContainsSubstring("variable.cpp"));
}

TEST_CASE("handles of one variable share its elements", "[variable]") {
    fresh g;
    vs::variable<float, 2> w = square();
    vs::variable<float, 2> copy = w;
    const vs::variable<float> dynamic(w);
    const vs::any_variable any = w;
    copy(0, 1) = 7;
    CHECK(w(0, 1) == 7.F);
    CHECK(dynamic(0, 1) == 7.F);
    CHECK(any.data() == static_cast<void*>(w.data()));
}

TEST_CASE("a moved handle refers to the same variable", "[variable]") {
    fresh g;
    vs::variable<float> w{{1, 2}, "w"};
    const float* const elements = w.data();
    const vs::variable<float> moved = std::move(w);
    CHECK(moved.data() == elements);
    CHECK(moved(1) == 2.F);
}

TEST_CASE("is asks for the variable, == for its elements", "[variable]") {
    fresh g;
    const vs::variable<float, 1> a{{1, 2}, "a"};
    const vs::variable<float, 1> equal{{1, 2}, "b"};
    const vs::variable<float, 1> other{{1, 3}, "c"};
    const vs::variable<float, 1> same = a; // NOLINT(performance-unnecessary-copy-initialization): what is tested
    CHECK(a.is(same));
    CHECK_FALSE(a.is(equal));
    CHECK(bool(a == equal));
    CHECK(bool(a != other));
}

TEST_CASE("assignment writes the elements and does not re-seat the handle", "[variable]") {
    fresh g;
    vs::variable<float, 1> a{{1, 2}, "a"};
    vs::variable<float, 1> b{{3, 4}, "b"};
    const float* const elements = a.data();
    SECTION("of another variable") { a.assign(b); }
    SECTION("of a handle that goes away") { a.assign(vs::variable<float>(b)); }
    SECTION("of an expression") { a = b * 1.F; }
    SECTION("of a container") { a = xt::xtensor<float, 1>{3, 4}; }
    SECTION("of a container of dynamic rank") { a = xt::xarray<float>{3, 4}; }
    SECTION("of another element type") { a = xt::xtensor<double, 1>{3, 4}; }
    SECTION("of a list") { a = {3, 4}; }
    SECTION("without a temporary") { xt::noalias(a) = b * 1.F; }
    CHECK(a.data() == elements);
    CHECK(a.op_name() == "a");
    CHECK_FALSE(a.is(b));
    CHECK(elements_of(a) == std::vector<float>{3, 4});
    b(0) = 9;
    CHECK(a(0) == 3.F);
}

TEST_CASE("a variable may be assigned what is made of itself", "[variable]") {
    fresh g;
    auto w = square();
    SECTION("itself") {
        w.assign(w);
        CHECK(elements_of(w) == std::vector<float>{1, 2, 3, 4});
    }
    SECTION("its transpose") {
        w = xt::transpose(w);
        CHECK(elements_of(w) == std::vector<float>{1, 3, 2, 4});
    }
    SECTION("a sum with it") {
        w = w + 1.F;
        CHECK(elements_of(w) == std::vector<float>{2, 3, 4, 5});
    }
    SECTION("a difference from a part of it that is written first") {
        w = w - xt::view(w, 0);
        CHECK(elements_of(w) == std::vector<float>{0, 0, 2, 2});
    }
    SECTION("through another handle") {
        const vs::variable<float, 2> other = w;
        w = xt::transpose(other) * 2.F;
        CHECK(elements_of(w) == std::vector<float>{2, 6, 4, 8});
    }
}

TEST_CASE("assignment of another shape is refused and leaves the elements", "[variable]") {
    fresh g;
    vs::variable<float, 2> w{{{1, 2}, {3, 4}}, "w"};
    const auto says = Message("variable 'w' cannot take values of shape (1, 3)\n"
                              "  first created at variable.cpp:" + std::to_string(__LINE__ - 2) + " with shape (2, 2) float32\n"
                              "  assign values of the shape it has");
    const xt::xtensor<float, 2> other{{7, 8, 9}};
    CHECK_THROWS_MATCHES(w = other, vs::shape_mismatch, says);
    CHECK_THROWS_MATCHES((w = {{7, 8, 9}}), vs::shape_mismatch, says);
    CHECK_THROWS_MATCHES(w = other + 1.F, vs::shape_mismatch, says);
    CHECK_THROWS_MATCHES(xt::noalias(w) = other + 1.F, vs::shape_mismatch, says);
    vs::variable<float, 2> row{{{1, 2}}, "row"};
    CHECK_THROWS_AS(row += w, vs::shape_mismatch);
    CHECK_THROWS_AS((vs::variable<float>(w) += xt::xarray<float>{{{1, 2}}, {{3, 4}}}), vs::shape_mismatch);
    CHECK_THROWS_AS(w.assign(vs::variable<float, 2>{{{1}}, "small"}), vs::shape_mismatch);
    CHECK(elements_of(w) == std::vector<float>{1, 2, 3, 4});
    CHECK(shape(w.shape()) == shape{2, 2});
}

TEST_CASE("a refused assignment names both shapes as data", "[variable]") {
    fresh g;
    vs::variable<float> w{{1, 2}, "w"};
    try {
        w = xt::xarray<float>{{7, 8, 9}};
        FAIL("no exception");
    } catch (const vs::shape_mismatch& e) {
        CHECK(e.present() == shape{2});
        CHECK(e.asked() == shape{1, 3});
        CHECK(e.name() == "w");
    }
}

TEST_CASE("a variable of dynamic rank keeps its number of axes", "[variable]") {
    fresh g;
    vs::variable<float> w{{1, 2}, "w"};
    CHECK_THROWS_AS((w = xt::xarray<float>{{1, 2}}), vs::shape_mismatch);
    CHECK_THROWS_AS(w.resize(std::vector<std::size_t>{3}), vs::shape_mismatch);
    CHECK_NOTHROW(w.resize(std::vector<std::size_t>{2}));
    CHECK(w.dimension() == 1);
}

TEST_CASE("compound assignment combines element by element, and broadcasts its right side", "[variable]") {
    fresh g;
    auto w = two_by_three("w");
    const vs::variable<float, 1> b{{1, 2, 3}, "b"};
    w += b;
    CHECK(elements_of(w) == std::vector<float>{1, 3, 5, 11, 13, 15});
    w -= 1.F;
    CHECK(elements_of(w) == std::vector<float>{0, 2, 4, 10, 12, 14});
    w *= w;
    CHECK(elements_of(w) == std::vector<float>{0, 4, 16, 100, 144, 196});
    w /= 2.F;
    CHECK(elements_of(w) == std::vector<float>{0, 2, 8, 50, 72, 98});
    xt::noalias(w) += b;
    CHECK(elements_of(w) == std::vector<float>{1, 4, 11, 51, 74, 101});
    vs::variable<int, 1> bits{{5, 6}, "bits"};
    bits %= 4;
    bits |= 8;
    CHECK(bool(bits == xt::xtensor<int, 1>{9, 10}));
}

TEST_CASE("a view of a variable reads and writes its elements", "[variable]") {
    fresh g;
    auto w = two_by_three();
    CHECK(elements_of(xt::view(w, 1)) == std::vector<float>{10, 11, 12});
    CHECK(elements_of(xt::view(w, xt::all(), 1)) == std::vector<float>{1, 11});
    xt::view(w, xt::all(), xt::range(1, 3)) = 5.F;
    CHECK(elements_of(w) == std::vector<float>{0, 5, 5, 10, 5, 5});
    xt::view(w, 0) += xt::view(w, 1);
    CHECK(elements_of(w) == std::vector<float>{10, 10, 10, 10, 5, 5});
    xt::strided_view(w, {xt::ellipsis(), 2}) = xt::xtensor<float, 1>{7, 8};
    CHECK(elements_of(w) == std::vector<float>{10, 10, 7, 10, 5, 8});
    xt::row(w, 1) = xt::row(w, 0);
    CHECK(elements_of(xt::row(w, 1)) == std::vector<float>{10, 10, 7});
    CHECK(elements_of(xt::flatten(w)) == elements_of(w));
    CHECK(elements_of(xt::reshape_view(w, {3, 2})) == elements_of(w));
}

TEST_CASE("a view of a constant handle reads", "[variable]") {
    fresh g;
    const auto w = two_by_three();
    CHECK(elements_of(xt::view(w, xt::all(), 2)) == std::vector<float>{2, 12});
    CHECK(elements_of(xt::view(w, xt::keep(1, 0), 2)) == std::vector<float>{12, 2});
    STATIC_CHECK_FALSE(std::is_assignable_v<decltype(w(0, 0)), float>);
}

TEST_CASE("variables stand in xtensor's functions as containers do", "[variable]") {
    fresh g;
    const auto w = two_by_three();
    CHECK(xt::sum(w)() == 36.F);
    CHECK(xt::mean(w)() == 6.F);
    CHECK(elements_of(xt::eval(xt::sum(w, {0}))) == std::vector<float>{10, 12, 14});
    CHECK(xt::amax(w)() == 12.F);
    CHECK(xt::argmax(w)() == 5);
    CHECK(bool(xt::argmax(w, 1) == xt::xtensor<std::size_t, 1>{2, 2}));
    CHECK(elements_of(xt::transpose(w)) == std::vector<float>{0, 10, 1, 11, 2, 12});
    CHECK(elements_of(xt::eval(w * 2.F)) == std::vector<float>{0, 2, 4, 20, 22, 24});
    CHECK(xt::allclose(w, w + 1e-9F));
    CHECK_FALSE(xt::allclose(w, w + 1.F));
    CHECK(elements_of(xt::where(w > 5.F, w, 0.F)) == std::vector<float>{0, 0, 0, 10, 11, 12});
    CHECK(xt::any(w > 11.F));
    CHECK(elements_of(xt::concatenate(xt::xtuple(w, w), 0)).size() == 12);
    CHECK(elements_of(xt::cast<float>(xt::cast<int>(w))) == elements_of(w));
}

TEST_CASE("a variable is printed as xtensor prints containers", "[variable]") {
    fresh g;
    std::ostringstream text;
    text << square();
    CHECK(text.str() == "{{ 1.,  2.},\n { 3.,  4.}}");
}

TEST_CASE("variables broadcast with each other, with containers and with numbers", "[variable]") {
    fresh g;
    const auto w = two_by_three();
    const vs::variable<float, 1> row{{1, 2, 3}, "row"};
    const vs::variable<float, 2> column{{{100}, {200}}, "column"};
    const vs::variable<float, 0> scalar{1000.F, "scalar"};
    const vs::variable<float> dynamic{{1, 1, 1}, "dynamic"};
    const xt::xarray<float> all = w + row + column + scalar + dynamic + xt::xtensor<float, 1>{5, 5, 5} + 0.5F;
    CHECK(elements_of(all) == std::vector<float>{1107.5, 1109.5, 1111.5, 1217.5, 1219.5, 1221.5});
}

TEST_CASE("elements are passed in row-major order, both ways and in another layout", "[variable]") {
    fresh g;
    auto w = two_by_three();
    CHECK(std::vector<float>(w.begin(), w.end()) == std::vector<float>{0, 1, 2, 10, 11, 12});
    CHECK(std::vector<float>(w.cbegin(), w.cend()) == std::vector<float>{0, 1, 2, 10, 11, 12});
    CHECK(std::vector<float>(w.rbegin(), w.rend()) == std::vector<float>{12, 11, 10, 2, 1, 0});
    CHECK(std::vector<float>(w.begin<xt::layout_type::column_major>(), w.end<xt::layout_type::column_major>()) ==
          std::vector<float>{0, 10, 1, 11, 2, 12});
    float sum = 0;
    for (const float element : std::as_const(w)) { sum += element; }
    CHECK(sum == 36.F);
}

TEST_CASE("standard algorithms work on a variable's elements", "[variable]") {
    fresh g;
    auto w = two_by_three();
    std::reverse(w.begin(), w.end());
    CHECK(w(0, 0) == 12.F);
    std::sort(w.begin(), w.end());
    CHECK(elements_of(w) == std::vector<float>{0, 1, 2, 10, 11, 12});
    std::transform(w.cbegin(), w.cend(), w.begin(), [](float x) { return x + 1; });
    CHECK(std::accumulate(w.begin(), w.end(), 0.F) == 42.F);
}

namespace {

template <class To, class... From>
constexpr bool refuses_all = !(std::is_assignable_v<To&, From> || ...);

struct layer {
    vs::variable<float, 2> kernel;
    vs::variable<float, 1> bias;
};

} // namespace

TEST_CASE("a handle cannot be assigned to a handle, whatever its rank and type", "[variable]") {
    using matrix = vs::variable<float, 2>;
    STATIC_CHECK(refuses_all<matrix, matrix, const matrix&, matrix&, vs::variable<float>, vs::variable<float>&, vs::variable<float, 1>,
                             vs::variable<double, 2>, vs::variable<int>&, vs::any_variable, vs::any_variable&>);
    STATIC_CHECK(refuses_all<vs::variable<float>, vs::variable<float>, matrix, vs::variable<double>, vs::any_variable>);
    STATIC_CHECK(refuses_all<vs::variable<float, 0>, vs::variable<float, 0>&, vs::variable<float>>);
    STATIC_CHECK(std::is_copy_constructible_v<matrix>); // another handle
    STATIC_CHECK(std::is_nothrow_move_constructible_v<matrix>);
    STATIC_CHECK(std::is_assignable_v<matrix&, xt::xtensor<float, 2>>); // elements
    STATIC_CHECK(std::is_assignable_v<matrix&, xt::xarray<double>&>);
    STATIC_CHECK(std::is_assignable_v<matrix&, decltype(std::declval<matrix&>() + 1.F)>);
}

TEST_CASE("what holds handles cannot be assigned or swapped either", "[variable]") {
    using matrix = vs::variable<float, 2>;
    STATIC_CHECK_FALSE(std::is_swappable_v<matrix>);
    STATIC_CHECK_FALSE(std::is_swappable_v<vs::variable<float>>);
    STATIC_CHECK_FALSE(std::is_swappable_v<layer>);
    STATIC_CHECK_FALSE(std::is_copy_assignable_v<layer>);
    STATIC_CHECK_FALSE(std::is_move_assignable_v<layer>);
    STATIC_CHECK(refuses_all<std::optional<matrix>, std::optional<matrix>, const std::optional<matrix>&, matrix, const matrix&>);
    STATIC_CHECK(refuses_all<std::pair<matrix, int>, std::pair<matrix, int>, const std::pair<matrix, int>&>);
    STATIC_CHECK(refuses_all<std::tuple<matrix, matrix>, std::tuple<matrix, matrix>>);
    STATIC_CHECK(refuses_all<std::variant<matrix, int>, std::variant<matrix, int>, matrix>);
    STATIC_CHECK_FALSE(std::permutable<std::vector<matrix>::iterator>); // nor sorted, rotated, or erased from the middle
    STATIC_CHECK_FALSE(std::sortable<std::vector<matrix>::iterator>);
}

TEST_CASE("vectors of handles grow, and are moved, without touching elements", "[variable]") {
    fresh g;
    std::vector<vs::variable<float, 1>> all;
    for (int i = 0; i < 9; ++i) { all.push_back(vs::variable<float, 1>{{static_cast<float>(i)}, "v" + std::to_string(i)}); }
    auto moved = std::move(all);
    all.clear();
    all = std::move(moved);
    for (int i = 0; i < 9; ++i) {
        const auto at = static_cast<std::size_t>(i);
        CHECK(all[at].op_name() == "v" + std::to_string(i));
        CHECK(all[at](0) == static_cast<float>(i));
    }
}

TEST_CASE("any_variable refers to another variable once it is assigned, so algorithms move it about", "[variable]") {
    fresh g;
    std::vector<vs::any_variable> all;
    for (int i = 0; i < 4; ++i) { all.push_back(vs::variable<float, 1>{{static_cast<float>(4 - i)}, "v" + std::to_string(i)}); }
    const auto value = [](const vs::any_variable& v) { return vs::variable<float, 1>(v)(0); };
    std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return value(a) < value(b); });
    std::swap(all[0], all[1]);
    all.erase(all.begin() + 2);
    all.insert(all.begin(), vs::variable<float, 1>{{7}, "new"});
    std::string names;
    for (const auto& v : all) { names += std::string(v.op_name()) + ' '; }
    CHECK(names == "new v2 v3 v0 ");
    CHECK(value(all[0]) == 7.F);
    CHECK(value(all[1]) == 2.F);
    CHECK(value(all[2]) == 1.F);
    CHECK(value(all[3]) == 4.F);
}

TEST_CASE("an expression over handles outlives them", "[variable]") {
    fresh g;
    const auto make = [] {
        const auto w = vs::get_variable<float, 1>("w", {2}, {.initializer = vs::ones()});
        auto b = vs::get_variable<float>("b", {2}, {.initializer = vs::ones()});
        return w * 2.F + xt::view(b, xt::all()) + xt::sum(b) - vs::get_variable<float, 1>("c", {2}, {.initializer = vs::ones()});
    };
    const auto expression = make();
    CHECK(elements_of(expression) == std::vector<float>{4, 4});
    vs::variable<float>(vs::find_variable("b").value()).fill(10);
    CHECK(elements_of(expression) == std::vector<float>{31, 31}); // read when it is evaluated
}

TEST_CASE("a writable view outlives the handle it was made of", "[variable]") {
    fresh g;
    const auto row = [](std::size_t i) {
        auto w = vs::variable<float, 2>(vs::find_variable("w").value());
        return xt::view(w, i);
    };
    const auto column = [](int i) {
        auto w = vs::variable<float>(vs::find_variable("w").value());
        return xt::strided_view(w, {xt::ellipsis(), i});
    };
    const auto w = vs::get_variable<float, 2>("w", {2, 2}, {.initializer = vs::zeros()});
    row(1) = 3.F;
    column(0) += 1.F;
    CHECK(elements_of(w) == std::vector<float>{1, 0, 4, 3});
}

TEST_CASE("copies of a view of a variable are valid without the view", "[variable]") {
    fresh g;
    const auto w = two_by_three();
    const auto make = [](const auto& v) {
        auto row = xt::view(v, 1);
        auto sum = xt::view(v, 1) + xt::view(v, xt::range(0, 1)) + xt::view(xt::view(v, xt::all(), xt::all()), 0);
        return std::make_pair(std::move(row), std::move(sum)); // views that have a name are referred to, as in xtensor
    };
    const auto [row, sum] = make(w);
    CHECK(elements_of(row) == std::vector<float>{10, 11, 12});
    CHECK(elements_of(xt::xtensor<float, 2>(sum)) == std::vector<float>{10, 13, 16});
    CHECK(elements_of(xt::xarray<float>(make(vs::variable<float>(w)).second)) == std::vector<float>{10, 13, 16});
}

TEST_CASE("variables without elements are read, written and reduced", "[variable]") {
    fresh g;
    auto w = vs::get_variable<float, 2>("w", {0, 3});
    CHECK(w.size() == 0);
    CHECK(w.begin() == w.end());
    w = w + 1.F;
    w += 1.F;
    w = xt::xtensor<float, 2>::from_shape({0, 3});
    CHECK(xt::sum(w)() == 0.F);
    CHECK(elements_of(w).empty());
    CHECK_THROWS_AS((w = xt::xtensor<float, 2>::from_shape({0, 4})), vs::shape_mismatch);
}

TEST_CASE("a scalar variable is read and written", "[variable]") {
    fresh g;
    vs::variable<float, 0> step{1.F, "step"};
    step() = 2;
    step += 1.F;
    CHECK(step() == 3.F);
    step = 5.F;
    CHECK(step() == 5.F);
    auto dynamic = vs::variable<float>(step);
    dynamic = xt::xarray<float>(6.F);
    CHECK(step() == 6.F);
    CHECK(step.dimension() == 0);
}

TEST_CASE("a typed handle is made of an untyped one that fits", "[variable]") {
    fresh g;
    const vs::any_variable any = vs::get_variable("w", {2, 3});
    CHECK(vs::variable<float, 2>(any).is(any));
    CHECK(vs::variable<float>(any).dimension() == 2);
    CHECK_THROWS_MATCHES(vs::variable<double>(any), vs::dtype_mismatch, MessageMatches(ContainsSubstring("variable.cpp")));
    CHECK_THROWS_AS((vs::variable<float, 1>(any)), vs::shape_mismatch);
    const vs::variable<float> dynamic(any);
    CHECK((vs::variable<float, 2>(dynamic)).is(any));
    CHECK(vs::variable<float>(vs::variable<float, 2>(dynamic)).is(any));
    CHECK_THROWS_AS((vs::variable<float, 3>(dynamic)), vs::shape_mismatch);
}

TEST_CASE("elements stand at addresses that suit their type", "[variable]") {
    fresh g;
    for (const std::int64_t size : {1, 3, 17, 100}) {
        const auto w = vs::get_variable<std::complex<double>>("w" + std::to_string(size), {size}, {.initializer = vs::zeros()});
        CHECK(reinterpret_cast<std::uintptr_t>(w.data()) % 16 == 0);
        const auto flag = vs::get_variable<bool>("flag" + std::to_string(size), {size});
        CHECK_FALSE(flag(0));
    }
}

TEST_CASE("reading a variable that has no value is refused", "[variable]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    const vs::as_default guard{g};
    auto u = vs::get_variable<float, 2>("u", {2, 2});
    const auto says = Message("variable 'u' was read before it had a value\n"
                              "  created at variable.cpp:" + std::to_string(__LINE__ - 2) + " in a graph with deferred initialisation\n"
                              "  run global_variables_initializer(), restore a checkpoint or assign to it first");
    const auto v = vs::get_variable<float, 2>("v", {2, 2}, {.initializer = vs::ones()});
    g.initialize(v.node());
    xt::xtensor<float, 2> r;
    xt::xarray<float> d;
    CHECK_THROWS_MATCHES(u(0, 0), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(u.data(), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(u.begin(), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(std::as_const(u).begin(), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(u.cbegin(), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(u.rbegin(), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(r = u, vs::uninitialized, says);
    CHECK_THROWS_MATCHES(r = u + v, vs::uninitialized, says);
    CHECK_THROWS_MATCHES(r = v * 2.F + u, vs::uninitialized, says);
    CHECK_THROWS_MATCHES((d = u + xt::xtensor<float, 1>{1, 2}), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(u += 1.F, vs::uninitialized, says);
    CHECK_THROWS_MATCHES((vs::variable<float, 2>{u, "copy"}), vs::uninitialized, says);
    CHECK_FALSE(u.is_initialized());
}

TEST_CASE("what stands on a variable that has no value throws when it is assigned", "[variable]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    const vs::as_default guard{g};
    const auto u = vs::get_variable<float, 2>("u", {2, 2});
    const auto dynamic = vs::get_variable<float>("u", {2, 2}, {.reuse = vs::reuse_mode::reuse});
    vs::graph ready;
    const auto check = [&](const auto& e) {
        const auto says = MessageMatches(ContainsSubstring("variable 'u' was read before it had a value"));
        vs::variable<float> v{ready, {{1, 2}, {3, 4}}, "v"};
        xt::xarray<float> a = v;
        CHECK_THROWS_MATCHES((xt::xtensor<float, 2>(e)), vs::uninitialized, says);
        CHECK_THROWS_MATCHES(xt::xarray<float>(e), vs::uninitialized, says);
        CHECK_THROWS_MATCHES(xt::eval(e + 1.F), vs::uninitialized, says);
        CHECK_THROWS_MATCHES(a = e, vs::uninitialized, says);
        CHECK_THROWS_MATCHES(a = e * 2.F, vs::uninitialized, says);
        CHECK_THROWS_MATCHES(a += e, vs::uninitialized, says);
        CHECK_THROWS_MATCHES(xt::noalias(a) = e, vs::uninitialized, says);
        CHECK_THROWS_MATCHES(xt::noalias(a) -= e, vs::uninitialized, says);
        CHECK_THROWS_MATCHES(xt::view(a, xt::all(), xt::all()) = e, vs::uninitialized, says);
        CHECK_THROWS_MATCHES(v = e, vs::uninitialized, says);
        CHECK_THROWS_MATCHES(v += e, vs::uninitialized, says);
        CHECK_THROWS_MATCHES(v.assign(e), vs::uninitialized, says);
        CHECK_THROWS_MATCHES(xt::noalias(v) = e, vs::uninitialized, says);
        CHECK_THROWS_MATCHES((vs::variable<float>{e, "made"}), vs::uninitialized, says);
        CHECK(elements_of(v) == std::vector<float>{1, 2, 3, 4});
    };
    const auto check_all = [&](const auto& w) {
        check(xt::transpose(w));
        check(xt::view(w, xt::all(), xt::all()));
        check(xt::view(w, xt::keep(1, 0), xt::range(0, 2)));
        check(xt::view(xt::transpose(w), xt::range(0, 2)));
        check(xt::strided_view(w, {xt::ellipsis(), xt::all()}));
        check(xt::reshape_view(w, {2, 2}));
        check(xt::flip(w, 0));
        check(xt::broadcast(xt::view(w, 0), {2, 2}));
        check(xt::broadcast(w, {2, 2}));
        check(xt::sum(w, {0}) + xt::zeros<float>({2, 2}));
        check(xt::concatenate(xt::xtuple(xt::view(w, xt::keep(0)), xt::view(w, xt::keep(1))), 0));
        check(xt::where(xt::transpose(w) > 0.F, 1.F, 2.F));
    };
    check_all(u);
    check_all(dynamic);
    CHECK_FALSE(u.is_initialized());
}

namespace {

/// What a program that runs `f` writes to standard error before it ends at once; else nothing.
template <class Function>
std::string last_words(Function f) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        (void)std::signal(SIGABRT, SIG_DFL);
        try {
            f();
        } catch (...) {}
        _exit(0);
    }
    close(ends[1]);
    std::string text;
    std::array<char, 256> buffer{};
    for (ssize_t count = 0; (count = read(ends[0], buffer.data(), buffer.size())) > 0;) { text.append(buffer.data(), static_cast<std::size_t>(count)); }
    close(ends[0]);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? text : "";
}

} // namespace

TEST_CASE("where xtensor lets no exception pass, the program ends with the message of uninitialized", "[variable]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    const vs::as_default guard{g};
    auto u = vs::get_variable<float, 2>("u", {2, 2});
    const xt::xtensor<float, 2> a{{1, 2}, {3, 4}};
    const auto says = ContainsSubstring("variable 'u' was read before it had a value\n"
                                        "  created at variable.cpp:" + std::to_string(__LINE__ - 3) + " in a graph with deferred initialisation\n"
                                        "  run global_variables_initializer(), restore a checkpoint or assign to it first");
    CHECK_THAT(last_words([&] { (void)elements_of(xt::transpose(u)); }), says);
    CHECK_THAT(last_words([&] { (void)(xt::transpose(u) == a); }), says);
    CHECK_THAT(last_words([&] { (void)xt::sum(xt::transpose(u))(); }), says);
    CHECK_THAT(last_words([&] { (void)xt::allclose(u, a); }), says);
    CHECK_THAT(last_words([&] { xt::view(u, 0) = 1.F; }), says);
    CHECK_THAT(last_words([&] { xt::transpose(u) = a; }), says);
    CHECK_THAT(last_words([&] { (void)u.linear_begin(); }), says);
    CHECK(last_words([&] { (void)u(0, 0); }).empty()); // throws
}

TEST_CASE("xt::noalias gives the first value, and writes where the elements stand", "[variable]") {
    fresh g({.initialization = vs::initialization::deferred});
    auto v = vs::get_variable<float, 1>("v", {2});
    xt::noalias(v) = xt::xtensor<float, 1>{1, 2};
    CHECK(elements_of(v) == std::vector<float>{1, 2});
    const float* const before = v.data();
    xt::noalias(v) = v * 2.F;
    xt::noalias(v) += v;
    xt::noalias(v) -= xt::xarray<float>{1, 1};
    xt::noalias(v) *= 2.F;
    CHECK(elements_of(v) == std::vector<float>{6, 14});
    CHECK(v.data() == before);
    auto u = vs::get_variable<float, 1>("u", {2});
    CHECK_THROWS_AS(xt::noalias(u) = xt::xarray<float>({1, 2, 3}), vs::shape_mismatch);
    CHECK_THROWS_AS((xt::noalias(u) += v), vs::uninitialized);
    CHECK_THROWS_AS((xt::noalias(u) += 1.F), vs::uninitialized);
    CHECK_FALSE(u.is_initialized());
}

TEST_CASE("xtensor's named forms of compound assignment do what their operators do", "[variable]") {
    fresh g({.initialization = vs::initialization::deferred});
    vs::graph ready;
    const auto after = [&](const auto& change) {
        vs::variable<int, 2> m{ready, {{1, 2}, {3, 4}}, "m"};
        change(m, xt::transpose(m));
        return std::vector<int>(m.begin(), m.end());
    };
    CHECK(after([](auto& m, const auto& t) { m.plus_assign(t); }) == std::vector<int>{2, 5, 5, 8});
    CHECK(after([](auto& m, const auto& t) { m.minus_assign(t); }) == std::vector<int>{0, -1, 1, 0});
    CHECK(after([](auto& m, const auto& t) { m.multiplies_assign(t); }) == std::vector<int>{1, 6, 6, 16});
    CHECK(after([](auto& m, const auto& t) { m.divides_assign(t); }) == std::vector<int>{1, 0, 1, 1});
    CHECK(after([](auto& m, const auto& t) { m.modulus_assign(t); }) == std::vector<int>{0, 2, 1, 0});
    CHECK(after([](auto& m, const auto& t) { m.bit_and_assign(t); }) == std::vector<int>{1, 2, 2, 4});
    CHECK(after([](auto& m, const auto& t) { m.bit_or_assign(t); }) == std::vector<int>{1, 3, 3, 4});
    CHECK(after([](auto& m, const auto& t) { m.bit_xor_assign(t); }) == std::vector<int>{0, 1, 1, 0});
    auto u = vs::get_variable<int, 2>("u", {2, 2});
    CHECK_THROWS_AS(u.plus_assign(xt::ones<int>({2, 2})), vs::uninitialized);
    CHECK_THROWS_AS(u.scalar_computed_assign(1, std::plus<>()), vs::uninitialized);
}

TEST_CASE("fill gives a variable its first value", "[variable]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    const vs::as_default guard{g};
    auto u = vs::get_variable<float>("u", {2, 2});
    u.fill(3);
    CHECK(elements_of(u) == std::vector<float>{3, 3, 3, 3});
    u.fill(4);
    CHECK(elements_of(u) == std::vector<float>{4, 4, 4, 4});
}

TEST_CASE("assignment gives a variable its first value", "[variable]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    const vs::as_default guard{g};
    auto u = vs::get_variable<float, 2>("u", {2, 2});
    const auto before = u * 2.F;
    u = xt::xtensor<float, 2>{{1, 2}, {3, 4}};
    CHECK(u.is_initialized());
    CHECK(elements_of(before) == std::vector<float>{2, 4, 6, 8});
}

TEST_CASE("strides are those of xtensor's own row-major container", "[variable]") {
    fresh g;
    const auto same = [](const auto& v, const auto& container) {
        CHECK(std::ranges::equal(v.shape(), container.shape()));
        CHECK(std::ranges::equal(v.strides(), container.strides()));
        CHECK(std::ranges::equal(v.backstrides(), container.backstrides()));
    };
    std::size_t count = 0;
    for (const std::array<std::size_t, 3>& dimensions :
        {std::array<std::size_t, 3>{2, 3, 4}, {1, 3, 1}, {3, 1, 2}, {1, 1, 1}, {0, 2, 3}, {2, 0, 1}, {2, 3, 0}}) {
        const vs::shape wanted{dimensions[0], dimensions[1], dimensions[2]};
        const std::string name = "v_" + std::to_string(count++);
        const auto v = vs::get_variable<float, 3>(name, wanted);
        const std::vector<std::size_t> list(dimensions.begin(), dimensions.end());
        same(v, xt::xtensor<float, 3, xt::layout_type::row_major>(dimensions));
        same(vs::get_variable<float>(name, wanted, {.reuse = vs::reuse_mode::reuse}),
            xt::xarray<float, xt::layout_type::row_major>(list));
    }
    same(vs::get_variable<float, 0>("scalar", {}), xt::xtensor<float, 0, xt::layout_type::row_major>());
    same(vs::get_variable<float, 1>("vector", {5}),
        xt::xtensor<float, 1, xt::layout_type::row_major>(std::array<std::size_t, 1>{5}));
}

TEST_CASE("a handle of known rank is dropped for nothing", "[variable]") {
    STATIC_CHECK(std::is_trivially_destructible_v<vs::variable<float, 0>>);
    STATIC_CHECK(std::is_trivially_destructible_v<vs::variable<float, 2>>);
}

TEST_CASE("handles and expressions of them can be shared", "[variable]") {
    fresh g;
    auto w = vs::get_variable<float, 1>("w", {3}, {.initializer = vs::ones()});
    const auto twice = xt::share(w * 2.F);
    CHECK(elements_of(twice + twice) == std::vector<float>{4, 4, 4});
    const auto alone = xt::share(w);
    w.fill(3);
    CHECK(elements_of(alone + alone) == std::vector<float>{6, 6, 6});
}

TEST_CASE("what xtensor shares itself can be a handle that nobody keeps", "[variable]") {
    fresh g;
    vs::get_variable<float, 2>("w", {2, 2}) = xt::xtensor<float, 2>{{1, 2}, {3, 6}};
    const auto w = [] { return vs::get_variable<float, 2>("w", {2, 2}, {.reuse = vs::reuse_mode::reuse}); };
    CHECK(elements_of(xt::variance(w(), {0})) == std::vector<float>{1, 4});
    CHECK(elements_of(xt::stddev(w(), {0})) == std::vector<float>{1, 2});
    CHECK(elements_of(xt::nanmean(w(), {0})) == std::vector<float>{2, 4});
}
