#include <varscope/op/initialization.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/scope/name_scope.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <string>
#include <vector>

namespace vs = varscope;
using names = std::vector<std::string>;

namespace {

constexpr vs::graph_options deferred{.initialization = vs::initialization::deferred};

} // namespace

TEST_CASE("some variables are initialised and the others not", "[initialization]") {
    fresh g(deferred);
    const auto a = vs::get_variable<float, 1>("a", {2}, {.initializer = vs::ones()});
    const auto b = vs::get_local_variable<int>("b", {2}, {.initializer = vs::ones()});
    const auto c = vs::get_variable<float>("c", {2});
    const auto init = vs::variables_initializer({b, a});
    CHECK(init.name() == "init");
    CHECK_FALSE(vs::is_variable_initialized(a));
    vs::session().run(init);
    CHECK(vs::is_variable_initialized(a));
    CHECK(vs::is_variable_initialized(b));
    CHECK_FALSE(vs::is_variable_initialized(c));
    CHECK(a(1) == 1.F);
}

TEST_CASE("an initialiser of a list is an op with a name", "[initialization]") {
    fresh g;
    CHECK(vs::variables_initializer({}).name() == "init");
    const vs::name_scope scope{"scope"};
    CHECK(vs::variables_initializer({}, "start").name() == "scope/start");
    vs::graph other;
    CHECK(vs::variables_initializer(other, {}, "start").name() == "start");
}

TEST_CASE("an initialiser is of the graph of its variables", "[initialization]") {
    fresh g;
    vs::graph other;
    const auto v = vs::get_variable<float, 1>(other, "v", {2});
    CHECK(thrown<vs::wrong_graph>([&] { (void)vs::variables_initializer({v}); }) ==
        "variable 'v' is of another graph than its initializer\n  created at " + made(v) +
            "\n  asked for at initialization.cpp:here"
            "\n  make the initializer while that graph is in force: vs::as_default guard{g}");
    CHECK(g.graph.nodes().empty());
    CHECK(vs::variables_initializer(other, {v}).variables().size() == 1);
}

TEST_CASE("variables without a value are reported, the global ones first", "[initialization]") {
    fresh g(deferred);
    const auto local = vs::get_local_variable<float, 1>("local", {2});
    const vs::variable<float, 0> first{1.F, "v"};
    const auto v = vs::get_variable<float, 1>("v", {2});
    CHECK(vs::report_uninitialized_variables() == names{"v", "v_1", "local"});
    CHECK(vs::report_uninitialized_variables(g.graph) == names{"v", "v_1", "local"});
    CHECK(vs::report_uninitialized_variables({local, v}) == names{"local", "v_1"});
    vs::session().run(vs::variables_initializer({first, local}));
    CHECK(vs::report_uninitialized_variables() == names{"v_1"});
    vs::session().run(vs::global_variables_initializer());
    CHECK(vs::report_uninitialized_variables().empty());
}

TEST_CASE("where no variable is listed, all of the graph are reported", "[initialization]") {
    fresh g(deferred);
    const auto hidden = vs::get_variable<float, 1>("hidden", {2}, {.trainable = false, .collections = names{}});
    CHECK(vs::report_uninitialized_variables() == names{"hidden"});
    CHECK(vs::report_uninitialized_variables(std::vector<vs::any_variable>{}).empty());
    const auto listed = vs::get_variable<float, 1>("listed", {2});
    CHECK(vs::report_uninitialized_variables() == names{"listed"});
}

TEST_CASE("asserting that variables have values names all that have none", "[initialization]") {
    fresh g(deferred);
    const auto a = vs::get_variable<float, 1>("a", {2});
    const auto b = vs::get_variable<float, 1>("b", {2});
    const auto c = vs::get_local_variable<float, 1>("c", {2});
    const std::string advice =
        "\n  run global_variables_initializer() and local_variables_initializer(), restore a "
        "checkpoint or assign to them first";
    g.graph.initialize(b.node());
    CHECK(thrown<vs::uninitialized>([&] { (void)vs::assert_variables_initialized(); }) ==
        "2 variables have no value yet\n  'a', created at " + made(a) +
            "\n  'c', created at " + made(c) + "\n  asked for at initialization.cpp:here" + advice);
    CHECK(thrown<vs::uninitialized>([&] { (void)vs::assert_variables_initialized({b, c}); }) ==
        "1 variable has no value yet\n  'c', created at " + made(c) +
            "\n  asked for at initialization.cpp:here" + advice);
    CHECK_THROWS_AS(vs::assert_variables_initialized(g.graph), vs::uninitialized);
    CHECK_NOTHROW(vs::assert_variables_initialized({b}));
    CHECK_FALSE(a.is_initialized());
}
