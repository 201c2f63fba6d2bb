#include <varscope/schema/static_variable.hpp>

#include <varscope/schema/bound.hpp>
#include <varscope/scope/capture.hpp>
#include <varscope/train/constraints.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/inspect/near_misses.hpp>
#include <varscope/train/regularizers.hpp>
#include <varscope/inspect/sharing.hpp>
#include <varscope/schema/static_scope.hpp>
#include <varscope/scope/transaction.hpp>
#include <varscope/varscope.hpp>

#include "catch.hpp"
#include "thrown.hpp"

#include <boost/hana/string.hpp>

#include <atomic>
#include <barrier>
#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;
using namespace varscope::literals;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr auto any = vs::unknown_dimension;

/// What `by_literal` and `by_text` throw, each in a graph of its own that `prepare` saw.
template <class Error, class Prepare, class Literal, class Text>
void check_same_error(Prepare prepare, Literal by_literal, Text by_text) {
    const auto message = [&](auto call) {
        vs::graph g;
        const vs::as_default in(g);
        prepare();
        std::string text;
        try {
            call();
        } catch (const Error& e) {
            text = e.what();
            // Each call is on a line of its own, below the one that made the variable.
            const std::string line = ':' + std::to_string(e.asked_at().line());
            CHECK(std::string(e.asked_at().file_name()).find("static_variable.cpp") != std::string::npos);
            for (std::size_t at = 0; (at = text.find(line, at)) != std::string::npos;) { text.replace(at, line.size(), ":LINE"); }
        }
        return text;
    };
    const std::string expected = message(by_text);
    CHECK(expected != "");
    CHECK(message(by_literal) == expected);
}

struct model {
    static constexpr auto layout = vs::group(vs::scope("s", vs::var<float, 3>("v")), vs::var<float>("w"));
};

} // namespace

TEST_CASE("a literal name is asked for in the scope in force, a guard's, a graph's or a handle's", "[static_variable]") {
    vs::graph g;
    vs::static_scope s{g, "s"_path, vs::auto_reuse};
    const auto v = vs::get_variable<"v", float, 3, 2>();
    STATIC_CHECK(std::same_as<decltype(v), const vs::variable<float, 2>>);
    CHECK(v.key() == "s/v");
    CHECK(v.op_name() == "s/v");
    CHECK(v.shape() == std::array<std::size_t, 2>{3, 2});
    CHECK(v.is(vs::get_variable<"v", float, 3, 2>(s)));
    CHECK(v.is(vs::get_variable<"v", float, 3, 2>(g)));
    CHECK(v.is(vs::get_variable<"v", float, 3, 2>(s.handle())));
    CHECK(v.is(vs::get_variable<"v", float>()));
    CHECK(v.is(vs::get_variable<"v"_path, float>()));
    CHECK(v.is(vs::get_variable<BOOST_HANA_STRING("v"), float>()));
    CHECK(v.is(vs::get_variable<float, 2>("v", {3, 2})));
    {
        vs::static_scope t{s, "t"_path};
        CHECK(v.is(vs::get_variable<"v", float, 3, 2>(s))); // the outer one
        CHECK(vs::get_variable<"v", float, 3, 2>(t).key() == "s/t/v");
        CHECK(vs::get_variable<"v", float, 3, 2>().key() == "s/t/v");
        CHECK(vs::get_variable<"a/b", float, 1>().key() == "s/t/a/b");
        CHECK(vs::get_variable<"a/b", float, 1>().is(vs::get_variable<float>("a/b", {1})));
    }
    const vs::variable_scope root{vs::scope_at("", vs::auto_reuse)};
    CHECK(v.is(vs::get_variable<"s/v", float, any, 2>()));
}

TEST_CASE("the type of a literal look-up says what is known of the shape", "[static_variable]") {
    vs::graph g;
    vs::variable_scope s{g, "s", vs::auto_reuse};
    STATIC_CHECK(std::same_as<decltype(vs::get_variable<"a", float>(s, {3})), vs::variable<float>>);
    STATIC_CHECK(std::same_as<decltype(vs::get_variable<"a", float, 3>(s)), vs::variable<float, 1>>);
    STATIC_CHECK(std::same_as<decltype(vs::get_variable<"a", double, 3, any>(s, {3, 1})), vs::variable<double, 2>>);
    STATIC_CHECK(std::same_as<decltype(vs::get_variable<"a", int, vs::scalar>(s)), vs::variable<int, 0>>);
    const auto scalar = vs::get_variable<"scalar", int, vs::scalar>(s);
    CHECK(scalar() == 0);
    CHECK(scalar.is(vs::get_variable<"scalar", int>(s, {}))); // {} is a shape
    CHECK(vs::get_variable<"part", float, any, 2>(s, {3, 2}).shape() == std::array<std::size_t, 2>{3, 2});
    CHECK(vs::get_variable<"part", float, any, 2>(s).shape() == std::array<std::size_t, 2>{3, 2});
    CHECK(vs::get_variable<"part", float>(s).shape().size() == 2);
    CHECK(vs::get_variable<"none", float, 0, 2>(s).size() == 0);
    CHECK(vs::get_variable<"plain", float, 2>(s, {}).is(vs::get_variable<"plain", float, 2>(s))); // {} are options
}

TEST_CASE("options count where a literal name creates", "[static_variable]") {
    vs::graph g;
    vs::variable_scope s{g, "s"};
    const auto v = vs::get_variable<"v", float, 2>(s, {.initializer = vs::ones(), .trainable = false});
    CHECK(v(1) == 1);
    CHECK_FALSE(v.is_trainable());
    CHECK(v.is(vs::get_variable<"v", float, 2>(s, {.reuse = vs::reuse})));
    CHECK(v.is(vs::get_variable<"v", float, any>(s, {2}, {.reuse = vs::auto_reuse})));
    const auto w = vs::get_variable<"w", double>(s, vs::any_shape, {.initializer = xt::xtensor<double, 1>{1, 2, 3}});
    CHECK(w.size() == 3);
    CHECK(w(2) == 3);
}

TEST_CASE("a literal name says the caller's line", "[static_variable]") {
    vs::graph g;
    const unsigned line = __LINE__;
    const auto a = vs::get_variable<"a", float, 2>(g);
    const auto b = vs::get_variable<"b", float, 2>(g, {.initializer = vs::ones()});
    const auto c = vs::get_variable<"c", float>(g, {2});
    CHECK(a.defined_at().line() == line + 1);
    CHECK(b.defined_at().line() == line + 2);
    CHECK(c.defined_at().line() == line + 3);
    CHECK(std::string(a.defined_at().file_name()).ends_with("static_variable.cpp"));
}

TEST_CASE("what is wrong with a literal look-up is said as of one by text", "[static_variable]") {
    const auto make = [] { (void)vs::get_variable<float, 2>("s/v", {2, 3}); };
    check_same_error<vs::already_exists>(
        make, [] { (void)vs::get_variable<"s/v", float, 2, 3>(); }, [] { (void)vs::get_variable<float, 2>("s/v", {2, 3}); });
    check_same_error<vs::does_not_exist>(
        make,
        [] {
            const vs::variable_scope s("s", vs::reuse);
            (void)vs::get_variable<"w", float, 2>();
        },
        [] {
            const vs::variable_scope s("s", vs::reuse);
            (void)vs::get_variable<float, 1>("w", {2});
        });
    check_same_error<vs::shape_mismatch>(
        make,
        [] {
            const vs::variable_scope s("s", vs::auto_reuse);
            (void)vs::get_variable<"v", float, 3, 3>();
        },
        [] {
            const vs::variable_scope s("s", vs::auto_reuse);
            (void)vs::get_variable<float, 2>("v", {3, 3});
        });
    check_same_error<vs::shape_mismatch>(
        make,
        [] {
            const vs::variable_scope s("s", vs::auto_reuse);
            (void)vs::get_variable<"v", float, any>();
        },
        [] {
            const vs::variable_scope s("s", vs::auto_reuse);
            (void)vs::get_variable<float, 1>("v", {any});
        });
    check_same_error<vs::dtype_mismatch>(
        make,
        [] {
            const vs::variable_scope s("s", vs::auto_reuse);
            (void)vs::get_variable<"v", double, 2, 3>();
        },
        [] {
            const vs::variable_scope s("s", vs::auto_reuse);
            (void)vs::get_variable<double, 2>("v", {2, 3});
        });
    check_same_error<vs::partition_conflict>(
        [] {
            (void)vs::get_variable<float, 1>("s/v", {2});
            (void)vs::get_variable<float, 1>("s/v/part_0", {2});
        },
        [] {
            const vs::variable_scope s("s", vs::auto_reuse);
            (void)vs::get_variable<"v", float, 2>();
        },
        [] {
            const vs::variable_scope s("s", vs::auto_reuse);
            (void)vs::get_variable<float, 1>("v", {2});
        });
    check_same_error<vs::shape_required>(
        make, [] { (void)vs::get_variable<"x", float, any>(); }, [] { (void)vs::get_variable<float, 1>("x", {any}); });
    check_same_error<vs::bad_shape>(
        make, [] { (void)vs::get_variable<"x", float>({}, {-3}); }, [] { (void)vs::get_variable<float>("x", {-3}); });
    check_same_error<vs::invalid_name>(
        make, [] { (void)vs::get_variable<"_x", float, 2>(); }, [] { (void)vs::get_variable<float, 1>("_x", {2}); });
}

TEST_CASE("a shape that contradicts the type of a literal look-up is refused", "[static_variable]") {
    vs::graph g;
    const vs::variable_scope s{g, "s"};
    CHECK(thrown<vs::bad_shape>([&] { (void)vs::get_variable<"v", float, any, 2>(s, {3, 4}); }) ==
        "variable 's/v' cannot have shape (3, 4): its type says (?, 2)\n  requested at static_variable.cpp:here\n  ask for one of these");
    CHECK_THROWS_AS((vs::get_variable<"v", float, any, 2>(s, {2})), vs::bad_shape);
    CHECK(g.store().size() == 0);
}

TEST_CASE("a literal name that was answered before is refused where its variable became one in parts", "[static_variable]") {
    vs::graph g;
    const vs::variable_scope s{g, "s", vs::auto_reuse};
    const auto ask = [&] { return vs::get_variable<"v", float, 2>(s); };
    (void)ask();
    (void)ask();
    (void)vs::get_variable<float, 1>("other/part_0", {2});
    CHECK(ask().key() == "s/v");
    (void)vs::get_variable<float, 1>("v/part_0", {2});
    CHECK_THROWS_AS(ask(), vs::partition_conflict);
}

TEST_CASE("what a scope hands down counts for literal names", "[static_variable]") {
    const auto program = [](vs::graph& g, bool by_literal) {
        std::vector<std::string> told;
        std::string log;
        const vs::as_default in(g);
        const auto ask = [&](const vs::scope_options& options) {
            const vs::variable_scope s{"s", options};
            log.clear();
            const vs::any_variable v =
                by_literal ? vs::any_variable(vs::get_variable<"v", float, 4>()) : vs::any_variable(vs::get_variable<float, 1>("v", {4}));
            told.push_back(std::string(v.name()) + ' ' + std::to_string(v.parts().size()) + ' ' + log + ' ' +
                std::to_string(static_cast<bool>(v.constraint())) + ' ' + std::to_string(*static_cast<const float*>(v.data())) + ' ' +
                std::to_string(vs::get_collection(g, vs::graph_keys::regularization_losses).size()));
        };
        ask({.initializer = vs::constant_initializer(7.F), .regularizer = vs::l2_regularizer(0.5F), .constraint = vs::non_neg()});
        ask({.reuse = vs::auto_reuse, .initializer = vs::ones()});
        ask({.reuse = vs::auto_reuse, .custom_getter = [&](const vs::next_getter& next, const vs::variable_request& r) {
                 log += "getter " + r.name;
                 return next(r);
             }});
        ask({.reuse = vs::auto_reuse, .dtype = vs::dtype::float64});
        vs::graph cut;
        const vs::as_default there(cut);
        ask({.reuse = vs::auto_reuse, .partitioner = vs::fixed_size_partitioner(2)});
        ask({.reuse = vs::auto_reuse, .partitioner = vs::fixed_size_partitioner(2)});
        return told;
    };
    vs::graph a;
    vs::graph b;
    const auto expected = program(b, false);
    CHECK(program(a, true) == expected);
    CHECK(expected[0] == "s/v:0 0  1 7.000000 1");
    CHECK(expected[2] == "s/v:0 0 getter s/v 1 7.000000 1");
    CHECK(expected[4].starts_with("s/v 2 "));
}

TEST_CASE("a variable of another shape that a getter returned has its own shape in the handle", "[static_variable]") {
    vs::graph g;
    const vs::variable_scope s{g, "s",
        {.reuse = vs::auto_reuse, .custom_getter = [](const vs::next_getter& next, vs::variable_request r) {
             r.shape = {2};
             return next(r);
         }}};
    CHECK(vs::get_variable<"v", float, 5>().size() == 2);
    CHECK(vs::get_variable<"v", float, 5>({}, {.trainable = false}).size() == 2);
    CHECK(vs::get_variable<float, 1>("v", {5}).size() == 2);
}

TEST_CASE("a variable whose shape is not validated has its own shape in the handle of a literal name", "[static_variable]") {
    vs::graph g;
    (void)vs::get_variable<"v", float>(g, vs::any_shape, {.initializer = xt::xtensor<float, 1>{1, 2}, .validate_shape = false});
    const vs::variable_scope root{g, "", vs::auto_reuse};
    CHECK(vs::get_variable<float, 1>("v", {5}).size() == 2);
    for (int i = 0; i < 2; ++i) {
        CHECK(vs::get_variable<"v", float, 5>().size() == 2);
        CHECK(vs::get_variable<"v", float, 2>().size() == 2);
    }
}

TEST_CASE("the record of sharing sees every literal look-up", "[static_variable]") {
    vs::graph g;
    const vs::variable_scope s{g, "s", vs::auto_reuse};
    const auto ask = [&] { return vs::get_variable<"v", float, 2>(s); };
    for (int i = 0; i < 3; ++i) { (void)ask(); } // known before the recording begins
    vs::record_sharing(g);
    for (int i = 0; i < 3; ++i) { (void)ask(); }
    const auto report = vs::sharing_report(g);
    REQUIRE(report.size() == 1);
    CHECK(report[0].name == "s/v");
    CHECK(report[0].times_shared == 3);
    vs::expect_shared(g, "s/v");
}

TEST_CASE("near misses of literal names are told", "[static_variable]") {
    vs::graph g;
    const vs::as_default in(g);
    const vs::variable_scope s{"s", vs::auto_reuse};
    (void)vs::get_variable<"kernel", float, 2>();
    vs::watch_near_misses([](const vs::near_miss_report&) { throw std::runtime_error("told"); });
    CHECK_THROWS_WITH((vs::get_variable<"kernle", float, 2>()), "told");
}

TEST_CASE("one literal leads to each scope's and each graph's own variable", "[static_variable]") {
    const auto ask = [](const vs::detail::asked_place& at) { return vs::any_variable(vs::get_variable<"v", float, 2>(at)); };
    vs::graph g;
    vs::graph h;
    for (int round = 0; round < 3; ++round) {
        for (vs::graph* graph : {&g, &h}) {
            const vs::variable_scope root{*graph, "", vs::auto_reuse};
            for (const std::string name : {"a", "b", "c", "a/b"}) {
                const vs::variable_scope s{name};
                const auto v = ask(s);
                CHECK(v.key() == name + "/v");
                CHECK(&v.graph() == graph);
            }
            CHECK(ask(*graph).key() == "v");
        }
    }
    CHECK(g.store().size() == 5);
    CHECK(h.store().size() == 5);
}

TEST_CASE("a literal finds nothing of a graph that is gone", "[static_variable]") {
    const auto ask = [] {
        const vs::static_scope s{"s"_path, vs::auto_reuse};
        return vs::get_variable<"v", float, 2>();
    };
    vs::reset_default_graph();
    (void)ask();
    (void)ask();
    const auto serial = ask().graph().serial();
    vs::reset_default_graph();
    CHECK(vs::default_graph().store().size() == 0);
    CHECK(ask().graph().serial() != serial);
    CHECK(vs::default_graph().store().size() == 1);
    vs::reset_default_graph();

    alignas(vs::graph) std::byte memory[sizeof(vs::graph)];
    for (int i = 0; i < 3; ++i) { // at one address
        auto* const g = ::new (memory) vs::graph;
        {
            const vs::as_default in(*g);
            CHECK(g->store().size() == 0);
            for (int j = 0; j < 3; ++j) { CHECK(&ask().graph() == g); }
            CHECK(g->store().size() == 1);
            CHECK(g->store().find("s/v") == &ask().node());
        }
        std::destroy_at(g);
    }
}

TEST_CASE("a literal does not find what was taken back, and finds what came instead", "[static_variable]") {
    vs::graph g;
    const vs::variable_scope s{g, "s", vs::auto_reuse};
    const auto ask = [&] { return vs::get_variable<"v", float>(s, vs::any_shape); };
    const auto ask_known = [&] { return vs::get_variable<"v", float>(s); };
    for (int i = 0; i < 2; ++i) {
        vs::transaction all(g);
        (void)vs::get_variable<float>("v", {3});
        CHECK(ask_known().size() == 3);
        CHECK(ask_known().size() == 3);
        CHECK(ask().size() == 3);
        all.rollback();
        CHECK_THROWS_AS(ask_known(), vs::shape_required);
    }
    (void)vs::get_variable<float>("v", {5});
    CHECK(ask_known().size() == 5);
    CHECK(ask_known().size() == 5);
}

TEST_CASE("a literal that waits for a transaction to end forgets what was taken back", "[static_variable][threads]") {
    vs::graph g;
    for (int round = 0; round < 50; ++round) {
        std::barrier created(2);
        std::barrier asked(2);
        const auto ask = [&] {
            const vs::variable_scope s{g, "s", vs::auto_reuse};
            return vs::get_variable<"v", float>(s).size();
        };
        std::thread other([&] {
            created.arrive_and_wait();
            CHECK(ask() == 3); // it may be come upon, and does not wait
            asked.arrive_and_wait();
        });
        {
            vs::transaction all(g);
            (void)vs::get_variable<float>(g, "s/v", {3});
            created.arrive_and_wait();
            asked.arrive_and_wait();
            all.rollback();
        }
        other.join();
        CHECK_THROWS_AS(ask(), vs::shape_required);
    }
}

TEST_CASE("literal names are asked for in a scope that was resumed in another thread", "[static_variable][threads]") {
    vs::graph g;
    const vs::static_scope s{g, "s"_path, vs::auto_reuse};
    const auto ask = [] { return vs::any_variable(vs::get_variable<"v", float, 2>()); };
    const auto v = ask();
    const auto captured = vs::capture();
    std::thread([&] {
        const vs::resume in(captured);
        CHECK(v.is(ask()));
        CHECK(v.is(ask()));
    }).join();
}

TEST_CASE("threads that ask by literal, text and schema at once get one variable", "[static_variable][threads]") {
    constexpr std::size_t thread_count = 8;
    constexpr int rounds = 20;
    for (int round = 0; round < rounds; ++round) {
        vs::graph g;
        std::barrier start(static_cast<std::ptrdiff_t>(thread_count));
        std::vector<const void*> found(thread_count);
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        for (std::size_t t = 0; t < thread_count; ++t) {
            threads.emplace_back([&, t] {
                start.arrive_and_wait();
                if (t == 7) {
                    for (int i = 0; i < 200; ++i) { (void)vs::get_variable<float>(g, "other" + std::to_string(i), {2}); }
                }
                const auto ask = [&]() -> vs::any_variable {
                    if (t % 4 == 0) {
                        const vs::bound<model> m{g};
                        return m.get<"s/v">();
                    }
                    const vs::variable_scope s{g, "s", vs::auto_reuse};
                    if (t % 4 == 1) { return vs::get_variable<float, 1>("v", {3}); }
                    if (t % 4 == 2) { return vs::get_variable<"v", float, 3>(s); }
                    const vs::variable_scope inner{"a" + std::to_string(t)};
                    (void)vs::get_variable<"v", float, 3>(inner); // the same place, another scope
                    return vs::get_variable<"v", float, 3>(s);
                };
                const auto v = ask();
                found[t] = &v.node();
                for (int i = 0; i < 100; ++i) {
                    if (&ask().node() != found[t]) { ++wrong; }
                }
                if (vs::variable<float, 1>(v)(0) != vs::variable<float, 1>(v)(0)) { ++wrong; }
            });
        }
        for (auto& t : threads) { t.join(); }
        CHECK(wrong == 0);
        CHECK(std::ranges::all_of(found, [&](const void* p) { return p == found[0]; }));
    }
}
