#include <varscope/variable/collection_queries.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/op/ops.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <string>

namespace vs = varscope;

namespace {

vs::any_variable get(vs::name_arg name, const vs::variable_options& options = {}) { return vs::get_variable(name, {1}, options); }

} // namespace

TEST_CASE("a pattern keeps the names that begin like it", "[collection_queries]") {
    fresh f;
    for (const char* name : {"a/w", "a_1/w", "abc", "b/a", "A"}) { (void)get(name); }
    CHECK(names_of(vs::global_variables("a")) == strings{"a/w:0", "a_1/w:0", "abc:0"});
    CHECK(names_of(vs::global_variables("a/")) == strings{"a/w:0"});
    CHECK(names_of(vs::trainable_variables("b")) == strings{"b/a:0"});
    CHECK(vs::global_variables("w").empty());
    CHECK(vs::global_variables("").size() == 5);
    CHECK(names_of(vs::global_variables("abc:0")) == strings{"abc:0"}); // the name of the tensor
    CHECK(vs::global_variables("abc:0:").empty());
}

TEST_CASE("a pattern is a regular expression from the start of the name on, and not over the whole of it", "[collection_queries]") {
    fresh f;
    for (const char* name : {"layer_1/w", "layer_12/w", "layer_x/w", "acb/w", "a.b/w"}) { (void)get(name); }
    CHECK(names_of(vs::global_variables("layer_[0-9]+/")) == strings{"layer_1/w:0", "layer_12/w:0"});
    CHECK(names_of(vs::global_variables("layer_\\d/")) == strings{"layer_1/w:0"});
    CHECK(names_of(vs::global_variables("a.b")) == strings{"acb/w:0", "a.b/w:0"});
    CHECK(names_of(vs::global_variables("a\\.b")) == strings{"a.b/w:0"});
    CHECK(vs::global_variables(".*/w").size() == 5);
    CHECK(names_of(vs::global_variables(".*x")) == strings{"layer_x/w:0"});
    CHECK(names_of(vs::global_variables("acb|layer_x")) == strings{"layer_x/w:0", "acb/w:0"});
    CHECK(vs::global_variables("w:0$").empty());
    CHECK(vs::global_variables(".*w:0$").size() == 5);
    CHECK(vs::global_variables("^acb").size() == 1);
}

TEST_CASE("each list is asked by its own key, with and without a graph", "[collection_queries]") {
    fresh f;
    vs::graph empty;
    for (const char* key : {"variables", "trainable_variables", "local_variables", "model_variables", "moving_average_variables"}) {
        (void)get(std::string("v_") + key, {.trainable = false, .collections = strings{key}});
        (void)get(std::string("w_") + key, {.trainable = false, .collections = strings{key}});
    }
    const auto check = [&](auto ask, const char* key) {
        CHECK(names_of(ask(f.graph)) == strings{std::string("w_") + key + ":0"});
        CHECK(ask(empty).empty());
    };
    check([](vs::graph& g) { return vs::global_variables(g, "w"); }, "variables");
    check([](vs::graph& g) { return vs::trainable_variables(g, "w"); }, "trainable_variables");
    check([](vs::graph& g) { return vs::local_variables(g, "w"); }, "local_variables");
    check([](vs::graph& g) { return vs::model_variables(g, "w"); }, "model_variables");
    check([](vs::graph& g) { return vs::moving_average_variables(g, "w"); }, "moving_average_variables");
    CHECK(vs::local_variables("v_l").size() == 1);
    CHECK(vs::model_variables("v_mod").size() == 1);
    CHECK(vs::moving_average_variables("v_mov").size() == 1);
}

TEST_CASE("a pattern keeps ops too", "[collection_queries]") {
    fresh f;
    vs::add_to_collection("mine", vs::make_op({.type = "Add"}, "first"));
    vs::add_to_collection("mine", get("first_v"));
    vs::add_to_collection("mine", vs::make_op({.type = "Add"}, "second"));
    CHECK(names_of(vs::get_collection("mine", "first")) == strings{"first:0", "first_v:0"});
    CHECK(names_of(vs::get_collection(f.graph, "mine", "s.*d")) == strings{"second:0"});
    CHECK(vs::get_collection("never used", "first").empty());
}

TEST_CASE("losses are kept by the name of the loss", "[collection_queries]") {
    fresh f;
    const auto loss = [](const vs::any_variable& v) { return vs::negative(vs::variable<float>(v)); };
    (void)get("a/v", {.regularizer = loss});
    (void)get("b/v", {.regularizer = loss});
    CHECK(names_of(vs::get_regularization_losses("b/")) == strings{"b/v/Regularizer/Neg:0"});
    CHECK(names_of(vs::get_regularization_losses(f.graph, ".*/v/Reg")) == strings{"a/v/Regularizer/Neg:0", "b/v/Regularizer/Neg:0"});
}

TEST_CASE("what is no regular expression is refused with the place, also where there is nothing to compare", "[collection_queries]") {
    fresh f;
    const std::string text = "pattern 'a(' cannot be used: it is no regular expression\n"
                             "  asked for at collection_queries.cpp:here\n"
                             "  patterns are ECMAScript regular expressions, put '\\' before a special character that stands for itself";
    CHECK(thrown<vs::invalid_pattern>([] { (void)vs::global_variables("a("); }) == text);
    CHECK(thrown<vs::invalid_pattern>([] { (void)vs::get_collection("mine", "a("); }) == text);
    CHECK(thrown<vs::invalid_pattern>([&] { (void)vs::get_regularization_losses(f.graph, "a("); }) == text);
    try {
        (void)vs::global_variables("[");
        FAIL("was used");
    } catch (const vs::invalid_pattern& e) {
        CHECK(e.name() == "[");
        CHECK(e.kind() == vs::error_kind::invalid_pattern);
    }
}

TEST_CASE("a pattern may be any kind of text", "[collection_queries]") {
    fresh f;
    (void)get("abc");
    CHECK(vs::global_variables(std::string("ab")).size() == 1);
    CHECK(vs::global_variables(std::string_view("abx").substr(0, 2)).size() == 1);
}
