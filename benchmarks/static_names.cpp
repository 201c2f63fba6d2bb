/// \file
/// Reading an element of a variable whose name is known while compiling, beside a load through a
/// stored pointer. Each index depends on the last element read.

#include <varscope/bound.hpp>
#include <varscope/static_scope.hpp>
#include <varscope/static_variable.hpp>
#include <varscope/varscope.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <vector>

namespace {

namespace vs = varscope;
using namespace vs::literals;

constexpr std::size_t other_count = 10'000;
constexpr std::size_t scope_count = 12;

struct tower {
    static constexpr auto layout = vs::scope(
        "tower", vs::var<float, 4>("kernel", {.initializer = vs::zeros()}), vs::var<float, 4>("bias"));
};

/// A graph with 10k variables, and tower/kernel, which is all zeros.
class filled_graph {
public:
    filled_graph() : in_force_{graph_} {
        const vs::variable_scope others{"others"};
        for (std::size_t i = 0; i < other_count; ++i) {
            (void)vs::get_variable<float, 1>("v_" + std::to_string(i), {4});
        }
    }
    [[nodiscard]] vs::graph& graph() noexcept { return graph_; }

private:
    vs::graph graph_;
    vs::as_default in_force_;
};

/// The next index, which depends on the element read at this one.
[[nodiscard]] inline std::size_t next(std::size_t at, float element) {
    return (at + static_cast<std::size_t>(element)) & 3;
}

void read_pointer(benchmark::State& state, double target) {
    filled_graph in;
    vs::bound<tower> model{in.graph()};
    const auto kernel = model.get<"tower/kernel">();
    const float* volatile stored = kernel.data();
    std::size_t at = 0;
    for (auto _ : state) {
        at = next(at, stored[at]);
        benchmark::DoNotOptimize(at);
    }
    if (target > 0) { state.counters["target"] = target; }
}

void read_handle(benchmark::State& state) {
    filled_graph in;
    const vs::bound<tower> model{in.graph()};
    const auto kernel = vs::get_variable<float, 1>(vs::scope_at("tower"), "kernel", {4},
        {.reuse = vs::reuse});
    std::size_t at = 0;
    for (auto _ : state) {
        at = next(at, kernel(at));
        benchmark::DoNotOptimize(at);
    }
}

void read_bound(benchmark::State& state) {
    filled_graph in;
    const vs::bound<tower> model{in.graph()};
    std::size_t at = 0;
    for (auto _ : state) {
        at = next(at, model.get<"tower/kernel">()(at));
        benchmark::DoNotOptimize(at);
    }
}

void read_literal_in_force(benchmark::State& state) {
    filled_graph in;
    const vs::bound<tower> model{in.graph()};
    const vs::variable_scope all{vs::get_variable_scope(), {.reuse = vs::reuse}};
    std::size_t at = 0;
    for (auto _ : state) {
        at = next(at, vs::get_variable<"tower/kernel", float, 4>()(at));
        benchmark::DoNotOptimize(at);
    }
}

void read_literal_in_scope(benchmark::State& state) {
    filled_graph in;
    const vs::bound<tower> model{in.graph()};
    const vs::variable_scope all{vs::get_variable_scope(), {.reuse = vs::reuse}};
    std::size_t at = 0;
    for (auto _ : state) {
        at = next(at, vs::get_variable<"tower/kernel", float, 4>(all)(at));
        benchmark::DoNotOptimize(at);
    }
}

void read_literal_in_static_scope(benchmark::State& state) {
    filled_graph in;
    vs::variable_scope outer{"model"_path, vs::auto_reuse};
    vs::variable_scope inner{outer, "encoder"_path};
    vs::get_variable<"tower/kernel", float, 4>(inner).fill(0.f);
    std::size_t at = 0;
    for (auto _ : state) {
        at = next(at, vs::get_variable<"tower/kernel", float, 4>(inner)(at));
        benchmark::DoNotOptimize(at);
    }
}

/// The same name below each of some scopes: "scope_0/kernel", "scope_1/kernel", ...
[[nodiscard]] std::vector<vs::scope_handle> make_scopes() {
    std::vector<vs::scope_handle> scopes;
    for (std::size_t i = 0; i < scope_count; ++i) {
        scopes.push_back(vs::scope_at("scope_" + std::to_string(i), vs::auto_reuse));
        vs::get_variable<float, 1>(scopes.back(), "kernel", {4}).fill(0.f);
    }
    return scopes;
}

void read_literal_in_many_scopes(benchmark::State& state) {
    filled_graph in;
    const auto scopes = make_scopes();
    std::size_t at = 0;
    for (auto _ : state) {
        const auto kernel = vs::get_variable<"kernel", float, 4>(scopes[at]);
        at = (at + 1 + static_cast<std::size_t>(kernel(at & 3))) % scope_count;
    }
}
void read_text_in_many_scopes(benchmark::State& state) {
    filled_graph in;
    const auto scopes = make_scopes();
    const std::string name = "kernel";
    std::size_t at = 0;
    for (auto _ : state) {
        const auto kernel = vs::get_variable<float, 1>(scopes[at], name, {4});
        at = (at + 1 + static_cast<std::size_t>(kernel(at & 3))) % scope_count;
    }
}

BENCHMARK(read_handle)->Name("read through a handle/varscope");
BENCHMARK_CAPTURE(read_pointer, handle, 1.1)->Name("read through a handle/pointer");
BENCHMARK(read_bound)->Name("read through a bound schema/varscope");
BENCHMARK_CAPTURE(read_pointer, bound, 1.1)->Name("read through a bound schema/pointer");
BENCHMARK(read_literal_in_force)->Name("read by literal path, scope in force/varscope");
BENCHMARK_CAPTURE(read_pointer, in_force, 1.5)->Name("read by literal path, scope in force/pointer");
BENCHMARK(read_literal_in_scope)->Name("read by literal path, scope given/varscope");
BENCHMARK_CAPTURE(read_pointer, scope, 1.5)->Name("read by literal path, scope given/pointer");
BENCHMARK(read_literal_in_static_scope)->Name("read by literal path, static scope/varscope");
BENCHMARK_CAPTURE(read_pointer, static_scope, 1.5)
    ->Name("read by literal path, static scope/pointer");
BENCHMARK(read_literal_in_many_scopes)->Name("read by literal path, 12 scopes/varscope");
BENCHMARK(read_text_in_many_scopes)->Name("read by literal path, 12 scopes/by text");
BENCHMARK_CAPTURE(read_pointer, many, 0)->Name("read by literal path, 12 scopes/pointer");

} // namespace
