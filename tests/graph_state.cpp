#include "graph_state.hpp"

#include <varscope/variable/get_variable.hpp>
#include <varscope/graph/tensor.hpp>

#include "catch.hpp"

#include <functional>

namespace vs = varscope;

TEST_CASE("listing tells two graphs apart by each thing that a call can change", "[graph_state]") {
    const auto after = [](const std::function<void()>& change) {
        fresh f;
        change();
        return listing(f.graph, {"v"});
    };
    const auto empty = after([] {});
    CHECK(empty == after([] {}));
    CHECK(empty != after([] { (void)vs::get_variable("w", {1}); }));
    CHECK(empty != after([] { (void)vs::make_op({.type = "NoOp"}, "w"); }));
    CHECK(empty != after([] { (void)vs::unique_name("v"); }));
    CHECK(empty != after([] { (void)vs::get_variable("w", {2}, {.partitioner = vs::fixed_size_partitioner(2)}); }));
    const auto one = [](const strings& keys) { (void)vs::get_variable("w", {1}, {.trainable = false, .collections = keys}); };
    CHECK(after([&] { one({"a"}); }) != after([&] { one({"b"}); }));
    vs::graph g;
    const auto before = listing(g, {});
    vs::variable_scope s{g, "s"};
    CHECK(listing(g, {}) != before);
}
