/// \file
/// First values of large variables, beside xtensor's own random numbers.

#include <varscope/varscope.hpp>

#include "table.hpp"

#include <xtensor/xrandom.hpp>

#include <cstddef>
#include <ctime>
#include <string>
#include <utility>

namespace bench {

namespace {

namespace vs = varscope;

// Both take their memory anew each time, and give it back.

void fill_variable(std::size_t count, unsigned threads) {
    vs::graph g({.initialization_threads = threads});
    const auto w =
        vs::get_variable<float, 1>(g, "w", {count}, {.initializer = vs::truncated_normal()});
    keep(*w.data());
}

void fill_container(std::size_t count) {
    const xt::xtensor<float, 1> w = xt::random::randn<float>({count});
    keep(*w.data());
}

/// The processor time of all threads so far, in seconds.
[[nodiscard]] double processor_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// ns for each element, by a clock.
template <class Fill>
[[nodiscard]] measurement each(std::size_t count, double (*seconds)(), Fill fill) {
    return {.sampled = [=] {
        return [=] {
            const double start = seconds();
            fill(count);
            return (seconds() - start) * 1e9 / static_cast<double>(count);
        };
    }};
}

} // namespace

void add_initial_values(table& t) {
    const auto add = [&](std::string workload, std::size_t full, unsigned threads, double target) {
        const std::size_t count = t.size(full);
        t.add({.workload = std::move(workload),
            .ours = each(count, wall_seconds, [=](std::size_t n) { fill_variable(n, threads); }),
            .peers = {{"xt::random::randn", each(count, wall_seconds, fill_container), target}},
            .repetitions = 5,
            .uses_all_cores = threads > 1});
    };
    const std::size_t large = 100'000'000;
    add("initialize 1M floats, truncated normal, 1 thread, each", 1'000'000, 1, 0.35);
    add("initialize 100M floats (large), 1 thread, each", large, 1, 0.35);
    add("initialize 100M floats (large), 2 threads, each", large, 2, 0.18);
    // What two threads take together, over two: the time on a machine that has no other work, as
    // they never wait for each other.
    const std::size_t count = t.size(large);
    const auto each_of_two = [count] {
        const auto both =
            each(count, processor_seconds, [](std::size_t n) { fill_variable(n, 2); }).sampled();
        return [both] { return both() / 2; };
    };
    t.add({.workload = "initialize 100M floats (large), 2 threads, processor time",
        .ours = {.sampled = each_of_two},
        .peers = {{"xt::random::randn", each(count, processor_seconds, fill_container), 0.18}},
        .repetitions = 5,
        .uses_all_cores = true});
}

} // namespace bench
