/// \file
/// What it costs to have the library record more than it must, and to be told of wrong names.

#include <varscope/io/restore.hpp>
#include <varscope/inspect/near_misses.hpp>
#include <varscope/inspect/sharing.hpp>
#include <varscope/varscope.hpp>

#include "io/bundle_writer.hpp"
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

[[nodiscard]] std::string kernel(std::size_t layer) {
    return "encoder/layer_" + std::to_string(layer) + "/attention/self/query/kernel";
}

/// Asks for a name that none of `count` variables has, and is told the nearest ones.
[[nodiscard]] measurement refuse_unknown(std::size_t count) {
    return {.timed = [=] {
        const auto g = std::make_shared<vs::graph>();
        for (std::size_t i = 0; i < count; ++i) {
            (void)vs::get_variable<float, 1>(*g, "model/" + kernel(i), {4});
        }
        return operation{.run = [g](std::size_t rounds) {
            const vs::variable_scope again{*g, vs::scope_at("", vs::reuse)};
            for (; rounds > 0; --rounds) {
                try {
                    (void)vs::get_variable<float, 1>(
                        "model/encoder/layer_x/attention/self/query/bias", {4});
                } catch (const vs::does_not_exist& e) { keep(e); }
            }
        }};
    }};
}

/// Restores `count` variables from a file that has all of them in another scope: what the message
/// costs, above looking for each.
[[nodiscard]] measurement refuse_prefix(std::size_t count) {
    struct model {
        vs::graph graph;
        bundle_test::temporary_folder folder;
    };
    return {.timed = [=] {
        const auto m = std::make_shared<model>();
        bundle_test::bundle_writer writer;
        for (std::size_t i = 0; i < count; ++i) {
            (void)vs::get_variable<float, 1>(m->graph, "bert/" + kernel(i), {1});
            writer.add("model/" + kernel(i), 1, {1}, std::string(4, '\0'));
        }
        const auto path = m->folder.path() / "model";
        writer.write(path);
        return operation{.run =
                             [=](std::size_t rounds) {
                                 for (; rounds > 0; --rounds) {
                                     try {
                                         keep(vs::restore(m->graph, path));
                                     } catch (const vs::checkpoint_error& e) { keep(e); }
                                 }
                             },
            .overhead =
                [=](std::size_t rounds) {
                    for (; rounds > 0; --rounds) {
                        keep(vs::restore(
                            m->graph, path, {.on_missing = vs::on_missing::keep}));
                    }
                }};
    }};
}

} // namespace

void add_records(table& t) {
    constexpr double millisecond = 1e6; // ns
    t.add({.workload = "refuse an unknown name among 20,000",
        .ours = refuse_unknown(t.size(20'000)),
        .limit = millisecond});
    t.add({.workload = "refuse a checkpoint with 20,000 other names (large), above reading",
        .ours = refuse_prefix(t.size(20'000)),
        .limit = millisecond});
    t.add({.workload = "share a variable, sharing recorded",
        .ours = share(true),
        .peers = {{"not recorded", share(false)}}});
    t.add({.workload = "create one of 100 variables, near misses watched",
        .ours = create(true),
        .peers = {{"not watched", create(false)}}});
}

} // namespace bench
