#include <varscope/graph/graph_state.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/detail/default_graphs.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/variable/variable_creator.hpp>
#include <varscope/variable/variable_lists.hpp>
#include <varscope/scope/variable_scope.hpp>

#include "catch.hpp"
#include "thrown.hpp"

#include <algorithm>
#include <barrier>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>

namespace vs = varscope;

static_assert(!std::is_copy_constructible_v<vs::as_default> && !std::is_copy_assignable_v<vs::as_default>);
static_assert(!std::is_move_constructible_v<vs::as_default> && !std::is_move_assignable_v<vs::as_default>);
static_assert(!std::is_convertible_v<vs::graph&, vs::as_default>);
template <class Guard>
concept newable = requires { new Guard(std::declval<vs::graph&>()); };
static_assert(!newable<vs::as_default>);

namespace {

struct graph_at_exit {
    vs::graph graph;
    graph_at_exit() = default;
    graph_at_exit(const graph_at_exit&) = delete;
    graph_at_exit& operator=(const graph_at_exit&) = delete;
    ~graph_at_exit() {
        vs::name_scope scope(graph, "late"); // and the graph is destroyed after that
        if (scope.name() != "late/") { std::terminate(); }
    }
};

} // namespace

TEST_CASE("without a guard the default graph is in force", "[current_graph]") {
    CHECK(&vs::current_graph() == &vs::default_graph());
}

TEST_CASE("as_default nests, and each end brings back the graph before", "[current_graph]") {
    vs::graph a;
    vs::graph b;
    {
        vs::as_default in_a{a};
        {
            vs::as_default in_b{b};
            {
                vs::as_default in_a_again{a};
                CHECK(&vs::current_graph() == &a);
            }
            CHECK(&vs::current_graph() == &b);
        }
        CHECK(&vs::current_graph() == &a);
    }
    CHECK(&vs::current_graph() == &vs::default_graph());
}

TEST_CASE("as_default brings back the graph before when an exception passes", "[current_graph]") {
    vs::graph g;
    try {
        vs::as_default guard{g};
        throw std::runtime_error("passes");
    } catch (const std::runtime_error&) {}
    CHECK(&vs::current_graph() == &vs::default_graph());
}

TEST_CASE("as_default returns to the scopes that are open in that graph", "[current_graph]") {
    vs::graph a;
    vs::graph b;
    vs::variable_scope outer{a, "outer"};
    {
        vs::as_default in_b{b};
        CHECK(vs::get_name_scope().empty());
        vs::variable_scope other{"other"};
        {
            vs::as_default in_a{a};
            CHECK(vs::get_name_scope() == "outer");
            CHECK(vs::get_variable_scope().name() == "outer");
        }
        CHECK(vs::get_variable_scope().name() == "other");
    }
    CHECK(vs::get_variable_scope().name() == "outer");
}

TEST_CASE("a new thread starts at the root of the default graph", "[current_graph][threads]") {
    vs::graph g;
    vs::as_default guard{g};
    vs::variable_scope scope{"outer"};
    std::string names = "not asked";
    const vs::graph* current = nullptr;
    std::thread([&] {
        current = &vs::current_graph();
        names = vs::get_name_scope() + vs::get_variable_scope().name() + vs::get_name_scope(g) + vs::get_variable_scope(g).name();
    }).join();
    CHECK(current == &vs::default_graph());
    CHECK(names.empty());
}

TEST_CASE("a graph at the address of a destroyed one has none of its scopes", "[current_graph]") {
    alignas(vs::graph) std::byte memory[sizeof(vs::graph)];
    auto* const first = new (memory) vs::graph;
    {
        vs::variable_scope scope{*first, "a"};
        vs::variable_scope inner{*first, vs::no_name, {.default_name = "d"}};
    }
    first->~graph();
    auto* const second = new (memory) vs::graph;
    {
        vs::variable_scope scope{*second, "a"};
        CHECK(scope.original_name_scope() == "a/");
    }
    second->~graph();
    CHECK(&vs::current_graph() == &vs::default_graph());
}

TEST_CASE("a graph may be destroyed in another thread than used it", "[current_graph][threads]") {
    auto g = std::make_unique<vs::graph>();
    { vs::name_scope scope{*g, "a"}; }
    std::thread([&] {
        { vs::name_scope scope{*g, "a"}; }
        g.reset();
    }).join();
    vs::graph other;
    vs::name_scope scope{other, "a"};
    CHECK(scope.name() == "a/");
}

TEST_CASE("a graph in a static object is used and destroyed after the thread's own state", "[current_graph]") {
    static graph_at_exit last; // what fails, fails at the end of the program: under the address sanitizer, or by terminate
    vs::name_scope scope{last.graph, "early"};
    CHECK(scope.name() == "early/");
}

// ---- reset_default_graph

TEST_CASE("resetting gives a new default graph, empty and with the options given", "[current_graph]") {
    (void)vs::get_variable("v", {1});
    const auto before = vs::default_graph().serial();
    vs::reset_default_graph({.seed = 7, .initialization = vs::initialization::deferred, .record_ops = false, .name_case = vs::name_case::significant, .strict_names = true});
    CHECK(vs::default_graph().serial() != before);
    CHECK(&vs::current_graph() == &vs::default_graph());
    CHECK(vs::default_graph().store().size() == 0);
    CHECK(vs::default_graph().names().entry_count() == 0);
    const vs::graph_options& options = vs::default_graph().options();
    CHECK(options.seed == 7);
    CHECK(options.initialization == vs::initialization::deferred);
    CHECK(options.record_ops == false);
    CHECK(options.name_case == vs::name_case::significant);
    CHECK(options.strict_names);
    CHECK_FALSE(vs::get_variable("v", {1}).is_initialized());
    vs::reset_default_graph();
    CHECK(vs::default_graph().options().initialization == vs::initialization::immediate);
    CHECK_FALSE(vs::default_graph().options().record_ops.has_value());
    CHECK(vs::get_variable("v", {1}).is_initialized());
    vs::reset_default_graph();
}

TEST_CASE("resetting brings the root scope back as it was at first", "[current_graph]") {
    vs::get_variable_scope().set_dtype(vs::dtype::int32);
    vs::get_variable_scope().reuse_variables();
    { vs::variable_scope d{vs::no_name, {.default_name = "d"}}; }
    vs::reset_default_graph();
    CHECK(vs::get_variable_scope().dtype() == vs::dtype::float32);
    CHECK(vs::get_variable_scope().reuse() == vs::reuse_mode::inherit);
    CHECK(vs::variable_scope(vs::no_name, {.default_name = "d"}).name() == "d");
    vs::reset_default_graph();
}

TEST_CASE("a block that holds on to a graph forbids a reset, and nothing has changed", "[current_graph]") { // rule 25
    const std::string text = "the default graph cannot be reset here\n"
                             "  asked for at current_graph.cpp:here inside a variable scope or vs::as_default\n"
                             "  leave those blocks first";
    const auto serial = vs::default_graph().serial();
    {
        vs::variable_scope s{"s"};
        CHECK(thrown<vs::nested_reset>([] { vs::reset_default_graph(); }) == text);
        CHECK(vs::get_variable_scope().name() == "s");
    }
    {
        vs::as_default guard{vs::default_graph()};
        CHECK(thrown<vs::nested_reset>([] { vs::reset_default_graph(); }) == text);
    }
    vs::graph other;
    {
        vs::as_default guard{other};
        CHECK(thrown<vs::nested_reset>([] { vs::reset_default_graph(); }) == text);
        CHECK(&vs::current_graph() == &other);
    }
    {
        vs::variable_scope s{other, "s"};
        vs::name_scope n{"n"};
        CHECK_THROWS_AS(vs::reset_default_graph(), vs::nested_reset);
    }
    CHECK(vs::default_graph().serial() == serial);
    try {
        vs::variable_scope s{"s"};
        throw std::runtime_error("passes");
    } catch (const std::runtime_error&) {}
    vs::reset_default_graph();
    CHECK(vs::default_graph().serial() != serial);
}

TEST_CASE("a name scope of the old graph ends harmlessly after a reset inside it", "[current_graph]") { // rule 25
    vs::reset_default_graph();
    {
        vs::name_scope outer{"outer"};
        {
            vs::name_scope inner{"inner"};
            vs::reset_default_graph();
            CHECK(vs::get_name_scope().empty());
            CHECK(inner.name() == "outer/inner/");
            vs::name_scope again{"inner"};
            CHECK(again.name() == "inner/");
            vs::variable_scope s{"s"};
            CHECK(vs::get_variable("v", {1}).name() == "s/v:0");
        }
        CHECK(vs::get_name_scope().empty());
        vs::reset_default_graph();
        vs::reset_default_graph();
        CHECK(outer.name() == "outer/");
    }
    CHECK(vs::get_name_scope().empty());
    CHECK(&vs::current_graph() == &vs::default_graph());
    vs::name_scope n{"outer"};
    CHECK(n.name() == "outer/");
}

TEST_CASE("a creator scope of the old graph ends harmlessly after a reset inside it", "[current_graph]") { // wrote to freed memory
    vs::reset_default_graph();
    int calls = 0;
    {
        vs::variable_creator_scope counting{[&](const vs::next_creator& next, const vs::variable_creation& wanted) {
            ++calls;
            return next(wanted);
        }};
        vs::reset_default_graph();
        (void)vs::get_variable("v", {1});
    }
    (void)vs::get_variable("w", {1});
    CHECK(calls == 0);
    vs::reset_default_graph();
}

TEST_CASE("a graph that was not the default one outlives every reset", "[current_graph]") {
    vs::graph g;
    const auto v = vs::get_variable(g, "v", {1}, {.initializer = vs::ones()});
    vs::reset_default_graph();
    CHECK(*static_cast<const float*>(v.data()) == 1.f);
    CHECK(vs::find_variable(g, "v").has_value());
}

TEST_CASE("a reset destroys the graph before", "[current_graph]") {
    vs::reset_default_graph();
    const auto held = std::make_shared<int>(0);
    (void)vs::get_variable("v", {1}, {.constraint = vs::constraint("c", [held](const vs::any_variable&) {})});
    const auto lifetime = vs::default_graph().lifetime();
    CHECK(held.use_count() == 2);
    vs::reset_default_graph();
    CHECK(lifetime.expired());
    CHECK(held.use_count() == 1);
}

TEST_CASE("the old graph of a name scope is destroyed by the first reset after that scope", "[current_graph]") {
    vs::reset_default_graph();
    const auto lifetime = vs::default_graph().lifetime();
    {
        vs::name_scope n{"n"};
        vs::reset_default_graph();
        vs::reset_default_graph();
        CHECK_FALSE(lifetime.expired());
    }
    vs::reset_default_graph();
    CHECK(lifetime.expired());
}

TEST_CASE("thousands of resets keep nothing of the graphs before but the one that a name scope stands in", "[current_graph]") {
    std::size_t most_graphs = 0;
    std::size_t most_scopes = 0;
    for (int i = 0; i < 5000; ++i) {
        {
            vs::variable_scope s{"s"};
            (void)vs::get_variable("v", {4}).data();
        }
        vs::name_scope n{"n"};
        vs::reset_default_graph();
        most_graphs = std::max(most_graphs, vs::detail::default_graphs::instance().replaced.size());
        most_scopes = std::max(most_scopes, vs::detail::known_scopes().size());
    }
    CHECK(most_graphs == 1);
    CHECK(most_scopes <= 3);
    vs::reset_default_graph();
    CHECK(vs::detail::default_graphs::instance().replaced.empty());
}

TEST_CASE("a thread that used the default graph before uses the new one after another thread's reset", "[current_graph][threads]") { // used the destroyed one
    std::barrier<> turn(2);
    std::string name;
    const vs::graph* seen = nullptr;
    std::thread other([&] {
        (void)vs::get_name_scope();
        vs::graph own;
        {
            vs::as_default guard{own};
            turn.arrive_and_wait();
            turn.arrive_and_wait(); // it is reset here
        }
        seen = &vs::current_graph();
        name = std::string(vs::get_variable("v", {1}).name());
        vs::name_scope n{"n"};
        name += ' ' + n.name();
    });
    turn.arrive_and_wait();
    (void)vs::unique_name("v");
    vs::reset_default_graph();
    turn.arrive_and_wait();
    other.join();
    CHECK(seen == &vs::default_graph());
    CHECK(name == "v:0 n/");
    CHECK(vs::find_variable("v").has_value());
    vs::reset_default_graph();
}

TEST_CASE("another thread's reset leaves a graph alone that a name scope of this one still stands in", "[current_graph][threads]") { // freed it
    std::barrier<> turn(2);
    std::string name;
    std::thread other([&] {
        vs::name_scope n{"n"};
        vs::reset_default_graph();
        turn.arrive_and_wait();
        turn.arrive_and_wait(); // the new one is reset here
        vs::graph g;
        vs::name_scope m{g, "m"};
        name = n.name();
    });
    turn.arrive_and_wait();
    vs::reset_default_graph();
    turn.arrive_and_wait();
    other.join();
    CHECK(name == "n/");
    vs::reset_default_graph();
}
