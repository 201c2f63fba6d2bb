#include <varscope/tensor.hpp>

#include <varscope/get_variable.hpp>

#include "catch.hpp"

#include <optional>
#include <source_location>
#include <string>
#include <vector>

namespace vs = varscope;

namespace {

struct fresh {
    vs::graph graph;
    vs::as_default guard{graph};
};

} // namespace

TEST_CASE("an op is recorded with kind, type, shape, inputs and place", "[tensor]") {
    fresh f;
    const vs::tensor v = vs::get_variable("v", {2, 3});
    const vs::tensor a = vs::make_op({.type = "Neg", .dtype = vs::dtype::float64, .shape = {2, 3}, .inputs = std::span(&v, 1)});
    const auto here = std::source_location::current().line();
    const std::vector<vs::tensor> both{v, a};
    const auto b = vs::make_op({.type = "Add", .inputs = both}, "sum");
    CHECK(a.op_type() == "Neg");
    CHECK(a.dtype() == vs::dtype::float64);
    CHECK(a.shape() == vs::shape{2, 3});
    CHECK(b.name() == "sum:0");
    CHECK(b.op_name() == "sum");
    CHECK(b.defined_at().line() == here + 2);
    CHECK(&b.graph() == &f.graph);
    REQUIRE(b.inputs().size() == 2);
    CHECK(b.inputs()[0].is(v));
    CHECK(b.inputs()[1].is(a));
    CHECK_FALSE(a.is(b));
}

TEST_CASE("a variable is a tensor without inputs", "[tensor]") {
    fresh f;
    const vs::tensor v = vs::get_variable("v", {2});
    CHECK(v.op_type() == "VariableV2");
    CHECK(v.shape() == vs::shape{2});
    CHECK(v.inputs().empty());
}

TEST_CASE("an op without a name takes its default name, else its type", "[tensor]") {
    fresh f;
    CHECK(vs::make_op({.type = "Add", .default_name = "add"}).op_name() == "add");
    CHECK(vs::make_op({.type = "Mul"}).op_name() == "Mul");
}

TEST_CASE("an op given something of another graph is refused, and takes no name", "[tensor]") {
    fresh f;
    vs::graph other;
    const vs::tensor v = vs::get_variable(other, "v", {2});
    const auto here = std::source_location::current().line();
    try {
        (void)vs::make_op({.type = "Neg", .inputs = std::span(&v, 1)}, "n");
        FAIL("was made");
    } catch (const vs::wrong_graph& e) {
        CHECK(e.what() == "op 'n' was given 'v:0', which is of another graph\n"
                          "  created at " + vs::to_string(v.defined_at()) + "\n"
                          "  asked for at tensor.cpp:" + std::to_string(here + 2) + "\n"
                          "  make the op while that graph is in force: vs::as_default guard{g}");
    }
    CHECK(f.graph.names().entry_count() == 0);
    CHECK(f.graph.nodes().empty());
}

TEST_CASE("an op whose exact name is taken is refused", "[tensor]") {
    fresh f;
    vs::name_scope a{"a"};
    CHECK(vs::make_op({.type = "NoOp"}, "x").op_name() == "a/x");
    CHECK_THROWS_AS(vs::make_op({.type = "NoOp"}, "a/x/"), vs::duplicate_node);
    CHECK(vs::make_op({.type = "NoOp"}, "y/").op_name() == "y");
    vs::name_scope root{""};
    CHECK_THROWS_AS(vs::make_op({.type = "NoOp"}, "y"), vs::duplicate_node);
    CHECK(vs::make_op({.type = "NoOp"}, "y").op_name() == "y_1");
}

TEST_CASE("an op that the graph does not record lives as long as its tensors", "[tensor]") {
    vs::graph g({.record_ops = false});
    std::optional<vs::tensor> kept;
    { kept = vs::make_op(g, {.type = "Add"}, std::string(100, 'n')); }
    CHECK(kept->op_name() == std::string(100, 'n'));
}
