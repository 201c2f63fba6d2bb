/// \file
/// Looking variables up by name: entering two scopes inside open ones, getting a variable that
/// exists, leaving both; and getting alone.
///
/// Paths look like model/encoder/layer_17/attention/head_3/query/kernel. Literal names stand in the
/// program as string literals, for each of 32 heads in code of its own, which is called through a
/// table of functions, the peer's too. To reach 10'000 variables with them, the outer scopes are
/// opened anew for each 32 look-ups; that is measured alone, and taken off.

#include <varscope/schema/static_scope.hpp>
#include <varscope/schema/static_variable.hpp>
#include <varscope/varscope.hpp>

#include "keys.hpp"
#include "literals.hpp"
#include "peers.hpp"
#include "table.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace bench {

namespace {

namespace vs = varscope;
using namespace vs::literals;

// What is timed, with literal names.

using our_code = float (*)();
#define VARSCOPE_CODE(number)                                                                      \
    +[] {                                                                                          \
        const vs::variable_scope head{"head_" number};                                             \
        const vs::variable_scope query{"query"};                                                   \
        return vs::get_variable<float, 1>("kernel", {4})(0);                                       \
    },
constexpr our_code with_literals[] = {VARSCOPE_FOR_32(VARSCOPE_CODE)};
#undef VARSCOPE_CODE

#define VARSCOPE_CODE(number)                                                                      \
    +[] {                                                                                          \
        const vs::variable_scope head{"head_" number, {.auxiliary_name_scope = false}};            \
        const vs::variable_scope query{"query", {.auxiliary_name_scope = false}};                  \
        return vs::get_variable<float, 1>("kernel", {4})(0);                                       \
    },
constexpr our_code without_name_scopes[] = {VARSCOPE_FOR_32(VARSCOPE_CODE)};
#undef VARSCOPE_CODE

#define VARSCOPE_CODE(number)                                                                      \
    +[] {                                                                                          \
        const vs::static_scope head{"head_" number ""_path};                                       \
        const vs::static_scope query{"query"_path};                                                \
        return vs::get_variable<"kernel", float, 4>(query)(0);                                     \
    },
constexpr our_code with_types[] = {VARSCOPE_FOR_32(VARSCOPE_CODE)};
#undef VARSCOPE_CODE

#define VARSCOPE_CODE(number) +[] { return vs::get_variable<float, 1>("kernel_" number, {4})(0); },
constexpr our_code get_alone[] = {VARSCOPE_FOR_32(VARSCOPE_CODE)};
#undef VARSCOPE_CODE

using naive_code = float (*)(naive_store&);
#define VARSCOPE_CODE(number)                                                                      \
    +[](naive_store& store) {                                                                      \
        const naive_store::scope head{store, "head_" number};                                      \
        const naive_store::scope query{store, "query"};                                            \
        return store.get("kernel")[0];                                                             \
    },
constexpr naive_code naive_with_literals[] = {VARSCOPE_FOR_32(VARSCOPE_CODE)};
#undef VARSCOPE_CODE

// The variables.

[[nodiscard]] std::string head(std::size_t number) { return "head_" + std::to_string(number); }

/// The variables head_<i>/query/kernel, or head/query/kernel_<i>, in each layer.
enum class layout { heads, kernels };

struct our_model {
    our_model(std::size_t variables, access how, layout laid_out = layout::heads)
        : asked{variables, how} {
        const vs::variable_scope model{graph, "model", vs::auto_reuse};
        const vs::variable_scope encoder{"encoder"};
        for (const std::string& name : asked.layers()) {
            const vs::variable_scope layer{name};
            const vs::variable_scope attention{"attention"};
            for (std::size_t i = 0; i < group_size; ++i) {
                const bool is_head = laid_out == layout::heads;
                const vs::variable_scope one{is_head ? head(i) : "head"};
                const vs::variable_scope query{"query"};
                const auto made =
                    vs::get_variable<float, 1>(is_head ? "kernel" : "kernel_" + std::to_string(i),
                        {4}, {.initializer = vs::zeros()});
                keep(made.data());
            }
        }
    }

    vs::graph graph;
    keys asked;
};

struct naive_model {
    naive_model(std::size_t variables, access how) : asked{variables, how} {
        const naive_store::scope model{store, "model"};
        const naive_store::scope encoder{store, "encoder"};
        for (const std::string& name : asked.layers()) {
            const naive_store::scope layer{store, name};
            const naive_store::scope attention{store, "attention"};
            for (std::size_t i = 0; i < group_size; ++i) {
                const naive_store::scope one{store, head(i)};
                const naive_store::scope query{store, "query"};
                store.get("kernel");
            }
        }
    }

    naive_store store;
    keys asked;
};

/// Looks each variable up once before anything is timed: the first time differs, as the cost page
/// says.
template <class State>
[[nodiscard]] operation visited_once(const std::shared_ptr<State>& state, operation o) {
    o.run(state->asked.visited());
    return o;
}

// Four scopes open around what is timed.

[[nodiscard]] measurement ours(std::size_t variables, access how, const our_code* code) {
    return {.timed = [=] {
        const auto state = std::make_shared<our_model>(variables, how);
        const auto rounds = [state](std::size_t count, auto&& visit) {
            const vs::variable_scope model{state->graph, "model", vs::reuse};
            const vs::variable_scope encoder{"encoder"};
            for (; count > 0; --count) {
                const vs::variable_scope layer{state->asked.next()};
                const vs::variable_scope attention{"attention"};
                visit();
            }
        };
        const auto run = [=](std::size_t count) {
            rounds(count, [&] { state->asked.visit([&](std::size_t i) { return code[i](); }); });
        };
        return visited_once(state,
            {.run = run,
                .overhead = [=](std::size_t count) { rounds(count, [] {}); },
                .per_round = group_size});
    }};
}

[[nodiscard]] measurement naive(std::size_t variables, access how) {
    return {.timed = [=] {
        const auto state = std::make_shared<naive_model>(variables, how);
        const auto rounds = [state](std::size_t count, auto&& visit) {
            naive_store& store = state->store;
            const naive_store::scope model{store, "model"};
            const naive_store::scope encoder{store, "encoder"};
            for (; count > 0; --count) {
                const naive_store::scope layer{store, state->asked.next()};
                const naive_store::scope attention{store, "attention"};
                visit();
            }
        };
        const auto run = [=](std::size_t count) {
            rounds(count, [&] {
                state->asked.visit(
                    [&](std::size_t i) { return naive_with_literals[i](state->store); });
            });
        };
        return visited_once(state,
            {.run = run,
                .overhead = [=](std::size_t count) { rounds(count, [] {}); },
                .per_round = group_size});
    }};
}

// Getting alone, inside six scopes.

[[nodiscard]] measurement our_get(std::size_t variables, access how) {
    return {.timed = [=] {
        const auto state = std::make_shared<our_model>(variables, how, layout::kernels);
        const auto rounds = [state](std::size_t count, auto&& visit) {
            const vs::variable_scope model{state->graph, "model", vs::reuse};
            const vs::variable_scope encoder{"encoder"};
            for (; count > 0; --count) {
                const vs::variable_scope layer{state->asked.next()};
                const vs::variable_scope attention{"attention"};
                const vs::variable_scope one{"head"};
                const vs::variable_scope query{"query"};
                visit();
            }
        };
        return operation{
            .run =
                [=](std::size_t count) {
                    rounds(count,
                        [&] { state->asked.visit([&](std::size_t i) { return get_alone[i](); }); });
                },
            .overhead = [=](std::size_t count) { rounds(count, [] {}); },
            .per_round = group_size};
    }};
}

#ifdef VARSCOPE_FLAT_MAP
struct flat_model {
    flat_model(std::size_t variables, access how) : asked{variables, how} {
        for (const std::string& layer : asked.layers()) {
            for (std::size_t i = 0; i < group_size; ++i) {
                paths.push_back(
                    "model/encoder/" + layer + "/attention/head/query/kernel_" + std::to_string(i));
                store.emplace(paths.back(), std::make_unique<float[]>(4));
            }
        }
    }

    flat_map<std::unique_ptr<float[]>> store;
    keys asked;
    std::vector<std::string> paths; // 32 for each layer, in its order
};

using flat_code = float (*)(const flat_model&, const std::string&);
#define VARSCOPE_CODE(number)                                                                      \
    +[](const flat_model& m, const std::string& path) {                                            \
        keep(number);                                                                              \
        return m.store.find(path)->second[0];                                                      \
    },
constexpr flat_code flat_finds[] = {VARSCOPE_FOR_32(VARSCOPE_CODE)};
#undef VARSCOPE_CODE

[[nodiscard]] measurement flat(std::size_t variables, access how) {
    return {.timed = [=] {
        const auto state = std::make_shared<flat_model>(variables, how);
        return operation{.run =
                             [=](std::size_t count) {
                                 for (; count > 0; --count) {
                                     const std::string* const paths = &state->paths[group_size *
                                         static_cast<std::size_t>(
                                             &state->asked.next() - state->asked.layers().data())];
                                     state->asked.visit([&](std::size_t i) {
                                         return flat_finds[i](*state, paths[i]);
                                     });
                                 }
                             },
            .per_round = group_size};
    }};
}
#else
[[nodiscard]] measurement flat(std::size_t, access) { return {}; }
#endif

// How much the number of open scopes matters.

template <class Inside>
void in_scopes(std::size_t count, Inside&& inside) {
    if (count == 0) { return inside(); }
    const vs::variable_scope scope{"scope_" + std::to_string(count)};
    in_scopes(count - 1, inside);
}

[[nodiscard]] measurement ours_inside(std::size_t scopes) {
    return {.timed = [=] {
        const auto g = std::make_shared<vs::graph>();
        const auto inside = [=](vs::reuse_mode mode, auto&& work) {
            const vs::variable_scope all{
                *g, vs::scope_at("", mode), {.auxiliary_name_scope = false}};
            in_scopes(scopes, work);
        };
        inside(vs::auto_reuse, [] {
            const vs::variable_scope one{"head_7"};
            const vs::variable_scope query{"query"};
            keep(vs::get_variable<float, 1>("kernel", {4}, {.initializer = vs::zeros()}).data());
        });
        return operation{.run = [=](std::size_t count) {
            inside(vs::reuse, [&] {
                std::size_t last = 7;
                for (; count > 0; --count) {
                    last = 7 + static_cast<std::size_t>(with_literals[last]());
                }
            });
        }};
    }};
}

// Run-time names.

/// "layer_<i>", and others, as texts in memory.
struct names {
    explicit names(std::size_t variables, access how) {
        std::mt19937 engine{1};
        for (std::size_t i = 0; i < variables; ++i) {
            layers.push_back("layer_" + std::to_string(i));
        }
        in_order = layers;
        std::shuffle(layers.begin(), layers.end(), engine);
        visited = how == access::hot ? 1 : variables;
    }

    std::vector<std::string> in_order; // to create them in
    std::vector<std::string> layers;
    std::string attention = "attention";
    std::string kernel = "kernel";
    std::size_t visited = 0;
};

[[nodiscard]] measurement ours_at_run_time(std::size_t variables, access how) {
    struct model {
        model(std::size_t count, access wanted) : asked{count, wanted} {}
        vs::graph graph;
        names asked;
        std::size_t at = 0;
    };
    return {.timed = [=] {
        const auto state = std::make_shared<model>(variables, how);
        const auto inside = [state](vs::reuse_mode mode, auto&& work) {
            const vs::variable_scope a{state->graph, "model", mode};
            const vs::variable_scope b{"encoder"};
            const vs::variable_scope c{"stack"};
            const vs::variable_scope d{"block"};
            work(state->asked);
        };
        inside(vs::auto_reuse, [](const names& asked) {
            for (const std::string& name : asked.in_order) {
                const vs::variable_scope layer{name};
                const vs::variable_scope attention{asked.attention};
                keep(vs::get_variable<float, 1>(asked.kernel, {4}, {.initializer = vs::zeros()})
                         .data());
            }
        });
        return operation{.run = [=](std::size_t count) {
            inside(vs::reuse, [&](const names& asked) {
                for (; count > 0; --count) {
                    const vs::variable_scope layer{asked.layers[state->at]};
                    const vs::variable_scope attention{asked.attention};
                    const auto found = vs::get_variable<float, 1>(asked.kernel, {4});
                    state->at =
                        (state->at + 1 + static_cast<std::size_t>(found(0))) % asked.visited;
                }
            });
        }};
    }};
}

[[nodiscard]] measurement naive_at_run_time(std::size_t variables, access how) {
    struct model {
        model(std::size_t count, access wanted) : asked{count, wanted} {}
        naive_store store;
        names asked;
        std::size_t at = 0;
    };
    return {.timed = [=] {
        const auto state = std::make_shared<model>(variables, how);
        const auto inside = [state](auto&& work) {
            naive_store& store = state->store;
            const naive_store::scope a{store, "model"};
            const naive_store::scope b{store, "encoder"};
            const naive_store::scope c{store, "stack"};
            const naive_store::scope d{store, "block"};
            work(store, state->asked);
        };
        inside([](naive_store& store, const names& asked) {
            for (const std::string& name : asked.in_order) {
                const naive_store::scope layer{store, name};
                const naive_store::scope attention{store, asked.attention};
                store.get(asked.kernel);
            }
        });
        return operation{.run = [=](std::size_t count) {
            inside([&](naive_store& store, const names& asked) {
                for (; count > 0; --count) {
                    const naive_store::scope layer{store, asked.layers[state->at]};
                    const naive_store::scope attention{store, asked.attention};
                    const float* const found = store.get(asked.kernel);
                    state->at =
                        (state->at + 1 + static_cast<std::size_t>(found[0])) % asked.visited;
                }
            });
        }};
    }};
}

} // namespace

void add_look_up(table& t) {
    const std::size_t n = t.size(10'000);
    const std::size_t large = t.size(1'000'000);
    const auto hot = access::hot;
    const auto random = access::random;

    t.add({.workload = "two scopes and get, literal names, 10k, hot",
        .ours = ours(n, hot, with_literals),
        .peers = {{"naive", naive(n, hot), 0.25},
            {"LibTorch, cached dictionary", libtorch_find(n, hot), 0.25},
            {"LibTorch, named_parameters()", libtorch_named_parameters(n), 1e-5}}});
    t.add({.workload = "two scopes and get, literal names, 10k, random",
        .ours = ours(n, random, with_literals),
        .peers = {{"naive", naive(n, random), 0.33},
            {"LibTorch, cached dictionary", libtorch_find(n, random), 0.25}}});
    t.add({.workload = "the same without name scopes, hot",
        .ours = ours(n, hot, without_name_scopes),
        .peers = {{"naive", naive(n, hot), 0.12}}});
    t.add({.workload = "the same without name scopes, random",
        .ours = ours(n, random, without_name_scopes),
        .peers = {{"naive", naive(n, random), 0.20}}});
    t.add({.workload = "two scopes and get, literal names, 1M (large), random",
        .ours = ours(large, random, with_literals),
        .peers = {{"naive", naive(large, random), 0.50}},
        .repetitions = 7});
    t.add({.workload = "two scopes and get, names in types, 10k, hot",
        .ours = ours(n, hot, with_types),
        .peers = {{"naive", naive(n, hot)}}});
    t.add({.workload = "two scopes and get, names in types, 10k, random",
        .ours = ours(n, random, with_types),
        .peers = {{"naive", naive(n, random)}}});
    t.add({.workload = "two scopes and get, run-time names, 10k, hot",
        .ours = ours_at_run_time(n, hot),
        .peers = {{"naive", naive_at_run_time(n, hot), 0.33}}});
    t.add({.workload = "two scopes and get, run-time names, 10k, random",
        .ours = ours_at_run_time(n, random),
        .peers = {{"naive", naive_at_run_time(n, random)}}});
    t.add({.workload = "get inside open scopes, literal names, 10k, hot",
        .ours = our_get(n, hot),
        .peers = {{flat_map_name, flat(n, hot), 0.7}}});
    t.add({.workload = "get inside open scopes, literal names, 10k, random",
        .ours = our_get(n, random),
        .peers = {{flat_map_name, flat(n, random), 0.8}}});
    t.add({.workload = "two scopes and get inside 16 scopes",
        .ours = ours_inside(16),
        .peers = {{"inside 1 scope", ours_inside(1), 1.10}}});
}

} // namespace bench
