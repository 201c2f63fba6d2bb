/// \file
/// First values of large variables, beside xtensor's own random numbers.

#include "table.hpp"

#include <varscope/varscope.hpp>

#include <xtensor/xrandom.hpp>

#include <cstddef>

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

/// ns for each element, as time goes by.
template <class Fill>
[[nodiscard]] measurement each(std::size_t count, Fill fill) {
    return {.sampled = [=] {
        return [=] {
            const double start = wall_seconds();
            fill(count);
            return (wall_seconds() - start) * 1e9 / static_cast<double>(count);
        };
    }};
}

} // namespace

void add_initial_values(table& t) {
    const auto add = [&](std::string workload, std::size_t full, unsigned threads, double target) {
        const std::size_t count = t.size(full);
        t.add({.workload = std::move(workload),
            .ours = each(count, [=](std::size_t n) { fill_variable(n, threads); }),
            .peers = {{"xt::random::randn", each(count, fill_container), target}},
            .repetitions = 5,
            .uses_all_cores = threads > 1});
    };
    add("initialize 1M floats, truncated normal, 1 thread, each", 1'000'000, 1, 0.35);
    add("initialize 100M floats (large), 1 thread, each", 100'000'000, 1, 0.35);
    add("initialize 100M floats (large), 2 threads, each", 100'000'000, 2, 0.18);
}

} // namespace bench
