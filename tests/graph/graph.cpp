#include <varscope/graph/graph.hpp>
#include <varscope/graph/graph_state.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/variable/variable_lists.hpp>
#include <varscope/scope/variable_scope.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <array>
#include <complex>
#include <cstddef>
#include <cstring>
#include <map>
#include <source_location>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;

namespace {

std::vector<float> values(const vs::any_variable& v) {
    const auto* const data = static_cast<const float*>(v.data());
    return {data, data + v.size()};
}

const std::vector<std::string> keys{"a/kernel", "a/bias", "b/kernel", "v", "v_1"};

/// The initial values of random variables of these keys.
std::map<std::string, std::vector<float>> initial_values(std::uint64_t seed, const std::vector<std::string>& order) {
    vs::graph g({.seed = seed});
    std::map<std::string, std::vector<float>> result;
    for (const auto& key : order) { result[key] = values(vs::get_variable(g, key, {3, 5})); }
    return result;
}

} // namespace

TEST_CASE("huge variables take neither memory nor time until their elements are used", "[graph]") {
    for (const auto mode : {vs::initialization::immediate, vs::initialization::deferred}) {
        vs::graph g({.initialization = mode});
        for (int i = 0; i < 1000; ++i) {
            const auto v = vs::get_variable(g, "v" + std::to_string(i), {100'000, 100'000}); // 40 GB each
            REQUIRE(v.size() == 10'000'000'000U);
            REQUIRE(v.bytes() == 40'000'000'000U);
        }
        CHECK(g.store().size() == 1000);
    }
}

TEST_CASE("a variable is initialised on creation unless the graph defers it", "[graph]") {
    vs::graph now;
    vs::graph later({.initialization = vs::initialization::deferred});
    CHECK(vs::get_variable(now, "v", {2}).is_initialized());
    CHECK_FALSE(vs::get_variable(later, "v", {2}).is_initialized());
}

TEST_CASE("reading a variable before it has a value is refused", "[graph]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    const auto v = vs::get_variable(g, "s/v", {2});
    try {
        (void)v.data();
        FAIL("was read");
    } catch (const vs::uninitialized& e) {
        CHECK(e.what() == "variable 's/v' was read before it had a value\n"
                          "  created at " + vs::to_string(v.defined_at()) + " in a graph with deferred initialisation\n"
                          "  run global_variables_initializer(), restore a checkpoint or assign to it first");
        CHECK(e.name() == "s/v");
        CHECK(e.first_defined()->line() == v.defined_at().line());
    }
    CHECK_FALSE(v.is_initialized());
}

TEST_CASE("a deferred variable gets the values that it would have got at once", "[graph]") {
    vs::graph now;
    vs::graph later({.initialization = vs::initialization::deferred});
    const auto expected = values(vs::get_variable(now, "v", {3, 5}));
    const auto v = vs::get_variable(later, "v", {3, 5});
    later.initialize(v.node());
    CHECK(v.is_initialized());
    CHECK(values(v) == expected);
}

TEST_CASE("initialising again brings the first values back", "[graph]") {
    vs::graph g;
    const auto v = vs::get_variable(g, "v", {3});
    const auto first = values(v);
    const std::vector<float> other{1, 2, 3};
    g.assign(v.node(), other.data());
    CHECK(values(v) == other);
    g.initialize(v.node());
    CHECK(values(v) == first);
}

TEST_CASE("assigning makes a variable initialised, small or large", "[graph]") {
    for (const std::size_t size : {3U, 1000U}) {
        vs::graph g({.initialization = vs::initialization::deferred});
        const auto v = vs::get_variable(g, "v", {size});
        const std::vector<float> given(size, 2.f);
        g.assign(v.node(), given.data());
        CHECK(v.is_initialized());
        CHECK(values(v) == given);
    }
}

TEST_CASE("memory stays where it is once a variable has some", "[graph]") {
    vs::graph g;
    const auto v = vs::get_variable(g, "v", {1000});
    void* const before = v.data();
    const std::vector<float> given(1000, 2.f);
    g.assign(v.node(), given.data());
    auto adopted = vs::detail::element_memory::allocate(v.node());
    std::memset(adopted.get(), 0, v.bytes());
    g.with_elements([&](vs::detail::element_memory& all) {
        all.reserve_adoptions(1);
        all.adopt(v.node(), std::move(adopted));
    });
    CHECK(v.data() == before);
    CHECK(values(v) == std::vector<float>(1000, 0.f));
}

TEST_CASE("a variable without memory takes over what it adopts", "[graph]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    const auto v = vs::get_variable(g, "v", {1000});
    auto adopted = vs::detail::element_memory::allocate(v.node());
    void* const memory = adopted.get();
    std::memset(memory, 0, v.bytes());
    g.with_elements([&](vs::detail::element_memory& all) {
        all.reserve_adoptions(1);
        all.adopt(v.node(), std::move(adopted));
    });
    CHECK(v.is_initialized());
    CHECK(v.data() == memory);
}

TEST_CASE("elements are aligned for their type", "[graph]") {
    vs::graph g;
    for (const int size : {1, 3, 5, 63, 64, 65, 1000}) {
        const auto v = vs::get_variable<std::complex<double>>(g, "v" + std::to_string(size), {size}, {.initializer = vs::zeros()});
        CHECK(reinterpret_cast<std::uintptr_t>(vs::any_variable(v).data()) % 16 == 0);
    }
}

TEST_CASE("initial values depend on seed and key, and not on the order of creation or other variables", "[graph]") {
    const auto all = initial_values(7, keys);
    CHECK(initial_values(7, {keys.rbegin(), keys.rend()}) == all);
    for (const auto& key : keys) { CHECK(initial_values(7, {key}).at(key) == all.at(key)); }
}

TEST_CASE("initial values do not depend on the thread", "[graph][threads]") {
    std::map<std::string, std::vector<float>> elsewhere;
    std::thread([&] { elsewhere = initial_values(7, keys); }).join();
    CHECK(elsewhere == initial_values(7, keys));
}

TEST_CASE("the number of threads that fill a large variable changes none of its values", "[graph][threads]") {
    const vs::shape large{(1 << 20) + 3};
    const auto made = [&](unsigned threads, const vs::initializer& initial) {
        vs::graph g({.seed = 3, .initialization_threads = threads});
        return values(vs::get_variable(g, "w", large, {.initializer = initial}));
    };
    for (const vs::initializer& initial : {vs::initializer(vs::truncated_normal()), vs::initializer(vs::random_uniform()),
                                           vs::initializer(vs::he_normal()), vs::initializer(vs::random_normal(0, 1, {7}))}) {
        const std::vector<float> alone = made(1, initial);
        CHECK(made(0, initial) == alone);
        CHECK(made(2, initial) == alone);
        CHECK(made(7, initial) == alone);
    }
}

TEST_CASE("an initializer function is called once, by the thread that asks", "[graph][threads]") {
    std::vector<std::thread::id> callers;
    vs::graph g({.initialization_threads = 4});
    const auto v = vs::get_variable(g, "w", {1 << 20}, {.initializer = [&](const vs::shape& s) {
        callers.push_back(std::this_thread::get_id());
        return xt::xtensor<float, 1>(std::array<std::size_t, 1>{static_cast<std::size_t>(s[0])}, 2.F);
    }});
    CHECK(values(v).back() == 2);
    CHECK(callers == std::vector{std::this_thread::get_id()});
}

TEST_CASE("initial values depend on the key and not on the op's name", "[graph]") {
    vs::graph g({.seed = 7});
    (void)vs::make_variable(g, "v", {.initializer = 1.f});
    const auto v = vs::get_variable(g, "v", {3, 5});
    CHECK(v.op_name() == "v_1");
    CHECK(values(v) == initial_values(7, {"v"}).at("v"));
}

TEST_CASE("other seeds and other keys give other initial values", "[graph]") {
    const auto first = initial_values(7, keys);
    const auto second = initial_values(8, keys);
    for (const auto& key : keys) { CHECK(first.at(key) != second.at(key)); }
    for (std::size_t i = 1; i < keys.size(); ++i) { CHECK(first.at(keys[0]) != first.at(keys[i])); }
}

TEST_CASE("nodes lists variables and ops in the order of creation", "[graph]") {
    vs::graph g({.record_ops = true});
    (void)vs::get_variable(g, "v", {1});
    (void)vs::make_op(g, {.type = "NoOp"});
    (void)vs::make_variable(g, "w", {.initializer = 1.f});
    std::string names;
    for (const auto& n : g.nodes()) { names += std::string(n.op_name()) + ' '; }
    CHECK(names == "v NoOp w ");
}

TEST_CASE("a graph that records no ops gives them their names all the same", "[graph]") {
    vs::graph g({.record_ops = false});
    const auto a = vs::make_op(g, {.type = "Add", .shape = {2}});
    const auto b = vs::make_op(g, {.type = "Add", .inputs = std::span(&a, 1)});
    CHECK(a.name() == "Add:0");
    CHECK(b.name() == "Add_1:0");
    CHECK(a.op_type() == "Add");
    CHECK(a.shape() == vs::shape{2});
    CHECK(b.inputs().empty());
    CHECK(g.nodes().empty());
}

TEST_CASE("each graph has a number of its own", "[graph]") {
    const vs::graph a;
    const vs::graph b;
    CHECK(a.serial() != b.serial());
}

TEST_CASE("the lifetime of a graph ends with it", "[graph]") {
    std::weak_ptr<const void> lifetime;
    {
        const vs::graph g;
        lifetime = g.lifetime();
        CHECK_FALSE(lifetime.expired());
    }
    CHECK(lifetime.expired());
}

// ---- options

TEST_CASE("where case is ignored names that differ in it alone get suffixes, and keys do not", "[graph]") {
    vs::graph g;
    vs::as_default guard{g};
    CHECK(vs::get_variable("w", {1}).name() == "w:0");
    CHECK(vs::get_variable("W", {1}).name() == "W_1:0");
    CHECK(vs::find_variable("W")->op_name() == "W_1");
    CHECK(vs::make_op({.type = "NoOp"}, "w").op_name() == "w_2");
    vs::name_scope n{"W"};
    CHECK(n.name() == "W_3/");
}

TEST_CASE("where case is significant names that differ in it alone are different", "[graph]") {
    vs::graph g({.name_case = vs::name_case::significant});
    vs::as_default guard{g};
    CHECK(vs::get_variable("w", {1}).name() == "w:0");
    CHECK(vs::get_variable("W", {1}).name() == "W:0");
    CHECK(vs::make_op({.type = "NoOp"}, "W").op_name() == "W_1");
    CHECK(vs::name_scope("n").name() == "n/");
    CHECK(vs::name_scope("N").name() == "N/");
    CHECK(vs::name_scope("N").name() == "N_1/");
    {
        vs::name_scope n{"N/"};
        CHECK(vs::unique_name("x") == "N/x");
    }
    vs::name_scope n{"n/"};
    CHECK(vs::unique_name("x") == "n/x");
    CHECK(vs::unique_name("X") == "n/X");
    CHECK(vs::variable_scope(vs::no_name, {.default_name = "D"}).name() == "D");
    CHECK(vs::variable_scope(vs::no_name, {.default_name = "d"}).name() == "d");
}

TEST_CASE("exact names are compared letter by letter in both kinds of graph", "[graph]") {
    for (const auto letters : {vs::name_case::ignored, vs::name_case::significant}) {
        vs::graph g({.name_case = letters});
        CHECK(vs::make_op(g, {.type = "NoOp"}, "x/").op_name() == "x");
        CHECK(vs::make_op(g, {.type = "NoOp"}, "X/").op_name() == "X");
        CHECK_THROWS_AS(vs::make_op(g, {.type = "NoOp"}, "x/"), vs::duplicate_node);
    }
}

TEST_CASE("with strict names a variable whose name is taken is refused, and the holder named", "[graph]") {
    vs::graph g({.record_ops = true, .strict_names = true});
    vs::as_default guard{g};
    const auto here = std::source_location::current().line();
    (void)vs::make_variable("own", {.initializer = 1.f});
    (void)vs::get_variable("shared", {1});
    (void)vs::make_op({.type = "NoOp"}, "op");
    { vs::name_scope n{"scope"}; }
    const auto before = listing(g, {"own", "shared", "op", "scope"});
    const auto message = [&](const std::string& name, const std::string& holder, unsigned line) {
        return "variable '" + name + "' would get a suffix: its name is taken\n  by " + holder + " graph.cpp:" + std::to_string(here + line) +
            "\n  requested at graph.cpp:here in a graph with strict names\n  use another name, or a graph without strict_names";
    };
    CHECK(thrown<vs::name_taken>([] { (void)vs::get_variable("own", {1}); }) == message("own", "a variable of its own made at", 1));
    CHECK(thrown<vs::name_taken>([] { (void)vs::make_variable("shared", {.initializer = 1.f}); }) == message("shared", "a shared variable made at", 2));
    CHECK(thrown<vs::name_taken>([] { (void)vs::get_variable("op", {1}); }) == message("op", "an op made at", 3));
    CHECK(thrown<vs::name_taken>([] { (void)vs::get_variable("scope", {1}); }) == message("scope", "a scope or name asked for at", 4));
    CHECK(listing(g, {"own", "shared", "op", "scope"}) == before);
    try {
        (void)vs::get_variable("op", {1});
        FAIL("was made");
    } catch (const vs::name_taken& e) {
        CHECK(e.name() == "op");
        CHECK(e.kind() == vs::error_kind::name_taken);
        CHECK(e.first_defined()->line() == here + 3);
    }
}

TEST_CASE("with strict names a name is the full one, ops and scopes still get suffixes, and sharing goes on", "[graph]") {
    vs::graph g({.strict_names = true});
    vs::as_default guard{g};
    CHECK(vs::make_op({.type = "NoOp"}, "x").op_name() == "x");
    CHECK(vs::make_op({.type = "NoOp"}, "x").op_name() == "x_1");
    CHECK(vs::name_scope("x").name() == "x_2/");
    vs::variable_scope s{"s", vs::auto_reuse};
    CHECK(vs::get_variable("x", {1}).name() == "s/x:0");
    CHECK(vs::get_variable("x", {1}).name() == "s/x:0");
    CHECK_THROWS_AS(vs::make_variable("x", {.initializer = 1.f}), vs::name_taken);
    vs::variable_scope t{"t"};
    CHECK(vs::make_variable("x", {.initializer = 1.f}).name() == "s/t/x:0");
    CHECK(vs::get_variable("cut", {4}, {.partitioner = vs::fixed_size_partitioner(2)}).parts().size() == 2);
}

// ---- freezing

TEST_CASE("a frozen graph makes no variables, shares those it has, and makes ops", "[graph]") {
    vs::graph g;
    vs::as_default guard{g};
    const auto v = vs::get_variable<float, 1>("layer/kernel", {1}, {.initializer = vs::ones()});
    CHECK_FALSE(g.is_frozen());
    g.freeze();
    CHECK(g.is_frozen());
    CHECK_FALSE(g.is_final());
    const auto before = listing(g, {"layer/kernle"});
    CHECK(thrown<vs::frozen>([] { (void)vs::get_variable("layer/kernle", {1}); }) ==
          "variable 'layer/kernle' cannot be made: its graph is frozen\n"
          "  requested at graph.cpp:here\n"
          "  nearest: 'layer/kernel'\n"
          "  make it before vs::freeze, or share one that exists");
    CHECK_THROWS_AS(vs::make_variable("own", {.initializer = 1.f}), vs::frozen);
    CHECK_THROWS_AS(vs::get_local_variable("l", {1}), vs::frozen);
    CHECK_THROWS_AS(vs::get_variable("cut", {4}, {.partitioner = vs::fixed_size_partitioner(2)}), vs::frozen);
    CHECK(listing(g, {"layer/kernle"}) == before);
    vs::variable_scope s{"", vs::auto_reuse};
    CHECK(vs::get_variable("layer/kernel", {1}).is(v));
    CHECK(vs::make_op({.type = "NoOp"}).op_name() == "NoOp");
    const std::vector<float> two{2.f};
    g.assign(v.node(), two.data());
    CHECK(v(0) == 2.f);
}

TEST_CASE("a final graph makes no ops either, and freezing it again does not undo that", "[graph]") {
    vs::graph g;
    vs::as_default guard{g};
    const auto v = vs::get_variable("v", {1});
    g.finalize();
    g.freeze();
    CHECK(g.is_frozen());
    CHECK(g.is_final());
    const auto before = listing(g, {"NoOp"});
    CHECK(thrown<vs::frozen>([] { (void)vs::make_op({.type = "NoOp"}); }) ==
          "the graph is final: no op 'NoOp' can be made\n"
          "  asked for at graph.cpp:here\n"
          "  make it before vs::finalize");
    CHECK_THROWS_AS(vs::get_variable("w", {1}), vs::frozen);
    CHECK(listing(g, {"NoOp"}) == before);
    CHECK(vs::get_variable("v", {1}, {.reuse = vs::reuse}).is(v));
}

// ---- the ops that a variable makes for itself

TEST_CASE("the names of the ops that TensorFlow makes for a variable are taken below it", "[graph]") {
    vs::graph g;
    vs::as_default guard{g};
    (void)vs::make_variable("v", {.initializer = 1.f});
    (void)vs::get_variable("w", {1}, {.initializer = vs::ones()});
    {
        vs::name_scope v{"v/"};
        CHECK(vs::unique_name("Assign") == "v/Assign_1");
        CHECK(vs::unique_name("read") == "v/read_1");
        CHECK(vs::unique_name("initial_value") == "v/initial_value_1");
        CHECK(vs::unique_name("other") == "v/other");
    }
    vs::name_scope w{"w/"};
    CHECK(vs::unique_name("Assign") == "w/Assign_1");
    CHECK(vs::unique_name("initial_value") == "w/initial_value");
    CHECK(vs::name_scope("Initializer").name() == "w/Initializer_1/");
    vs::name_scope root{""};
    CHECK_THROWS_AS(vs::make_op({.type = "NoOp"}, "v/Assign/"), vs::duplicate_node);
    CHECK(vs::make_op({.type = "NoOp"}, "v/read").op_name() == "v/read_2");
}
