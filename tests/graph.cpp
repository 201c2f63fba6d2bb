#include <varscope/graph.hpp>

#include <varscope/get_variable.hpp>
#include <varscope/tensor.hpp>

#include "catch.hpp"

#include <complex>
#include <cstring>
#include <map>
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
    auto adopted = vs::graph::allocate(v.node());
    std::memset(adopted.get(), 0, v.bytes());
    g.reserve_adoptions(1);
    g.adopt(v.node(), std::move(adopted));
    CHECK(v.data() == before);
    CHECK(values(v) == std::vector<float>(1000, 0.f));
}

TEST_CASE("a variable without memory takes over what it adopts", "[graph]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    const auto v = vs::get_variable(g, "v", {1000});
    auto adopted = vs::graph::allocate(v.node());
    void* const memory = adopted.get();
    std::memset(memory, 0, v.bytes());
    g.reserve_adoptions(1);
    g.adopt(v.node(), std::move(adopted));
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
    vs::graph g;
    (void)vs::get_variable(g, "v", {1});
    (void)vs::make_op(g, {.type = "NoOp"});
    (void)vs::make_variable(g, "w", {.initializer = 1.f});
    std::string names;
    for (const auto* n : g.nodes()) { names += std::string(n->op_name()) + ' '; }
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
