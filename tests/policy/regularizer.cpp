#include <varscope/graph/graph_state.hpp>
#include <varscope/policy/regularizer.hpp>

#include <varscope/variable/assign.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace vs = varscope;

namespace {

float value_of(const vs::tensor& t) { return *static_cast<const float*>(t.value().data()); }

const auto half_square_sum = [](const vs::any_variable& v) {
    const vs::variable<float> w(v);
    return vs::multiply(vs::reduce_sum(vs::square(w)), 0.5f);
};

} // namespace

TEST_CASE("a regularizer is called once, with the variable and in its own name scope", "[regularizer]") {
    fresh f;
    strings seen;
    const vs::regularizer r = [&](const vs::any_variable& v) {
        seen.push_back(std::string(v.name()) + " in " + vs::get_name_scope());
        return vs::negative(vs::variable<float>(v));
    };
    vs::variable_scope s{"s", vs::auto_reuse};
    vs::name_scope n{"n"};
    (void)vs::get_variable("v", {2}, {.regularizer = r});
    (void)vs::get_variable("v", {2}, {.regularizer = r});
    CHECK(seen == strings{"s/v:0 in s/v/Regularizer"});
    CHECK(names_of(vs::get_regularization_losses()) == strings{"s/v/Regularizer/Neg:0"});
    CHECK(vs::get_name_scope() == "s/n");
}

TEST_CASE("the loss is named after the key, also where the op has another name", "[regularizer]") { // rule 22
    fresh f;
    (void)vs::make_variable("v", {.initializer = 1.f});
    const auto v = vs::get_variable("v", {2}, {.regularizer = [](const vs::any_variable& x) { return vs::negative(vs::variable<float>(x)); }});
    CHECK(v.op_name() == "v_1");
    CHECK(names_of(vs::get_regularization_losses()) == strings{"v/Regularizer/Neg:0"});
}

TEST_CASE("a loss has the value of the moment at which it is read", "[regularizer]") {
    fresh f;
    auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones(), .regularizer = half_square_sum});
    const auto losses = vs::get_regularization_losses();
    REQUIRE(losses.size() == 1);
    CHECK(value_of(losses[0]) == 1.f);
    vs::assign(v, xt::xtensor<float, 1>{3.f, 4.f});
    CHECK(value_of(losses[0]) == 12.5f);
    CHECK(value_of(vs::get_regularization_losses()[0]) == 12.5f);
}

TEST_CASE("in a deferred graph a loss is made without reading the variable, and has no value before it", "[regularizer]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    vs::as_default guard{g};
    const auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones(), .regularizer = half_square_sum});
    const auto losses = vs::get_regularization_losses();
    REQUIRE(losses.size() == 1);
    CHECK_THROWS_AS(losses[0].value(), vs::uninitialized);
    g.initialize(v.node());
    CHECK(value_of(losses[0]) == 1.f);
}

TEST_CASE("a regularizer may return a variable, an op, an optional tensor or nothing", "[regularizer]") {
    fresh f;
    const auto add = [](vs::name_arg name, const vs::regularizer& r) { (void)vs::get_variable(name, {2}, {.regularizer = r}); };
    add("a", [](const vs::any_variable& v) { return v; });
    add("b", [](const vs::any_variable& v) { return std::optional<vs::tensor>(v); });
    add("c", [](const vs::any_variable&) { return std::nullopt; });
    add("d", [](const vs::any_variable&) -> std::optional<vs::tensor> { return {}; });
    add("e", [](const vs::any_variable&) { return vs::make_op({.type = "Loss"}); });
    add("f", [](const vs::any_variable& v) -> vs::tensor { return vs::negative(vs::variable<float>(v)); });
    CHECK(names_of(vs::get_regularization_losses()) == strings{"a:0", "b:0", "e/Regularizer/Loss:0", "f/Regularizer/Neg:0"});
    CHECK(f.graph.store().size() == 6);
}

TEST_CASE("a scope's regularizer is inherited, and one in the call or in an inner scope takes its place", "[regularizer]") {
    fresh f;
    const auto op_called = [](const char* name) {
        return vs::regularizer([name](const vs::any_variable&) { return vs::make_op({.type = "Loss"}, name); });
    };
    vs::variable_scope s{"s", {.regularizer = op_called("outer")}};
    (void)vs::get_variable("a", {1});
    (void)vs::get_variable("b", {1}, {.regularizer = op_called("call")});
    {
        vs::variable_scope inner{"inner"};
        (void)vs::get_variable("c", {1});
    }
    vs::variable_scope inner{"other", {.regularizer = op_called("inner")}};
    (void)vs::get_variable("d", {1});
    (void)vs::get_variable("e", {1}, {.regularizer = [](const vs::any_variable&) { return std::nullopt; }}); // switches it off
    CHECK(names_of(vs::get_regularization_losses()) ==
          strings{"s/a/Regularizer/outer:0", "s/b/Regularizer/call:0", "s/inner/c/Regularizer/outer:0", "s/other/d/Regularizer/inner:0"});
}

TEST_CASE("local variables and those that do not train have losses too, and variables of their own have none", "[regularizer]") {
    fresh f;
    vs::variable_scope s{"s", {.regularizer = half_square_sum}};
    (void)vs::get_local_variable("local", {1});
    (void)vs::get_variable("fixed", {1}, {.trainable = false});
    (void)vs::make_variable("own", {.initializer = 1.f});
    CHECK(names_of(vs::get_regularization_losses()) == strings{"s/local/Regularizer/Mul:0", "s/fixed/Regularizer/Mul:0"});
}

TEST_CASE("each part of a variable has a loss of its own", "[regularizer]") {
    fresh f;
    (void)vs::get_variable("v", {3}, {.initializer = vs::ones(), .regularizer = half_square_sum, .partitioner = vs::fixed_size_partitioner(2)});
    const auto losses = vs::get_regularization_losses();
    CHECK(names_of(losses) == strings{"v/part_0/Regularizer/Mul:0", "v/part_1/Regularizer/Mul:0"});
    CHECK(value_of(losses[0]) == 1.f);
    CHECK(value_of(losses[1]) == 0.5f);
}

TEST_CASE("losses keep their values in a graph that records no ops", "[regularizer]") {
    vs::graph g({.record_ops = false});
    vs::as_default guard{g};
    (void)vs::get_variable("v", {2}, {.initializer = vs::ones(), .regularizer = half_square_sum});
    REQUIRE(vs::get_regularization_losses().size() == 1);
    CHECK(vs::get_regularization_losses()[0].name() == "v/Regularizer/Mul:0");
    CHECK(value_of(vs::get_regularization_losses()[0]) == 1.f);
}

TEST_CASE("what a regularizer throws reaches the caller, and the scopes are as before", "[regularizer]") {
    fresh f;
    vs::variable_scope s{"s"};
    const auto fail = [](const vs::any_variable&) -> vs::tensor { throw std::runtime_error("no loss"); };
    CHECK_THROWS_WITH(vs::get_variable("v", {1}, {.regularizer = fail}), "no loss");
    CHECK(vs::get_name_scope() == "s");
    CHECK(vs::get_regularization_losses().empty());
}

TEST_CASE("a regularizer may be called by hand, in the name scope in force", "[regularizer]") {
    fresh f;
    const auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()});
    const vs::regularizer r = half_square_sum;
    CHECK_FALSE(static_cast<bool>(vs::regularizer()));
    REQUIRE(static_cast<bool>(r));
    vs::name_scope n{"loss"};
    const auto loss = r(v);
    REQUIRE(loss.has_value());
    CHECK(loss->name() == "loss/Mul:0");
    CHECK(value_of(*loss) == 1.f);
    CHECK(vs::get_regularization_losses().empty());
}

TEST_CASE("a regularizer may ask for variables", "[regularizer]") {
    fresh f;
    const auto scaled = [](const vs::any_variable& v) {
        return vs::multiply(vs::variable<float>(v), vs::get_variable<float>("scale", {}, {.initializer = vs::constant_initializer(3), .trainable = false}));
    };
    (void)vs::get_variable("v", {1}, {.initializer = vs::ones(), .regularizer = scaled});
    CHECK(value_of(vs::get_regularization_losses().at(0)) == 3.f);
    CHECK(vs::find_variable("scale").has_value());
}
