/// \file
/// First values of large variables, beside xtensor's own random numbers.

#include <varscope/varscope.hpp>

#include <benchmark/benchmark.h>
#include <xtensor/xrandom.hpp>

#include <cstddef>
#include <cstdint>

namespace {

namespace vs = varscope;

// Both take their memory anew each time, and give it back.

void fill_varscope(benchmark::State& state, std::size_t count, unsigned threads) {
    for (auto _ : state) {
        vs::graph g({.initialization_threads = threads});
        const auto w =
            vs::get_variable<float, 1>(g, "w", {count}, {.initializer = vs::truncated_normal()});
        benchmark::DoNotOptimize(w.data());
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}

void fill_xtensor(benchmark::State& state, std::size_t count, double target) {
    state.counters["target"] = target;
    for (auto _ : state) {
        xt::xtensor<float, 1> w = xt::random::randn<float>({count});
        benchmark::DoNotOptimize(w.data());
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}

constexpr std::size_t million = 1'000'000;

BENCHMARK_CAPTURE(fill_varscope, small, million, 1)
    ->UseRealTime()
    ->Name("initialize 1M floats, one thread/varscope");
BENCHMARK_CAPTURE(fill_xtensor, small, million, 0.35)
    ->UseRealTime()
    ->Name("initialize 1M floats, one thread/xt::random::randn");
BENCHMARK_CAPTURE(fill_varscope, one, 100 * million, 1)
    ->UseRealTime()
    ->Name("initialize 100M floats, one thread, large/varscope");
BENCHMARK_CAPTURE(fill_xtensor, one, 100 * million, 0.35)
    ->UseRealTime()
    ->Name("initialize 100M floats, one thread, large/xt::random::randn");
BENCHMARK_CAPTURE(fill_varscope, two, 100 * million, 2)
    ->UseRealTime()
    ->Name("initialize 100M floats, two threads, large/varscope");
BENCHMARK_CAPTURE(fill_xtensor, two, 100 * million, 0.18)
    ->UseRealTime()
    ->Name("initialize 100M floats, two threads, large/xt::random::randn");

} // namespace
