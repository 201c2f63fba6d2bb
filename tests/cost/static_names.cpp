// What names known while compiling cost once they are bound or were asked for: nothing is allocated and
// nothing is thrown.
#include <varscope/schema/bound.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/schema/static_scope.hpp>
#include <varscope/schema/static_variable.hpp>
#include <varscope/varscope.hpp>

#include "catch.hpp"
#include "counts.hpp"

#include <atomic>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;
using namespace varscope::literals;

namespace {

struct model {
    static constexpr auto layout = vs::scope("m", vs::var<float, 30, 20>("kernel"), vs::var<float, 20>("bias", {.initializer = vs::zeros()}),
        vs::var<double, 4>("constant", {.initializer = vs::constant_initializer(0.5)}),
        vs::var<float, 4>("narrowed", {.initializer = vs::constant_initializer(0.5)}),
        vs::var<std::int64_t>("step", {.initializer = vs::ones()}), vs::var<float, 3, 3>("normal", {.initializer = vs::truncated_normal(0, 2)}));
};

/// What is allocated and thrown while `work` runs; elements that are used for the first time are filled under a lock.
template <class Work>
counts made(Work work) {
    counts result = count(work);
    result.locked = result.copied = 0;
    return result;
}

/// The same in several threads that run it at once, without what it costs to make them.
template <class Work>
counts count_in_threads(Work work) {
    constexpr int thread_count = 4;
    std::atomic<int> ready{0};
    std::atomic<int> done{0};
    std::atomic<bool> starts{false};
    std::atomic<bool> ends{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < thread_count; ++t) {
        threads.emplace_back([&] {
            const auto wait = [](const auto& is_over) { while (!is_over()) { std::this_thread::yield(); } };
            auto prepared = work(); // opens scopes, which may allocate the first time
            ++ready;
            wait([&] { return starts.load(); });
            prepared();
            ++done;
            wait([&] { return ends.load(); });
        });
    }
    while (ready != thread_count) { std::this_thread::yield(); }
    const counts result = made([&] {
        starts = true;
        while (done != thread_count) { std::this_thread::yield(); }
    });
    ends = true;
    for (auto& t : threads) { t.join(); }
    return result;
}

} // namespace

TEST_CASE("what is counted can be seen", "[cost]") {
    CHECK(made([] { ::operator delete(::operator new(1)); }) == counts{1, 0, 0, 0});
    CHECK(made([] {
        try {
            throw 1;
        } catch (int) {}
    }).thrown == 1);
    CHECK(made([] { (void)std::string(100, 'x'); }).allocated == 1);
}

TEST_CASE("a bound schema allocates and throws nothing any more, not for the first elements either", "[cost]") {
    for (const auto storage : {vs::storage::separate, vs::storage::contiguous}) {
        vs::graph g;
        const vs::bound<model> m{g, {.storage = storage}};
        double sum = 0;
        CHECK(made([&] {
            sum += static_cast<double>(m.get<"m/kernel">()(29, 19));
            sum += static_cast<double>(m.get<"m/bias">()(19));
            sum += static_cast<double>(m.scope<"m">().get<"step">()());
            sum += static_cast<double>(m.get<"m/normal">()(2, 2));
            m.get<"m/bias">()(3) = 4.F;
            m.for_each([&](const auto& v) { sum += static_cast<double>(v.variable().size()); });
        }) == none);
        CHECK(made([&] { sum += m.get<"m/constant">()(3); }) == none);
        CHECK(made([&] { sum += static_cast<double>(m.get<"m/narrowed">()(3)); }) == none);
        CHECK(sum > 600);
        CHECK(made([&] {
            for (int i = 0; i < 100; ++i) { sum += static_cast<double>(m.get<"m/kernel">()(i % 30, 3)) + m.get<"m/constant">()(1); }
            (void)m.block();
        }) == none);
    }
}

TEST_CASE("a literal name that was asked for allocates and throws nothing any more", "[cost]") {
    vs::graph g;
    const vs::static_scope s{g, "s"_path, vs::auto_reuse};
    const auto ask = [&] {
        return vs::get_variable<"kernel", float, 30, 20>(s)(2, 2) + vs::get_variable<"a/b", float, 3>()(1) +
            vs::get_variable<"c", float, vs::scalar>(g)();
    };
    float sum = ask() + ask();
    CHECK(made([&] {
        for (int i = 0; i < 100; ++i) { sum += ask(); }
    }) == none);
    {
        const vs::static_scope t{g, "t"_path};
        const auto in_other = [&] { return vs::get_variable<"kernel", float, 30, 20>(t)(2, 2); }; // the same literal
        sum += in_other() + in_other();
        CHECK(made([&] { sum += in_other(); }) == none);
    }
    CHECK(made([&] {
        for (int i = 0; i < 100; ++i) {
            const vs::static_scope t{s, "t"_path};
            sum += vs::get_variable<"kernel", float, 30, 20>(t)(2, 2);
        }
    }).thrown == 0);
    CHECK(sum == sum);
}

TEST_CASE("several threads that share by literal and by schema allocate and throw nothing", "[cost]") {
    vs::graph g;
    const vs::bound<model> m{g, {.storage = vs::storage::contiguous}};
    const vs::variable_scope root{g, "", vs::auto_reuse};
    (void)vs::get_variable<"m/bias", float, 20>();
    (void)vs::get_variable<"m/bias", float, 20>();
    CHECK(count_in_threads([&] {
        return [&] {
            float sum = 0;
            for (int i = 0; i < 200; ++i) {
                sum += m.get<"m/kernel">()(i % 30, 1); // the first of them takes the elements
                sum += vs::get_variable<"m/bias", float, 20>(root)(i % 20);
            }
            if (!(sum == sum)) { std::abort(); }
        };
    }) == none);
}
