#include <varscope/op/session.hpp>
#include <varscope/op/get_value.hpp>
#include <varscope/variable/get_variable.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "race.hpp"

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/core/xmath.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xmath.hpp>
#include <xtensor/xview.hpp>
#endif

#include <atomic>
#include <cstddef>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>

namespace vs = varscope;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

using vector = xt::xtensor<float, 1>;

constexpr vs::graph_options deferred{.initialization = vs::initialization::deferred};

} // namespace

TEST_CASE("the initialiser gives the global variables their first values", "[session]") {
    fresh g(deferred);
    const auto w = vs::get_variable<float, 1>("w", {2}, {.initializer = vs::ones()});
    const vs::variable<float, 1> v{{3, 4}, "v"};
    const auto local = vs::get_local_variable<float, 1>("local", {2}, {.initializer = vs::ones()});
    const auto init = vs::global_variables_initializer();
    const auto late = vs::get_variable<float, 1>("late", {2});
    CHECK_FALSE(w.is_initialized());
    vs::session().run(init);
    CHECK(w(0) == 1.F);
    CHECK(v(1) == 4.F);
    CHECK_FALSE(local.is_initialized());
    CHECK_FALSE(late.is_initialized());
    CHECK(init.variables().size() == 2);
    vs::session().run(vs::local_variables_initializer());
    CHECK(local(0) == 1.F);
}

TEST_CASE("an initialiser is an op named init", "[session]") {
    fresh g;
    CHECK(vs::global_variables_initializer().name() == "init");
    CHECK(vs::local_variables_initializer().name() == "init_1");
}

TEST_CASE("running the initialiser again resets the variables", "[session]") {
    fresh g;
    auto w = vs::get_variable<float, 1>("w", {20});
    vs::variable<float, 1> v{{3, 4}, "v"};
    const vector first = w;
    const float* const elements = w.data();
    w.fill(0);
    v += 1.F;
    vs::session().run(vs::global_variables_initializer());
    CHECK(bool(w == first));
    CHECK(w.data() == elements);
    CHECK(v(0) == 3.F);
}

TEST_CASE("a session evaluates an expression to a container of its rank", "[session]") {
    fresh g;
    vs::variable<float, 1> w{{1, 2}, "w"};
    const vs::variable<float> dynamic{{1, 2}, "dynamic"};
    const vs::session session;
    const auto y = vs::add(w, 1.F);
    auto r = session.run(y);
    STATIC_CHECK(std::is_same_v<decltype(r), vector>);
    STATIC_CHECK(std::is_same_v<decltype(session.run(w)), vector>);
    STATIC_CHECK(std::is_same_v<decltype(session.run(dynamic)), xt::xarray<float>>);
    CHECK(bool(r == vector{2, 3}));
    w += 10.F;
    CHECK(bool(r == vector{2, 3})); // its own
    CHECK(bool(session.run(y) == vector{12, 13}));
    CHECK(session.run(vs::reduce_sum(w))() == 23.F);
}

TEST_CASE("a session refuses whatever stands on a variable without a value", "[session]") {
    fresh g(deferred);
    const auto u = vs::get_variable<float, 2>("u", {2, 2});
    const vs::session session;
    const auto says = MessageMatches(ContainsSubstring("variable 'u' was read before it had a value"));
    CHECK_THROWS_MATCHES(session.run(u), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(session.run(u + 1.F), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(session.run(vs::relu(vs::add(1.F, u))), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(session.run(vs::reduce_sum(u)), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(session.run(xt::view(u, 0)), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(session.run(xt::sum(u * 2.F)), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(session.run(vs::relu(xt::view(vs::relu(u), 0) + 1.F)), vs::uninitialized, says);
    CHECK_THROWS_MATCHES(session.run(xt::sum(vs::reduce_sum(u, {0}))), vs::uninitialized, says);
}

TEST_CASE("a placeholder has the value that the run feeds", "[session]") {
    fresh g;
    const auto x = vs::placeholder<float, 1>({2}, "x");
    const auto y = vs::multiply(x, 2.F);
    const vs::session session;
    CHECK(x.name() == "x:0");
    CHECK((vs::placeholder<float, 0>({}).name()) == "Placeholder:0");
    CHECK(x.op_type() == "Placeholder");
    CHECK(bool(session.run(y, vs::feed(x, vector{1, 2})) == vector{2, 4}));
    CHECK(bool(session.run(y, vs::feed(x, vector{1, 2} + 1.F)) == vector{4, 6}));
    CHECK(bool(session.run(x + y, vs::feed(x, vector{1, 2})) == vector{3, 6}));
}

TEST_CASE("several placeholders are fed in one run", "[session]") {
    fresh g;
    const auto x = vs::placeholder<float, 1>({2}, "x");
    const auto k = vs::placeholder<int, 0>({}, "k");
    const auto y = x + k;
    CHECK(bool(vs::session().run(y, vs::feed(k, xt::xtensor<int, 0>(5)), vs::feed(x, vector{1, 2})) == vector{6, 7}));
}

TEST_CASE("of two values for one placeholder the last counts", "[session]") {
    fresh g;
    const auto x = vs::placeholder<float, 1>({2}, "x");
    CHECK(bool(vs::session().run(x, vs::feed(x, vector{1, 2}), vs::feed(x, vector{3, 4})) == vector{3, 4}));
    CHECK_THROWS_AS(vs::session().run(x), vs::not_fed);
}

TEST_CASE("a placeholder that is not fed cannot be read", "[session]") {
    fresh g;
    const auto x = vs::placeholder<float, 1>({2}, "x");
    const auto y = vs::relu(x);
    const vs::session session;
    vector r;
    const std::string text = "placeholder 'x' was read without a value\n  created at session.cpp:" + std::to_string(__LINE__ - 4) +
                             "\n  evaluate it in session.run(..., vs::feed(placeholder, value))";
    CHECK_THROWS_MATCHES(session.run(y), vs::not_fed, Catch::Matchers::Message(text));
    CHECK_THROWS_AS(r = y, vs::not_fed);
    CHECK_THROWS_AS(session.run(xt::view(y, 0)), vs::not_fed);
    (void)session.run(y, vs::feed(x, vector{1, 2}));
    CHECK_THROWS_AS(session.run(y), vs::not_fed);
}

TEST_CASE("a run that throws leaves its placeholders unfed", "[session]") {
    fresh g(deferred);
    const auto x = vs::placeholder<float, 1>({2}, "x");
    const auto u = vs::get_variable<float, 1>("u", {2});
    const vs::session session;
    CHECK_THROWS_AS(session.run(x + u, vs::feed(x, vector{1, 2})), vs::uninitialized);
    CHECK_THROWS_AS(session.run(x), vs::not_fed);
}

TEST_CASE("a placeholder is not fed another shape", "[session]") {
    fresh g;
    const auto x = vs::placeholder<float, 1>({2}, "x");
    const std::string text = "placeholder 'x' cannot be fed shape (3,)\n  created at session.cpp:" + std::to_string(__LINE__ - 1) + " with shape (2,)";
    CHECK_THROWS_MATCHES(vs::feed(x, vector{1, 2, 3}), vs::shape_mismatch, Catch::Matchers::Message(text));
}

TEST_CASE("a placeholder needs a shape of its rank in which every dimension is known", "[session]") {
    fresh g;
    CHECK_THROWS_AS((vs::placeholder<float, 2>({vs::unknown_dimension, 3})), vs::bad_shape);
    CHECK_THROWS_AS((vs::placeholder<float, 2>(vs::any_shape)), vs::bad_shape);
    CHECK_THROWS_AS((vs::placeholder<float, 2>({3})), vs::bad_shape);
    CHECK(g.graph.nodes().empty());
}

TEST_CASE("a run within a run ends its feeds, and those of the outer run hold again", "[session]") {
    fresh g;
    const auto x = vs::placeholder<float, 1>({2}, "x");
    const vs::session session;
    const vs::feed outer(x, vector{1, 2});
    const vs::feed inner(x, vector{30, 40});
    const auto run_inside = vs::as_value<float, 1>(vs::make_op({.type = "Inner", .shape = {2}, .value = [&] {
        return vs::array_value(session.run(x + 0.F, inner));
    }}));
    const auto run_again = vs::as_value<float, 1>(vs::make_op({.type = "Again", .shape = {2}, .value = [&] {
        return vs::array_value(session.run(x * 100.F)); // what the outer run feeds
    }}));
    CHECK(bool(session.run(x + run_inside, outer) == vector{31, 42}));
    CHECK(bool(session.run(run_inside + x, outer) == vector{31, 42}));
    CHECK(bool(session.run(run_inside + run_again + x, outer) == vector{131, 242}));
    CHECK(bool(session.run(run_inside + x, inner) == vector{60, 80}));
    CHECK_THROWS_AS(session.run(x), vs::not_fed);
    const auto throws = vs::as_value<float, 1>(vs::make_op({.type = "Throws", .shape = {2}, .value = []() -> vs::array_value {
        throw std::runtime_error("no value today");
    }}));
    const auto fails = vs::as_value<float, 1>(vs::make_op({.type = "Fails", .shape = {2}, .value = [&] {
        CHECK_THROWS_AS(session.run(x + throws, vs::feed(x, vector{5, 5}), vs::feed(x, vector{6, 6})), std::runtime_error);
        return vs::array_value(vector{0, 0});
    }}));
    CHECK(bool(session.run(fails + x, outer) == vector{1, 2}));
}

TEST_CASE("a run computes each op once, and a run within it once more", "[session]") {
    fresh g;
    int computed = 0;
    const auto count = vs::as_value<float, 1>(vs::make_op({.type = "Count", .shape = {1}, .value = [&] {
        return vs::array_value(vector{static_cast<float>(++computed)});
    }}));
    const vs::session session;
    const auto twice = vs::add(vs::reduce_sum(count), vs::reduce_mean(count));
    CHECK(session.run(twice)() == 2.F);
    CHECK(computed == 1);
    CHECK(session.run(twice)() == 4.F);
    const auto inside = vs::as_value<float, 0>(vs::make_op({.type = "Inside", .shape = {}, .value = [&] {
        return vs::array_value(session.run(vs::reduce_sum(count)));
    }}));
    CHECK(session.run(vs::reduce_sum(count) + inside + vs::reduce_sum(count))() == 3.F + 4.F + 3.F);
}

TEST_CASE("a value that two threads feed holds in the one until that has run, whenever the other ends", "[session][threads]") {
    vs::graph g;
    const vs::as_default in_force(g);
    const auto x = vs::placeholder<float, 1>({2}, "x");
    const vs::feed both(x, xt::xtensor<float, 1>{3.f, 4.f});
    std::binary_semaphore begun{0};
    std::binary_semaphore ended{0};
    float read = 0;
    std::optional<std::thread> other;
    {
        [[maybe_unused]] const auto fed = both.begin();
        other.emplace([&] {
            [[maybe_unused]] const auto fed_too = both.begin();
            begun.release();
            ended.acquire();
            try {
                const xt::xtensor<float, 1> now = x;
                read = now(1);
            } catch (const vs::not_fed&) { read = -1; }
        });
        begun.acquire();
    }
    ended.release();
    other->join();
    CHECK(read == 4.f);
    CHECK_THROWS_AS((xt::xtensor<float, 1>(x)), vs::not_fed);
}

TEST_CASE("threads run one op at the same time, each with its own feed", "[session][threads]") {
    fresh g;
    const auto x = vs::placeholder<float, 1>({64}, "x");
    const auto w = vs::get_variable<float, 1>("w", {64}, {.initializer = vs::ones()});
    const auto y = vs::reduce_sum(vs::square(vs::add(x, vs::reduce_mean(x + w))));
    std::atomic<int> wrong = 0;
    race([&](std::size_t thread) {
        const vs::session session;
        const float value = static_cast<float>(thread);
        const float expected = 64 * (2 * value + 1) * (2 * value + 1);
        for (int i = 0; i < 200; ++i) {
            const float got = session.run(y, vs::feed(x, xt::xtensor<float, 1>(xt::ones<float>({64}) * value)))();
            if (got != expected) { ++wrong; }
        }
    });
    CHECK(wrong == 0);
}
