#include <varscope/op/op.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/op/session.hpp>
#include <varscope/scope/variable_scope.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/core/xmath.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xmath.hpp>
#include <xtensor/xview.hpp>
#endif

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace vs = varscope;
using Catch::Matchers::Message;
using vs::shape;

namespace {

using vector = xt::xtensor<float, 1>;
using names = std::vector<std::string>;

template <class Op> names inputs_of(const Op& op) {
    names result;
    for (const vs::tensor& input : op.inputs()) { result.emplace_back(input.name()); }
    return result;
}

} // namespace

TEST_CASE("an expression becomes an op of the kind that is named", "[op]") {
    fresh g;
    const vs::variable<float, 1> w{{1, 4}, "w"};
    const auto y = vs::as_op("Sqrt", xt::sqrt(w));
    CHECK(y.name() == "Sqrt:0");
    CHECK(y.op_name() == "Sqrt");
    CHECK(y.op_type() == "Sqrt");
    CHECK(y.as_tensor().shape() == shape{2});
    CHECK(y.as_tensor().dtype() == vs::dtype::float32);
    CHECK(vs::as_op("Sqrt", xt::sqrt(w), "root").name() == "root:0");
    CHECK(vs::as_op("Sqrt", xt::sqrt(w)).name() == "Sqrt_1:0");
    CHECK(bool(vector(y) == vector{1, 2}));
}

TEST_CASE("an op knows the type of its elements", "[op]") {
    fresh g;
    const vs::variable<float, 1> w{{1, 4}, "w"};
    CHECK(vs::as_op("Greater", w > 2.F).as_tensor().dtype() == vs::dtype::boolean);
    CHECK(vs::add(w, 1.0).as_tensor().dtype() == vs::dtype::float64);
    CHECK(vs::identity(xt::xtensor<int, 1>{1}).as_tensor().dtype() == vs::dtype::int32);
}

TEST_CASE("views, reducers and numbers become ops", "[op]") {
    fresh g;
    const vs::variable<float, 2> w{{{1, 2}, {3, 4}}, "w"};
    const auto row = vs::as_op("Slice", xt::view(w, 1));
    const auto sum = vs::as_op("Sum", xt::sum(w, {0}));
    const auto number = vs::as_op("Const", 3.F);
    const auto broadcast = vs::as_op("BroadcastTo", xt::broadcast(w, {2, 2, 2}));
    CHECK(bool(vector(row) == vector{3, 4}));
    CHECK(bool(vector(sum) == vector{4, 6}));
    CHECK(xt::xtensor<float, 0>(number)() == 3.F);
    CHECK(row.as_tensor().shape() == shape{2});
    CHECK(sum.as_tensor().shape() == shape{2});
    CHECK(number.as_tensor().shape() == shape());
    CHECK(broadcast.as_tensor().shape() == shape{2, 2, 2});
    CHECK(inputs_of(row) == names{"w:0"});
    CHECK(inputs_of(sum) == names{"w:0"});
    CHECK(inputs_of(broadcast) == names{"w:0"});
    CHECK(inputs_of(number).empty());
}

TEST_CASE("ops and variables are found as inputs through xtensor's operators", "[op]") {
    fresh g;
    const vs::variable<float, 1> a{{1, 2}, "a"};
    const vs::variable<float> b{{1, 2}, "b"};
    const auto c = vs::relu(a);
    const vector plain{1, 2};
    const auto y = vs::add(a * 2.F + xt::exp(b), c - plain * xt::view(c, 0));
    CHECK(inputs_of(y) == names{"a:0", "b:0", "Relu:0", "Relu:0"});
    CHECK(inputs_of(c) == names{"a:0"});
    CHECK(y.inputs()[2].is(c.as_tensor()));
    CHECK(y.inputs()[0].op_type() == "VariableV2");
}

TEST_CASE("an op stands by value in expressions that outlive it", "[op]") {
    fresh g;
    const auto make = [] {
        const auto w = vs::get_variable<float, 1>("w", {2}, {.initializer = vs::ones()});
        const auto y = vs::add(w, vector{1, 2});
        auto z = vs::multiply(y, y);
        return y + xt::view(z, xt::all()) * xt::sum(y);
    };
    const auto expression = make(); // {2, 3} + {4, 9} * 5
    CHECK(bool(vector(expression) == vector{22, 48}));
}

TEST_CASE("numbers that have a name stand by value in an op", "[op]") {
    fresh g;
    const auto make = [](float rate) {
        const float twice = rate * 2;
        return vs::add(vs::multiply(vs::get_variable<float, 1>("w", {2}, {.initializer = vs::ones()}), rate), twice);
    };
    const auto y = make(3);
    STATIC_CHECK(std::is_same_v<vs::detail::held_operand<const float&>, xt::xscalar<float>>);
    CHECK(bool(vector(y) == vector{9, 9}));
}

TEST_CASE("an op refers to a container that has a name, and holds one that has not", "[op]") {
    fresh g;
    vector container{1, 2};
    const auto refers = vs::add(container, 1.F);
    const auto holds = vs::add(vector(container), 1.F);
    container(0) = 10;
    CHECK(bool(vector(refers) == vector{11, 3}));
    CHECK(bool(vector(holds) == vector{2, 3}));
}

TEST_CASE("an op is evaluated anew each time", "[op]") {
    fresh g;
    vs::variable<float, 1> w{{1, 2}, "w"};
    const auto y = vs::square(vs::add(w, 1.F));
    CHECK(bool(vector(y) == vector{4, 9}));
    w += 1.F;
    CHECK(bool(vector(y) == vector{9, 16}));
    w = y;
    CHECK(bool(w == vector{9, 16}));
}

TEST_CASE("copies of an op are one op", "[op]") {
    fresh g;
    const auto y = vs::relu(vector{1});
    const auto copy = y;
    CHECK(copy.as_tensor().is(y.as_tensor()));
    CHECK(g.graph.nodes().size() == 1);
}

TEST_CASE("ops take their names in the name scope that is open", "[op]") {
    fresh g;
    const vector x{1, 2};
    {
        const vs::name_scope layer{"layer"};
        CHECK(vs::relu(x).name() == "layer/Relu:0");
        CHECK(vs::relu(x).name() == "layer/Relu_1:0");
        CHECK(vs::relu(x, "out").name() == "layer/out:0");
        CHECK(vs::relu(x, "elsewhere/out/").name() == "elsewhere/out:0"); // exactly this
    }
    CHECK(vs::relu(x).name() == "Relu:0");
    CHECK_THROWS_AS(vs::relu(x, "elsewhere/out/"), vs::duplicate_node);
    CHECK_THROWS_AS(vs::relu(x, "not legal"), vs::invalid_name);
}

TEST_CASE("an op refuses a variable of another graph", "[op]") {
    fresh g;
    vs::graph other;
    const vs::variable<float, 1> w{other, {1, 2}, "w"};
    const std::string text = "op 'Relu' was given 'w:0', which is of another graph\n  created at op.cpp:" + std::to_string(__LINE__ - 1) +
                             "\n  asked for at op.cpp:" + std::to_string(__LINE__ + 2) +
                             "\n  make the op while that graph is in force: vs::as_default guard{g}";
    CHECK_THROWS_MATCHES(vs::relu(w * 2.F), vs::wrong_graph, Message(text));
    CHECK(vs::relu(vector{1}).name() == "Relu:0"); // the name was not used up
}

TEST_CASE("shapes that do not broadcast are refused before anything is recorded", "[op]") {
    fresh g;
    const vector a{1, 2, 3};
    const vs::variable<float, 2> w{{{1, 2}, {3, 4}}, "w"};
    const std::string text = "op 'Add': shapes (3,) and (2, 2) do not broadcast\n  asked for at op.cpp:" + std::to_string(__LINE__ + 1);
    CHECK_THROWS_MATCHES(vs::add(a, w), vs::shape_mismatch, Message(text));
    CHECK(g.graph.nodes().size() == 1);
    CHECK(vs::add(a, 1.F).name() == "Add:0");
}

TEST_CASE("shapes of operands broadcast to that of the op", "[op]") {
    fresh g;
    const auto a = vs::get_variable<float, 2>("a", {2, 1});
    const auto b = vs::get_variable<float>("b", {4, 1, 3});
    const auto none = vs::get_variable<float, 2>("none", {0, 1});
    CHECK(vs::add(a, b).as_tensor().shape() == shape{4, 2, 3});
    CHECK(vs::add(b, 1.F).as_tensor().shape() == shape{4, 1, 3});
    CHECK(vs::add(none, xt::xtensor<float, 1>{1, 2}).as_tensor().shape() == shape{0, 2});
    const xt::xarray<float> empty = vs::add(none, xt::xtensor<float, 1>{1, 2});
    CHECK(shape(empty.shape()) == shape{0, 2});
}

TEST_CASE("ops over variables without a value are made, and refused when they are read", "[op]") {
    fresh g({.initialization = vs::initialization::deferred});
    auto u = vs::get_variable<float, 2>("u", {2, 2});
    const auto v = vs::get_variable<float>("v", {2});
    const auto y = vs::relu(vs::add(u * 2.F, v));
    const auto sum = vs::reduce_sum(y, {0});
    CHECK(y.as_tensor().shape() == shape{2, 2});
    xt::xarray<float> r;
    CHECK_THROWS_AS(r = y, vs::uninitialized);
    CHECK_THROWS_AS(r = sum + 1.F, vs::uninitialized);
    u = xt::xtensor<float, 2>{{1, -1}, {2, -2}};
    g.graph.initialize(v.node());
    CHECK_NOTHROW(r = sum);
}

TEST_CASE("a graph that keeps no record gives ops their names, but not their inputs", "[op]") {
    fresh g({.record_ops = false});
    const vs::variable<float, 1> w{{1, 2}, "w"};
    const auto y = vs::relu(w);
    CHECK(y.name() == "Relu:0");
    CHECK(vs::relu(y).name() == "Relu_1:0");
    CHECK(y.op_type() == "Relu");
    CHECK(y.as_tensor().shape() == shape{2});
    CHECK(y.inputs().empty());
    CHECK(g.graph.nodes().size() == 1);
}

TEST_CASE("an op holds lazy expressions with a name, and what xtensor refers to in them, by value", "[op]") {
    fresh g;
    using matrix = xt::xtensor<float, 2>;
    const auto w = [] { return vs::get_variable<float, 2>("w", {2, 3}); };
    const auto held = [&](const matrix& x) {
        auto t = vs::relu(x) + w();
        return vs::relu(t * 2.F);
    };
    const auto number = [](const matrix& x) {
        const float rate = 3;
        auto t = x * rate;
        auto u = t - 1.F;
        return vs::add(xt::view(u, xt::all(), xt::range(0, 1)), x);
    };
    const auto reducer = [](const matrix& x) {
        auto t = x + 1.F;
        auto most = xt::amax(t, {1}, xt::keep_dims);
        auto difference = t - most;
        return vs::identity(difference);
    };
    const auto broadcast = [](const matrix& x) {
        auto t = x + 1.F;
        auto twice = xt::broadcast(t, {2, 2, 3});
        return vs::subtract(twice, x);
    };
    const auto sum = [](const matrix& x) {
        auto t = x + 1.F;
        auto u = t * 2.F;
        return vs::reduce_sum(u, {1});
    };
    const auto of_temporary = [] { return vs::relu(xt::view(matrix{{1, -2, 3}, {4, 5, 6}}, 0)); };
    vs::variable_scope scope{"s", vs::auto_reuse};
    auto variable = w();
    variable = matrix{{1, 2, 3}, {4, 5, 6}};
    const matrix x{{1, 2, 3}, {4, 5, 6}};
    CHECK(bool(matrix(held(x)) == matrix{{4, 8, 12}, {16, 20, 24}}));
    CHECK(bool(matrix(number(x)) == matrix{{3, 4, 5}, {15, 16, 17}}));
    CHECK(bool(matrix(reducer(x)) == matrix{{-2, -1, 0}, {-2, -1, 0}}));
    CHECK(bool(xt::xtensor<float, 3>(broadcast(x)) == xt::xtensor<float, 3>(xt::ones<float>({2, 2, 3}))));
    CHECK(bool(vector(sum(x)) == vector{18, 36}));
    CHECK(bool(vector(of_temporary()) == vector{1, 0, 3}));
    CHECK(inputs_of(held(x)).size() == 2);
}

TEST_CASE("an op around a reducer that keeps its axes broadcasts", "[op]") {
    fresh g; // xtensor 0.24.3 steps beyond such a reducer
    const xt::xtensor<float, 2> values{{1, 2, 3}, {4, 5, 6}};
    const vs::variable<float, 2> w{values, "w"};
    const auto most = vs::as_op("Max", xt::amax(w, {1}, xt::keep_dims));
    const xt::xtensor<float, 2> expected{{-2, -1, 0}, {-2, -1, 0}};
    CHECK(bool(vs::session().run(vs::subtract(w, most)) == expected));
    CHECK(bool(vs::session().run(w - most) == expected));
    CHECK(bool(vs::session().run(vs::subtract(w, xt::amax(w, {1}, xt::keep_dims))) == expected));
    CHECK(bool(vs::session().run(vs::relu(w - xt::amax(w, {1}, xt::keep_dims))) == expected * 0.F));
    CHECK(inputs_of(most) == names{"w:0"});
}
