#include <varscope/graph/graph_state.hpp>
#include <varscope/schema/static_scope.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/capture.hpp>
#include <varscope/variable/make_template.hpp>
#include <varscope/varscope.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "race.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;
using namespace vs::literals;

namespace {

struct sizes {
    std::size_t entries;
    std::size_t events;
    std::size_t nodes;
    friend bool operator==(const sizes&, const sizes&) = default;
    friend std::ostream& operator<<(std::ostream& to, const sizes& s) {
        return to << s.entries << " entries, " << s.events << " steps, " << s.nodes << " nodes";
    }
};
sizes sizes_of(vs::graph& g) { return {g.names().entry_count(), g.names().event_count(), g.nodes().size()}; }

/// Whether calls after the first thousand leave the graph as it was.
void check_made_flat(const std::string& what, const std::function<std::function<void()>()>& make) {
    INFO(what);
    const fresh g({.record_ops = false});
    auto& graph = vs::current_graph();
    const std::function<void()> call = make();
    for (int i = 0; i < 1000; ++i) { call(); }
    const sizes before = sizes_of(graph);
    for (int i = 0; i < 20'000; ++i) { call(); }
    CHECK(sizes_of(graph) == before);
}

void check_flat(const std::string& what, const std::function<void()>& call) {
    check_made_flat(what, [&] { return call; });
}

void dense() {
    const auto w = vs::get_variable<float, 1>("w", {2});
    const auto y = vs::relu(w * 2.F);
    (void)vs::reduce_sum(vs::add(y, y));
}

} // namespace

TEST_CASE("scopes and ops of all kinds, called again and again, leave a graph as it was", "[calls_again]") {
    check_flat("a variable scope", [] {
        const vs::variable_scope s("tower", vs::auto_reuse);
        dense();
    });
    check_flat("scopes in scopes, named while running", [] {
        const vs::variable_scope s("tower", vs::auto_reuse);
        for (int i = 0; i < 5; ++i) {
            const vs::variable_scope layer("layer_" + std::to_string(i));
            dense();
        }
    });
    check_flat("two kinds of calls by turns", [] {
        static int i = 0;
        const vs::variable_scope s("tower", vs::auto_reuse);
        dense();
        if (++i % 2 == 0) { dense(); }
        if (i % 7 == 0) { const vs::name_scope evaluate("evaluate"); }
    });
    check_flat("a name scope and an op of one name", [] {
        { const vs::name_scope x("x"); (void)vs::no_op("a"); }
        (void)vs::no_op("x");
    });
    check_flat("an op and a scope of one name in a scope", [] {
        const vs::name_scope t("t");
        (void)vs::no_op("x");
        const vs::name_scope x("x");
        (void)vs::unique_name("y");
        (void)vs::unique_name("y");
    });
    check_flat("with options", [] {
        const vs::variable_scope s("tower", {.reuse = vs::auto_reuse, .initializer = vs::zeros()});
        const vs::variable_scope t("in", {.auxiliary_name_scope = false});
        dense();
    });
    check_flat("default names in a scope", [] {
        const vs::variable_scope s("tower", vs::auto_reuse);
        for (int i = 0; i < 3; ++i) {
            const vs::variable_scope block(vs::no_name, {.default_name = "block"});
            dense();
        }
    });
    check_flat("a name known while compiling", [] {
        const vs::static_scope s("tower/in"_path, vs::auto_reuse);
        dense();
    });
    check_flat("a path written as text", [] {
        const vs::variable_scope s("tower/in", vs::auto_reuse);
        dense();
    });
    check_flat("two scopes of which one is called as the other one's second", [] {
        for (const char* name : {"x", "x_1", "x"}) {
            const vs::name_scope s(name);
            (void)vs::no_op("a");
        }
    });
    check_flat("another graph between", [] {
        static vs::graph other;
        const vs::variable_scope s("tower", vs::auto_reuse);
        {
            const vs::as_default in(other);
            const vs::name_scope x("x");
            (void)vs::no_op("a");
        }
        dense();
    });
}

TEST_CASE("an object, a context, a template and a captured scope leave a graph as it was", "[calls_again]") {
    check_made_flat("a scope object", []() -> std::function<void()> {
        return [at = vs::scope_at("tower/in", vs::auto_reuse)] {
            const vs::variable_scope s(at);
            dense();
        };
    });
    check_made_flat("ops in a scope that was resumed", []() -> std::function<void()> {
        return [root = vs::capture()] {
            const vs::name_scope x("x");
            const vs::resume in(root);
            const vs::name_scope y("y");
            (void)vs::no_op("a");
        };
    });
    check_made_flat("a template", []() -> std::function<void()> {
        const std::shared_ptr<vs::variable_template<void (*)()>> call(new auto(vs::make_template("made", &dense)));
        return [call] { (*call)(); };
    });
}

TEST_CASE("ops keep TensorFlow's names, however often their scope is opened", "[calls_again]") {
    const fresh g({.record_ops = false});
    for (int i = 0; i < 5000; ++i) {
        const vs::variable_scope s("tower", vs::auto_reuse);
        const std::string tower = i == 0 ? "tower" : "tower_" + std::to_string(i);
        const auto w = vs::get_variable<float, 1>("w", {2});
        const auto a = vs::relu(w);
        const auto b = vs::relu(w);
        REQUIRE(w.op_name() == "tower/w");
        REQUIRE(a.op_name() == tower + "/Relu");
        REQUIRE(b.op_name() == tower + "/Relu_1");
        const vs::name_scope in("Relu");
        REQUIRE(vs::relu(w).op_name() == tower + "/Relu_2/Relu");
    }
    CHECK(vs::unique_name("tower_4321/Relu", vs::name_use::ask) == "tower_4321/Relu_3");
    CHECK(vs::unique_name("tower_5000/Relu", vs::name_use::ask) == "tower_5000/Relu");
}

TEST_CASE("scopes of ever new names are given back by their thread, and their names stay taken", "[calls_again]") {
    const fresh g({.record_ops = false});
    const vs::variable_scope pool("pool", vs::auto_reuse);
    const vs::variable_scope worker("worker");
    const auto& tree = pool.thread().tree;
    for (int i = 0; i < 20'000; ++i) {
        const vs::variable_scope request("request_" + std::to_string(i));
        const vs::variable_scope step("step");
        REQUIRE(step.name() == "pool/worker/request_" + std::to_string(i) + "/step");
        REQUIRE(tree.size() <= 4100);
    }
    CHECK(vs::variable_scope(vs::no_name, {.default_name = "request_7"}).name() == "pool/worker/request_7_1");
    CHECK(vs::variable_scope(vs::no_name, {.default_name = "request_20000"}).name() == "pool/worker/request_20000");
    CHECK(vs::get_variable_scope().name() == "pool/worker");
    const vs::variable_scope again("request_5");
    CHECK(again.original_name_scope() == "pool/worker/request_5_1/");
}

TEST_CASE("two threads that call one model leave a graph as it was", "[calls_again][threads]") {
    vs::graph g({.record_ops = false});
    const auto call = [&](int times) {
        const auto work = [&] {
            for (int i = 0; i < times; ++i) {
                const vs::variable_scope s(g, "tower", vs::auto_reuse);
                for (const char* name : {"a", "b", "c"}) {
                    const vs::variable_scope layer(name);
                    (void)vs::no_op("x");
                }
            }
        };
        std::thread a(work);
        std::thread b(work);
        a.join();
        b.join();
    };
    call(1000);
    const sizes before = sizes_of(g);
    call(5000);
    CHECK(sizes_of(g) == before);
    CHECK(vs::unique_name(g, "tower", vs::name_use::ask) == "tower_12000");
    for (int k = 1; k < 12'000; k += 97) { REQUIRE(vs::unique_name(g, "tower_" + std::to_string(k) + "/b/x", vs::name_use::ask).ends_with("/x_1")); }
}
