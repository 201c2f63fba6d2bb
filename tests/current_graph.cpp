#include <varscope/current_graph.hpp>
#include <varscope/name_scope.hpp>
#include <varscope/variable_scope.hpp>

#include "catch.hpp"

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
