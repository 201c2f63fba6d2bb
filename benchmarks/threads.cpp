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

/// Look-ups in a microsecond, of all threads together. Each has an order of its own, and none that
/// in which the variables stand in memory: that order takes half the time.
[[nodiscard]] measurement get(
    std::size_t variables, std::size_t threads, std::size_t count, clock by) {
    struct model {
        vs::graph graph;
        std::vector<std::vector<std::string>> names;
    };
    return {.sampled = [=] {
        const auto state = std::make_shared<model>();
        const vs::variable_scope all{state->graph, "model"};
        for (const std::string& name : shuffled_names(variables, 0)) {
            keep(vs::get_variable<float, 1>(name, {4}, {.initializer = vs::zeros()}).data());
        }
        for (std::size_t i = 0; i < threads; ++i) {
            state->names.push_back(shuffled_names(variables, i + 1));
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

/// The same with loads from about as much memory, which nobody writes to: what the machine gives to
/// threads that cannot hold each other up.
[[nodiscard]] measurement load(
    std::size_t variables, std::size_t threads, std::size_t count, clock by) {
    struct entry {
        std::size_t next;
        std::byte others[312]; // what a variable takes
    };
    return {.sampled = [=] {
        std::vector<std::size_t> order(variables);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::shuffle(order.begin(), order.end(), std::mt19937(1));
        const auto ring = std::make_shared<std::vector<entry>>(variables);
        for (std::size_t i = 0; i < variables; ++i) {
            (*ring)[order[i]].next = order[(i + 1) % variables];
        }
        return [=] {
            const times took = time(threads, [&](std::size_t thread) {
                std::size_t at = thread;
                for (std::size_t i = 0; i < 4 * count; ++i) { at = (*ring)[at].next; }
                keep(at);
            });
            return static_cast<double>(threads * count) / (took.*by) * 1e-6;
        };
    }};
}

/// Calls in a microsecond, of all threads together, when each asks for all variables in the same
/// order. Each variable is to be created once.
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
            return static_cast<double>(threads * variables) / took.wall * 1e-6;
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
            .ours = load(n, 2, each, by),
            .peers = {{"1 thread", load(n, 1, each, by)}},
            .repetitions = 21,
            .uses_all_cores = true});
    };
    add("get run-time names, 10k, random, 2 threads", &times::wall);
    add_machine("four loads alone, for comparison, 2 threads", &times::wall);
    add("get run-time names, 2 threads, by processor time", &times::processor);
    add_machine("four loads alone, 2 threads, by processor time", &times::processor);
    t.add({.workload = "get or create the same 20k names, 2 threads, calls",
        .unit = "1/us",
        .better = better::higher,
        .ours = create(t.size(20'000), 2),
        .peers = {{"1 thread", create(t.size(20'000), 1), 1.0}},
        .repetitions = 21,
        .uses_all_cores = true});
}

} // namespace bench
