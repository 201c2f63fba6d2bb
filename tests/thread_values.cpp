// Values that several threads read, make, restore and update at once. Run these under the thread sanitizer too.
#include <varscope/graph/graph_state.hpp>
#include <varscope/io/restore.hpp>
#include <varscope/op/initialization.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/scope/freeze.hpp>
#include <varscope/train/scatter.hpp>
#include <varscope/variable/assign.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "io/bundle_writer.hpp"
#include "race.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;

namespace {

using vector = xt::xtensor<float, 1>;

std::string bytes_of(const std::vector<float>& values) {
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

} // namespace

TEST_CASE("variables are read, shared and created while others are restored", "[thread_values][threads]") {
    constexpr std::size_t count = 100;
    constexpr unsigned float32_type = 1; // tensorflow/core/framework/types.proto
    const bundle_test::temporary_folder folder;
    bundle_test::bundle_writer writer;
    for (std::size_t i = 0; i < count; ++i) {
        writer.add("file/v" + std::to_string(i), float32_type, {100}, bytes_of(std::vector<float>(100, static_cast<float>(i))));
    }
    writer.write(folder.path() / "model");
    for (const auto initialization : {vs::initialization::immediate, vs::initialization::deferred}) {
        vs::graph g({.initialization = initialization});
        std::vector<vs::variable<float, 1>> in_file;
        std::vector<vs::variable<float, 1>> others;
        for (std::size_t i = 0; i < count; ++i) {
            in_file.push_back(vs::get_variable<float, 1>(g, "file/v" + std::to_string(i), {100}));
            others.push_back(vs::get_variable<float, 1>(g, "other/v" + std::to_string(i), {100}, {.initializer = vs::ones()}));
        }
        for (const auto& v : others) { g.initialize(v.node()); }
        std::atomic<std::size_t> wrong{0};
        race([&](std::size_t t) {
            if (t == 0) {
                for (int i = 0; i < 5; ++i) {
                    const auto report = vs::restore(g, folder.path() / "model", {.on_missing = vs::on_missing::keep});
                    if (report.restored.size() != count) { ++wrong; }
                }
                return;
            }
            const vs::variable_scope s(g, "other", vs::auto_reuse);
            for (std::size_t i = 0; i < 20 * count; ++i) {
                const auto& v = others[i % count];
                if (v(i % 100) != 1 || !vs::get_variable<float, 1>("v" + std::to_string(i % count), {100}).is(v)) { ++wrong; }
                if (i % 50 == 0) { (void)vs::get_variable<float, 1>("new" + std::to_string(i) + '_' + std::to_string(t), {2}); }
            }
        });
        CHECK(wrong == 0);
        for (std::size_t i = 0; i < count; ++i) { CHECK(bool(in_file[i] == vector(vector::shape_type{100}, static_cast<float>(i)))); }
    }
}

TEST_CASE("what finds a variable initialised sees the whole of its value", "[thread_values][threads]") {
    constexpr std::size_t count = 200;
    vs::graph g({.initialization = vs::initialization::deferred});
    std::vector<vs::variable<float, 1>> variables;
    std::deque<std::atomic_flag> begun(count);
    for (std::size_t i = 0; i < count; ++i) {
        const vs::initializer by_rule = vs::constant_initializer(7);
        const vs::initializer by_function = [](const vs::shape&) { return xt::xarray<float>(vector(vector::shape_type{50}, 7.F)); };
        const std::string name = "v" + std::to_string(i);
        variables.push_back(vs::get_variable<float, 1>(g, name, {50}, {.initializer = i % 2 == 0 ? by_rule : by_function}));
    }
    std::atomic<std::size_t> wrong{0};
    race([&](std::size_t t) {
        for (std::size_t k = 0; k < count; ++k) {
            const std::size_t i = (k * 7 + t * 25) % count;
            vs::variable<float, 1> v = variables[i];
            if (!begun[i].test_and_set()) {
                if (i % 3 == 0) {
                    v = vector(vector::shape_type{50}, 7.F);
                } else {
                    const vs::as_default in(g);
                    vs::session().run(vs::variables_initializer({v}));
                }
            } else if (!v.is_initialized()) {
                continue; // another thread is about to
            }
            for (std::size_t j = 0; j < 50; ++j) { wrong += v(j) == 7 ? 0U : 1U; }
        }
    });
    CHECK(wrong == 0);
    CHECK(vs::report_uninitialized_variables(g).empty());
}

TEST_CASE("updates of different kinds by several threads all count", "[thread_values][threads]") {
    constexpr int rounds = 300;
    vs::graph g;
    const auto sum = vs::get_variable<float, 1>(g, "sum", {2}, {.initializer = vs::zeros()});
    const auto rows = vs::get_variable<float, 2>(g, "rows", {4, 2}, {.initializer = vs::zeros()});
    const auto count = vs::get_variable<std::int64_t, 0>(g, "count", {});
    std::vector<std::vector<std::int64_t>> counted(thread_count);
    race([&](std::size_t t) {
        for (int i = 0; i < rounds; ++i) {
            vs::assign_add(sum, vector{1, 2});
            vs::assign_sub(sum, vector{0, 1});
            vs::scatter_add(rows, xt::xtensor<int, 1>{1, 3}, xt::xtensor<float, 2>{{1, 1}, {2, 2}});
            counted[t].push_back(vs::count_up_to(count, 1'000'000));
        }
    });
    const auto all = static_cast<float>(rounds * static_cast<int>(thread_count));
    CHECK(bool(sum == vector{all, all}));
    CHECK(rows(1, 0) == all);
    CHECK(rows(3, 1) == 2 * all);
    CHECK(rows(0, 0) == 0);
    std::set<std::int64_t> distinct;
    for (const auto& each : counted) { distinct.insert(each.begin(), each.end()); }
    CHECK(distinct.size() == thread_count * static_cast<std::size_t>(rounds));
    CHECK(count() == static_cast<std::int64_t>(distinct.size()));
}

TEST_CASE("a variable in parts is made once by several threads, which read it and its parts", "[thread_values][threads]") {
    for (int round = 0; round < 20; ++round) {
        vs::graph g({.seed = 3});
        std::vector<const void*> wholes(thread_count);
        std::vector<std::vector<float>> seen(thread_count);
        race([&](std::size_t t) {
            const vs::variable_scope s(g, "s", {.reuse = vs::auto_reuse, .partitioner = vs::fixed_size_partitioner(3)});
            const auto v = vs::get_variable<float, 2>("v", {6, 2});
            wholes[t] = &v.node();
            const auto part = vs::variable<float, 2>(v.parts().at(t % 3));
            if (part(1, 1) != v(t % 3 * 2 + 1, 1)) { throw std::runtime_error("a part differs from the whole"); }
            seen[t].assign(v.begin(), v.end());
        });
        CHECK(std::ranges::all_of(wholes, [&](const void* p) { return p == wholes[0]; }));
        CHECK(std::ranges::all_of(seen, [&](const auto& each) { return each == seen[0]; }));
        CHECK(g.store().size() == 3);
    }
}

TEST_CASE("a part is found and looked at while the others are still being made", "[thread_values][threads]") { // raced
    for (int round = 0; round < 20; ++round) {
        vs::graph g;
        std::atomic<bool> is_done{false};
        std::atomic<std::size_t> wrong{0};
        std::thread reader([&] {
            while (!is_done) {
                const auto part = vs::find_variable(g, "v/part_0");
                if (!part) { continue; }
                const auto whole = part->whole();
                if (!whole || part->offset() != std::vector<std::size_t>{0, 0} || whole->parts().size() > 40) { ++wrong; }
                (void)whole->is_initialized();
                if (part->is_initialized() && static_cast<const float*>(part->data())[1] != 1) { ++wrong; }
            }
        });
        const vs::partitioner in_forty = vs::fixed_size_partitioner(40);
        (void)vs::get_variable<float, 2>(g, "v", {80, 2}, {.initializer = vs::ones(), .partitioner = in_forty});
        is_done = true;
        reader.join();
        CHECK(wrong == 0);
    }
}

TEST_CASE("an op is entered in collections by several threads while others evaluate it", "[thread_values][threads]") { // raced
    vs::graph g;
    const vs::as_default in(g);
    const auto a = vs::variable<float, 1>{{1.F, 2.F}, "a"};
    for (int round = 0; round < 20; ++round) {
        const vs::tensor loss = vs::square(a);
        std::atomic<std::size_t> wrong{0};
        race([&](std::size_t t) {
            if (t % 2 == 0) {
                vs::add_to_collection(g, vs::graph_keys::losses, loss);
                return;
            }
            for (const vs::tensor& each : vs::get_collection(g, vs::graph_keys::losses)) {
                if (!each.has_value() || each.value().size() != 2) { ++wrong; }
            }
        });
        CHECK(wrong == 0);
    }
    CHECK(vs::get_collection(g, vs::graph_keys::losses).size() == 20 * thread_count / 2);
}

TEST_CASE("after a graph was frozen or finalized no thread adds to it", "[thread_values][threads]") { // an op could still come
    for (int round = 0; round < 20; ++round) {
        vs::graph g;
        std::atomic<std::size_t> refused{0};
        std::size_t at_that_moment = 0;
        race([&](std::size_t t) {
            if (t == 0) {
                vs::finalize(g);
                at_that_moment = g.nodes().size();
                return;
            }
            try {
                for (std::size_t i = 0;; ++i) {
                    if (t % 2 == 0) {
                        (void)vs::make_op(g, {.type = "NoOp"});
                    } else {
                        (void)vs::get_variable(g, 'v' + std::to_string(t) + '_' + std::to_string(i), {1});
                    }
                }
            } catch (const vs::frozen&) { ++refused; }
        });
        CHECK(refused == thread_count - 1);
        CHECK(g.nodes().size() == at_that_moment);
    }
}

TEST_CASE("initializers that ask for variables themselves run once beside others who ask for the same", "[thread_values][threads]") {
    vs::graph g;
    std::atomic<std::size_t> calls{0};
    std::atomic<std::size_t> wrong{0};
    race([&](std::size_t t) {
        const vs::variable_scope s(g, "", vs::auto_reuse);
        for (int i = 0; i < 50; ++i) {
            const std::string name = "v" + std::to_string(i);
            if (t % 2 == 0) {
                const vs::initializer twice_the_base = [&](const vs::shape&) {
                    ++calls;
                    const auto base = vs::get_variable<float, 1>(name + "_base", {2}, {.initializer = vs::ones()});
                    return xt::xarray<float>(base * 2.F);
                };
                if (vs::get_variable<float>(name, {2}, {.initializer = twice_the_base})(1) != 2) { ++wrong; }
            } else if (vs::get_variable<float, 1>(name + "_base", {2}, {.initializer = vs::ones()})(0) != 1) {
                ++wrong;
            }
        }
    });
    CHECK(calls == 50);
    CHECK(wrong == 0);
    CHECK(g.store().size() == 100);
}

TEST_CASE("messages about similar names are written while variables come and go", "[thread_values][threads]") {
    vs::graph g;
    (void)vs::get_variable(g, "layer/kernel", {2});
    std::atomic<std::size_t> wrong{0};
    race([&](std::size_t t) {
        for (int i = 0; i < 60; ++i) {
            if (t % 2 == 0) {
                (void)vs::get_variable(g, 'v' + std::to_string(t) + '_' + std::to_string(i), {1});
                continue;
            }
            try {
                const vs::variable_scope s(g, "layer", vs::reuse);
                (void)vs::get_variable("kernle", {2});
                ++wrong;
            } catch (const vs::does_not_exist& e) {
                if (std::string(e.what()).find("layer/kernel") == std::string::npos) { ++wrong; }
            }
        }
    });
    CHECK(wrong == 0);
}
