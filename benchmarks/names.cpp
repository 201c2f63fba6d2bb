/// \file
/// Names that are made unique, when many were before; and scopes that are entered very often.

#include <varscope/varscope.hpp>

#include "memory.hpp"
#include "table.hpp"

#include <cstddef>

namespace bench {

namespace {

namespace vs = varscope;

struct take_name {
    static void call(vs::graph& g) { keep(vs::unique_name(g, "dense")); }
};
struct enter_default_scope {
    static void call(vs::graph&) {
        keep(vs::variable_scope{vs::no_name, {.default_name = "dense"}});
    }
};

constexpr std::size_t batch = 1000;

/// ns for each of a thousand requests for one name, after so many others for it. The first of all
/// makes the entry for the name.
template <class Request>
[[nodiscard]] measurement after(std::size_t earlier) {
    return {.sampled = [=] {
        return [=] {
            double took = 0;
            constexpr std::size_t graphs = 5;
            for (std::size_t i = 0; i < graphs; ++i) {
                vs::graph g;
                const vs::variable_scope model{g, "model"};
                for (std::size_t k = 0; k < earlier; ++k) { Request::call(g); }
                const double start = thread_seconds();
                for (std::size_t k = 0; k < batch; ++k) { Request::call(g); }
                took += thread_seconds() - start;
            }
            return took * 1e9 / static_cast<double>(graphs * batch);
        };
    }};
}

/// Bytes that are there after entering and leaving one scope so often, and not after a thousand
/// times.
[[nodiscard]] measurement growth(std::size_t times) {
    return {.sampled = [=] {
        return [=] {
            vs::graph g;
            const vs::variable_scope model{g, "model"};
            const auto enter = [](std::size_t count) {
                for (; count > 0; --count) { const vs::variable_scope layer{"layer"}; }
            };
            enter(1000);
            const std::size_t before = bytes_in_use();
            enter(times - 1000);
            return static_cast<double>(bytes_in_use()) - static_cast<double>(before);
        };
    }};
}

} // namespace

void add_names(table& t) {
    const std::size_t many = t.size(100'000);
    t.add({.workload = "a unique name, after 100k for the same name",
        .ours = after<take_name>(many),
        .peers = {{"after none", after<take_name>(0), 1.5}},
        .repetitions = 7});
    t.add({.workload = "a default scope name, after 100k for the same name",
        .ours = after<enter_default_scope>(many),
        .peers = {{"after none", after<enter_default_scope>(0), 1.5}},
        .repetitions = 7});
    t.add({.workload = "enter and leave a scope 100M times (large): memory",
        .unit = "bytes",
        .ours = growth(t.size(100'000'000)),
        .limit = 0,
        .repetitions = 1});
}

} // namespace bench
