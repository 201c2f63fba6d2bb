#include <varscope/graph/graph_state.hpp>
#include <varscope/schema/bound.hpp>
#include <varscope/scope/transaction.hpp>

#include <varscope/scope/freeze.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/op/initialization.hpp>
#include <varscope/io/restore.hpp>
#include <varscope/schema/static_scope.hpp>
#include <varscope/varscope.hpp>

#include "catch.hpp"
#include "io/bundle_writer.hpp"
#include "thrown.hpp"

#include <boost/hana/fold_left.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/unpack.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace vs = varscope;
using namespace varscope::literals;
using Catch::Matchers::ContainsSubstring;

namespace {

struct dense {
    static constexpr auto layout =
        vs::group(vs::var<float, 3, 2>("kernel"), vs::var<float, 2>("bias", {.initializer = vs::constant_initializer(0.5F)}));
};
struct tower {
    static constexpr auto layout = vs::scope("tower", vs::scope("first", dense::layout), vs::scope("second", dense::layout));
};
struct mixed {
    static constexpr auto layout = vs::group(vs::var<bool>("flag"), vs::var<std::int64_t, 3>("ids", {.initializer = vs::ones(), .trainable = false}),
        vs::var<double, 2, 2>("m"), vs::var<float, 0>("none"));
};
struct nothing {
    static constexpr auto layout = vs::scope("empty");
};
struct large {
    static constexpr auto layout = vs::var<float, 100>("v");
};
struct failing {
    static constexpr auto layout = vs::scope("f", vs::var<float, 2>("a"),
        vs::var<float, 2>("b", {.initializer = [](const vs::shape&) -> xt::xarray<float> { throw std::runtime_error("refused"); }}),
        vs::var<float, 2>("c"));
};
struct long_names {
    static constexpr auto layout = vs::group(vs::var<float>("a/b/c"), vs::scope("x/y", vs::var<float>("z/w"), vs::var<float>("v")));
};
struct with_slot {
    static constexpr auto layout = vs::group(vs::var<double, 3, 2>("first"), vs::var<float, 2>("kernel"), vs::scope("kernel", vs::var<float, 2>("Adam")));
};
struct many {
    static constexpr auto layout = vs::repeat<100>("layer_", vs::var<float, 4, 4>("kernel"), vs::var<float, 4>("bias"), vs::var<float>("scale"));
};

constexpr vs::bind_options contiguous{.storage = vs::storage::contiguous};

/// Everything of a graph that a program can see.
std::string listing(vs::graph& g) {
    std::string text;
    for (const auto* v : g.store().all()) { text += "key " + std::string(v->key()) + '\n'; }
    for (const auto* v : g.store().wholes()) { text += "whole " + std::string(v->key()) + '\n'; }
    for (const auto& n : g.nodes()) { text += "op " + std::string(n.name()) + '\n'; }
    for (const auto& key : vs::get_all_collection_keys(g)) {
        text += key + ':';
        for (const auto& item : vs::get_collection(g, key)) { text += ' ' + std::string(item.name()); }
        text += '\n';
    }
    for (const char* name : {"f/a", "f/b", "tower/first/kernel", "Const"}) {
        text += vs::unique_name(g, name, vs::name_use::ask) + ' ';
    }
    return text;
}

std::string bytes_of(const vs::any_variable& v) { return {static_cast<const char*>(v.data()), v.bytes()}; }

template <class S>
bool stands_in_block(const vs::bound<S>& m) {
    auto* const start = m.block().data();
    for (std::size_t i = 0; i < m.size(); ++i) {
        if (m[i].data() != start + vs::schema<S>::variables[i].offset) { return false; }
    }
    return m.block().size() == vs::schema<S>::block_bytes;
}

} // namespace

TEST_CASE("a bound schema has the variables that get_variable makes by those names", "[bound]") {
    vs::graph g({.seed = 7});
    const vs::bound<tower> m{g};
    const auto kernel = m.get<"tower/first/kernel">();
    STATIC_CHECK(std::same_as<decltype(kernel), const vs::variable<float, 2>>);
    CHECK(kernel.shape() == std::array<std::size_t, 2>{3, 2});
    CHECK(kernel.key() == "tower/first/kernel");

    vs::graph by_text({.seed = 7});
    std::vector<std::string> names;
    for (const std::string scope : {"tower/first", "tower/second"}) {
        (void)vs::get_variable(by_text, scope + "/kernel", {3, 2});
        (void)vs::get_variable(by_text, scope + "/bias", {2}, {.initializer = vs::constant_initializer(0.5F)});
    }
    CHECK(listing(g) == listing(by_text));
    REQUIRE(g.store().size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(bytes_of(m[i]) == bytes_of(vs::any_variable(vs::detail::variable_of(*by_text.store().all()[i]))));
    }
}

TEST_CASE("a schema is bound in the scope in force, a guard's, a handle's or a graph's", "[bound]") {
    vs::graph g;
    vs::variable_scope s{g, "s"};
    const vs::bound<dense> ambient;
    CHECK(ambient.get<"kernel">().key() == "s/kernel");
    {
        const vs::static_scope t{"t"_path};
        const vs::bound<dense> outer{s};
        CHECK(outer.get<"kernel">().is(ambient.get<"kernel">()));
        const vs::bound<dense> by_handle{s.handle()};
        CHECK(by_handle.get<"kernel">().is(ambient.get<"kernel">()));
        const vs::bound<dense> inner{t};
        CHECK(inner.get<"bias">().key() == "s/t/bias");
        const vs::bound<dense> innermost{g};
        CHECK(innermost.get<"bias">().is(inner.get<"bias">()));
    }
    vs::graph other;
    const vs::bound<dense> there{other};
    CHECK(there.get<"kernel">().key() == "kernel");
    CHECK(&there.get<"kernel">().graph() == &other);
}

TEST_CASE("a bound schema shares what exists, and says what it may not", "[bound]") {
    vs::graph g;
    const auto first = vs::get_variable<float, 2>(g, "kernel", {3, 2}, {.initializer = vs::ones()});
    const vs::bound<dense> m{g};
    CHECK(m.get<"kernel">().is(first));
    CHECK(m.get<"kernel">()(2, 1) == 1);
    CHECK(g.store().size() == 2);
    const vs::bound<dense> again{g, {.reuse = vs::reuse}};
    CHECK(again.get<"bias">().is(m.get<"bias">()));
    CHECK_THROWS_AS((vs::bound<dense>{g, {.reuse = vs::reuse_mode::create}}), vs::already_exists);
    vs::graph empty;
    CHECK_THROWS_AS((vs::bound<dense>{empty, {.reuse = vs::reuse}}), vs::does_not_exist);
    CHECK(empty.store().size() == 0);
    const vs::bound<dense> made{empty, {.reuse = vs::reuse_mode::create}};
    CHECK(empty.store().size() == 2);
}

TEST_CASE("errors of binding say the line of the binding", "[bound]") {
    vs::graph g;
    const vs::bound<dense> m{g};
    CHECK_THAT(thrown<vs::already_exists>([&] { const vs::bound<dense> again{g, {.reuse = vs::reuse_mode::create}}; }),
        ContainsSubstring("variable 'kernel' already exists") && ContainsSubstring("requested again at bound.cpp:here"));
    const unsigned line = __LINE__ + 1;
    const vs::bound<tower> t{g};
    CHECK(t.get<"tower/first/bias">().defined_at().line() == line);
}

TEST_CASE("a binding that fails leaves the graph as it was", "[bound]") {
    for (const auto storage : {vs::storage::separate, vs::storage::contiguous}) {
        for (const auto initialization : {vs::initialization::immediate, vs::initialization::deferred}) {
            vs::graph g({.initialization = initialization});
            (void)vs::get_variable(g, "f/c", {2}, {.initializer = vs::ones()});
            (void)vs::get_variable(g, "tower/second/bias", {3});
            const std::string before = listing(g);
            if (initialization == vs::initialization::immediate) {
                CHECK_THROWS_WITH((vs::bound<failing>{g, {.storage = storage}}), "refused");
                CHECK(listing(g) == before);
            }
            CHECK_THROWS_AS((vs::bound<tower>{g, {.storage = storage}}), vs::shape_mismatch);
            CHECK(listing(g) == before);
            vs::freeze(g);
            CHECK_THROWS_AS((vs::bound<dense>{g, {.storage = storage}}), vs::frozen);
            CHECK(listing(g) == before);
        }
    }
    vs::graph g;
    (void)vs::get_variable<double>(g, "tower/second/bias", {2});
    CHECK_THROWS_AS(vs::bound<tower>{g}, vs::dtype_mismatch);
    CHECK(g.store().size() == 1);
}

TEST_CASE("variables made after a failed binding stand where they like, whatever their size", "[bound]") {
    vs::graph g;
    CHECK_THROWS(vs::bound<failing>{g, contiguous});
    const auto a = vs::get_variable<float, 1>(g, "f/a", {1000}, {.initializer = vs::ones()});
    CHECK(a(999) == 1);
    {
        vs::transaction all(g);
        const vs::bound<large> m{g, contiguous};
        m.get<"v">().fill(3);
        all.rollback();
    }
    CHECK(g.store().find("v") == nullptr);
    const auto v = vs::get_variable<float, 1>(g, "v", {100000}, {.initializer = vs::ones()});
    CHECK(v(99999) == 1);
    vs::graph same;
    vs::variable<float, 1> old = [&] {
        vs::transaction all(same);
        const vs::bound<large> m{same, contiguous};
        auto held = m.get<"v">();
        all.rollback();
        return held;
    }();
    const auto later = vs::get_variable<float, 1>(same, "v", {100}, {.initializer = vs::ones()});
    old.fill(5); // a handle of what was taken back stays valid, and is nobody else's
    CHECK(later(0) == 1);
}

TEST_CASE("the elements of a bound schema stand in one block if that is asked for", "[bound]") {
    vs::graph g({.seed = 3});
    const vs::bound<tower> m{g, contiguous};
    CHECK(stands_in_block(m));
    const auto all = m.elements<float>();
    REQUIRE(all.size() == vs::schema<tower>::parameter_count);
    CHECK(all[6] == 0.5F);
    m.get<"tower/second/kernel">()(0, 1) = 9;
    CHECK(all[9] == 9);
    all[0] = 4;
    CHECK(m.get<"tower/first/kernel">()(0, 0) == 4);
    CHECK(reinterpret_cast<std::uintptr_t>(all.data()) % 64 == 0);

    vs::graph separate({.seed = 3});
    const vs::bound<tower> s{separate};
    CHECK(s.block().empty());
    CHECK(s.elements<float>().empty());
    CHECK(bytes_of(s[0]).substr(4) == bytes_of(m[0]).substr(4));

    vs::graph other;
    const vs::bound<mixed> x{other, contiguous};
    CHECK(stands_in_block(x));
    CHECK(x.get<"ids">()(2) == 1);
    CHECK_FALSE(x.get<"ids">().is_trainable());
    CHECK(x.get<"none">().size() == 0);
    const vs::bound<many> y{other, contiguous};
    CHECK(stands_in_block(y));
}

TEST_CASE("a second binding shares the block of the first, and its scopes' parts do", "[bound]") {
    vs::graph g;
    const vs::bound<tower> m{g, contiguous};
    const vs::bound<tower> again{g, contiguous};
    CHECK(again.block().data() == m.block().data());
    CHECK(stands_in_block(again));
    const vs::bound<tower> plain{g};
    CHECK(plain.block().empty());
    CHECK(plain.get<"tower/first/bias">().is(m.get<"tower/first/bias">()));
    const vs::variable_scope s{g, "tower/second"};
    const vs::bound<dense> part{s, contiguous};
    CHECK(part.block().data() == m.block().data() + 32);
}

TEST_CASE("variables that were not read or written before go into the block, others are refused", "[bound]") {
    vs::graph g;
    const auto bias = vs::get_variable<float, 1>(g, "bias", {2}, {.initializer = vs::ones()}); // a rule: no elements yet
    const vs::bound<dense> m{g, contiguous};
    CHECK(stands_in_block(m));
    CHECK(bias(1) == 1);
    CHECK(bias.data() == m.get<"bias">().data());

    vs::graph other;
    auto present = vs::get_variable<float, 1>(other, "bias", {2}, {.initializer = vs::ones()});
    CHECK(present(0) == 1); // now it has them
    const float* const elements = present.data();
    const std::string before = listing(other);
    try {
        const vs::bound<dense> refused{other, contiguous};
        FAIL("bound");
    } catch (const vs::placed_elsewhere& e) {
        CHECK(e.kind() == vs::error_kind::placed_elsewhere);
        CHECK(to_string(e.kind()) == "placed_elsewhere");
        CHECK(e.name() == "bias");
        REQUIRE(e.first_defined());
        CHECK(e.first_defined()->line() == present.defined_at().line());
    }
    CHECK(listing(other) == before);
    CHECK(present.data() == elements);
    CHECK(vs::get_variable<float, 2>(other, "kernel", {3, 2}).data() != nullptr);
    CHECK_THROWS_AS((vs::bound<dense>{other, contiguous}), vs::placed_elsewhere);
    CHECK(vs::bound<dense>{other}.get<"bias">().data() == elements);
}

TEST_CASE("partitions and getters that make other variables cannot stand in one block", "[bound]") {
    vs::graph g;
    const vs::variable_scope s{g, "s", {.partitioner = vs::fixed_size_partitioner(2)}};
    const std::string before = listing(g);
    CHECK_THROWS_AS((vs::bound<dense>{s, contiguous}), vs::placed_elsewhere);
    CHECK(listing(g) == before);
    const vs::bound<dense> m{s};
    CHECK(m.get<"kernel">().is_partitioned());
    CHECK(m.get<"kernel">()(2, 1) == m.get<"kernel">()(2, 1));
    CHECK(m.get<"bias">()(1) == 0.5F);
    CHECK_THROWS_AS((vs::bound<dense>{s, contiguous}), vs::placed_elsewhere);

    vs::graph h;
    const vs::variable_scope renames{h, "s", {.custom_getter = [](const vs::next_getter& next, vs::variable_request r) {
                                                 r.name = "renamed/" + r.name;
                                                 return next(r);
                                             }}};
    CHECK_THROWS_AS((vs::bound<dense>{renames, contiguous}), vs::placed_elsewhere);
    CHECK(h.store().size() == 0);
    const vs::bound<dense> n{renames};
    CHECK(n.get<"kernel">().key() == "renamed/s/kernel");
    const vs::variable_scope root{h, vs::scope_at("")};
    const auto later = vs::get_variable<float, 1>("s/kernel", {10000}, {.initializer = vs::ones()});
    CHECK(later(9999) == 1);
}

TEST_CASE("a getter that makes another shape is refused when a schema is bound", "[bound]") {
    for (const auto storage : {vs::storage::separate, vs::storage::contiguous}) {
        vs::graph g;
        const vs::variable_scope s{g, "s", {.custom_getter = [](const vs::next_getter& next, vs::variable_request r) {
                                               r.shape = {r.shape[0] * 1000};
                                               r.initializer = [](const vs::shape& wanted) {
                                                   return xt::xarray<float>(xt::ones<float>({static_cast<std::size_t>(wanted[0])}));
                                               };
                                               return next(r);
                                           }}};
        CHECK_THROWS_AS((vs::bound<large>{s, {.storage = storage}}), vs::shape_mismatch);
        CHECK(g.store().size() == 0);
    }
    vs::graph g;
    (void)vs::get_variable(g, "v", vs::any_shape, {.initializer = xt::xtensor<float, 1>{1, 2}, .validate_shape = false});
    CHECK_THROWS_AS(vs::bound<large>{g}, vs::shape_mismatch);
}

TEST_CASE("what a scope hands down counts for a bound schema", "[bound]") {
    vs::graph g;
    const vs::variable_scope s{g, "s", {.initializer = vs::constant_initializer(3.F)}};
    const vs::bound<dense> m{s, contiguous};
    CHECK(m.get<"kernel">()(1, 1) == 3);
    CHECK(m.get<"bias">()(1) == 0.5F);
}

TEST_CASE("a bound schema of a deferred graph has its block before it has values", "[bound]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    const vs::as_default in(g);
    const vs::bound<dense> m{g, contiguous};
    CHECK_THROWS_AS(m.block(), vs::uninitialized);
    CHECK_THROWS_AS(m.get<"bias">()(0), vs::uninitialized);
    m.get<"bias">() = xt::xtensor<float, 1>{1, 2};
    vs::session().run(vs::global_variables_initializer());
    CHECK(stands_in_block(m));
    CHECK(m.elements<float>()[7] == 0.5F);
}

TEST_CASE("a checkpoint is restored into the block of a bound schema", "[bound]") {
    const auto bytes = [](const std::vector<float>& values) {
        std::string text(values.size() * sizeof(float), '\0');
        std::memcpy(text.data(), values.data(), text.size());
        return text;
    };
    constexpr unsigned float32_type = 1; // tensorflow/core/framework/types.proto
    const bundle_test::temporary_folder folder;
    bundle_test::bundle_writer writer;
    writer.add("kernel", float32_type, {3, 2}, bytes({1, 2, 3, 4, 5, 6}));
    writer.add("bias", float32_type, {2}, bytes({7, 8}));
    writer.write(folder.path() / "model");
    for (const auto initialization : {vs::initialization::immediate, vs::initialization::deferred}) {
        vs::graph g({.initialization = initialization});
        const vs::bound<dense> m{g, contiguous};
        (void)vs::restore(g, folder.path() / "model");
        CHECK(stands_in_block(m));
        CHECK(std::ranges::equal(m.elements<float>(), std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}));
    }
}

TEST_CASE("a scope of a bound schema is handed on, and asked for names relative to it", "[bound]") {
    vs::graph g;
    const vs::bound<tower> m{g};
    const auto sum = [](const auto& layer) { return layer.template get<"bias">()(0) + static_cast<float>(layer.size()); };
    CHECK(sum(m.scope<"tower/first">()) == 2.5F);
    const auto t = m.scope<"tower"_path>();
    const auto second = t.scope<"second">();
    CHECK(second.name() == "tower/second");
    CHECK(second.get<"kernel">().is(m.get<"tower/second/kernel">()));
    CHECK(second[1].key() == "tower/second/bias");
    CHECK(t.size() == 4);
    CHECK(m.size() == 4);
    CHECK(m.scope<"">().size() == 4);
    CHECK(second.get<"kernel", float, 3, 2>().is(m.get<"tower/second/kernel", float>()));
    CHECK(second.get<"kernel", float, vs::unknown_dimension, 2>().size() == 6);
    vs::graph h;
    const vs::bound<long_names> n{h};
    CHECK(n.get<"a/b/c">().key() == "a/b/c");
    CHECK(n.scope<"x/y">().get<"z/w">().key() == "x/y/z/w");
    CHECK(n.scope<"x/y">().size() == 2);
    CHECK(n.get<"a/b/c", float, vs::scalar>().size() == 1);
}

TEST_CASE("the empty path in a scope leads to the variable of the scope's name", "[bound]") {
    vs::graph g;
    const vs::bound<with_slot> m{g};
    const auto kernel = m.scope<"kernel">();
    CHECK(kernel.get<"">().is(m.get<"kernel">()));
    CHECK(kernel.get<"", float, 2>().key() == "kernel");
    STATIC_CHECK(kernel.declared<"">().size == 2);
    CHECK(kernel.get<"Adam">().key() == "kernel/Adam");
    CHECK(kernel.size() == 1);
}

TEST_CASE("the variables of a bound schema are gone through in the order of declaration", "[bound]") {
    vs::graph g;
    const vs::bound<mixed> m{g};
    std::vector<std::string> seen;
    const auto look = [&](const auto& v) {
        using bound_variable = std::remove_cvref_t<decltype(v)>;
        STATIC_CHECK(std::same_as<decltype(v.variable()), vs::variable<typename bound_variable::element_type, bound_variable::rank>>);
        STATIC_CHECK(bound_variable::name() == vs::schema<mixed>::names[bound_variable::index]);
        STATIC_CHECK(bound_variable::dtype() == bound_variable::declared().dtype);
        CHECK(v.variable().key() == v.name());
        CHECK(v.shape() == vs::any_variable(v.variable()).shape());
        seen.emplace_back(v.name());
    };
    const std::vector<std::string> all{"flag", "ids", "m", "none"};
    m.for_each(look);
    CHECK(seen == all);
    seen.clear();
    boost::hana::for_each(m, look);
    CHECK(seen == all);
    const auto add = [](std::size_t sum, const auto& v) { return sum + v.variable().size(); };
    CHECK(m.fold(std::size_t{0}, add) == vs::schema<mixed>::parameter_count);
    CHECK(boost::hana::fold_left(m, std::size_t{0}, add) == vs::schema<mixed>::parameter_count);
    const auto count = [](const auto&... v) { return sizeof...(v); };
    CHECK(m.unpack(count) == 4);
    CHECK(boost::hana::unpack(m, count) == 4);
    for (std::size_t i = 0; i < m.size(); ++i) { CHECK(m[i].key() == all[i]); }

    vs::graph h;
    const vs::bound<tower> t{h};
    std::vector<std::string> below;
    boost::hana::for_each(t.scope<"tower/second">(), [&](const auto& v) { below.emplace_back(v.name()); });
    CHECK(below == std::vector<std::string>{"tower/second/kernel", "tower/second/bias"});
}

TEST_CASE("a schema without variables is bound to nothing", "[bound]") {
    vs::graph g;
    for (const auto storage : {vs::storage::separate, vs::storage::contiguous}) {
        const vs::bound<nothing> m{g, {.storage = storage}};
        CHECK(m.size() == 0);
        CHECK(m.block().empty());
        CHECK(m.scope<"empty">().size() == 0);
        int calls = 0;
        m.for_each([&](const auto&) { ++calls; });
        CHECK(calls == 0);
    }
    CHECK(g.store().size() == 0);
}

TEST_CASE("a copy of a bound schema has the same variables", "[bound]") {
    vs::graph g;
    const vs::bound<dense> m{g, contiguous};
    const vs::bound<dense> copy = m;
    CHECK(copy.get<"kernel">().is(m.get<"kernel">()));
    CHECK(copy.block().data() == m.block().data());
}
