#include <varscope/graph/graph_state.hpp>
#include <varscope/graph/tensor.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <memory>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <vector>

namespace vs = varscope;

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

TEST_CASE("an op that was made with a value tells it, and one that was not says so", "[tensor]") {
    fresh f;
    int calls = 0;
    const auto known = vs::make_op({.type = "Op", .shape = {2}, .value = [&] {
        ++calls;
        return vs::array_value(xt::xarray<float>{1.f, 2.f});
    }});
    CHECK(known.has_value());
    CHECK(calls == 0);
    CHECK(static_cast<const float*>(known.value().data())[1] == 2.f);
    (void)known.value();
    CHECK(calls == 2);
    const auto unknown = vs::make_op({.type = "Op"}, "unknown");
    CHECK_FALSE(unknown.has_value());
    const auto line = std::source_location::current().line() - 2;
    CHECK(thrown<vs::no_value>([&] { (void)unknown.value(); }) ==
          "the value of op 'unknown' is not known\n"
          "  created at tensor.cpp:" + std::to_string(line) + "\n"
          "  this is the graph's record of it, which has no expression; read what the op function returned "
          "(auto y = vs::relu(x); y.as_tensor().value()), add that to a collection to find it there, or make the op with vs::make_op and a .value");
}

TEST_CASE("a variable as a tensor tells its value of the moment, and is a variable again", "[tensor]") {
    fresh f;
    auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()});
    const vs::tensor t = v.as_tensor();
    CHECK(t.has_value());
    CHECK(t.is_variable());
    CHECK(t.as_variable().is(v));
    v.fill(3.f);
    CHECK(static_cast<const float*>(t.value().data())[0] == 3.f);
    vs::graph later({.initialization = vs::initialization::deferred});
    const vs::tensor u = vs::get_variable(later, "u", {2});
    CHECK(u.has_value()); // it can be asked for, and is refused until there is one
    CHECK_THROWS_AS(u.value(), vs::uninitialized);
}

TEST_CASE("an op taken for a variable is refused with both places", "[tensor]") {
    fresh f;
    const auto t = vs::make_op({.type = "Op"}, "n");
    const auto line = std::source_location::current().line() - 1;
    CHECK(thrown<vs::not_a_variable>([&] { (void)t.as_variable(); }) ==
          "'n:0' is an op, not a variable\n"
          "  created at tensor.cpp:" + std::to_string(line) + "\n"
          "  asked for at tensor.cpp:here\n"
          "  where a custom getter makes an op of a variable, ask with vs::get_tensor or vs::get_value");
}

TEST_CASE("the static shape of a variable made with validate_shape off is not known", "[tensor]") {
    fresh f;
    const vs::tensor v = vs::get_variable("v", {2}, {.validate_shape = false});
    CHECK(v.shape() == vs::shape{2});
    CHECK_FALSE(v.static_shape().has_rank());
    CHECK(vs::make_op({.type = "Op", .shape = {3}}).static_shape() == vs::shape{3});
}

TEST_CASE("an op that only its expression's tensor knows of can tell its value", "[tensor]") {
    for (const bool recorded : {true, false}) {
        vs::graph g({.record_ops = recorded});
        vs::as_default guard{g};
        std::optional<vs::tensor> kept;
        {
            const auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()});
            const auto sum = vs::add(vs::multiply(v, 2.f), v, "sum");
            CHECK_FALSE(sum.record().has_value());
            kept = sum.as_tensor();
        }
        CHECK(kept->name() == "sum:0");
        CHECK(kept->has_value());
        CHECK(static_cast<const float*>(kept->value().data())[1] == 3.f);
        CHECK(kept->inputs().size() == (recorded ? 2U : 0U));
    }
}

TEST_CASE("in a graph that records no ops one that joined a collection lives on in it", "[tensor]") {
    int destroyed = 0;
    vs::graph g({.record_ops = false});
    vs::as_default guard{g};
    struct count_end {
        explicit count_end(int& n) : count{&n} {}
        count_end(const count_end&) = delete;
        count_end& operator=(const count_end&) = delete;
        count_end(count_end&&) = delete;
        count_end& operator=(count_end&&) = delete;
        ~count_end() { ++*count; }
        int* count;
    };
    const auto make = [&] {
        return vs::make_op({.type = "Op", .value = [held = std::make_shared<count_end>(destroyed)] { return vs::array_value(1.f); }});
    };
    { const auto t = make(); }
    CHECK(destroyed == 1);
    vs::add_to_collection("mine", make());
    CHECK(destroyed == 1);
    CHECK(vs::get_collection("mine").at(0).name() == "Op_1:0");
    CHECK(vs::get_collection("mine").at(0).has_value());
}

TEST_CASE("a final graph refuses an op given a variable of another graph for being final", "[tensor]") {
    vs::graph g;
    vs::graph other;
    const vs::tensor v = vs::get_variable(other, "v", {2});
    g.finalize();
    CHECK_THROWS_AS(vs::make_op(g, {.type = "Op", .inputs = std::span(&v, 1)}), vs::frozen);
}
