#include <varscope/graph/detail/element_memory.hpp>

#include <varscope/variable/get_variable.hpp>

#include "catch.hpp"

#include <cstddef>
#include <cstdint>
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace vs = varscope;
using vs::detail::element_memory;

namespace {

/// A variable of 4 rows and 3 columns that is cut into columns of 2 and 1, in a deferred graph; the
/// memory under test is another one, so that nothing but what is called happens.
struct cut_variable {
    vs::graph graph{{.initialization = vs::initialization::deferred}};
    vs::any_variable whole;
    vs::detail::variable_node& left;
    vs::detail::variable_node& right;
    element_memory memory{0};

    explicit cut_variable(const vs::initializer& initial = vs::ones())
        : whole(vs::get_variable(graph, "w", {4, 3}, {.initializer = initial, .partitioner = vs::fixed_size_partitioner(2, 1)}))
        , left(whole.parts()[0].node())
        , right(whole.parts()[1].node()) {}

    std::vector<float> read(vs::detail::variable_node& v) {
        std::vector<float> result(v.size());
        memory.read(v, result.data());
        return result;
    }
};

} // namespace

TEST_CASE("one part is initialised by the rule of the whole, and the other stays without", "[element_memory]") {
    cut_variable w;
    w.memory.initialize(w.right);
    CHECK(w.read(w.right) == std::vector<float>{1, 1, 1, 1});
    CHECK_THROWS_AS(w.read(w.left), vs::uninitialized);
    CHECK_THROWS_AS(w.memory.make(w.whole.node()), vs::uninitialized);
    CHECK_THROWS_AS(w.memory.first_element(w.left), vs::uninitialized);
    CHECK_THROWS_AS(w.memory.make(w.right), vs::scattered_part);
}

TEST_CASE("memory of a whole is taken when it is first needed", "[element_memory]") {
    cut_variable w;
    CHECK(w.whole.node().extras->block == nullptr);
    w.memory.initialize(w.whole.node());
    CHECK(w.whole.node().extras->block == nullptr); // a rule: computed when it is read
    void* const first = w.memory.first_element(w.right);
    CHECK(w.whole.node().extras->block == static_cast<float*>(first) - 2);
    CHECK(w.memory.make(w.whole.node()) == w.whole.node().extras->block);
}

TEST_CASE("a part that is assigned keeps its values when others are initialised", "[element_memory]") {
    cut_variable w;
    const std::vector<float> values{1, 2, 3, 4, 5, 6, 7, 8};
    w.memory.assign(w.left, values.data());
    w.memory.initialize(w.right);
    CHECK(w.read(w.whole.node()) == std::vector<float>{1, 2, 1, 3, 4, 1, 5, 6, 1, 7, 8, 1});
    w.memory.initialize(w.left);
    CHECK(w.read(w.left) == std::vector<float>(8, 1.F));
}

TEST_CASE("an initial value that is not a rule is asked for when a part is initialised", "[element_memory]") {
    int calls = 0;
    cut_variable w([&calls](const vs::shape& dimensions) {
        ++calls;
        return xt::xarray<float>(std::vector<std::size_t>(dimensions.begin(), dimensions.end()), static_cast<float>(calls));
    });
    const int before = calls;
    w.memory.initialize(w.right);
    const auto value = static_cast<float>(calls);
    CHECK(calls == before + 1);
    CHECK(w.read(w.right) == std::vector<float>(4, value));
    CHECK_THROWS_AS(w.read(w.left), vs::uninitialized);
    w.memory.initialize(w.left);
    CHECK(w.read(w.left) == std::vector<float>(8, value + 1));
    CHECK(w.read(w.right) == std::vector<float>(4, value));
}

TEST_CASE("assigning the whole gives every part its values", "[element_memory]") {
    cut_variable w;
    const std::vector<float> values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    w.memory.assign(w.whole.node(), values.data());
    CHECK(w.read(w.left) == std::vector<float>{0, 1, 3, 4, 6, 7, 9, 10});
    CHECK(w.read(w.right) == std::vector<float>{2, 5, 8, 11});
    CHECK(w.read(w.whole.node()) == values);
}

TEST_CASE("adopted elements become those of a part by a copy", "[element_memory]") {
    cut_variable w;
    auto values = element_memory::allocate(w.right);
    for (int i = 0; i < 4; ++i) { static_cast<float*>(values.get())[i] = static_cast<float>(i); }
    w.memory.adopt(w.right, std::move(values));
    CHECK(w.read(w.right) == std::vector<float>{0, 1, 2, 3});
    CHECK_THROWS_AS(w.read(w.left), vs::uninitialized);
}

TEST_CASE("adopted elements are used where they stand, unless handles refer to others", "[element_memory]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    auto& v = vs::get_variable(g, "v", {100}).node();
    element_memory memory(0);
    memory.reserve_adoptions(1);
    auto first = element_memory::allocate(v);
    void* const adopted = first.get();
    std::fill_n(static_cast<float*>(adopted), 100, 1.F);
    memory.adopt(v, std::move(first));
    CHECK(memory.make(v) == adopted);
    auto second = element_memory::allocate(v);
    std::fill_n(static_cast<float*>(second.get()), 100, 2.F);
    memory.adopt(v, std::move(second));
    CHECK(memory.make(v) == adopted);
    CHECK(static_cast<float*>(adopted)[99] == 2.F);
}

TEST_CASE("elements stand at addresses of a multiple of 64 if they are many, else of 16", "[element_memory]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    element_memory memory(0);
    for (const std::int64_t size : {0, 1, 3, 64, 65, 1000}) {
        auto& v = vs::get_variable(g, "v" + std::to_string(size), {size}, {.initializer = vs::zeros()}).node();
        memory.initialize(v);
        const auto address = reinterpret_cast<std::uintptr_t>(memory.make(v));
        CHECK(address % (v.bytes() > 256 ? 64 : 16) == 0);
    }
}
