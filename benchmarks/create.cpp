/// \file
/// Creating variables of four floats by path, and what holding them takes.

#include <varscope/varscope.hpp>

#include "keys.hpp"
#include "memory.hpp"
#include "peers.hpp"
#include "table.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace bench {

namespace {

namespace vs = varscope;

/// Elements take memory when they are first needed, so ours asks for them at once.
void fill(vs::graph& g, const std::vector<std::string>& paths) {
    const vs::as_default in_force{g};
    for (const std::string& path : paths) {
        keep(vs::get_variable<float, 1>(path, {4}, {.initializer = vs::zeros()}).data());
    }
}

using array = xt::xarray<float>;
using map_of_arrays = std::unordered_map<std::string, std::unique_ptr<array>>;

void fill(map_of_arrays& map, const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        auto& made = map[path];
        made = std::make_unique<array>(xt::zeros<float>({4}));
        keep(made->data());
    }
}

/// ns for each; taking it all down again does not count.
template <class Store>
[[nodiscard]] measurement create(std::size_t variables) {
    return {.sampled = [=] {
        return [paths = paths(variables)] {
            Store store;
            const double start = thread_seconds();
            fill(store, paths);
            const double took = thread_seconds() - start;
            return took * 1e9 / static_cast<double>(paths.size());
        };
    }};
}

template <class Store>
[[nodiscard]] measurement hold(std::size_t variables) {
    return {.sampled = [=] {
        return [paths = paths(variables)] {
            return bytes_each(paths.size(), [&](const std::function<void()>& done) {
                Store store;
                fill(store, paths);
                done();
            });
        };
    }};
}

} // namespace

void add_create(table& t) {
    constexpr const char* arrays = "unordered_map of xarray";
    const std::size_t some = t.size(10'000);
    const std::size_t many = t.size(1'000'000);
    t.add({.workload = "create by path, four floats, 10k, each",
        .ours = create<vs::graph>(some),
        .peers = {{"LibTorch, OrderedDict", libtorch_create(some), 0.35},
            {arrays, create<map_of_arrays>(some), 0.45}}});
    t.add({.workload = "create by path, four floats, 1M (large), each",
        .ours = create<vs::graph>(many),
        .peers = {{"LibTorch, OrderedDict", libtorch_create(many), 0.35},
            {arrays, create<map_of_arrays>(many), 0.45}},
        .repetitions = 5});
    t.add({.workload = "hold a named variable beyond its data, 1M (large)",
        .unit = "bytes",
        .ours = hold<vs::graph>(many),
        .peers = {{"LibTorch, OrderedDict", libtorch_bytes(many), 0.30},
            {arrays, hold<map_of_arrays>(many), 0.40}},
        .repetitions = 1});
}

} // namespace bench
