#include <varscope/graph/collections.hpp>

#include "catch.hpp"

#include <vector>

namespace {

using varscope::collections;
using varscope::detail::node;

std::vector<const node*> list(const collections& c, std::string_view key) {
    const auto items = c.get(key);
    return {items.begin(), items.end()};
}

} // namespace

TEST_CASE("a collection lists its items in the order of adding, with duplicates", "[collections]") {
    collections c;
    const node a{};
    const node b{};
    c.add("k", b);
    c.add("k", a);
    c.add("k", b);
    CHECK(list(c, "k") == std::vector<const node*>{&b, &a, &b});
}

TEST_CASE("collections of different keys are independent", "[collections]") {
    collections c;
    const node a{};
    const node b{};
    c.add("k", a);
    c.add("K", b);
    CHECK(list(c, "k") == std::vector<const node*>{&a});
    CHECK(list(c, "K") == std::vector<const node*>{&b});
}

TEST_CASE("a collection that was never used is empty", "[collections]") { CHECK(collections().get("k").empty()); }

TEST_CASE("TensorFlow's keys are spelled as there", "[collections]") {
    namespace keys = varscope::graph_keys;
    CHECK(keys::global_variables == "variables");
    CHECK(keys::local_variables == "local_variables");
    CHECK(keys::model_variables == "model_variables");
    CHECK(keys::table_initializers == "table_initializer");
    CHECK(keys::global_step == "global_step");
    CHECK(keys::ready_for_local_init_op == "ready_for_local_init_op");
    CHECK(keys::while_context == "while_context");
}
