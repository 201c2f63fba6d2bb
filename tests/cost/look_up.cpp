// What sharing a variable by name costs: nothing is allocated, thrown or locked, and no text is copied.
#include <varscope/varscope.hpp>

#include "catch.hpp"
#include "counts.hpp"

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace vs = varscope;

TEST_CASE("locks and copies are counted, where the sanitizers leave them to us", "[cost]") {
    if (!counts_all) { return; }
    std::mutex mutex;
    CHECK(count([&] { const std::scoped_lock lock(mutex); }).locked == 1);
    const std::string text(100, 'x');
    std::string other(100, 'y');
    const volatile std::size_t size = 100;
    CHECK(count([&] { other.replace(0, size, text.data(), size); }).copied > 0);
}

TEST_CASE("looking a variable up by literal and run-time names, through scopes of any depth, costs none of these", "[cost]") {
    vs::graph g;
    const vs::as_default in_force(g);
    const std::vector<std::string> layers{"layer_0", "layer_1", "a_layer_with_a_longer_name_than_any_string_keeps_in_itself"};
    float sum = 0;
    const auto ask = [&](const std::string& layer) {
        const vs::variable_scope b{layer};
        const vs::variable_scope c{"attention"};
        sum += vs::get_variable<float, 1>("kernel", {4})(0);
        sum += vs::get_variable<float, 1>("bias", {4}, {.initializer = vs::zeros()})(0);
        const vs::variable_scope d{"mlp", vs::reuse};
        sum += vs::get_variable<float, 1>("kernel_for_a_longer_name_too", {4})(1) + vs::get_variable<float, 2>(layer, {2, 2})(0, 1);
    };
    const auto step = [&] {
        const vs::variable_scope a{"encoder", vs::auto_reuse};
        for (const std::string& layer : layers) { ask(layer); }
    };
    for (const std::string& layer : layers) { // creates them
        const vs::variable_scope all{"encoder/" + layer + "/attention", vs::auto_reuse};
        (void)vs::get_variable<float, 1>("kernel", {4})(0);
        (void)vs::get_variable<float, 1>("bias", {4})(0);
        (void)vs::get_variable<float, 1>("mlp/kernel_for_a_longer_name_too", {4})(0);
        (void)vs::get_variable<float>("mlp/" + layer, {2, 2})(0, 0);
    }
    for (int i = 0; i < 3; ++i) { step(); } // the scopes for the first time, then in name scopes that are made unique
    CHECK(count([&] {
        for (int i = 0; i < 100; ++i) { step(); }
    }) == none);
    CHECK(sum == sum);
}

TEST_CASE("a scope that is entered a hundred thousand times takes no memory, nor do those in it", "[cost]") {
    vs::graph g;
    const vs::as_default in_force(g);
    const auto enter = [](int times) {
        for (int i = 0; i < times; ++i) {
            const vs::variable_scope a{"a"};
            for (int k = 0; k < 3; ++k) { const vs::variable_scope b{"b"}; }
            const vs::variable_scope c{"c"};
            const vs::name_scope d{"d"};
        }
    };
    enter(1000);
    CHECK(count([&] { enter(100'000); }).allocated == 0);
    CHECK(vs::unique_name("a") == "a_101000"); // all were counted
    CHECK(vs::unique_name("a_7/b") == "a_7/b_3");
    CHECK(vs::unique_name("a_77777/c/d") == "a_77777/c/d_1");
}
