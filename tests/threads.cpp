// What several threads may do with one graph at once. Run these under the thread sanitizer too.
#include <varscope/graph/graph_state.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "race.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;

TEST_CASE("threads that ask for the same names get the same variables, each created and initialised once", "[threads]") {
    constexpr std::size_t names = 1000;
    vs::graph g;
    std::atomic<std::size_t> calls{0};
    std::vector<std::vector<const void*>> nodes(thread_count);
    std::atomic<std::size_t> wrong_values{0};
    race([&](std::size_t t) {
        vs::variable_scope s{g, "s", vs::auto_reuse};
        const auto count = [&](const vs::shape&) {
            ++calls;
            return xt::xarray<float>{3.f, 3.f};
        };
        for (std::size_t i = 0; i < names; ++i) {
            const auto v = i % 2 == 0 ? vs::get_variable<float, 1>("v" + std::to_string(i), {2}, {.initializer = count})
                                      : vs::get_variable<float, 1>("v" + std::to_string(i), {100}, {.initializer = vs::constant_initializer(3)});
            nodes[t].push_back(&v.node());
            if (v(0) != 3.f || v(v.size() - 1) != 3.f) { ++wrong_values; }
        }
    });
    CHECK(calls == names / 2);
    CHECK(wrong_values == 0);
    CHECK(g.store().size() == names);
    CHECK(vs::global_variables(g).size() == names);
    CHECK(std::ranges::all_of(nodes, [&](const auto& each) { return each == nodes[0]; }));
}

TEST_CASE("of threads that create a name in scopes that do not reuse, one succeeds", "[threads]") {
    vs::graph g;
    std::atomic<std::size_t> created{0};
    std::atomic<std::size_t> refused{0};
    race([&](std::size_t) {
        for (int i = 0; i < 100; ++i) {
            try {
                (void)vs::get_variable(g, "v" + std::to_string(i), {2});
                ++created;
            } catch (const vs::already_exists&) { ++refused; }
        }
    });
    CHECK(created == 100);
    CHECK(refused == 100 * (thread_count - 1));
}

TEST_CASE("variables are found and read while others are created", "[threads]") {
    constexpr std::size_t names = 2000;
    vs::graph g;
    std::atomic<std::size_t> present{0};
    std::atomic<std::size_t> wrong{0};
    race([&](std::size_t t) {
        if (t == 0) {
            for (std::size_t i = 0; i < names; ++i) {
                (void)vs::get_variable(g, "v" + std::to_string(i), {2}, {.initializer = vs::constant_initializer(static_cast<int>(i))});
                present.store(i + 1, std::memory_order_relaxed); // the table must do without help
            }
            return;
        }
        vs::variable_scope s{g, "", vs::reuse};
        for (std::size_t i = t; present.load(std::memory_order_relaxed) < names; i = i * 31 + 17) {
            const std::size_t known = present.load(std::memory_order_relaxed);
            if (known == 0) { continue; }
            const std::string name = "v" + std::to_string(i % known);
            const auto found = vs::find_variable(g, name);
            if (!found) { continue; } // not seen yet
            if (static_cast<const float*>(found->data())[1] != static_cast<float>(i % known) || !found->is_initialized() ||
                !vs::get_variable(name, {2}).is(*found)) {
                ++wrong;
            }
        }
    });
    CHECK(wrong == 0);
}

TEST_CASE("a first read by several threads fills the elements once, and all see them", "[threads]") {
    vs::graph g;
    std::vector<vs::any_variable> variables;
    for (int i = 0; i < 200; ++i) { variables.push_back(vs::get_variable(g, "v" + std::to_string(i), {500}, {.initializer = vs::ones()})); }
    std::vector<std::vector<const void*>> addresses(thread_count);
    std::atomic<std::size_t> wrong{0};
    race([&](std::size_t t) {
        for (const auto& v : variables) {
            const auto* const data = static_cast<const float*>(v.data());
            addresses[t].push_back(data);
            wrong += static_cast<std::size_t>(std::count_if(data, data + v.size(), [](float x) { return x != 1.f; }));
        }
    });
    CHECK(wrong == 0);
    CHECK(std::ranges::all_of(addresses, [&](const auto& each) { return each == addresses[0]; }));
}

TEST_CASE("each thread has its own scopes in a graph", "[threads]") {
    vs::graph g;
    std::atomic<std::size_t> wrong{0};
    race([&](std::size_t t) {
        for (int i = 0; i < 200; ++i) {
            const std::string name = "t" + std::to_string(t);
            vs::variable_scope outer{g, name, vs::auto_reuse};
            vs::variable_scope inner{vs::no_name, {.default_name = "d"}};
            if (inner.name() != name + "/d" || vs::get_variable("v", {1}).key() != name + "/d/v") { ++wrong; }
        }
    });
    CHECK(wrong == 0);
    CHECK(g.store().size() == thread_count);
}

TEST_CASE("a name asked for by several threads gets the suffixes 0 to n - 1", "[threads]") {
    constexpr std::size_t requests = 5000;
    vs::unique_names names;
    std::vector<std::vector<std::uint32_t>> answers(thread_count);
    race([&](std::size_t t) {
        for (std::size_t i = 0; i < requests; ++i) { answers[t].push_back(names.take(varscope::detail::root_digest, "v")); }
    });
    std::set<std::uint32_t> all;
    for (const auto& each : answers) { all.insert(each.begin(), each.end()); }
    CHECK(all.size() == thread_count * requests);
    CHECK(*all.rbegin() == thread_count * requests - 1);
    CHECK(names.entry_count() == 1);
}

TEST_CASE("names stay distinct while several threads also ask for suffixed ones by text", "[threads]") { // were given twice
    for (int round = 0; round < 200; ++round) {
        vs::unique_names names;
        std::vector<std::vector<std::string>> answers(thread_count);
        const auto take = [&](std::size_t t, const std::string& name) {
            const auto suffix = names.take(varscope::detail::root_digest, name);
            answers[t].push_back(suffix == 0 ? name : name + '_' + std::to_string(suffix));
        };
        race([&](std::size_t t) {
            for (std::size_t i = 0; i < 40; ++i) {
                take(t, "v");
                if (i % 8 == t) { take(t, "v_" + std::to_string(i * 5 + t)); }
                if (i % 16 == t) { take(t, "v_1_" + std::to_string(i)); }
                if (i % 10 == t) { take(t, "v_1"); }
            }
        });
        std::set<std::string> all;
        std::size_t count = 0;
        for (const auto& each : answers) {
            all.insert(each.begin(), each.end());
            count += each.size();
        }
        REQUIRE(all.size() == count);
    }
}

TEST_CASE("ops made by several threads have names of their own, also beside exact ones", "[threads]") {
    vs::graph g({.record_ops = true});
    std::atomic<std::size_t> refused{0};
    race([&](std::size_t t) {
        for (std::size_t i = 0; i < 200; ++i) {
            try {
                (void)vs::make_op(g, {.type = "NoOp"}, i % 50 == t ? "x_" + std::to_string(i) + '/' : std::string("x"));
            } catch (const vs::duplicate_node&) { ++refused; }
        }
    });
    std::set<std::string> names;
    for (const auto& n : g.nodes()) { names.emplace(n.op_name()); }
    CHECK(names.size() == g.nodes().size());
    CHECK(names.size() + refused == thread_count * 200);
}

TEST_CASE("a variable that was made while one waited for the lock is shared", "[threads]") {
    vs::graph g;
    std::unique_lock lock(g.creation());
    std::optional<vs::any_variable> other;
    std::atomic<bool> is_there{false};
    std::thread waits([&] {
        const vs::variable_scope s(g, "s", vs::auto_reuse);
        is_there = true;
        other = vs::get_variable<float, 1>("v", {1});
    });
    while (!is_there) { std::this_thread::yield(); }
    std::this_thread::sleep_for(std::chrono::milliseconds(50)); // most likely it has looked for "v" by now
    const vs::any_variable v = vs::get_variable<float, 1>(g, "s/v", {1});
    lock.unlock();
    waits.join();
    CHECK(other->is(v));
    CHECK(g.store().size() == 1);
}
