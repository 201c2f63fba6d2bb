/// \file
/// Looking variables up and creating them, beside what one writes first without the library.

#include <varscope/near_misses.hpp>
#include <varscope/sharing.hpp>
#include <varscope/varscope.hpp>

#include <benchmark/benchmark.h>
#include <xtensor/xnoalias.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

namespace vs = varscope;

constexpr std::size_t layer_count = 10'000;

/// "layer_0", "layer_1", ... in a shuffled order, read at run time.
const std::vector<std::string>& layers() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> made;
        for (std::size_t i = 0; i < layer_count; ++i) {
            made.push_back("layer_" + std::to_string(i));
        }
        std::shuffle(made.begin(), made.end(), std::mt19937{1});
        return made;
    }();
    return names;
}

/// What one writes first: a prefix per scope, joined texts, a hash map from string.
struct naive_store {
    std::string prefix;
    std::unordered_map<std::string, std::unique_ptr<float[]>> variables;

    class scope {
    public:
        scope(naive_store& store, const std::string& name) : store_{store}, outer_{store.prefix} {
            store_.prefix += name + '/';
        }
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;
        ~scope() { store_.prefix = outer_; }

    private:
        naive_store& store_;
        std::string outer_;
    };

    float* get(const std::string& name) {
        auto& found = variables[prefix + name];
        if (!found) { found = std::make_unique<float[]>(4); }
        return found.get();
    }
};

/// Enters two scopes inside four open ones, gets one of the variables by reuse, leaves both. The
/// next layer depends on the last element read, so that look-ups do not overlap.
void look_up_varscope(benchmark::State& state, std::size_t count) {
    vs::graph g;
    const vs::as_default in_force{g};
    vs::variable_scope a{"model", vs::auto_reuse};
    vs::variable_scope b{"encoder"};
    vs::variable_scope c{"stack"};
    vs::variable_scope d{"block"};
    for (const auto& layer : layers()) {
        vs::variable_scope e{layer};
        vs::variable_scope f{"attention"};
        vs::get_variable<float, 1>("kernel", {4}, {.initializer = vs::zeros()}) += 0.f;
    }
    std::size_t at = 0;
    for (auto _ : state) {
        vs::variable_scope e{layers()[at]};
        vs::variable_scope f{"attention"};
        const auto v = vs::get_variable<float, 1>("kernel", {4});
        at = (at + 1 + static_cast<std::size_t>(v(0))) % count;
    }
}

void look_up_naive(benchmark::State& state, std::size_t count, double target) {
    state.counters["target"] = target;
    naive_store store;
    const naive_store::scope a{store, "model"};
    const naive_store::scope b{store, "encoder"};
    const naive_store::scope c{store, "stack"};
    const naive_store::scope d{store, "block"};
    for (const auto& layer : layers()) {
        const naive_store::scope e{store, layer};
        const naive_store::scope f{store, "attention"};
        store.get("kernel");
    }
    std::size_t at = 0;
    for (auto _ : state) {
        const naive_store::scope e{store, layers()[at]};
        const naive_store::scope f{store, "attention"};
        at = (at + 1 + static_cast<std::size_t>(store.get("kernel")[0])) % count;
    }
}

BENCHMARK_CAPTURE(look_up_varscope, hot, 1)->Name("look up, two scopes, hot/varscope");
BENCHMARK_CAPTURE(look_up_naive, hot, 1, 0.33)->Name("look up, two scopes, hot/naive");
BENCHMARK_CAPTURE(look_up_varscope, random, layer_count)
    ->Name("look up, two scopes, random of 10k/varscope");
BENCHMARK_CAPTURE(look_up_naive, random, layer_count, 0.33)
    ->Name("look up, two scopes, random of 10k/naive");

/// Shares a variable, with and without a record of who shares what.
void share_recorded(benchmark::State& state, bool is_recorded) {
    vs::graph g({.record_sharing = is_recorded});
    const vs::as_default in_force{g};
    (void)vs::get_variable<float, 1>("kernel", {4});
    const vs::variable_scope again{vs::get_variable_scope(), {.reuse = vs::reuse}};
    for (auto _ : state) {
        benchmark::DoNotOptimize(vs::get_variable<float, 1>("kernel", {4}).node());
    }
}
BENCHMARK_CAPTURE(share_recorded, off, false)->Name("look up, sharing recorded/not recorded");
BENCHMARK_CAPTURE(share_recorded, on, true)->Name("look up, sharing recorded/varscope");

/// Creates variables beside 100 others, with and without a look for near misses.
void create_watched(benchmark::State& state, bool is_watched) {
    for (auto _ : state) {
        vs::graph g({.initialization = vs::initialization::deferred});
        if (is_watched) {
            vs::watch_near_misses(g, [](const vs::near_miss_report&) {});
        }
        const vs::as_default in_force{g};
        const vs::variable_scope all{"model", vs::auto_reuse};
        for (std::size_t i = 0; i < 100; ++i) {
            benchmark::DoNotOptimize(vs::get_variable<float, 1>(layers()[i], {4}).node());
        }
    }
    state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK_CAPTURE(create_watched, off, false)
    ->Name("create 100 variables, near misses watched/not watched");
BENCHMARK_CAPTURE(create_watched, on, true)
    ->Name("create 100 variables, near misses watched/varscope");

/// Ten thousand variables of four floats by their paths.
void create_varscope(benchmark::State& state) {
    for (auto _ : state) {
        vs::graph g;
        const vs::as_default in_force{g};
        vs::variable_scope model{"model"};
        for (const auto& layer : layers()) {
            benchmark::DoNotOptimize(
                vs::get_variable<float, 1>(layer, {4}, {.initializer = vs::zeros()}).data());
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(layer_count));
}
void create_map(benchmark::State& state) {
    state.counters["target"] = 0.45;
    for (auto _ : state) {
        std::unordered_map<std::string, std::unique_ptr<xt::xarray<float>>> store;
        for (const auto& layer : layers()) {
            auto& made = store["model/" + layer];
            made = std::make_unique<xt::xarray<float>>(xt::zeros<float>({4}));
            benchmark::DoNotOptimize(made->data());
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(layer_count));
}
BENCHMARK(create_varscope)->Name("create 10k variables/varscope");
BENCHMARK(create_map)->Name("create 10k variables/unordered_map of xarray");

/// `r = w * 2 + b` over variables, beside the same over xtensor's containers.
template <class Tensor>
void evaluate(benchmark::State& state, const Tensor& w, const Tensor& b) {
    xt::xtensor<float, 1> r = xt::xtensor<float, 1>::from_shape({w.size()});
    for (auto _ : state) {
        xt::noalias(r) = w * 2.f + b;
        benchmark::DoNotOptimize(r.data());
        benchmark::ClobberMemory();
    }
}
void expression_varscope(benchmark::State& state) {
    vs::graph g;
    const auto size = static_cast<std::size_t>(state.range(0));
    evaluate(state, vs::get_variable<float, 1>(g, "w", {size}),
        vs::get_variable<float, 1>(g, "b", {size}));
}
void expression_xtensor(benchmark::State& state) {
    state.counters["target"] = state.range(0) < 100 ? 1.1 : 1.02;
    const auto size = static_cast<std::size_t>(state.range(0));
    const xt::xtensor<float, 1> w = xt::ones<float>({size});
    evaluate(state, w, w);
}
BENCHMARK(expression_varscope)->Arg(4)->Name("r = w * 2 + b, 4 elements/varscope");
BENCHMARK(expression_xtensor)->Arg(4)->Name("r = w * 2 + b, 4 elements/xtensor");
BENCHMARK(expression_varscope)->Arg(1'000'000)->Name("r = w * 2 + b, 1M elements/varscope");
BENCHMARK(expression_xtensor)->Arg(1'000'000)->Name("r = w * 2 + b, 1M elements/xtensor");

} // namespace
