#include <varscope/graph/graph_state.hpp>
#include <varscope/schema/static_scope.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/schema/static_variable.hpp>

#include "catch.hpp"
#include "thrown.hpp"

#include <boost/hana/string.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;
using namespace varscope::literals;
using Catch::Matchers::ContainsSubstring;

namespace {

/// All that the names of a graph's variables and ops are, in the order of creation.
std::vector<std::string> names_of(const vs::graph& g) {
    std::vector<std::string> names;
    for (const auto& n : g.nodes()) { names.emplace_back(n.name()); }
    for (const auto* v : g.store().all()) { names.push_back("key " + std::string(v->key())); }
    return names;
}

/// The scope of a name: static where that is known while compiling.
template <class Name, class... Options>
[[nodiscard]] auto open_scope(const Name& name, const Options&... options) {
    if constexpr (vs::static_name<Name>) {
        return vs::static_scope(name, options...);
    } else {
        return vs::variable_scope(name, options...);
    }
}

/// Makes a variable and an op in the scope in force, and tells what the scope is called.
std::string make_something() {
    (void)vs::get_variable<float, 1>("v", {2}, {.reuse = vs::auto_reuse});
    (void)vs::make_op({.type = "Add"}, "add");
    return vs::get_variable_scope().name() + ' ' + vs::get_variable_scope().original_name_scope();
}

} // namespace

TEST_CASE("a static scope has its path in its type", "[static_scope]") {
    vs::graph g;
    vs::static_scope tower{g, "tower"_path};
    STATIC_CHECK(std::same_as<decltype(tower), vs::static_scope<vs::path<"tower">>>);
    STATIC_CHECK(std::same_as<decltype(tower)::path, vs::path<"tower">>);
    vs::static_scope dense{tower, "dense/0"_path};
    STATIC_CHECK(std::same_as<decltype(dense), vs::static_scope<vs::path<"tower/dense/0">>>);
    vs::static_scope hana{dense, BOOST_HANA_STRING("inner"), vs::auto_reuse};
    STATIC_CHECK(std::same_as<decltype(hana)::path, vs::path<"tower/dense/0/inner">>);
    CHECK(hana.name() == "tower/dense/0/inner");
    CHECK(hana.original_name_scope() == "tower/dense/0/inner/");
    CHECK(hana.reuse() == vs::auto_reuse);
    vs::static_scope ambient{"x"_path};
    STATIC_CHECK(std::same_as<decltype(ambient)::path, vs::path<"x">>);
    CHECK(ambient.name() == "tower/dense/0/inner/x");
    vs::variable_scope by_text{"y"};
    STATIC_CHECK(std::same_as<decltype(by_text), vs::variable_scope>);
}

TEST_CASE("a scope that is no static one takes a path as its text", "[static_scope]") {
    vs::graph g;
    const vs::variable_scope s{g, "a/b"_path, vs::auto_reuse};
    STATIC_CHECK(std::same_as<decltype(s), const vs::variable_scope>);
    CHECK(s.name() == "a/b");
}

TEST_CASE("a static scope can be a member and sit in an optional", "[static_scope]") {
    struct block {
        explicit block(vs::graph& g) : scope{g, "block"_path, vs::auto_reuse} {}
        vs::static_scope<vs::path<"block">> scope;
    };
    vs::graph g;
    const block b{g};
    std::optional<vs::static_scope<vs::path<"block/inner">>> inner;
    inner.emplace(b.scope, "inner"_path);
    CHECK(vs::get_variable<"v", float, 2>().key() == "block/inner/v");
    inner.reset();
    CHECK(vs::get_variable<"v", float, 2>().key() == "block/v");
}

TEST_CASE("static scopes give the names that scopes given by text do", "[static_scope]") {
    const auto program = [](vs::graph& g, auto tower, auto dense, auto deep) {
        std::vector<std::string> seen;
        const vs::as_default in(g);
        for (int i = 0; i < 2; ++i) { // entered again: names of ops are made unique
            const auto t = open_scope(tower, i == 0 ? vs::reuse_mode::inherit : vs::reuse_mode::auto_reuse);
            seen.push_back(make_something());
            {
                const auto d = open_scope(dense);
                seen.push_back(make_something());
                const vs::name_scope n{"n"};
                const auto e = open_scope(deep, vs::named_scope_options{.auxiliary_name_scope = false});
                seen.push_back(make_something());
            }
            const auto d = open_scope(dense, vs::named_scope_options{.dtype = vs::dtype::float64});
            seen.push_back(std::string(to_string(vs::get_variable("typed", {1}, {.reuse = vs::auto_reuse}).dtype())));
            seen.push_back(make_something());
            const vs::variable_scope unnamed{vs::no_name, {.default_name = "default"}};
            seen.push_back(make_something());
        }
        return seen;
    };
    vs::graph by_path{{.record_ops = true}};
    vs::graph by_text{{.record_ops = true}};
    vs::graph by_hana{{.record_ops = true}};
    const auto expected = program(by_text, "tower", "dense", "deep/er");
    CHECK(program(by_path, "tower"_path, "dense"_path, "deep/er"_path) == expected);
    CHECK(program(by_hana, BOOST_HANA_STRING("tower"), BOOST_HANA_STRING("dense"), BOOST_HANA_STRING("deep/er")) == expected);
    CHECK(names_of(by_path) == names_of(by_text));
    CHECK(names_of(by_hana) == names_of(by_text));
    CHECK(names_of(by_path).size() == 20);
}

TEST_CASE("a static scope said to be in another gives the names that nested blocks do", "[static_scope]") {
    vs::graph by_path{{.record_ops = true}};
    {
        for (int i = 0; i < 2; ++i) {
            const vs::static_scope t{by_path, "tower"_path, vs::auto_reuse};
            const vs::static_scope d{t, "dense"_path};
            (void)make_something();
            const vs::static_scope e{d, "deep"_path, {.reuse = vs::reuse_mode::inherit}};
            (void)make_something();
        }
    }
    vs::graph by_text{{.record_ops = true}};
    {
        for (int i = 0; i < 2; ++i) {
            const vs::variable_scope t{by_text, "tower", vs::auto_reuse};
            const vs::variable_scope d{"dense"};
            (void)make_something();
            const vs::variable_scope e{"deep"};
            (void)make_something();
        }
    }
    CHECK(names_of(by_path) == names_of(by_text));
}

TEST_CASE("a path, a hana string and a text lead to one variable", "[static_scope]") {
    vs::graph g;
    const vs::as_default in(g);
    const auto ask = [](auto name) {
        const auto s = open_scope(name, vs::auto_reuse);
        return vs::any_variable(vs::get_variable<float, 1>("v", {2}));
    };
    const auto first = ask("a/b"_path);
    CHECK(first.is(ask("a/b")));
    CHECK(first.is(ask(std::string("a/b"))));
    CHECK(first.is(ask(BOOST_HANA_STRING("a/b"))));
    const vs::static_scope a{"a"_path, vs::reuse};
    const vs::variable_scope b{"b"};
    CHECK(first.is(vs::get_variable<"v", float, 2>()));
    CHECK(g.store().size() == 1);
}

TEST_CASE("the reuse modes of a static scope are those of any scope", "[static_scope]") {
    vs::graph g;
    {
        vs::static_scope s{g, "s"_path};
        {
            const vs::static_scope t{"t"_path, vs::reuse};
            CHECK_THROWS_AS(vs::get_variable("v", {2}), vs::does_not_exist);
        }
        (void)vs::get_variable("v", {2});
        CHECK_THROWS_AS(vs::get_variable("v", {2}), vs::already_exists);
        s.reuse_variables();
        CHECK(vs::get_variable("v", {2}).key() == "s/v");
        CHECK_THROWS_AS(vs::get_variable("w", {2}), vs::does_not_exist);
        const vs::static_scope inner{s, "i"_path, vs::reuse_mode::create}; // inherits, as in TensorFlow
        CHECK(inner.reuse() == vs::reuse);
    }
    const vs::static_scope s{g, "s"_path};
    CHECK_THROWS_AS(vs::get_variable("v", {2}), vs::already_exists);
}

TEST_CASE("run-time scopes and static ones stand in each other", "[static_scope]") {
    vs::graph g;
    vs::variable_scope run_time{g, std::string("r"), vs::auto_reuse};
    const vs::scope_handle kept = run_time.handle();
    {
        vs::static_scope a{"a"_path};
        CHECK(a.name() == "r/a");
        vs::variable_scope b{std::string("b")};
        vs::static_scope c{"c"_path};
        CHECK(c.name() == "r/a/b/c");
        vs::static_scope d{c, "d"_path};
        STATIC_CHECK(std::same_as<decltype(d)::path, vs::path<"c/d">>);
        CHECK(d.name() == "r/a/b/c/d");
        const vs::variable_scope through{kept};
        CHECK(through.name() == "r");
        vs::static_scope e{"e"_path};
        CHECK(e.name() == "r/e");
        CHECK(vs::get_variable<"v", float, 1>(e).key() == "r/e/v");
        vs::static_scope f{e, "f"_path};
        CHECK(f.name() == "r/e/f");
        CHECK(f.handle().name() == "r/e/f");
        const vs::variable_scope again{f.handle()};
        CHECK(again.name() == "r/e/f");
    }
}

TEST_CASE("a static scope without a graph stands in the default graph", "[static_scope]") {
    vs::reset_default_graph();
    {
        const vs::static_scope s{"s"_path};
        const vs::static_scope t{s, "t"_path};
        CHECK(vs::get_variable<float, 1>("v", {2}).graph().serial() == vs::default_graph().serial());
    }
    CHECK(vs::default_graph().store().find("s/t/v") != nullptr);
    vs::reset_default_graph();
}

TEST_CASE("options of a static scope hold for what is in it", "[static_scope]") {
    vs::graph g;
    const vs::static_scope s{g, "s"_path, {.reuse = vs::auto_reuse, .initializer = vs::ones()}};
    const vs::static_scope t{s, "t"_path, {.dtype = vs::dtype::float64}};
    const auto v = vs::get_variable("v", {2});
    CHECK(v.dtype() == vs::dtype::float64);
    CHECK(vs::variable<double, 1>(v)(1) == 1);
}

TEST_CASE("a static scope is opened in the innermost scope of its thread only", "[static_scope][threads]") {
    vs::graph g;
    vs::graph other;
    const vs::static_scope a{g, "a"_path};
    const vs::static_scope b{a, "b"_path};
    const auto error = thrown<vs::improper_nesting>([&] { const vs::static_scope c{a, "c"_path}; });
    CHECK(error == "scope 'a/c' cannot be opened here\n  asked for at static_scope.cpp:here inside 'a/b'\n"
                   "  the scope that it is opened in must be the innermost one of this thread");
    {
        const vs::static_scope in_other{other, "x"_path};
        CHECK_THROWS_AS((vs::static_scope{b, "c"_path}), vs::improper_nesting);
    }
    {
        const vs::as_default in(other);
        CHECK_THROWS_AS((vs::static_scope{b, "c"_path}), vs::improper_nesting);
    }
    std::string in_thread;
    std::thread([&] {
        in_thread = thrown<vs::improper_nesting>([&] { const vs::static_scope c{b, "c"_path}; });
    }).join();
    CHECK_THAT(in_thread, ContainsSubstring("'a/b/c' cannot be opened here"));
    {
        const vs::name_scope n{"n"}; // no variable scope
        const vs::static_scope c{b, "c"_path};
        CHECK(c.name() == "a/b/c");
        CHECK(c.original_name_scope() == "a/b/n/c/");
    }
    try {
        const vs::static_scope c{a, "c"_path};
        FAIL("opened");
    } catch (const vs::improper_nesting& e) {
        CHECK(e.kind() == vs::error_kind::improper_nesting);
        CHECK(to_string(e.kind()) == "improper_nesting");
        CHECK(e.name() == "a/c");
    }
}

TEST_CASE("a path that may not come first is refused at the root, as by text", "[static_scope]") {
    vs::graph g;
    const auto by_path = thrown<vs::invalid_name>([&] { const vs::static_scope s{g, "_a"_path}; });
    const auto by_text = thrown<vs::invalid_name>([&] { const vs::variable_scope s{g, "_a"}; });
    CHECK(by_path == by_text);
    CHECK(by_path != "nothing");
    const vs::static_scope s{g, "s"_path};
    const vs::static_scope t{s, "_a"_path};
    CHECK(t.name() == "s/_a");
}
