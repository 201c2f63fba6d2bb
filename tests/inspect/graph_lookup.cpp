#include <varscope/inspect/graph_lookup.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/op/ops.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <string>
#include <vector>

namespace vs = varscope;

TEST_CASE("ops and variables are found by the names of op and tensor", "[graph_lookup]") {
    fresh g;
    const vs::name_scope scope{"scope"};
    const auto w = vs::get_variable<float, 1>("w", {2});
    const auto y = vs::add(w, 1.F, "y");
    CHECK(vs::get_operation_by_name("scope/y").is(y.as_tensor()));
    CHECK(vs::get_tensor_by_name("scope/y:0").is(y.as_tensor()));
    CHECK(vs::get_operation_by_name("w").is(vs::any_variable(w)));
    CHECK(vs::get_tensor_by_name("w:0").op_type() == "VariableV2");
    CHECK(vs::get_tensor_by_name("w:00").name() == "w:0");
    CHECK(vs::as_graph_element("scope/y").is(y.as_tensor()));
    CHECK(vs::as_graph_element("scope/y:0").is(y.as_tensor()));
}

TEST_CASE("each graph has its own ops", "[graph_lookup]") {
    fresh g;
    vs::graph other;
    const auto w = vs::get_variable<float, 1>(other, "w", {2});
    CHECK(vs::get_operation_by_name(other, "w").is(vs::any_variable(w)));
    CHECK(vs::get_tensor_by_name(other, "w:0").is(vs::any_variable(w)));
    CHECK(vs::as_graph_element(other, "w").is(vs::any_variable(w)));
    CHECK_THROWS_AS(vs::get_operation_by_name("w"), vs::unknown_op);
}

TEST_CASE("an unknown op is refused and the nearest are named", "[graph_lookup]") {
    fresh g;
    const auto w = vs::get_variable<float, 1>("layer/weights", {2});
    const auto x = vs::add(w, 1.F, "layer/width");
    const auto y = vs::add(w, 1.F, "output");
    CHECK(thrown<vs::unknown_op>([&] { (void)vs::get_operation_by_name("layer/weight"); }) ==
        "the graph has no op 'layer/weight'\n  asked for at graph_lookup.cpp:here"
            "\n  nearest: 'layer/weights', 'layer/width'"
            "\n  write its full name, with all name scopes");
    CHECK(thrown<vs::unknown_op>([&] { (void)vs::get_tensor_by_name("weights:0"); }) ==
        "the graph has no op 'weights'\n  asked for at graph_lookup.cpp:here"
            " as 'weights:0'\n  nearest: 'layer/weights'"
            "\n  write its full name, with all name scopes");
    CHECK(thrown<vs::unknown_op>([&] { (void)vs::as_graph_element("q"); }) ==
        "the graph has no op 'q'\n  asked for at graph_lookup.cpp:here"
            "\n  write its full name, with all name scopes");
    try {
        (void)vs::as_graph_element("outputs:0");
        FAIL("found");
    } catch (const vs::unknown_op& e) {
        CHECK(e.name() == "outputs");
        CHECK(e.nearest() == std::vector<std::string>{"output"});
    }
}

TEST_CASE("the name of a tensor is not taken for that of an op, nor the other way", "[graph_lookup]") {
    fresh g;
    const auto w = vs::get_variable<float, 1>("a/w", {2});
    CHECK(thrown<vs::invalid_name>([&] { (void)vs::get_operation_by_name("a/w:0"); }) ==
        "'a/w:0' is not the name of an op\n  asked for at graph_lookup.cpp:here"
            "\n  that of a tensor has ':' and a number; the op is 'a/w', or ask "
            "get_tensor_by_name");
    CHECK(thrown<vs::invalid_name>([&] { (void)vs::get_tensor_by_name("a/w"); }) ==
        "'a/w' is not the name of a tensor\n  asked for at graph_lookup.cpp:here"
            "\n  that of an op has no ':' and number; its tensor is 'a/w:0', or ask "
            "get_operation_by_name");
    try {
        (void)vs::get_operation_by_name("a/w:0");
        FAIL("found");
    } catch (const vs::invalid_name& e) {
        CHECK(e.name() == "a/w:0");
        CHECK(e.position() == 3);
    }
}

TEST_CASE("a tensor's name ends in a number", "[graph_lookup]") {
    fresh g;
    const auto w = vs::get_variable<float, 1>("w", {2});
    CHECK(thrown<vs::invalid_name>([&] { (void)vs::get_tensor_by_name("w:x"); }) ==
        "'w:x' is not the name of a tensor\n  asked for at graph_lookup.cpp:here"
            "\n  a tensor is named <op>:<number>, e.g. 'scope/v:0'");
    for (const char* const name : {"w:", ":0", ":", "w:0:0", "w:-1", "w:0x", "^w:0 "}) {
        INFO(name);
        CHECK_THROWS_AS(vs::as_graph_element(name), vs::invalid_name);
    }
}

TEST_CASE("an op has one output, with number 0, or none", "[graph_lookup]") {
    fresh g;
    const auto w = vs::get_variable<float, 1>("w", {2});
    const auto group = vs::no_op("group");
    CHECK(thrown<vs::unknown_op>([&] { (void)vs::get_tensor_by_name("w:1"); }) ==
        "op 'w' has no output 1\n  first created at " + made(w) +
            "\n  asked for at graph_lookup.cpp:here"
            " as 'w:1'\n  it has one output: 'w:0'");
    CHECK(thrown<vs::unknown_op>([&] { (void)vs::get_tensor_by_name("group:0"); }) ==
        "op 'group' has no output 0\n  first created at " + vs::to_string(group.defined_at()) +
            "\n  asked for at graph_lookup.cpp:here"
            " as 'group:0'\n  it has none: it is asked for by get_operation_by_name");
    CHECK(vs::get_operation_by_name("group").is(group));
    CHECK_THROWS_AS(vs::get_tensor_by_name("w:99999999999999999999999"), vs::unknown_op);
}

TEST_CASE("a graph that records no ops finds its variables, and says why no more", "[graph_lookup]") {
    fresh g({.record_ops = false});
    const auto w = vs::get_variable<float, 1>("w", {2});
    const auto y = vs::add(w, 1.F, "yy");
    CHECK(vs::get_tensor_by_name("w:0").is(vs::any_variable(w)));
    CHECK(thrown<vs::unknown_op>([&] { (void)vs::get_operation_by_name("yy"); }) ==
        "the graph has no op 'yy'\n  asked for at graph_lookup.cpp:here"
            "\n  ops were not recorded, only variables: make the graph with {.record_ops = true}");
}

TEST_CASE("a scope is taken off a name in each of its forms", "[graph_lookup]") {
    CHECK(vs::strip_name_scope("a/b/c:0", "a") == "b/c:0");
    CHECK(vs::strip_name_scope("a/b/c", "a/b/") == "c");
    CHECK(vs::strip_name_scope("^a/b", "a") == "^b");
    CHECK(vs::strip_name_scope("loc:@a/b", "a") == "loc:@b");
    CHECK(vs::strip_name_scope("a///b", "a") == "b");
    CHECK(vs::strip_name_scope("a/", "a") == "");
    CHECK(vs::strip_name_scope("ab/c", "a") == "ab/c");
    CHECK(vs::strip_name_scope("a", "a") == "a");
    CHECK(vs::strip_name_scope("b/a/c", "a") == "b/a/c");
    CHECK(vs::strip_name_scope("a/b", "") == "a/b");
    CHECK(vs::strip_name_scope("axb/c", "a.b") == "axb/c");
}

TEST_CASE("a scope is put before a name in each of its forms", "[graph_lookup]") {
    CHECK(vs::prepend_name_scope("b:0", "a") == "a/b:0");
    CHECK(vs::prepend_name_scope("b", "a/") == "a/b");
    CHECK(vs::prepend_name_scope("^b", "a") == "^a/b");
    CHECK(vs::prepend_name_scope("loc:@b", "a/x") == "loc:@a/x/b");
    CHECK(vs::prepend_name_scope("b", "") == "b");
    CHECK(vs::strip_name_scope(vs::prepend_name_scope("^b", "a"), "a") == "^b");
}
