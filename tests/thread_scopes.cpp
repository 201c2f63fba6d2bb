// Scopes, graphs in force, templates and schemas of several threads at once. Run these under the thread sanitizer too.
#include <varscope/graph/graph_state.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/schema/bound.hpp>
#include <varscope/schema/static_scope.hpp>
#include <varscope/scope/capture.hpp>
#include <varscope/scope/transaction.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/make_template.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "race.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace vs = varscope;
using strings = std::vector<std::string>;

namespace {

struct layers {
    static constexpr auto layout = vs::repeat<20>(
        "layer_", vs::var<float, 4, 4>("kernel"), vs::var<float, 4>("bias", {.initializer = vs::ones()}));
};
constexpr vs::bind_options contiguous{.storage = vs::storage::contiguous};

/// The names of all ops and variables, in the order of the alphabet.
strings sorted_names(const vs::graph& g) {
    strings names;
    for (const auto& n : g.nodes()) { names.emplace_back(n.op_name()); }
    std::ranges::sort(names);
    return names;
}

/// "name", "name_1" and so on, as many as that, in the order of the alphabet.
strings numbered(const std::string& name, std::size_t count, const std::string& rest = {}) {
    strings names;
    for (std::size_t i = 0; i < count; ++i) { names.push_back(name + (i == 0 ? "" : '_' + std::to_string(i)) + rest); }
    std::ranges::sort(names);
    return names;
}

} // namespace

TEST_CASE("each thread has the graph in force that it chose", "[thread_scopes][threads]") {
    vs::graph shared;
    std::vector<std::unique_ptr<vs::graph>> own(thread_count);
    std::atomic<std::size_t> wrong{0};
    race([&](std::size_t t) {
        own[t] = std::make_unique<vs::graph>();
        for (int i = 0; i < 100; ++i) {
            const vs::as_default in(*own[t]);
            const vs::variable_scope s("s", vs::auto_reuse);
            const auto mine = vs::get_variable("v" + std::to_string(i), {1});
            {
                const vs::as_default inner(shared);
                const vs::variable_scope a("a", vs::auto_reuse);
                const auto v = vs::get_variable("v" + std::to_string(i), {1});
                if (&v.graph() != &shared || v.key() != "a/v" + std::to_string(i)) { ++wrong; }
            }
            if (&mine.graph() != own[t].get() || &vs::current_graph() != own[t].get()) { ++wrong; }
            if (vs::get_variable_scope().name() != "s") { ++wrong; }
        }
    });
    CHECK(wrong == 0);
    CHECK(shared.store().size() == 100);
    CHECK(std::ranges::all_of(own, [](const auto& g) { return g->store().size() == 100; }));
}

TEST_CASE("graphs are made, used and destroyed by several threads at once", "[thread_scopes][threads]") {
    std::atomic<std::size_t> wrong{0};
    race([&](std::size_t) {
        for (int i = 0; i < 200; ++i) {
            vs::graph g;
            const vs::variable_scope s{g, "s"};
            const auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()});
            if (v(1) != 1 || &v.graph() != &g || g.store().size() != 1) { ++wrong; }
        }
    });
    CHECK(wrong == 0);
}

TEST_CASE("name scopes of several threads have names of their own, and none is left out", "[thread_scopes][threads]") {
    constexpr std::size_t rounds = 300;
    vs::graph g({.record_ops = true});
    std::vector<strings> names(thread_count);
    race([&](std::size_t t) {
        for (std::size_t i = 0; i < rounds; ++i) {
            const vs::name_scope n(g, "n");
            names[t].push_back(n.name());
            (void)vs::no_op("x");
            const vs::name_scope inner("m"); // in its own one: no suffix
            if (inner.name() != n.name() + "m/") { throw std::runtime_error(inner.name()); }
        }
    });
    strings all;
    for (const auto& each : names) { all.insert(all.end(), each.begin(), each.end()); }
    std::ranges::sort(all);
    CHECK(all == numbered("n", thread_count * rounds, "/"));
    CHECK(sorted_names(g) == numbered("n", thread_count * rounds, "/x"));
}

TEST_CASE("ops, scopes and reserved names of several threads share one row of suffixes", "[thread_scopes][threads]") {
    constexpr std::size_t rounds = 200;
    vs::graph g;
    std::vector<strings> names(thread_count);
    race([&](std::size_t t) {
        const vs::as_default in(g);
        for (std::size_t i = 0; i < rounds; ++i) {
            switch ((t + i) % 4) {
            case 0: names[t].emplace_back(vs::no_op("x").op_name()); break;
            case 1: names[t].push_back(vs::unique_name("x")); break;
            case 2: names[t].emplace_back(vs::variable<float, 1>{{1.F}, "x"}.op_name()); break;
            default: {
                const vs::name_scope n("x");
                names[t].push_back(n.name().substr(0, n.name().size() - 1));
            }
            }
        }
    });
    strings all;
    for (const auto& each : names) { all.insert(all.end(), each.begin(), each.end()); }
    std::ranges::sort(all);
    CHECK(all == numbered("x", thread_count * rounds));
}

TEST_CASE("default scope names are counted by each thread", "[thread_scopes][threads]") {
    vs::graph g;
    std::atomic<std::size_t> wrong{0};
    race([&](std::size_t) {
        const vs::variable_scope s(g, "s", vs::auto_reuse);
        for (int i = 0; i < 50; ++i) {
            const vs::variable_scope d(vs::no_name, {.default_name = "d"});
            const std::string expected = i == 0 ? "s/d" : "s/d_" + std::to_string(i);
            if (d.name() != expected || vs::get_variable("v", {1}).key() != expected + "/v") { ++wrong; }
        }
    });
    CHECK(wrong == 0);
    CHECK(g.store().size() == 50);
}

TEST_CASE("what was captured stays as it was while its scope goes on changing", "[thread_scopes][threads]") {
    vs::graph g;
    vs::variable_scope s(g, "s", {.reuse = vs::auto_reuse, .initializer = vs::ones()});
    std::promise<vs::captured_scope> handed;
    const auto here = handed.get_future().share();
    std::atomic<bool> is_done{false};
    std::atomic<std::size_t> wrong{0};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            const vs::captured_scope scope = here.get();
            for (int i = 0; i < 100 || !is_done; ++i) {
                const vs::resume in(scope);
                const auto v = vs::get_variable<float, 1>("v" + std::to_string(t) + '_' + std::to_string(i % 100), {2});
                if (v(1) != 1 || !v.key().starts_with("s/v")) { ++wrong; }
            }
        });
    }
    handed.set_value(vs::capture());
    for (int i = 0; i < 500; ++i) {
        s.handle().set_initializer(i % 2 == 0 ? vs::initializer(vs::zeros()) : vs::initializer());
        s.handle().set_partitioner({});
        const vs::variable_scope inner("inner");
        (void)vs::get_variable<float, 1>("w", {2});
    }
    s.reuse_variables();
    is_done = true;
    for (auto& t : threads) { t.join(); }
    CHECK(wrong == 0);
    CHECK(g.store().size() == 401);
}

TEST_CASE("functions bound to a scope run in tasks", "[thread_scopes][threads]") {
    vs::graph g;
    std::vector<std::future<std::string>> tasks;
    {
        const vs::variable_scope s(g, "tower", vs::auto_reuse);
        for (int i = 0; i < 16; ++i) {
            tasks.push_back(std::async(std::launch::async, vs::bind_scope([i] {
                return std::string(vs::get_variable("v" + std::to_string(i / 2), {2}).key());
            })));
        }
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) { CHECK(tasks[i].get() == "tower/v" + std::to_string(i / 2)); }
    CHECK(g.store().size() == 8);
}

TEST_CASE("several threads open names known while compiling and names known at run time", "[thread_scopes][threads]") {
    using namespace vs::literals;
    vs::graph g;
    std::atomic<std::size_t> wrong{0};
    race([&](std::size_t t) {
        for (int i = 0; i < 200; ++i) {
            const auto check = [&] {
                const vs::static_scope inner("b"_path);
                if (vs::get_variable<"v", float, 2>().key() != "a/b/v") { ++wrong; }
            };
            if ((t + static_cast<std::size_t>(i)) % 2 == 0) {
                const vs::static_scope s(g, "a"_path, vs::auto_reuse);
                check();
            } else {
                const vs::variable_scope s(g, "a", vs::auto_reuse);
                check();
            }
        }
    });
    CHECK(wrong == 0);
    CHECK(g.store().size() == 1);
}

TEST_CASE("a template does not mind what other threads make during its later calls", "[thread_scopes][threads]") { // was refused
    vs::graph g;
    const vs::as_default in(g);
    int calls = 0;
    auto layer = vs::make_template("layer", [&] {
        const auto w = vs::get_variable<float, 1>("w", {2});
        std::thread([&] { (void)vs::get_variable<float, 1>(g, "other" + std::to_string(calls++), {2}); }).join();
        return vs::any_variable(w);
    });
    const auto first = layer();
    CHECK(layer().is(first));
    CHECK(layer().is(first));
    CHECK(layer.trainable_variables().size() == 1);
    CHECK(g.store().size() == 4);
}

TEST_CASE("templates of several threads share from call to call while others create", "[thread_scopes][threads]") {
    vs::graph g;
    std::atomic<std::size_t> wrong{0};
    race([&](std::size_t t) {
        const std::string name = "t" + std::to_string(t);
        const vs::variable_scope s(g, name);
        if (t % 2 == 0) {
            auto layer = vs::make_template("layer", [] { return vs::any_variable(vs::get_variable<float, 1>("w", {2})); });
            const auto first = layer();
            for (int i = 0; i < 300; ++i) { wrong += layer().is(first) ? 0U : 1U; }
            if (first.key() != name + "/layer/w" || layer.trainable_variables().size() != 1) { ++wrong; }
        } else {
            for (int i = 0; i < 300; ++i) { (void)vs::get_variable("v" + std::to_string(i), {1}); }
        }
    });
    CHECK(wrong == 0);
    CHECK(g.store().size() == thread_count / 2 * 301);
}

TEST_CASE("templates of one name in several threads have one scope, where one of them creates", "[thread_scopes][threads]") {
    vs::graph g;
    std::atomic<std::size_t> made{0};
    std::atomic<std::size_t> refused{0};
    race([&](std::size_t) {
        const vs::as_default in(g);
        auto layer = vs::make_template("layer", [] { return vs::any_variable(vs::get_variable<float, 1>("w", {2})); });
        try {
            (void)layer();
            ++made;
        } catch (const vs::already_exists&) { ++refused; }
    });
    CHECK(made == 1);
    CHECK(refused == thread_count - 1);
    CHECK(g.store().size() == 1);
}

TEST_CASE("templates of one name in several threads share under get-or-create", "[thread_scopes][threads]") {
    vs::graph g;
    std::vector<const void*> found(thread_count);
    race([&](std::size_t t) {
        const vs::variable_scope s(g, "s", vs::auto_reuse);
        auto layer = vs::make_template("layer", [] { return vs::any_variable(vs::get_variable<float, 1>("w", {2})); });
        for (int i = 0; i < 50; ++i) { found[t] = &layer().node(); }
    });
    CHECK(std::ranges::all_of(found, [&](const void* p) { return p == found[0]; }));
    CHECK(g.store().size() == 1);
}

TEST_CASE("several threads bind one schema, and all get the same variables in the same block", "[thread_scopes][threads]") {
    for (int round = 0; round < 10; ++round) {
        vs::graph g;
        std::vector<std::vector<const void*>> nodes(thread_count);
        std::vector<const void*> blocks(thread_count);
        std::atomic<std::size_t> wrong{0};
        race([&](std::size_t t) {
            const vs::bound<layers> m(g, contiguous);
            blocks[t] = m.block().data();
            for (std::size_t i = 0; i < m.size(); ++i) { nodes[t].push_back(&m[i].node()); }
            if (m.get<"layer_19/bias">()(3) != 1) { ++wrong; }
            const auto kernel = m.get<"layer_3/kernel">();
            if (kernel(1, 1) != kernel(1, 1)) { ++wrong; }
        });
        CHECK(wrong == 0);
        CHECK(g.store().size() == 40);
        CHECK(std::ranges::all_of(nodes, [&](const auto& each) { return each == nodes[0]; }));
        CHECK(std::ranges::all_of(blocks, [&](const void* p) { return p != nullptr && p == blocks[0]; }));
    }
}

TEST_CASE("one bound schema is read by several threads", "[thread_scopes][threads]") {
    vs::graph g({.seed = 5});
    const vs::bound<layers> m(g);
    std::vector<float> sums(thread_count);
    race([&](std::size_t t) {
        const auto layer = m.scope<"layer_7">();
        const auto kernel = layer.get<"kernel">();
        for (std::size_t i = 0; i < 4; ++i) { sums[t] += kernel(i, i) + layer.get<"bias">()(i); }
    });
    CHECK(std::ranges::all_of(sums, [&](float x) { return x == sums[0]; }));
}

TEST_CASE("transactions of several threads each leave all or nothing", "[thread_scopes][threads]") {
    constexpr std::size_t rounds = 60;
    vs::graph g({.record_ops = true});
    std::atomic<std::size_t> wrong{0};
    race([&](std::size_t t) {
        for (std::size_t i = 0; i < rounds; ++i) {
            const std::string name = 't' + std::to_string(t) + '_' + std::to_string(i);
            if (t < 2) { // beside those who share, read, and take names without the lock
                const vs::name_scope n(g, "n");
                for (const char* part : {"a", "b", "gone"}) {
                    const auto v = vs::find_variable(g, "t2_" + std::to_string(i) + '/' + part);
                    if (v && static_cast<const float*>(v->data())[1] != 1) { ++wrong; }
                }
                continue;
            }
            try {
                const vs::transaction whole(g);
                const vs::variable_scope s(g, name, {.initializer = vs::ones()});
                (void)vs::get_variable<float, 1>("a", {2});
                (void)vs::get_variable<float, 1>("b", {2});
                (void)vs::no_op("op");
                if (i % 2 == 1) {
                    (void)vs::get_variable<float, 1>("gone", {2});
                    throw std::runtime_error("taken back");
                }
            } catch (const std::runtime_error&) { continue; }
        }
    });
    CHECK(wrong == 0);
    strings expected;
    for (std::size_t t = 2; t < thread_count; ++t) {
        for (std::size_t i = 0; i < rounds; i += 2) {
            for (const char* part : {"/a", "/b", "/op"}) { expected.push_back('t' + std::to_string(t) + '_' + std::to_string(i) + part); }
        }
    }
    std::ranges::sort(expected);
    CHECK(sorted_names(g) == expected);
    CHECK(g.store().size() == (thread_count - 2) * rounds);
    CHECK(vs::unique_name(g, "t2_1", vs::name_use::ask) == "t2_1");
    CHECK(vs::unique_name(g, "n", vs::name_use::ask) == "n_" + std::to_string(2 * rounds));
}
