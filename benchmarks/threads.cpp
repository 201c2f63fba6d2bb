/// \file
/// Two threads at one graph, beside one.

#include <varscope/varscope.hpp>

#include "table.hpp"

#include <algorithm>
#include <barrier>
#include <cstddef>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace bench {

namespace {

namespace vs = varscope;

/// Seconds until all of so many threads, which begin together, have done `work(thread)`.
[[nodiscard]] double time(std::size_t count, const std::function<void(std::size_t)>& work) {
    std::barrier start(static_cast<std::ptrdiff_t>(count + 1));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            work(i);
        });
    }
    start.arrive_and_wait();
    const double began = wall_seconds();
    for (std::thread& t : threads) { t.join(); }
    return wall_seconds() - began;
}

[[nodiscard]] std::vector<std::string> shuffled_names(std::size_t count, std::size_t seed) {
    std::vector<std::string> names(count);
    for (std::size_t i = 0; i < count; ++i) { names[i] = "layer_" + std::to_string(i); }
    std::shuffle(names.begin(), names.end(), std::mt19937(static_cast<unsigned>(seed)));
    return names;
}

/// Look-ups in a microsecond, of all threads together.
[[nodiscard]] measurement get(std::size_t variables, std::size_t threads, std::size_t times) {
    struct model {
        vs::graph graph;
        std::vector<std::vector<std::string>> names;
    };
    return {.sampled = [=] {
        const auto state = std::make_shared<model>();
        const vs::variable_scope all{state->graph, "model"};
        for (std::size_t i = 0; i < threads; ++i) {
            state->names.push_back(shuffled_names(variables, i + 1));
        }
        for (const std::string& name : state->names.front()) {
            keep(vs::get_variable<float, 1>(name, {4}, {.initializer = vs::zeros()}).data());
        }
        return [=] {
            const double took = time(threads, [&](std::size_t thread) {
                const vs::variable_scope model{state->graph, "model", vs::reuse};
                const auto& names = state->names[thread];
                std::size_t at = 0;
                for (std::size_t i = 0; i < times; ++i) {
                    const auto found = vs::get_variable<float, 1>(names[at], {4});
                    at = (at + 1 + static_cast<std::size_t>(found(0))) % names.size();
                }
            });
            return static_cast<double>(threads * times) / took * 1e-6;
        };
    }};
}

/// Variables created in a microsecond, when each of the threads asks for all of them in the same
/// order. Each is to be created once.
[[nodiscard]] measurement create(std::size_t variables, std::size_t threads) {
    return {.sampled = [=] {
        std::vector<std::string> names = shuffled_names(variables, 1);
        return [=, names = std::move(names)] {
            vs::graph g;
            const double took = time(threads, [&](std::size_t) {
                const vs::variable_scope model{g, "model", vs::auto_reuse};
                for (const std::string& name : names) {
                    keep(
                        vs::get_variable<float, 1>(name, {4}, {.initializer = vs::zeros()}).data());
                }
            });
            if (vs::global_variables(g).size() != variables) {
                throw std::runtime_error("a name was created twice, or not at all");
            }
            return static_cast<double>(variables) / took * 1e-6;
        };
    }};
}

} // namespace

void add_threads(table& t) {
    const std::size_t n = t.size(10'000);
    t.add({.workload = "get run-time names, 10k, random, 2 threads",
        .unit = "1/us",
        .better = better::higher,
        .ours = get(n, 2, t.size(500'000)),
        .peers = {{"1 thread", get(n, 1, t.size(500'000)), 1.9}},
        .uses_all_cores = true});
    t.add({.workload = "create the same 20k names, 2 threads",
        .unit = "1/us",
        .better = better::higher,
        .ours = create(t.size(20'000), 2),
        .peers = {{"1 thread", create(t.size(20'000), 1), 1.0}},
        .uses_all_cores = true});
}

} // namespace bench
