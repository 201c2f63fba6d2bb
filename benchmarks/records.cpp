/// \file
/// What it costs to have the library record more than it must.

#include <varscope/near_misses.hpp>
#include <varscope/sharing.hpp>
#include <varscope/varscope.hpp>

#include "table.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace bench {

namespace {

namespace vs = varscope;

/// Shares a variable, with and without a record of who shares what.
[[nodiscard]] measurement share(bool is_recorded) {
    return {.timed = [=] {
        const auto g =
            std::make_shared<vs::graph>(vs::graph_options{.record_sharing = is_recorded});
        (void)vs::get_variable<float, 1>(*g, "kernel", {4});
        return operation{.run = [g](std::size_t count) {
            const vs::variable_scope again{*g, vs::scope_at("", vs::reuse)};
            for (; count > 0; --count) { keep(vs::get_variable<float, 1>("kernel", {4}).node()); }
        }};
    }};
}

/// Creates variables beside 100 others, with and without a look for near misses.
[[nodiscard]] measurement create(bool is_watched) {
    return {.timed = [=] {
        return operation{
            .run =
                [=](std::size_t count) {
                    for (; count > 0; --count) {
                        vs::graph g({.initialization = vs::initialization::deferred});
                        if (is_watched) {
                            vs::watch_near_misses(g, [](const vs::near_miss_report&) {});
                        }
                        const vs::variable_scope all{g, "model", vs::auto_reuse};
                        for (int i = 0; i < 100; ++i) {
                            keep(vs::get_variable<float, 1>("layer_" + std::to_string(i), {4})
                                     .node());
                        }
                    }
                },
            .per_round = 100};
    }};
}

} // namespace

void add_records(table& t) {
    t.add({.workload = "share a variable, sharing recorded",
        .ours = share(true),
        .peers = {{"not recorded", share(false)}}});
    t.add({.workload = "create one of 100 variables, near misses watched",
        .ours = create(true),
        .peers = {{"not watched", create(false)}}});
}

} // namespace bench
