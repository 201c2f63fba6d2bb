// The ops that variables make for themselves, as a program meets them: by asking for their names.
// The lists are those of TensorFlow 1.15.
#include <varscope/graph/detail/op_index.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/initializers/initializers.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/policy/partitioner.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/initializers/variance_scaling.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace vs = varscope;

namespace {

/// What a new op `name` in name scope `scope` is called.
std::string make(const std::string& scope, const std::string& name) {
    const vs::name_scope in{scope};
    return std::string(vs::make_op({.type = "NoOp"}, name).op_name());
}

/// Every op that any of TensorFlow's rules makes below `Initializer`.
const strings& all_ops() {
    static const strings all = [] {
        strings names{"initial_value", "Const"};
        for (const std::string rule : {"zeros", "ones"}) {
            for (const std::string op : {"", "/shape_as_tensor", "/Const"}) { names.push_back(rule + op); }
        }
        for (const std::string rule : {"random_uniform", "random_normal", "truncated_normal"}) {
            for (const std::string op : {"", "/shape", "/min", "/max", "/mean", "/stddev", "/RandomUniform",
                     "/RandomStandardNormal", "/TruncatedNormal", "/sub", "/mul", "/add"}) {
                names.push_back(rule + op);
            }
        }
        return names;
    }();
    return all;
}

/// Those of them that are taken below `v/Initializer`, in the order of the alphabet.
strings hidden_below(const std::string& v) {
    strings taken;
    for (const auto& op : all_ops()) {
        const std::string name = v + "/Initializer/" + op;
        if (vs::unique_name(name, vs::name_use::ask) != name) { taken.push_back(op); }
    }
    std::ranges::sort(taken);
    return taken;
}

/// The ops of a new variable of this rule.
strings ops_of(const vs::initializer& rule, const vs::shape& shape = {2, 3}, vs::dtype type = vs::dtype::float32) {
    const fresh f;
    (void)vs::get_variable("v", shape, {.initializer = rule, .dtype = type});
    const strings taken = hidden_below("v");
    // Asked for one by one they are the same.
    for (const auto& op : all_ops()) {
        const std::string name = "v/Initializer/" + op;
        const std::size_t slash = name.rfind('/');
        const bool is_taken = std::ranges::binary_search(taken, op);
        CHECK(make(name.substr(0, slash + 1), name.substr(slash + 1)) == (is_taken ? name + "_1" : name));
    }
    return taken;
}

const strings uniform{"random_uniform", "random_uniform/RandomUniform", "random_uniform/max", "random_uniform/min",
    "random_uniform/mul", "random_uniform/shape", "random_uniform/sub"};
const strings normal{"random_normal", "random_normal/RandomStandardNormal", "random_normal/mean", "random_normal/mul",
    "random_normal/shape", "random_normal/stddev"};
const strings truncated{"truncated_normal", "truncated_normal/TruncatedNormal", "truncated_normal/mean",
    "truncated_normal/mul", "truncated_normal/shape", "truncated_normal/stddev"};

} // namespace

TEST_CASE("a variable takes the names Assign and read in its name scope", "[op_index]") {
    const fresh f;
    (void)vs::get_variable("a/v", {2});
    CHECK(make("a/v/", "Assign") == "a/v/Assign_1");
    CHECK(make("a/v/", "read") == "a/v/read_1");
    CHECK(make("a/v/", "READ") == "a/v/READ_2");
    CHECK(make("a/v/", "other") == "a/v/other");
    CHECK(make("a/", "v/read") == "a/v/read_3");
    CHECK(make("", "a/v/Assign") == "a/v/Assign_2");
}

TEST_CASE("a rule's ops stand below Initializer and a value is called initial_value", "[op_index]") {
    const fresh f;
    (void)vs::get_variable("rule", {2});
    (void)vs::make_variable("value", {.initializer = 1.f});
    CHECK(make("rule/", "Initializer") == "rule/Initializer_1");
    CHECK(make("rule/", "initial_value") == "rule/initial_value");
    CHECK(make("value/", "Initializer") == "value/Initializer");
    CHECK(make("value/", "initial_value") == "value/initial_value_1");
    CHECK(vs::name_scope("rule/Initializer").name() == "rule/Initializer_2/");
}

TEST_CASE("a variable whose initial value is an op makes none for it", "[op_index]") {
    const fresh f;
    const auto v = vs::make_variable("v", {.initializer = 1.f});
    (void)vs::make_variable("w", {.initializer = vs::initializer(vs::tensor(v))});
    CHECK(make("w/", "Initializer") == "w/Initializer");
    CHECK(make("w/", "initial_value") == "w/initial_value");
    CHECK(make("w/", "Assign") == "w/Assign_1");
}

TEST_CASE("an array that a function returns becomes an op below Initializer", "[op_index]") {
    CHECK(ops_of([](const vs::shape&) { return xt::xarray<float>{{1.f, 2.f, 3.f}, {4.f, 5.f, 6.f}}; }) ==
        strings{"initial_value"});
    const fresh f;
    (void)vs::get_variable("v", vs::any_shape, {.initializer = [] { return xt::xarray<float>{1.f}; }});
    CHECK(hidden_below("v") == strings{"initial_value"});
    CHECK(make("v/", "initial_value") == "v/initial_value");
}

TEST_CASE("constants are one op, zeros and ones of a thousand elements and more are three", "[op_index]") {
    CHECK(ops_of(vs::zeros()) == strings{"zeros"});
    CHECK(ops_of(vs::ones()) == strings{"ones"});
    CHECK(ops_of(vs::zeros(), {27, 37}) == strings{"zeros"});
    CHECK(ops_of(vs::ones(), {999}) == strings{"ones"});
    CHECK(ops_of(vs::zeros(), {10, 100}) == strings{"zeros", "zeros/Const", "zeros/shape_as_tensor"});
    CHECK(ops_of(vs::ones(), {1000}, vs::dtype::int32) == strings{"ones", "ones/Const", "ones/shape_as_tensor"});
    CHECK(ops_of(vs::constant_initializer(2)) == strings{"Const"});
    CHECK(ops_of(vs::constant_initializer(2), {1000}) == strings{"Const"});
    CHECK(ops_of(vs::constant_initializer({1, 2, 3})) == strings{"Const"});
}

TEST_CASE("random rules make the ops of the distribution that they draw from", "[op_index]") {
    CHECK(ops_of(vs::random_uniform(-1.0, 1.0)) == uniform);
    CHECK(ops_of(vs::random_uniform(-1, 1)) == uniform);
    CHECK(ops_of(vs::random_normal()) == normal);
    CHECK(ops_of(vs::truncated_normal()) == truncated);
    CHECK(ops_of(vs::random_normal(), {1000}) == normal);
}

TEST_CASE("random integers need no arithmetic", "[op_index]") {
    CHECK(ops_of(vs::random_uniform(0, 9), {2}, vs::dtype::int32) ==
        strings{"random_uniform", "random_uniform/max", "random_uniform/min", "random_uniform/shape"});
}

TEST_CASE("scaled rules make the ops of the distribution that they draw from", "[op_index]") {
    using distribution = vs::scaling_distribution;
    CHECK(ops_of(vs::variance_scaling({.distribution = distribution::truncated_normal})) == truncated);
    CHECK(ops_of(vs::variance_scaling({.distribution = distribution::untruncated_normal})) == normal);
    CHECK(ops_of(vs::variance_scaling({.distribution = distribution::uniform})) == uniform);
    CHECK(ops_of(vs::glorot_uniform()) == uniform);
    CHECK(ops_of(vs::glorot_normal()) == truncated);
    CHECK(ops_of(vs::he_normal()) == truncated);
    CHECK(ops_of(vs::he_uniform()) == uniform);
    CHECK(ops_of(vs::lecun_normal()) == truncated);
    CHECK(ops_of(vs::lecun_uniform()) == uniform);
    CHECK(ops_of(vs::uniform_unit_scaling()) == uniform);
    CHECK(ops_of(vs::contrib_variance_scaling()) == truncated);
    CHECK(ops_of(vs::contrib_variance_scaling({.uniform = true})) == uniform);
    CHECK(ops_of(vs::xavier_initializer()) == uniform);
    CHECK(ops_of(vs::xavier_initializer({.uniform = false})) == truncated);
}

TEST_CASE("a variable without an initializer makes the ops of the default rule", "[op_index]") {
    const fresh f;
    (void)vs::get_variable("f", {2});
    (void)vs::get_variable("i", {2}, {.dtype = vs::dtype::int64});
    CHECK(hidden_below("f") == uniform);
    CHECK(hidden_below("i") == strings{"zeros"});
}

TEST_CASE("ops of a variable avoid names that were taken before it was made", "[op_index]") {
    const fresh f;
    (void)make("v/", "read");
    (void)make("v/Initializer/", "zeros");
    (void)vs::name_scope("v/Initializer/random_uniform");
    CHECK(make("v/Initializer/random_uniform/", "mul") == "v/Initializer/random_uniform/mul");
    SECTION("in their scope") {
        (void)vs::get_variable("v", {2}, {.initializer = vs::random_uniform()});
        CHECK(make("v/", "read") == "v/read_2");
        CHECK(make("v/Initializer/", "random_uniform") == "v/Initializer/random_uniform_2");
        CHECK(make("v/Initializer/random_uniform/", "sub") == "v/Initializer/random_uniform/sub");
        CHECK(make("v/Initializer/random_uniform_1/", "sub") == "v/Initializer/random_uniform_1/sub_1");
        CHECK(make("v/Initializer/random_uniform_1/", "mul") == "v/Initializer/random_uniform_1/mul_1");
    }
    SECTION("in the scope Initializer") {
        (void)make("v/", "Initializer");
        (void)vs::get_variable("v", {2}, {.initializer = vs::zeros()});
        CHECK(make("v/Initializer/", "zeros") == "v/Initializer/zeros_1");
        CHECK(make("v/Initializer_1/", "zeros") == "v/Initializer_1/zeros_1");
        CHECK(make("v/Initializer_1/", "zeros") == "v/Initializer_1/zeros_2");
    }
}

TEST_CASE("the ops stand below the name of the variable's op, not below its key", "[op_index]") {
    const fresh f;
    (void)vs::make_variable("v", {.initializer = 1.f});
    (void)vs::get_variable("v", {2}, {.initializer = vs::zeros()});
    CHECK(hidden_below("v").empty());
    CHECK(hidden_below("v_1") == strings{"zeros"});
}

TEST_CASE("an op that a variable made is met by an exact name too", "[op_index]") {
    const fresh f;
    (void)vs::get_variable("v", {2}, {.initializer = vs::zeros()});
    CHECK_THROWS_AS(make("", "v/Initializer/zeros/"), vs::duplicate_node);
    CHECK_THROWS_AS(make("", "v/read/"), vs::duplicate_node);
    CHECK(make("", "v/Initializer/ones/") == "v/Initializer/ones");
}

TEST_CASE("parts have ops of their own, and a slice of a value needs none below Initializer", "[op_index]") {
    const fresh f;
    const auto cut = vs::fixed_size_partitioner(2);
    (void)vs::get_variable("rule", {4}, {.initializer = vs::zeros(), .partitioner = cut});
    CHECK(hidden_below("rule").empty());
    CHECK(hidden_below("rule/part_0") == strings{"zeros"});
    CHECK(hidden_below("rule/part_1") == strings{"zeros"});
    CHECK(make("rule/part_1/", "read") == "rule/part_1/read_1");
    CHECK(make("rule/part_1/", "PartitionedInitializer") == "rule/part_1/PartitionedInitializer_1");
}
