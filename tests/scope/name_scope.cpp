#include <varscope/graph/graph_state.hpp>
#include <varscope/scope/name_scope.hpp>

#include <varscope/graph/tensor.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#include <source_location>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace vs = varscope;

static_assert(!std::is_copy_constructible_v<vs::name_scope> && !std::is_copy_assignable_v<vs::name_scope>);
static_assert(!std::is_move_constructible_v<vs::name_scope> && !std::is_move_assignable_v<vs::name_scope>);
static_assert(!std::is_convertible_v<const char*, vs::name_scope>);
template <class Guard>
concept newable = requires { new Guard("a"); };
static_assert(!newable<vs::name_scope>);

namespace {

/// Each test has a graph of its own in force.
std::string op(vs::name_arg name = vs::no_name) { return std::string(vs::make_op({.type = "NoOp"}, name).op_name()); }

} // namespace

TEST_CASE("a name scope prefixes ops, and nests", "[name_scope]") {
    fresh f;
    vs::name_scope a{"a"};
    CHECK(a.name() == "a/");
    CHECK(op("x") == "a/x");
    vs::name_scope b{"b"};
    CHECK(b.name() == "a/b/");
    CHECK(op("x") == "a/b/x");
    CHECK(vs::get_name_scope() == "a/b");
}

TEST_CASE("a name scope opened again is made unique", "[name_scope]") {
    fresh f;
    { vs::name_scope a{"a"}; }
    vs::name_scope a{"a"};
    CHECK(a.name() == "a_1/");
    CHECK(op("x") == "a_1/x");
}

TEST_CASE("name scopes and ops share one table of names", "[name_scope]") {
    fresh f;
    CHECK(op("x") == "x");
    vs::name_scope x{"x"};
    CHECK(x.name() == "x_1/");
}

TEST_CASE("only the full name of a scope is reserved", "[name_scope]") { // conformance, section 9, rule 3
    fresh f;
    { vs::name_scope ab{"a/b"}; }
    vs::name_scope a{"a"};
    CHECK(a.name() == "a/");
    vs::name_scope b{"b"};
    CHECK(b.name() == "a/b_1/");
}

TEST_CASE("the uniqueness of name scopes ignores letter case", "[name_scope]") { // rule 4
    fresh f;
    { vs::name_scope a{"Tower"}; }
    vs::name_scope b{"tower"};
    CHECK(b.name() == "tower_1/");
    { vs::name_scope c{"X"}; }
    CHECK(op("x") == "tower_1/x_1");
}

TEST_CASE("a name scope with '/' at its end is absolute, neither made unique nor reserved", "[name_scope]") { // rule 5
    fresh f;
    vs::name_scope a{"a"};
    {
        vs::name_scope exact{"b/c/"};
        CHECK(exact.name() == "b/c/");
        CHECK(op("x") == "b/c/x");
    }
    {
        vs::name_scope again{"b/c/"};
        CHECK(op("x") == "b/c/x_1");
    }
    vs::name_scope root{""};
    vs::name_scope plain{"b/c"};
    CHECK(plain.name() == "b/c/");
}

TEST_CASE("the name of a scope opens exactly that scope again", "[name_scope]") {
    fresh f;
    { vs::name_scope first{"a"}; }
    vs::name_scope a{"a"};
    vs::name_scope again{a.name()};
    CHECK(again.name() == "a_1/");
}

TEST_CASE("an empty name, and none, lead back to the root", "[name_scope]") {
    fresh f;
    vs::name_scope a{"a"};
    {
        vs::name_scope root{""};
        CHECK(root.name().empty());
        CHECK(op("x") == "x");
    }
    vs::name_scope root{vs::no_name};
    CHECK(root.name().empty());
}

TEST_CASE("the default name of a name scope counts only if no name is given", "[name_scope]") {
    fresh f;
    {
        vs::name_scope a{vs::no_name, "d"};
        CHECK(a.name() == "d/");
    }
    {
        vs::name_scope a{"a", "d"};
        CHECK(a.name() == "a/");
    }
    vs::name_scope outer{"outer"};
    vs::name_scope a{"", "d"};
    CHECK(a.name().empty());
}

TEST_CASE("a leading '_' or '-' is legal in the name of an inner scope and not at the root", "[name_scope]") { // rule 8
    fresh f;
    CHECK_THROWS_AS(vs::name_scope("_a"), vs::invalid_name);
    CHECK_THROWS_AS(op("_x"), vs::invalid_name);
    vs::name_scope a{"a"};
    CHECK(vs::name_scope("_a").name() == "a/_a/");
    CHECK(vs::name_scope("-a").name() == "a/-a/");
    CHECK(op("_x") == "a/_x");
}

TEST_CASE("an illegal scope name is refused with its place, and changes nothing", "[name_scope]") {
    fresh f;
    vs::name_scope a{"a"};
    const auto here = std::source_location::current().line();
    try {
        vs::name_scope bad{"b c"};
        FAIL("was opened");
    } catch (const vs::invalid_name& e) {
        CHECK(e.name() == "b c");
        CHECK(e.position() == 1);
        CHECK(e.asked_at().line() == here + 2);
    }
    CHECK(vs::get_name_scope() == "a");
    CHECK(f.graph.names().entry_count() == 1);
}

TEST_CASE("an illegal default name is refused", "[name_scope]") {
    fresh f;
    CHECK_THROWS_AS(vs::name_scope(vs::no_name, "b c"), vs::invalid_name);
}

TEST_CASE("the scope before comes back, also when an exception passes", "[name_scope]") {
    fresh f;
    vs::name_scope a{"a"};
    { vs::name_scope b{"b"}; }
    CHECK(vs::get_name_scope() == "a");
    try {
        vs::name_scope b{"b"};
        throw std::runtime_error("passes");
    } catch (const std::runtime_error&) {}
    CHECK(vs::get_name_scope() == "a");
}

TEST_CASE("a name scope in a graph puts that graph in force until its end", "[name_scope]") {
    fresh f;
    vs::graph other;
    vs::name_scope here{"here"};
    {
        vs::name_scope there{other, "there"};
        CHECK(&vs::current_graph() == &other);
        CHECK(vs::get_name_scope() == "there");
        CHECK(vs::get_name_scope(f.graph) == "here");
    }
    CHECK(&vs::current_graph() == &f.graph);
    CHECK(vs::get_name_scope() == "here");
    CHECK(vs::get_name_scope(other).empty());
}

TEST_CASE("the names of two graphs are independent", "[name_scope]") {
    vs::graph a;
    vs::graph b;
    { vs::name_scope scope{a, "s"}; }
    vs::name_scope scope{b, "s"};
    CHECK(scope.name() == "s/");
}

TEST_CASE("unique_name gives the name that the next op would get, and takes it if asked to", "[name_scope]") {
    fresh f;
    vs::name_scope a{"a"};
    CHECK(vs::unique_name("x", vs::name_use::ask) == "a/x");
    CHECK(vs::unique_name("x") == "a/x");
    CHECK(vs::unique_name("x", vs::name_use::ask) == "a/x_1");
    CHECK(op("x") == "a/x_1");
    CHECK(vs::unique_name(f.graph, "x") == "a/x_2");
}

TEST_CASE("unique_name takes any text as it is", "[name_scope]") {
    fresh f;
    CHECK(vs::unique_name("v,w") == "v,w");
    CHECK(vs::unique_name("x/") == "x/");
    CHECK(vs::unique_name("x/") == "x/_1");
}

TEST_CASE("scope names longer than any buffer are kept whole", "[name_scope]") {
    fresh f;
    const std::string name(1000, 'n');
    { vs::name_scope first{name}; }
    vs::name_scope again{name};
    CHECK(again.name() == name + "_1/");
    CHECK(op("x") == name + "_1/x");
}
