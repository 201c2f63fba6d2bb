#include <varscope/op/get_value.hpp>
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

#include <cmath>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace vs = varscope;
using vs::shape;

namespace {

using matrix = xt::xtensor<float, 2>;
using vector = xt::xtensor<float, 1>;

/// A graph of its own for each test.
/// {{1, 2}, {3, 4}}
const vs::initializer counting = [] { return matrix{{1, 2}, {3, 4}}; };

vs::tensor twice(const vs::next_getter& next, const vs::variable_request& request) {
    return vs::multiply(vs::as_value<float, 2>(next(request)), 2.F);
}

/// As an op, an expression that counts how often it is computed.
struct counted {
    int* count;
    vs::tensor of;

    void check() const { of.check(); }
    matrix operator()() const {
        ++*count;
        return vs::as_value<float, 2>(of) * 10.F;
    }
};
vs::custom_getter counting_getter(int& count) {
    return [&count](const vs::next_getter& next, const vs::variable_request& request) -> vs::tensor {
        const vs::tensor inner = next(request);
        return vs::as_op("Counted", vs::detail::computed<matrix, counted>({2, 2}, counted{&count, inner}));
    };
}

} // namespace

TEST_CASE("without custom getters a value is the variable itself, read where its elements stand", "[get_value]") {
    fresh g;
    const auto value = vs::get_value<float, 2>("w", shape{2, 2}, {.initializer = vs::ones()});
    auto w = vs::variable<float, 2>(vs::find_variable("w").value());
    CHECK(value.elements().get() == w.data());
    CHECK(value.name() == "w:0");
    CHECK(value.op_type() == "VariableV2");
    CHECK(value.as_tensor().is(w.as_tensor()));
    CHECK(bool(matrix(value) == matrix{{1, 1}, {1, 1}}));
    w(0, 1) = 5;
    CHECK(value(0, 1) == 5.F);
    CHECK(value.at(0, 1) == 5.F);
    CHECK(value[std::vector<std::size_t>{0, 1}] == 5.F);
    CHECK_THROWS(value.at(0, 2));
    CHECK(bool(matrix(value + 1.F) == matrix{{2, 6}, {2, 2}}));
    CHECK(g.graph.nodes().size() == 1); // no op was made
}

TEST_CASE("a value is shared by name and scope as a variable is", "[get_value]") {
    fresh g;
    const auto make = [] { return vs::get_value<float, 1>("w", {2}, {.initializer = vs::ones()}); };
    vs::variable_scope layer{"layer"};
    const auto first = make();
    CHECK_THROWS_AS(make(), vs::already_exists);
    layer.reuse_variables();
    CHECK(make().elements() == first.elements());
    CHECK(make().name() == "layer/w:0");
    CHECK(vs::get_value<float, 1>(vs::get_variable_scope(), "w").name() == "layer/w:0");
    CHECK_THROWS_AS((vs::get_value<double, 1>("w")), vs::dtype_mismatch);
    CHECK_THROWS_AS((vs::get_value<float, 2>("w")), vs::shape_mismatch);
}

TEST_CASE("values are asked for in a graph, in a scope object and among the local variables", "[get_value]") {
    vs::graph g;
    CHECK(&vs::get_value<float, 1>(g, "w", {2}).record().graph() == &g);
    const vs::as_default guard{g};
    const auto scope = [] { const vs::variable_scope a{"a"};
        return vs::get_variable_scope();
    }();
    CHECK(vs::get_value<float>(scope, "v", {2}).name() == "a/v:0");
    CHECK(vs::get_local_value<float>("count", {}).name() == "count:0");
    CHECK(vs::local_variables().size() == 1);
}

TEST_CASE("a getter gives the moving average of a variable without a copy", "[get_value]") {
    fresh g;
    vs::variable<float, 2> w(vs::get_variable("w", {2, 2}, {.initializer = vs::ones()}));
    vs::variable<float, 2> average(vs::get_variable("w/average", {2, 2}, {.initializer = vs::zeros()}));
    const vs::custom_getter averages = [](const vs::next_getter& next, vs::variable_request request) {
        request.name += "/average";
        return next(request);
    };
    const vs::variable_scope evaluation{vs::get_variable_scope(), {.reuse = vs::reuse_mode::reuse, .custom_getter = averages}};
    const auto value = vs::get_value<float, 2>("w", {2, 2});
    CHECK(value.elements().get() == average.data());
    CHECK(value.name() == "w/average:0");
    average = 0.9F * average + 0.1F * w;
    CHECK(value(1, 1) == 0.1F);
}

TEST_CASE("a getter masks a variable, and the mask can change", "[get_value]") {
    fresh g;
    vs::variable<float, 2> mask{{{1, 0}, {0, 1}}, "mask"};
    const auto value = [&] {
        const vs::variable_scope masked{
            "masked", {.custom_getter = [mask](const vs::next_getter& next, const vs::variable_request& request) -> vs::tensor {
                return vs::multiply(vs::as_value<float, 2>(next(request)), mask);
            }}};
        return vs::get_value<float, 2>("w", vs::any_shape, {.initializer = counting});
    }();
    CHECK(value.op_type() == "Mul");
    CHECK(value.as_tensor().inputs().size() == 2);
    CHECK(value.as_tensor().inputs()[0].name() == "masked/w:0");
    CHECK(value.as_tensor().inputs()[1].name() == "mask:0");
    matrix y;
    xt::noalias(y) = value;
    CHECK(bool(y == matrix{{1, 0}, {0, 4}}));
    mask.fill(1);
    CHECK(bool(matrix(value) == matrix{{1, 2}, {3, 4}}));
    vs::variable<float, 2>(vs::find_variable("masked/w").value()) *= -1.F;
    CHECK(bool(matrix(value) == matrix{{-1, -2}, {-3, -4}})); // lazy, not a snapshot
}

TEST_CASE("a getter normalises weights by column", "[get_value]") {
    fresh g;
    const auto value = [] {
        const vs::custom_getter weight_norm = [](const vs::next_getter& next, vs::variable_request request) -> vs::tensor {
            const auto v = vs::as_value<float, 2>(next(request));
            request.name += "_g";
            request.shape = {request.shape[1]};
            request.initializer = vs::ones();
            const auto scale = vs::as_value<float, 1>(next(request));
            const auto norm = vs::as_op("Sqrt", xt::sqrt(vs::reduce_sum(vs::square(v), {0})));
            return vs::multiply(scale / norm, v);
        };
        return vs::get_value<float, 2>("kernel", {2, 2}, {.initializer = vs::constant_initializer({3, 8, 4, 6}), .custom_getter = weight_norm});
    }();
    const matrix first = value;
    CHECK(bool(xt::allclose(first, matrix{{0.6F, 0.8F}, {0.8F, 0.6F}})));
    vs::variable<float, 1>(vs::find_variable("kernel_g").value()) = vector{5, 10};
    CHECK(bool(xt::allclose(value, matrix{{3, 8}, {4, 6}})));
}

TEST_CASE("getters of nested scopes work upon each other's values", "[get_value]") {
    fresh g;
    const vs::variable_scope outer{"a", {.custom_getter = twice}};
    const vs::variable_scope inner{
        "b", {.custom_getter = [](const vs::next_getter& next, const vs::variable_request& request) -> vs::tensor {
            return vs::add(vs::as_value<float>(next(request)), 1.F); // 2 w + 1
        }}};
    const auto value = vs::get_value<float, 2>("w", vs::any_shape, {.initializer = counting});
    CHECK(bool(matrix(value) == matrix{{3, 5}, {7, 9}}));
    const auto own = vs::get_value<float>("w", vs::any_shape, {.reuse = vs::reuse_mode::reuse, .custom_getter = twice});
    CHECK(bool(matrix(own) == matrix{{2, 4}, {6, 8}}));
}

TEST_CASE("a value that is an op is computed once a pass, into the container it is assigned to", "[get_value]") {
    fresh g;
    int count = 0;
    const vs::variable_scope scope{"s", {.custom_getter = counting_getter(count)}};
    const auto value = vs::get_value<float, 2>("w", vs::any_shape, {.initializer = counting});
    CHECK(shape(value.shape()) == shape{2, 2});
    CHECK(count == 0); // nor for the shape
    matrix y;
    xt::noalias(y) = value;
    CHECK(count == 1);
    CHECK(bool(y == matrix{{10, 20}, {30, 40}}));
    y = value * value + value;
    CHECK(count == 2);
    CHECK(y(1, 1) == 1640.F);
    y = vs::relu(value - y);
    CHECK(count == 3);
    const xt::xarray<double> other = value; // another type of element: by way of a pass
    CHECK(count == 4);
    CHECK(other(1, 0) == 30.0);
    xt::xtensor<float, 2, xt::layout_type::column_major> columns = value;
    CHECK(count == 5);
    CHECK(columns(0, 1) == 20.F);
    CHECK(value.as_tensor().value().size() == 4);
    CHECK(count == 6);
    xt::view(y, 0) = xt::view(value, 1);
    CHECK(count == 7);
    CHECK(y(0, 1) == 40.F);
}

TEST_CASE("assigning a value evaluates into the container's own memory", "[get_value]") {
    fresh g;
    const vs::variable_scope scope{"s", {.custom_getter = twice}};
    const auto value = vs::get_value<float, 2>("w", vs::any_shape, {.initializer = counting});
    matrix y = xt::zeros<float>({2, 2});
    const float* const memory = y.data();
    xt::noalias(y) = value;
    CHECK(y.data() == memory);
    CHECK(bool(y == matrix{{2, 4}, {6, 8}}));
    vs::variable<float, 2> target{{{0, 0}, {0, 0}}, "target"};
    xt::noalias(target) = value;
    CHECK(bool(target == y));
    target = value + 1.F;
    CHECK(target(0, 0) == 3.F);
    auto w = vs::variable<float, 2>(vs::find_variable("s/w").value());
    w = value; // stands on w itself
    CHECK(bool(w == y));
    xt::xtensor<float, 2> wrong = xt::zeros<float>({3, 3});
    xt::noalias(wrong) = value;
    CHECK(bool(wrong == xt::xtensor<float, 2>{{4, 8}, {12, 16}}));
    vs::variable<float> narrow{{0, 0}, "narrow"};
    CHECK_THROWS(narrow = xt::view(value, 0) + matrix{{1, 2}, {3, 4}});
}

TEST_CASE("values stand in ops, views and expressions like variables", "[get_value]") {
    fresh g;
    const vs::variable_scope scope{"s", {.custom_getter = twice}};
    const auto w = vs::get_value<float, 2>("w", vs::any_shape, {.initializer = counting});
    const auto row = vs::get_value<float, 1>("row", {2}, {.initializer = vs::ones(), .custom_getter = [](const auto& next, const auto& request) {
        return next(request);
    }});
    const vs::variable<float, 1> b{{10, 20}, "b"};
    const auto y = vs::add(w, b);
    CHECK(y.inputs().at(0).name() == "Mul:0"); // a getter runs at the root
    CHECK(bool(matrix(y) == matrix{{12, 24}, {16, 28}}));
    CHECK(bool(vector(vs::reduce_sum(w, {1})) == vector{6, 14}));
    CHECK(bool(vector(xt::sum(w, {0})) == vector{8, 12}));
    CHECK(bool(vector(xt::view(w, 1) * row) == vector{6, 8}));
    CHECK(bool(matrix(xt::transpose(matrix(w))) == matrix{{2, 6}, {4, 8}}));
    CHECK(std::vector<float>(w.begin(), w.end()) == std::vector<float>{2, 4, 6, 8});
    CHECK(w.size() == 4);
    CHECK(w(1, 0) == 6.F);
    CHECK(bool(matrix(vs::session().run(w)) == matrix{{2, 4}, {6, 8}}));
    CHECK(std::abs(vs::reduce_mean(w)() - 5.F) < 1e-6F);
}

TEST_CASE("an expression over values outlives them and the scope that made them", "[get_value]") {
    fresh g;
    const auto layer = [](const matrix& x) {
        const vs::variable_scope scope{"s", {.reuse = vs::auto_reuse, .custom_getter = twice}};
        const auto w = vs::get_value<float, 2>("w", vs::any_shape, {.initializer = counting});
        const auto b = vs::get_value<float, 1>("b", {2}, {.initializer = vs::ones(), .custom_getter = [](const auto& next, const auto& request) {
            return next(request);
        }});
        return vs::relu(w * x - b) + xt::view(w, xt::all()) * b;
    };
    const matrix x{{1, 1}, {0, 2}};
    const auto y = layer(x);
    CHECK(bool(matrix(y) == matrix{{3, 7}, {6, 23}}));
    vs::variable<float, 1>(vs::find_variable("s/b").value()).fill(0);
    CHECK(bool(matrix(y) == matrix{{2, 4}, {0, 16}}));
}

TEST_CASE("values of a deferred graph have a shape, and are refused when they are read", "[get_value]") {
    fresh g({.initialization = vs::initialization::deferred});
    const auto plain = vs::get_value<float, 1>("plain", {2});
    const vs::variable_scope scope{"s", {.custom_getter = twice}};
    const auto value = vs::get_value<float, 2>("w", {2, 2}, {.initializer = vs::ones()});
    const std::string says = "variable 's/w' was read before it had a value\n  created at get_value.cpp:" + std::to_string(__LINE__ - 1) +
                             " in a graph with deferred initialisation\n"
                             "  run global_variables_initializer(), restore a checkpoint or assign to it first";
    CHECK(shape(value.shape()) == shape{2, 2});
    CHECK(shape(plain.shape()) == shape{2});
    matrix y;
    CHECK(thrown<vs::uninitialized>([&] { y = value; }) == says);
    CHECK(thrown<vs::uninitialized>([&] { y = value + 1.F; }) == says);
    CHECK(thrown<vs::uninitialized>([&] { xt::noalias(y) = value; }) == says);
    CHECK(thrown<vs::uninitialized>([&] { (void)value(0, 0); }) == says);
    CHECK(thrown<vs::uninitialized>([&] { (void)value.as_tensor().value(); }) == says);
    CHECK(thrown<vs::uninitialized>([&] { (void)vs::session().run(xt::view(value, 0)); }) == says);
    CHECK_THROWS_AS(vector(plain), vs::uninitialized);
    CHECK_THROWS_AS(vector(plain * 2.F), vs::uninitialized);
    vs::session().run(vs::global_variables_initializer());
    y = value;
    CHECK(bool(y == matrix{{2, 2}, {2, 2}}));
}

TEST_CASE("a value of another element type, rank or without a shape is refused where it is asked for", "[get_value]") {
    fresh g;
    const vs::variable_scope scope{"s", {.custom_getter = twice}};
    const auto made = vs::get_value<float, 2>("w", {2, 2});
    const std::string place = vs::to_string(made.as_tensor().defined_at());
    const vs::variable_options share{.reuse = vs::reuse_mode::reuse};
    CHECK(thrown<vs::dtype_mismatch>([&] { (void)vs::as_value<double, 2>(made); }) ==
          "op 'Mul' has another element type\n  created at " + place +
              " with shape (2, 2) float32\n  requested at get_value.cpp:here as float64\n  ask for the type it has");
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::get_value<float, 3>("w", vs::any_shape, share); }).starts_with(
        "op 'Mul_1' has another number of axes\n"));
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::as_value<float, 3>(made); }) ==
          "op 'Mul' has another number of axes\n  created at " + place +
              " with shape (2, 2) float32\n  requested at get_value.cpp:here as a value of rank 3\n"
              "  use the rank it has, or value<T> without a rank");
    const vs::tensor unknown = vs::make_op({.type = "Op", .value = [] { return vs::array_value(1.F); }});
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::as_value<float>(unknown); }).starts_with("op 's/Op' has no shape that is known\n"));
    const vs::tensor record = vs::make_op({.type = "Record", .shape = {2}});
    CHECK_THROWS_AS(vs::as_value<float>(record), vs::no_value);
    const vs::tensor variable = vs::make_variable("v", {.initializer = 1.F});
    CHECK_THROWS_AS(vs::as_value<double>(variable), vs::dtype_mismatch);
}

TEST_CASE("an op made with a function is a value, and must return what it was made with", "[get_value]") {
    fresh g;
    int length = 2;
    const vs::tensor op = vs::make_op(
        {.type = "Op", .shape = {2}, .value = [&] { return vs::array_value(vector::from_shape({static_cast<std::size_t>(length)}) * 0.F + 7.F); }});
    const auto value = vs::as_value<float, 1>(op);
    CHECK(bool(vector(value + 0.F) == vector{7, 7}));
    length = 3;
    const std::string place = vs::to_string(op.defined_at());
    CHECK(thrown<vs::shape_mismatch>([&] { vector y(value); }) ==
          "the value of op 'Op' is not what it was said to be\n  created at " + place +
              " with shape (2,) float32\n  its function returned shape (3,) float32");
}

TEST_CASE("a value of a variable that is cut reads the whole, and a part read apart is copied", "[get_value]") {
    fresh g;
    const auto whole = vs::get_value<float, 2>("w", {2, 2}, {.initializer = vs::ones(), .partitioner = vs::fixed_size_partitioner(2, 1)});
    vs::variable<float, 2> w(vs::find_variable("w").value());
    CHECK(whole.elements().get() == w.data());
    const auto right = vs::as_value<float, 2>(vs::find_variable("w").value().parts().at(1));
    w(1, 1) = 4;
    CHECK(bool(matrix(right) == matrix{{1}, {4}}));
    CHECK(bool(matrix(right * 2.F) == matrix{{2}, {8}}));
}

TEST_CASE("an interceptor known to the compiler gives the expression its own type", "[get_value]") {
    fresh g;
    const auto halve = [](const auto& w) { return w * 0.5F; };
    const auto w = vs::get_with<float, 2>(halve, "w", vs::any_shape, {.initializer = counting});
    STATIC_CHECK(vs::detail::is_function<std::remove_cvref_t<decltype(w)>>);
    CHECK(bool(matrix(w) == matrix{{0.5F, 1}, {1.5F, 2}}));
    vs::variable<float, 2>(vs::find_variable("w").value()).fill(4);
    CHECK(bool(matrix(w + 1.F) == matrix{{3, 3}, {3, 3}}));
    vs::graph other;
    CHECK(vs::get_with<float, 1>([](vs::variable<float, 1> v) { return v; }, other, "v", {2}).name() == "v:0");
}

TEST_CASE("views of values, ops and variables broadcast as views of containers do", "[get_value]") {
    fresh g;
    const matrix values{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    const vs::variable<float, 2> w{values, "w"};
    const auto check = [](const auto& view) {
        const xt::xarray<float> evaluated = view;
        const xt::xtensor<float, 3> large = xt::arange<float>(18).reshape({2, 3, 3});
        const xt::xtensor<float, 3> expected = large + evaluated;
        CHECK(bool(xt::xtensor<float, 3>(large + view) == expected));
        CHECK(bool(xt::xtensor<float, 3>(view + large) == expected));
        CHECK(bool(xt::xtensor<float, 3>(vs::add(view, large)) == expected));
        const xt::xtensor<float, 3, xt::layout_type::column_major> by_columns = large + view;
        CHECK(bool(by_columns == expected));
    };
    const auto check_all = [&](const auto& x) {
        using xt::all;
        using xt::range;
        check(xt::view(x, 1));
        check(xt::view(x, all(), 1));
        check(xt::view(x, all(), range(1, 2)));
        check(xt::view(x, range(2, 3)));
        check(xt::view(x, range(0, 1), range(1, 2)));
        check(xt::view(x, xt::newaxis(), all(), range(1, 2)));
        check(xt::view(x, range(0, 2), xt::newaxis(), range(1, 2)));
        check(xt::view(x, xt::keep(2, 0, 1), xt::keep(1)));
        check(xt::view(x, range(2, xt::placeholders::_, -1), all()));
    };
    check_all(w);
    check_all(vs::as_value<float, 2>(w));
    check_all(vs::relu(w));
    check_all(vs::as_value<float>(vs::relu(w).as_tensor()));
}
