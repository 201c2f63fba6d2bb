/// \file
/// Two threads at one graph, beside one.

#include <varscope/varscope.hpp>

#include "table.hpp"

#include <algorithm>
#include <barrier>
#include <cstddef>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

namespace {

namespace vs = varscope;

/// How long threads took.
struct times {
    double wall = 0;      // until all were done, in seconds
    double processor = 0; // of one of them, on average
};

/// Of so many threads, which begin together, until all have done `work(thread)`.
[[nodiscard]] times time(std::size_t count, const std::function<void(std::size_t)>& work) {
    std::barrier start(static_cast<std::ptrdiff_t>(count + 1));
    std::vector<double> seconds(count);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            const double began = thread_seconds();
            work(i);
            seconds[i] = thread_seconds() - began;
        });
    }
    start.arrive_and_wait();
    const double began = wall_seconds();
    for (std::thread& t : threads) { t.join(); }
    return {.wall = wall_seconds() - began,
        .processor =
            std::accumulate(seconds.begin(), seconds.end(), 0.0) / static_cast<double>(count)};
}

/// By which of them a throughput is reckoned. Processor time tells what threads do to each other
/// where they do not wait, also on a machine that has other work.
using clock = double times::*;

[[nodiscard]] std::vector<std::string> shuffled_names(std::size_t count, std::size_t seed) {
    std::vector<std::string> names(count);
    for (std::size_t i = 0; i < count; ++i) { names[i] = "layer_" + std::to_string(i); }
    std::shuffle(names.begin(), names.end(), std::mt19937(static_cast<unsigned>(seed)));
    return names;
}

/// Look-ups in a microsecond, of all threads together.
[[nodiscard]] measurement get(
    std::size_t variables, std::size_t threads, std::size_t count, clock by) {
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
            const times took = time(threads, [&](std::size_t thread) {
                const vs::variable_scope model{state->graph, "model", vs::reuse};
                const auto& names = state->names[thread];
                std::size_t at = 0;
                for (std::size_t i = 0; i < count; ++i) {
                    const auto found = vs::get_variable<float, 1>(names[at], {4});
                    at = (at + 1 + static_cast<std::size_t>(found(0))) % names.size();
                }
            });
            return static_cast<double>(threads * count) / (took.*by) * 1e-6;
        };
    }};
}

/// The same with steps of arithmetic: what the machine gives to threads that share nothing.
[[nodiscard]] measurement reckon(std::size_t threads, std::size_t count, clock by) {
    return {.sampled = [=] {
        return [=] {
            const times took = time(threads, [&](std::size_t thread) {
                std::size_t x = thread;
                for (std::size_t i = 0; i < count; ++i) {
                    for (int k = 0; k < 16; ++k) { x = x * 0x9e3779b97f4a7c15U + i; }
                }
                keep(x);
            });
            return static_cast<double>(threads * count) / (took.*by) * 1e-6;
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
            const times took = time(threads, [&](std::size_t) {
                const vs::variable_scope model{g, "model", vs::auto_reuse};
                for (const std::string& name : names) {
                    keep(
                        vs::get_variable<float, 1>(name, {4}, {.initializer = vs::zeros()}).data());
                }
            });
            if (vs::global_variables(g).size() != variables) {
                throw std::runtime_error("a name was created twice, or not at all");
            }
            return static_cast<double>(variables) / took.wall * 1e-6;
        };
    }};
}

} // namespace

void add_threads(table& t) {
    const std::size_t n = t.size(10'000);
    const std::size_t each = t.size(300'000);
    const auto add = [&](std::string workload, clock by) {
        t.add({.workload = std::move(workload),
            .unit = "1/us",
            .better = better::higher,
            .ours = get(n, 2, each, by),
            .peers = {{"1 thread", get(n, 1, each, by), 1.9}},
            .repetitions = 21,
            .uses_all_cores = true});
    };
    const auto add_machine = [&](std::string workload, clock by) {
        t.add({.workload = std::move(workload),
            .unit = "1/us",
            .better = better::higher,
            .ours = reckon(2, each, by),
            .peers = {{"1 thread", reckon(1, each, by)}},
            .repetitions = 21,
            .uses_all_cores = true});
    };
    add("get run-time names, 10k, random, 2 threads", &times::wall);
    add_machine("arithmetic alone, for comparison, 2 threads", &times::wall);
    add("get run-time names, 2 threads, by processor time", &times::processor);
    add_machine("arithmetic alone, 2 threads, by processor time", &times::processor);
    t.add({.workload = "create the same 20k names, 2 threads",
        .unit = "1/us",
        .better = better::higher,
        .ours = create(t.size(20'000), 2),
        .peers = {{"1 thread", create(t.size(20'000), 1), 1.0}},
        .repetitions = 21,
        .uses_all_cores = true});
}

} // namespace bench
