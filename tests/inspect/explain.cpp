#include <varscope/graph/graph_state.hpp>
#include <varscope/inspect/explain.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/policy/partitioner.hpp>
#include <varscope/variable/variable_creator.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#include <algorithm>
#include <optional>
#include <source_location>
#include <sstream>
#include <string>
#include <vector>

namespace vs = varscope;

namespace {

using kind = vs::explanation::fact_kind;

std::string told(vs::name_arg name) { return to_string(vs::explain(name)); }

/// Where a variable or op was first asked for.
std::string made(const vs::tensor& t) { return vs::to_string(t.defined_at()); }

vs::any_variable get(vs::name_arg name) { return vs::get_variable(name, {2}); }
vs::any_variable make(vs::name_arg name) { return vs::make_variable(name, {.initializer = 1.f}); }
vs::tensor make_op(vs::name_arg name) { return vs::make_op({.type = "Add"}, name); }

/// A place to be told as that of scopes.
constexpr std::source_location here = std::source_location::current();
const std::string here_text = vs::to_string(here);

} // namespace

TEST_CASE("a shared variable is explained by key, op and tensor", "[explain]") {
    const fresh g;
    const vs::variable_scope scope{"scope"};
    const auto v = get("v");
    const std::string rest = " is a shared variable"
                             "\n  key 'scope/v', op 'scope/v', tensor 'scope/v:0'"
                             "\n  first created at " + made(v) + " with shape (2,) float32";
    CHECK(told("scope/v") == "'scope/v'" + rest);
    CHECK(told("scope/v:0") == "'scope/v:0'" + rest);
}

TEST_CASE("of a key that is also the op of another variable both are told", "[explain]") {
    const fresh g;
    const auto own = make("v");
    const auto shared = get("v");
    const std::string names = "\n  key 'v', op 'v_1', tensor 'v_1:0'"
                              "\n  first created at " + made(shared) + " with shape (2,) float32"
                              "\n  op name 'v' was taken by a variable of its own made at " + made(own);
    const std::string own_names = " a variable of its own"
                                  "\n  no key (never shared), op 'v', tensor 'v:0'"
                                  "\n  first created at " + made(own) + " with shape () float32";
    CHECK(told("v") == "'v' is the key of a shared variable" + names + "\n'v' is also" + own_names);
    CHECK(told("v:0") == "'v:0' is" + own_names + "\n'v' is also the key of a shared variable" + names);
    CHECK(told("v_1") == "'v_1' is the op of a shared variable" + names);
    CHECK(told("v_1:0") == "'v_1:0' is the tensor of a shared variable" + names);
}

TEST_CASE("a chain of suffixes is told one step at a time", "[explain]") {
    const fresh g;
    (void)make("v");
    const auto first = get("v");
    const auto second = get("v_1");
    CHECK(told("v_1") == "'v_1' is the key of a shared variable"
                         "\n  key 'v_1', op 'v_1_1', tensor 'v_1_1:0'"
                         "\n  first created at " + made(second) + " with shape (2,) float32"
                         "\n  op name 'v_1' was taken by a shared variable with key 'v' made at " + made(first) +
                         "\n'v_1' is also the op of a shared variable"
                         "\n  key 'v', op 'v_1', tensor 'v_1:0'"
                         "\n  first created at " + made(first) + " with shape (2,) float32"
                         "\n  op name 'v' was taken by a variable of its own made at " + made(vs::get_tensor_by_name("v:0")));
}

TEST_CASE("a suffix that was asked for as such needs no explanation", "[explain]") {
    const fresh g;
    const auto v = get("v");
    const auto v_1 = make("v_1");
    CHECK(told("v_1") == "'v_1' is a variable of its own"
                         "\n  no key (never shared), op 'v_1', tensor 'v_1:0'"
                         "\n  first created at " + made(v_1) + " with shape () float32");
    const auto next = make("v"); // skips v_1
    CHECK(told("v_2") == "'v_2' is a variable of its own"
                         "\n  no key (never shared), op 'v_2', tensor 'v_2:0'"
                         "\n  first created at " + made(next) + " with shape () float32"
                         "\n  op name 'v' was taken by a shared variable made at " + made(v));
}

TEST_CASE("letter case is told where it made two names one", "[explain]") {
    const fresh g;
    const auto upper = get("V");
    const auto lower = get("v");
    CHECK(told("v") == "'v' is the key of a shared variable"
                       "\n  key 'v', op 'v_1', tensor 'v_1:0'"
                       "\n  first created at " + made(lower) + " with shape (2,) float32"
                       "\n  op name 'v' was taken by a shared variable 'V' made at " + made(upper));
}

TEST_CASE("an op is explained, and who has the name that it did not get", "[explain]") {
    const fresh g;
    const vs::name_scope scope{"scope"};
    const auto x = make_op("x");
    const auto other = make_op("x");
    CHECK(told("scope/x_1:0") == "'scope/x_1:0' is an op of type Add"
                                 "\n  op 'scope/x_1', tensor 'scope/x_1:0'"
                                 "\n  first created at " + made(other) +
                                 "\n  op name 'scope/x' was taken by an op of type Add made at " + made(x));
    CHECK(told("scope/x") == "'scope/x' is an op of type Add"
                             "\n  op 'scope/x', tensor 'scope/x:0'"
                             "\n  first created at " + made(x));
}

TEST_CASE("an op without a result has no tensor", "[explain]") {
    const fresh g;
    const auto group = vs::make_op({.type = "NoOp"}, "group");
    CHECK(told("group") == "'group' is an op of type NoOp"
                           "\n  op 'group', no tensor"
                           "\n  first created at " + made(group));
    CHECK(told("group:0") == "nothing is called 'group:0'"
                             "\n  nearest: 'group'");
}

TEST_CASE("an op and a shared variable of one name are both told", "[explain]") {
    const fresh g;
    const auto op = make_op("v");
    const auto v = get("v");
    CHECK(told("v") == "'v' is the key of a shared variable"
                       "\n  key 'v', op 'v_1', tensor 'v_1:0'"
                       "\n  first created at " + made(v) + " with shape (2,) float32"
                       "\n  op name 'v' was taken by an op of type Add made at " + made(op) +
                       "\n'v' is also an op of type Add"
                       "\n  op 'v', tensor 'v:0'"
                       "\n  first created at " + made(op));
}

TEST_CASE("a name that a name scope took is told as that", "[explain]") {
    const fresh g;
    (void)vs::name_scope(vs::name_arg("v", here));
    const auto v = get("v");
    CHECK(told("v") == "'v' is the key of a shared variable"
                       "\n  key 'v', op 'v_1', tensor 'v_1:0'"
                       "\n  first created at " + made(v) + " with shape (2,) float32"
                       "\n  op name 'v' was taken by a name scope opened at " + here_text);
    // The tensor that the key seems to have does not exist.
    CHECK(told("v:0") == "nothing is called 'v:0'"
                         "\n'v' is the key of a shared variable"
                         "\n  key 'v', op 'v_1', tensor 'v_1:0'"
                         "\n  first created at " + made(v) + " with shape (2,) float32"
                         "\n  op name 'v' was taken by a name scope opened at " + here_text);
}

TEST_CASE("a name that unique_name reserved is told as that", "[explain]") {
    const fresh g;
    (void)vs::unique_name(vs::name_arg("v", here));
    const auto v = make("v");
    CHECK(told("v_1") == "'v_1' is a variable of its own"
                         "\n  no key (never shared), op 'v_1', tensor 'v_1:0'"
                         "\n  first created at " + made(v) + " with shape () float32"
                         "\n  op name 'v' was taken by vs::unique_name at " + here_text);
}

TEST_CASE("a name that a variable's own op has is told as that", "[explain]") {
    const fresh g;
    (void)get("v");
    const auto read = make_op("v/read");
    CHECK(told("v/read_1") == "'v/read_1' is an op of type Add"
                              "\n  op 'v/read_1', tensor 'v/read_1:0'"
                              "\n  first created at " + made(read) +
                              "\n  op name 'v/read' was taken by an op that variable 'v' makes for itself");
    CHECK(told("v/Assign") == "'v/Assign' is neither a variable nor a recorded op"
                              "\n  the name is taken by an op that variable 'v' makes for itself"
                              "\n  an op of this name would be called 'v/Assign_1'");
}

TEST_CASE("a name used up by a failed creation is told as that of an op without a record", "[explain]") {
    const fresh g;
    CHECK_THROWS_AS(vs::get_variable(vs::name_arg("v", here), {2}, {.initializer = [] { return xt::xarray<float>{1.f}; }}),
        vs::initializer_signature);
    CHECK(told("v") == "'v' is neither a variable nor a recorded op"
                       "\n  the name is taken by an op that is not recorded, asked for at " + here_text +
                       "\n  an op of this name would be called 'v_1'");
}

TEST_CASE("in a graph without a record of ops their names are still explained", "[explain]") {
    const fresh g{{.record_ops = false}};
    (void)make_op(vs::name_arg("v", here));
    const auto v = get("v");
    CHECK(told("v") == "'v' is the key of a shared variable"
                       "\n  key 'v', op 'v_1', tensor 'v_1:0'"
                       "\n  first created at " + made(v) + " with shape (2,) float32"
                       "\n  op name 'v' was taken by an op that is not recorded, asked for at " + here_text);
}

TEST_CASE("a name scope that got a suffix is told, and who has the name without it", "[explain]") {
    const fresh g;
    std::optional<vs::any_variable> shared;
    for (int i = 0; i < 2; ++i) {
        const vs::variable_scope foo{vs::name_arg("foo", here), vs::auto_reuse};
        shared = get("v");
        if (i == 1) { (void)make("v"); }
    }
    const auto own = vs::get_tensor_by_name("foo_1/v:0");
    CHECK(told("foo_1/v") == "'foo_1/v' is a variable of its own"
                             "\n  no key (never shared), op 'foo_1/v', tensor 'foo_1/v:0'"
                             "\n  first created at " + made(own) + " with shape () float32"
                             "\n  name scope 'foo_1' was asked for as 'foo', which was taken by a name scope opened at " + here_text +
                             "\n  'foo/v' is a shared variable made at " + made(*shared));
}

TEST_CASE("several scopes with suffixes are told from the outermost on", "[explain]") {
    const fresh g;
    const auto x = make_op("a");
    const vs::name_scope a{"a"};
    (void)vs::unique_name(vs::name_arg("b", here));
    const vs::name_scope b{"b"};
    const vs::name_scope c{"c_1"}; // asked for so
    (void)make_op("y");
    const auto y = make_op("y");
    CHECK(told("a_1/b_1/c_1/y_1") == "'a_1/b_1/c_1/y_1' is an op of type Add"
                                     "\n  op 'a_1/b_1/c_1/y_1', tensor 'a_1/b_1/c_1/y_1:0'"
                                     "\n  first created at " + made(y) +
                                     "\n  op name 'a_1/b_1/c_1/y' was taken by an op of type Add made at " + made(vs::get_tensor_by_name("a_1/b_1/c_1/y:0")) +
                                     "\n  name scope 'a_1' was asked for as 'a', which was taken by an op of type Add made at " + made(x) +
                                     "\n  name scope 'a_1/b_1' was asked for as 'a_1/b', which was taken by vs::unique_name at " + here_text);
}

TEST_CASE("a name that only a name scope has is told with what an op of it would be called", "[explain]") {
    const fresh g;
    {
        const vs::variable_scope tower{vs::name_arg("tower", here)};
        for (const auto* name : {"kernel", "bias", "scale", "offset"}) { (void)get(name); }
    }
    const std::string rest = "'tower' is neither a variable nor a recorded op"
                             "\n  the name is taken by a name scope opened at " + here_text +
                             "\n  an op of this name would be called 'tower_1'"
                             "\n  variables below it: 'tower/kernel', 'tower/bias', 'tower/scale' and 1 more";
    CHECK(told("tower") == rest);
    CHECK(told("tower/") == rest);
    (void)vs::name_scope("tower");
    CHECK(told("tower_1") == "'tower_1' is neither a variable nor a recorded op"
                             "\n  the name is taken by a name scope or reserved name that was asked for as 'tower'"
                             "\n  an op of this name would be called 'tower_1_1'");
    CHECK(told("tower") == "'tower' is neither a variable nor a recorded op"
                           "\n  the name is taken by a name scope opened at " + here_text +
                           "\n  an op of this name would be called 'tower_2'"
                           "\n  variables below it: 'tower/kernel', 'tower/bias', 'tower/scale' and 1 more");
}

TEST_CASE("a scope that reserved no name is told by the variables below it", "[explain]") {
    const fresh g;
    (void)get("a/b/v");
    CHECK(told("a/b") == "nothing is called 'a/b'"
                         "\n  variables below it: 'a/b/v'");
}

TEST_CASE("for a name that nobody has the nearest keys and ops are told", "[explain]") {
    const fresh g;
    CHECK(told("v") == "nothing is called 'v'");
    CHECK(told("") == "nothing is called ''");
    (void)get("tower/kernel");
    (void)make("tower/kernels");
    CHECK(told("tower/kernle") == "nothing is called 'tower/kernle'"
                                  "\n  nearest: 'tower/kernel', 'tower/kernels'");
    CHECK(told("kernel:0") == "nothing is called 'kernel:0'"
                              "\n  nearest: 'tower/kernel'");
    CHECK(told("tower/kernel:1") == "nothing is called 'tower/kernel:1'"
                                    "\n  nearest: 'tower/kernel', 'tower/kernels'");
}

TEST_CASE("a variable cut into parts is explained with its parts, and a part with the whole", "[explain]") {
    const fresh g;
    const auto op = make_op("w/part_1");
    const auto w = vs::get_variable("w", {3, 2}, {.partitioner = vs::fixed_size_partitioner(2)});
    CHECK(told("w") == "'w' is a shared variable in 2 parts"
                       "\n  key 'w', the ops are those of its parts"
                       "\n  first created at " + vs::to_string(w.defined_at()) + " with shape (3, 2) float32"
                       "\n  part 0: key 'w/part_0', op 'w/part_0', tensor 'w/part_0:0'"
                       "\n  part 1: key 'w/part_1', op 'w/part_1_1', tensor 'w/part_1_1:0'");
    CHECK(told("w/part_0") == "'w/part_0' is a part of the shared variable 'w'"
                              "\n  key 'w/part_0', op 'w/part_0', tensor 'w/part_0:0'"
                              "\n  first created at " + vs::to_string(w.defined_at()) + " with shape (2, 2) float32");
    CHECK(told("w/part_1_1") == "'w/part_1_1' is the op of a part of the shared variable 'w'"
                                "\n  key 'w/part_1', op 'w/part_1_1', tensor 'w/part_1_1:0'"
                                "\n  first created at " + vs::to_string(w.defined_at()) + " with shape (1, 2) float32"
                                "\n  op name 'w/part_1' was taken by an op of type Add made at " + made(op));
    CHECK(told("w:0") == "nothing is called 'w:0'"
                         "\n  variables below it: 'w/part_0', 'w/part_1'"
                         "\n" + told("w"));
}

TEST_CASE("of many parts the first eight are told", "[explain]") {
    const fresh g;
    (void)vs::get_variable("w", {20}, {.partitioner = vs::fixed_size_partitioner(20)});
    const auto e = vs::explain("w");
    CHECK(std::ranges::count(e.facts, kind::part, &vs::explanation::fact::kind) == 9);
    CHECK(e.facts.back().text == "and 12 more");
}

TEST_CASE("a name that a creator scope gave is told", "[explain]") {
    const fresh g;
    const auto other = make("made");
    const vs::variable_creator_scope creating{[](const vs::next_creator& next, const vs::variable_creation& wanted) {
        auto changed = wanted;
        changed.name = "made";
        return next(changed);
    }};
    const auto v = get("v");
    CHECK(told("v") == "'v' is the key of a shared variable"
                       "\n  key 'v', op 'made_1', tensor 'made_1:0'"
                       "\n  first created at " + made(v) + " with shape (2,) float32"
                       "\n  a creator scope asked for op name 'made', not for the key"
                       "\n  op name 'made' was taken by a variable of its own made at " + made(other));
}

TEST_CASE("facts come with their kinds, names and places", "[explain]") {
    const fresh g;
    (void)vs::name_scope(vs::name_arg("v", here));
    const auto v = get("v");
    const auto e = vs::explain("v");
    CHECK(e.asked == "v");
    REQUIRE(e.facts.size() == 4);
    CHECK(e.facts[0].kind == kind::subject);
    CHECK(e.facts[1].kind == kind::names);
    CHECK(e.facts[1].names == std::vector<std::string>{"v", "v_1", "v_1:0"});
    CHECK(e.facts[2].kind == kind::created);
    REQUIRE(e.facts[2].places.size() == 1);
    CHECK(e.facts[2].places[0].line() == v.defined_at().line());
    CHECK(e.facts[3].kind == kind::taken);
    CHECK(e.facts[3].names == std::vector<std::string>{"v"});
    REQUIRE(e.facts[3].places.size() == 1);
    CHECK(e.facts[3].places[0].line() == here.line());
    std::ostringstream out;
    out << e;
    CHECK(out.str() == to_string(e));
}

TEST_CASE("asking creates and reserves nothing", "[explain]") {
    fresh g;
    (void)make("v");
    (void)get("v");
    const auto names = g.graph.names().entry_count();
    const auto nodes = g.graph.nodes().size();
    for (const auto* name : {"v", "v_1", "v:0", "v_2", "w", "v/", "v/x", "a/b/c", ""}) { (void)vs::explain(name); }
    CHECK(g.graph.names().entry_count() == names);
    CHECK(g.graph.nodes().size() == nodes);
    CHECK(g.graph.store().size() == 1);
    (void)vs::explain("v/read");
    CHECK(vs::unique_name("v", vs::name_use::ask) == "v_2");
    CHECK(vs::unique_name("w", vs::name_use::ask) == "w");
    CHECK(make_op("v/read").op_name() == "v/read_1");
}

TEST_CASE("open scopes do not count, and any graph can be asked", "[explain]") {
    const fresh g;
    vs::graph other;
    const auto v = vs::get_variable(other, "v", {2});
    const vs::variable_scope scope{"scope"};
    (void)get("v");
    CHECK(told("v") == "nothing is called 'v'"
                       "\n  nearest: 'scope/v'");
    CHECK(to_string(vs::explain(other, "v")) == "'v' is a shared variable"
                                                "\n  key 'v', op 'v', tensor 'v:0'"
                                                "\n  first created at " + made(v) + " with shape (2,) float32");
}
