#include <varscope/graph/graph_state.hpp>
#include <varscope/policy/custom_getter.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace vs = varscope;

namespace {

const auto forward = [](const vs::next_getter& next, const vs::variable_request& r) { return next(r); };

/// Forwards with `text` behind the name.
vs::custom_getter suffix(std::string text) {
    return [text](const vs::next_getter& next, vs::variable_request r) {
        r.name += text;
        return next(r);
    };
}

/// Forwards, and writes down what it was asked for.
vs::custom_getter note(strings& log, std::string who) {
    return [&log, who](const vs::next_getter& next, const vs::variable_request& r) {
        log.push_back(who + ' ' + r.name);
        return next(r);
    };
}

/// Asks for two variables, and returns their sum or product (variable_scope_test.py, testGetterThatCreatesTwoVariablesAndSumsThem).
template <class Combine>
vs::custom_getter two(std::string scope, std::string first, std::string second, Combine combine) {
    return [=](const vs::next_getter& next, const vs::variable_request& r) -> vs::tensor {
        auto a = r;
        auto b = r;
        a.name += first;
        b.name += second;
        const vs::tensor x = next(a);
        const vs::tensor y = next(b);
        vs::name_scope in{scope};
        const std::vector<vs::tensor> both{x, y};
        return vs::make_op({.type = combine, .dtype = r.dtype, .shape = r.shape, .inputs = both});
    };
}

} // namespace

TEST_CASE("a getter is given the request with the scope's defaults filled in", "[custom_getter]") {
    fresh f;
    std::optional<vs::variable_request> seen;
    std::string scope = "not called";
    const vs::custom_getter look = [&](const vs::next_getter& next, const vs::variable_request& r) {
        seen = r;
        scope = vs::get_name_scope();
        return next(r);
    };
    vs::variable_scope s{"s", {.reuse = vs::auto_reuse, .initializer = vs::ones(), .dtype = vs::dtype::float64, .custom_getter = look, .constraint = "norm"}};
    vs::name_scope n{"n"};
    const auto here = std::source_location::current().line();
    (void)vs::get_variable("v", {2, 3}, {.trainable = false, .collections = strings{"mine"}});
    REQUIRE(seen.has_value());
    CHECK(seen->name == "s/v");
    CHECK(seen->shape == vs::shape{2, 3});
    CHECK(seen->dtype == vs::dtype::float64);
    CHECK(static_cast<bool>(seen->initializer));
    CHECK_FALSE(static_cast<bool>(seen->regularizer));
    CHECK_FALSE(static_cast<bool>(seen->partitioner));
    CHECK(seen->reuse == vs::auto_reuse);
    CHECK_FALSE(seen->trainable);
    CHECK(seen->collections == strings{"mine"});
    CHECK(seen->validate_shape);
    CHECK(seen->constraint.name() == "norm");
    CHECK(seen->asked_at.line() == here + 1);
    CHECK(scope.empty());
    CHECK(vs::get_name_scope() == "s/n");
}

TEST_CASE("a getter is given the request of a local variable, of a call's own mode and of a scope that does not reuse", "[custom_getter]") {
    fresh f;
    std::vector<vs::variable_request> seen;
    const vs::custom_getter look = [&](const vs::next_getter& next, const vs::variable_request& r) {
        seen.push_back(r);
        return next(r);
    };
    vs::variable_scope s{"s", {.custom_getter = look}};
    (void)vs::get_local_variable("a", {1}, {.collections = strings{"mine"}});
    (void)vs::get_variable("b", {1}, {.reuse = vs::auto_reuse});
    (void)vs::get_variable<int>("c", {1});
    REQUIRE(seen.size() == 3);
    CHECK_FALSE(seen[0].trainable);
    CHECK(seen[0].collections == strings{"mine", "local_variables"});
    CHECK(seen[0].reuse == vs::reuse_mode::create);
    CHECK(seen[1].reuse == vs::auto_reuse);
    CHECK(seen[2].dtype == vs::dtype::int32);
    CHECK_FALSE(seen[2].collections.has_value());
}

TEST_CASE("getters of nested scopes are asked from the innermost on", "[custom_getter]") { // rule 21
    fresh f;
    strings log;
    vs::variable_scope a{"a", {.custom_getter = note(log, "outer")}};
    vs::variable_scope b{"b", {.custom_getter = note(log, "inner")}};
    vs::variable_scope c{"c"};
    (void)vs::get_variable("v", {1});
    CHECK(log == strings{"inner a/b/c/v", "outer a/b/c/v"});
}

TEST_CASE("a getter in the call stands instead of those of all scopes", "[custom_getter]") { // rule 21
    fresh f;
    strings log;
    vs::variable_scope a{"a", {.custom_getter = note(log, "scope")}};
    (void)vs::get_variable("v", {1}, {.custom_getter = note(log, "call")});
    CHECK(log == strings{"call a/v"});
    CHECK(vs::find_variable("a/v").has_value());
}

TEST_CASE("a getter may ask for another name, and what it returns is what the caller gets", "[custom_getter]") {
    fresh f;
    vs::variable_scope s{"s", {.custom_getter = suffix("_x")}};
    CHECK(vs::get_variable("v", {1}).key() == "s/v_x");
    CHECK(vs::get_variable<float, 1>("w", {1}).key() == "s/w_x");
    CHECK_FALSE(vs::find_variable("s/v").has_value());
    CHECK_THROWS_AS(vs::get_variable("v", {1}), vs::already_exists);
}

TEST_CASE("an outer getter sees what the inner one made of the request", "[custom_getter]") {
    fresh f;
    vs::variable_scope a{"a", {.custom_getter = suffix("_outer")}};
    vs::variable_scope b{"b", {.custom_getter = suffix("_inner")}};
    CHECK(vs::get_variable("v", {1}).key() == "a/b/v_inner_outer");
}

TEST_CASE("a getter may change every part of a request", "[custom_getter]") {
    fresh f;
    const auto change = [](const vs::next_getter& next, vs::variable_request r) {
        r.shape = {3};
        r.dtype = vs::dtype::int32;
        r.initializer = vs::constant_initializer(7);
        r.trainable = false;
        r.collections = strings{"mine"};
        r.constraint = "norm";
        r.regularizer = [](const vs::any_variable&) { return vs::make_op({.type = "Loss"}); };
        r.reuse = vs::auto_reuse;
        r.partitioner = vs::fixed_size_partitioner(2);
        return next(r);
    };
    vs::variable_scope s{"s", {.custom_getter = change}};
    const auto v = vs::get_variable("v", {1});
    CHECK(v.shape() == vs::shape{3});
    CHECK(v.dtype() == vs::dtype::int32);
    CHECK(static_cast<const int*>(v.data())[2] == 7);
    CHECK_FALSE(v.is_trainable());
    CHECK(v.parts().size() == 2);
    CHECK(v.constraint().name() == "norm");
    CHECK(names_of(vs::get_collection("mine")) == strings{"s/v/part_0:0", "s/v/part_1:0"});
    CHECK(vs::get_regularization_losses().size() == 2);
    CHECK(vs::get_variable("v", {1}).is(v)); // it said auto_reuse
}

TEST_CASE("a getter that sets the mode to inherit creates and shares", "[custom_getter]") { // None of a direct call of the store
    fresh f;
    const auto change = [](const vs::next_getter& next, vs::variable_request r) {
        r.reuse = vs::reuse_mode::inherit;
        return next(r);
    };
    vs::variable_scope s{"s", {.custom_getter = change}};
    const auto v = vs::get_variable("v", {1});
    CHECK(vs::get_variable("v", {1}).is(v));
}

TEST_CASE("a getter need not ask the store at all", "[custom_getter]") {
    fresh f;
    const auto other = vs::get_variable("other", {2});
    vs::variable_scope s{"s", {.custom_getter = [&](const vs::next_getter&, const vs::variable_request&) -> vs::tensor { return other; }}};
    CHECK(vs::get_variable("v", {7}).is(other));
    CHECK(f.graph.store().size() == 1);
}

TEST_CASE("a getter is asked also where the variable is known", "[custom_getter]") {
    fresh f;
    strings log;
    vs::variable_scope s{"s", {.reuse = vs::auto_reuse, .custom_getter = note(log, "g")}};
    const auto v = vs::get_variable("v", {1});
    CHECK(vs::get_variable("v", {1}).is(v));
    CHECK(vs::get_variable<float>("v").is(v));
    CHECK(log.size() == 3);
}

TEST_CASE("nested getters that ask twice make all combinations, in the order of the innermost", "[custom_getter]") { // REFERENCE 1.19
    fresh f;
    vs::variable_scope prod{"prod_scope", {.custom_getter = two("prod", "/prod_0", "/prod_1", "mul")}};
    vs::variable_scope sum{"sum_scope", {.custom_getter = two("sum", "/sum_0", "/sum_1", "add")}};
    vs::variable_scope inner{"inner_sum_scope", {.custom_getter = two("inner", "/sum_0", "/sum_1", "add")}};
    const auto t = vs::get_tensor("v", {2});
    CHECK(t.name() == "inner/add:0");
    strings expected;
    for (const char* i : {"0", "1"}) {
        for (const char* j : {"0", "1"}) {
            for (const char* k : {"0", "1"}) {
                expected.push_back(std::string("prod_scope/sum_scope/inner_sum_scope/v/sum_") + i + "/sum_" + j + "/prod_" + k + ":0");
            }
        }
    }
    CHECK(names_of(vs::global_variables()) == expected);
    CHECK(t.inputs().at(0).name() == "sum/add:0");
    CHECK(t.inputs().at(0).inputs().at(0).name() == "prod/mul:0");
}

TEST_CASE("what a getter computes can be read through get_tensor, and changes with its variables", "[custom_getter]") {
    fresh f;
    const auto twice = [](const vs::next_getter& next, const vs::variable_request& r) {
        return vs::multiply(vs::variable<float, 1>(next(r).as_variable()), 2.f, "twice");
    };
    vs::variable_scope s{"s", {.initializer = vs::ones(), .custom_getter = twice}};
    const auto t = vs::get_tensor("v", {2});
    CHECK(t.name() == "twice:0"); // at the root
    CHECK_FALSE(t.is_variable());
    CHECK(static_cast<const float*>(t.value().data())[1] == 2.f);
    vs::variable<float, 1> v(*vs::find_variable("s/v"));
    v.fill(5.f);
    CHECK(static_cast<const float*>(t.value().data())[0] == 10.f);
}

TEST_CASE("where a getter makes an op, get_variable says how to ask for it", "[custom_getter]") {
    fresh f;
    const auto negative = [](const vs::next_getter& next, const vs::variable_request& r) {
        return vs::negative(vs::variable<float>(next(r).as_variable()), "n");
    };
    vs::variable_scope s{"s", {.reuse = vs::auto_reuse, .custom_getter = negative}};
    const auto made = std::source_location::current().line() - 3;
    CHECK(thrown<vs::not_a_variable>([] { (void)vs::get_variable("v", {1}); }) ==
          "'n:0' is an op, not a variable\n"
          "  created at custom_getter.cpp:" + std::to_string(made) + "\n"
          "  asked for at custom_getter.cpp:here\n"
          "  where a custom getter makes an op of a variable, ask with vs::get_tensor or vs::get_value");
    CHECK_THROWS_AS((vs::get_variable<float, 1>("v", {1})), vs::not_a_variable);
    CHECK_THROWS_AS(vs::get_local_variable("v", {1}), vs::not_a_variable);
    CHECK(vs::get_tensor("v", {1}).op_type() == "Neg");
    CHECK(vs::get_local_tensor("v", {1}).op_type() == "Neg");
    CHECK(vs::get_tensor(vs::get_variable_scope(), "v", {1}).op_type() == "Neg");
}

TEST_CASE("a typed handle of what a getter returns is checked", "[custom_getter]") {
    fresh f;
    const auto other = vs::get_variable("other", {2, 2});
    vs::variable_scope s{"s", {.custom_getter = [&](const vs::next_getter&, const vs::variable_request&) -> vs::tensor { return other; }}};
    CHECK(vs::get_variable<float, 2>("v", {2, 2}).is(other));
    CHECK_THROWS_AS(vs::get_variable<double>("v", {2, 2}), vs::dtype_mismatch);
    CHECK_THROWS_AS((vs::get_variable<float, 1>("v", {2})), vs::shape_mismatch);
}

TEST_CASE("what a getter throws reaches the caller, and leaves no trace", "[custom_getter]") {
    fresh f;
    const auto fail = [](const vs::next_getter&, const vs::variable_request&) -> vs::tensor { throw std::runtime_error("no"); };
    vs::variable_scope s{"s"};
    (void)vs::get_variable("w", {1});
    const auto before = listing(f.graph, {"v", "s/v"});
    CHECK_THROWS_WITH(vs::get_variable("v", {1}, {.custom_getter = fail}), "no");
    CHECK(listing(f.graph, {"v", "s/v"}) == before);
}

TEST_CASE("an error of the store behind a getter tells the name that the getter asked for, and the caller's place", "[custom_getter]") {
    fresh f;
    vs::variable_scope s{"s", {.custom_getter = suffix("_x")}};
    (void)vs::get_variable("v", {1});
    const auto before = listing(f.graph, {"s/v_x"});
    const auto created = std::source_location::current().line() - 2;
    CHECK(thrown<vs::already_exists>([] { (void)vs::get_variable("v", {1}); }) ==
          "variable 's/v_x' already exists\n"
          "  first created at custom_getter.cpp:" + std::to_string(created) + " with shape (1,) float32\n"
          "  requested again at custom_getter.cpp:here in a scope that does not reuse\n"
          "  to share it, open the scope with vs::reuse or vs::auto_reuse; for a second one, use another name");
    CHECK(listing(f.graph, {"s/v_x"}) == before);
}

TEST_CASE("setting the getter of a scope replaces the chain, and an empty one ends it", "[custom_getter]") {
    fresh f;
    strings log;
    vs::variable_scope a{"a", {.custom_getter = note(log, "outer")}};
    vs::variable_scope b{"b", {.custom_getter = note(log, "inner")}};
    auto handle = b.handle();
    CHECK(handle.has_custom_getter());
    handle.set_custom_getter(note(log, "set"));
    (void)vs::get_variable("v", {1});
    CHECK(log == strings{"set a/b/v"});
    handle.set_custom_getter({});
    CHECK_FALSE(handle.has_custom_getter());
    (void)vs::get_variable("w", {1});
    CHECK(log.size() == 1);
}

TEST_CASE("an entered scope object brings its getters, and not those of where it is entered", "[custom_getter]") {
    fresh f;
    strings log;
    std::optional<vs::scope_handle> kept;
    {
        vs::variable_scope a{"a", {.custom_getter = note(log, "a")}};
        kept = vs::variable_scope("b", {.custom_getter = note(log, "b")}).handle();
    }
    vs::variable_scope other{"other", {.custom_getter = note(log, "other")}};
    vs::variable_scope again{*kept};
    (void)vs::get_variable("v", {1});
    CHECK(log == strings{"b a/b/v", "a a/b/v"});
    log.clear();
    vs::variable_scope more{*kept, {.custom_getter = note(log, "more")}};
    (void)vs::get_variable("w", {1});
    CHECK(log == strings{"more a/b/w", "b a/b/w", "a a/b/w"});
}

TEST_CASE("a getter may ask for other variables under its own scopes, and open scopes", "[custom_getter]") {
    fresh f;
    const auto masked = [](const vs::next_getter& next, const vs::variable_request& r) {
        vs::variable_scope masks{"masks"};
        (void)vs::get_variable("mask", r.shape, {.trainable = false, .custom_getter = forward});
        return next(r);
    };
    vs::variable_scope s{"s"};
    (void)vs::get_variable("v", {2}, {.custom_getter = masked});
    CHECK(names_of(vs::global_variables()) == strings{"s/masks/mask:0", "s/v:0"});
    CHECK(vs::get_variable_scope().name() == "s");
}

TEST_CASE("what a getter holds lives as long as a scope object that has it", "[custom_getter]") {
    fresh f;
    const auto held = std::make_shared<int>(0);
    {
        const auto make_handle = [held = held] {
            vs::variable_scope a{"a", {.custom_getter = [held](const vs::next_getter& next, const vs::variable_request& r) {
                ++*held;
                return next(r);
            }}};
            return vs::variable_scope("b").handle();
        };
        const vs::scope_handle kept = make_handle();
        vs::variable_scope again{kept};
        (void)vs::get_variable("v", {1});
        CHECK(*held == 1);
    }
    CHECK(held.use_count() == 1);
}
