#include <varscope/graph/graph_state.hpp>
#include <varscope/initializers/orthogonal.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/scope/freeze.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <complex>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace vs = varscope;

namespace {

enum class names_after { as_before, one_taken };

/// Calls what must fail with `Error` in scope "s" of a graph that has variables of this name and others, and checks
/// that nothing changed, but for the op name that TensorFlow keeps taken (DESIGN, law 8).
template <class Error> void fails_without_trace(names_after names, const std::function<void()>& call, vs::scope_options options = {}) {
    fresh f;
    vs::variable_scope s{"s", options};
    {
        vs::variable_scope any{vs::get_variable_scope(), {.reuse = vs::auto_reuse, .initializer = vs::zeros(), .auxiliary_name_scope = false}};
        (void)vs::get_variable<float>("kernel", {2, 3});
        (void)vs::get_variable<float>("kernels", {2, 3}, {.collections = strings{"mine"}});
    }
    const auto before = listing(f.graph, {"kernel", "s/kernel", "s/v"});
    CHECK_THROWS_AS(call(), Error);
    if (names == names_after::as_before) {
        CHECK(listing(f.graph, {"kernel", "s/kernel", "s/v"}) == before);
    } else {
        const auto rest = before.substr(0, before.find("free"));
        CHECK(listing(f.graph, {"kernel", "s/kernel", "s/v"}).substr(0, rest.size()) == rest);
        vs::name_scope root{""};
        CHECK(vs::unique_name("s/v", vs::name_use::ask) == "s/v_1");
    }
}

/// The text of the `Error` that `call` throws.
template <class Error, class Check> void check_error(const std::function<void()>& call, const Check& check) {
    try {
        call();
    } catch (const Error& e) {
        check(e);
        return;
    }
    FAIL("did not throw");
}

std::string at(unsigned line) { return "get_variable.cpp:" + std::to_string(line); }

} // namespace

TEST_CASE("a variable is created under the scope's name and with what was asked for", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s"};
    const auto here = std::source_location::current().line();
    const auto v = vs::get_variable("v", {2, 3}, {.dtype = vs::dtype::float64});
    CHECK(v.key() == "s/v");
    CHECK(v.op_name() == "s/v");
    CHECK(v.name() == "s/v:0");
    CHECK(v.shape() == vs::shape{2, 3});
    CHECK(v.dtype() == vs::dtype::float64);
    CHECK(v.is_trainable());
    CHECK(v.defined_at().line() == here + 1);
    CHECK(&v.graph() == &f.graph);
}

TEST_CASE("under reuse the same variable is returned, whatever the name scope", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", vs::auto_reuse};
    const auto v = vs::get_variable("v", {2});
    vs::name_scope n{"n"};
    CHECK(vs::get_variable("v", {2}).is(v));
    CHECK(vs::get_variable("v").is(v));
    CHECK(vs::get_variable("v", {vs::unknown_dimension}).is(v));
    CHECK(vs::get_variable<float>("v", {2}).is(v));
    CHECK(vs::get_variable<float, 1>("v").is(v));
    CHECK(vs::get_variable(f.graph, "v").is(v));
    CHECK(vs::get_variable<float>(f.graph, "v").is(v));
}

TEST_CASE("names with several components and through nested scopes lead to one variable", "[get_variable]") {
    fresh f;
    vs::variable_scope root{"", vs::auto_reuse};
    const auto v = vs::get_variable("a/b/v", {2});
    vs::variable_scope a{"a"};
    CHECK(vs::get_variable("b/v").is(v));
    vs::variable_scope b{"b"};
    CHECK(vs::get_variable("v").is(v));
}

TEST_CASE("variables of any rank and a scalar are created and shared", "[get_variable]") {
    fresh f;
    vs::variable_scope root{"", vs::auto_reuse};
    for (std::size_t rank = 0; rank <= vs::shape::max_rank; ++rank) {
        const vs::shape dimensions(std::vector<int>(rank, 1));
        const std::string name = "v" + std::to_string(rank);
        const auto v = vs::get_variable(name, dimensions);
        CHECK(v.shape() == dimensions);
        CHECK(vs::get_variable(name, dimensions).is(v));
    }
}

TEST_CASE("a variable without elements is created, read and shared", "[get_variable]") {
    fresh f;
    vs::variable_scope root{"", vs::auto_reuse};
    const auto v = vs::get_variable<float, 2>("v", {0, 3});
    CHECK(v.size() == 0);
    CHECK(vs::get_variable<float, 2>("v", {0, 3}).is(v));
    const auto huge = vs::get_variable("huge", {std::int64_t{1} << 30, std::int64_t{1} << 30, std::int64_t{0}});
    CHECK(huge.size() == 0);
}

TEST_CASE("the element type is that of the call, else the scope's, else float32", "[get_variable]") {
    fresh f;
    CHECK(vs::get_variable("a", {1}).dtype() == vs::dtype::float32);
    vs::variable_scope s{"s", {.dtype = vs::dtype::int64}};
    CHECK(vs::get_variable("a", {1}).dtype() == vs::dtype::int64);
    CHECK(vs::get_variable("b", {1}, {.dtype = vs::dtype::boolean}).dtype() == vs::dtype::boolean);
    CHECK(vs::get_variable<double>("c", {1}).dtype() == vs::dtype::float64);
}

TEST_CASE("the initializer is that of the call, else the scope's, else by the element type", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", {.initializer = vs::ones()}};
    CHECK(vs::get_variable<float, 1>("a", {1})(0) == 1.f);
    CHECK(vs::get_variable<float, 1>("b", {1}, {.initializer = vs::constant_initializer(2)})(0) == 2.f);
    vs::graph plain;
    CHECK(vs::get_variable<std::int32_t, 1>(plain, "i", {1})(0) == 0);
    CHECK(vs::get_variable<bool, 1>(plain, "b", {1})(0) == false);
    CHECK(vs::get_variable<float, 1>(plain, "f", {1})(0) != 0.f);
}

TEST_CASE("a plain value as initializer brings the shape, and the type where none is said", "[get_variable]") {
    fresh f;
    const auto v = vs::get_variable("v", vs::any_shape, {.initializer = xt::xarray<int>{{1, 2}, {3, 4}}});
    CHECK(v.shape() == vs::shape{2, 2});
    CHECK(v.dtype() == vs::dtype::int32);
    CHECK(static_cast<const int*>(v.data())[3] == 4);
    CHECK(vs::get_variable<double, 0>("d", vs::any_shape, {.initializer = xt::xarray<double>(2.0)})() == 2.0);
}

TEST_CASE("a value inherited from the scope keeps its type where none is said", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", {.initializer = 1.f, .dtype = vs::dtype::float64}};
    CHECK(vs::get_variable("v").dtype() == vs::dtype::float32); // TensorFlow ignores the type asked for
    CHECK(vs::get_variable<double>("w").dtype() == vs::dtype::float64); // a typed handle cannot
}

TEST_CASE("a variable joins the global and the trainable variables unless told otherwise", "[get_variable]") {
    fresh f;
    (void)vs::get_variable("a", {1});
    (void)vs::get_variable("b", {1}, {.trainable = false});
    (void)vs::get_variable("c", {1}, {.collections = strings{"mine"}});
    (void)vs::get_variable("d", {1}, {.collections = strings{}});
    (void)vs::get_variable("e", {1}, {.trainable = false, .collections = strings{"trainable_variables"}});
    CHECK(names_of(vs::global_variables()) == strings{"a:0", "b:0"});
    CHECK(names_of(vs::trainable_variables()) == strings{"a:0", "c:0", "d:0", "e:0"});
    CHECK(names_of(vs::get_collection("mine")) == strings{"c:0"});
    CHECK_FALSE(vs::find_variable("e")->is_trainable());
}

TEST_CASE("the collections of a call are a set", "[get_variable]") { // Graph.add_to_collections
    fresh f;
    (void)vs::get_variable("a", {1}, {.collections = strings{"mine", "trainable_variables", "mine", "trainable_variables"}});
    (void)vs::get_local_variable("b", {1}, {.collections = strings{"local_variables", "mine"}});
    CHECK(names_of(vs::get_collection("mine")) == strings{"a:0", "b:0"});
    CHECK(names_of(vs::trainable_variables()) == strings{"a:0"});
    CHECK(names_of(vs::local_variables()) == strings{"b:0"});
}

TEST_CASE("sharing a variable adds it to nothing", "[get_variable]") {
    fresh f;
    vs::variable_scope root{"", vs::auto_reuse};
    (void)vs::get_variable("a", {1});
    (void)vs::get_variable("a", {1}, {.collections = strings{"mine"}});
    (void)vs::get_local_variable("a", {1});
    CHECK(names_of(vs::global_variables()) == strings{"a:0"});
    CHECK(vs::get_collection("mine").empty());
    CHECK(vs::local_variables().empty());
}

TEST_CASE("a local variable is not trainable, joins the local variables alone, and shares the store", "[get_variable]") {
    fresh f;
    const auto v = vs::get_local_variable("v", {1});
    const auto w = vs::get_local_variable<double, 1>("w", {1});
    const auto x = vs::get_local_variable<float>(f.graph, "x", {1});
    CHECK_FALSE(v.is_trainable());
    CHECK(names_of(vs::local_variables()) == strings{"v:0", "w:0", "x:0"});
    CHECK(vs::global_variables().empty());
    CHECK(vs::trainable_variables().empty());
    CHECK_THROWS_AS(vs::get_variable("v", {1}), vs::already_exists);
    vs::variable_scope root{"", vs::reuse};
    CHECK(vs::get_variable("v", {1}).is(v));
}

TEST_CASE("a variable of its own shares nothing by name", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", vs::auto_reuse};
    const auto a = vs::make_variable("v", {.initializer = 1.f});
    const auto b = vs::make_variable("v", {.initializer = 2, .dtype = vs::dtype::float64, .trainable = false});
    CHECK(a.name() == "s/v:0");
    CHECK(b.name() == "s/v_1:0");
    CHECK(a.key().empty());
    CHECK(b.dtype() == vs::dtype::float64);
    CHECK(*static_cast<const double*>(b.data()) == 2.0);
    CHECK(names_of(vs::global_variables()) == strings{"s/v:0", "s/v_1:0"});
    CHECK(names_of(vs::trainable_variables()) == strings{"s/v:0"});
    CHECK_FALSE(vs::find_variable("s/v").has_value());
    CHECK(vs::make_variable(f.graph, "w", {.initializer = 1.f}).name() == "s/w:0");
}

TEST_CASE("a name with '/' at its end is exactly that op's, made once", "[get_variable]") { // rule 5
    fresh f;
    const auto v = vs::make_variable("x/", {.initializer = 1.f});
    CHECK(v.name() == "x:0");
    const auto here = std::source_location::current().line();
    check_error<vs::duplicate_node>([] { (void)vs::make_variable("x", {.initializer = 1.f}); }, [&](const vs::duplicate_node& e) {
        CHECK(e.what() == "op 'x' exists already, and its name was asked for exactly\n"
                          "  first created at " + at(here - 2) + "\n"
                          "  requested again at " + at(here + 1) + "\n"
                          "  a name that ends in '/' is neither made unique nor reserved; leave out the '/' to get a name of its own");
        CHECK(e.name() == "x");
        CHECK(e.first_defined()->line() == here - 2);
    });
    CHECK(vs::make_variable("x", {.initializer = 1.f}).name() == "x_1:0");
    CHECK_THROWS_AS(vs::make_variable("x/", {.initializer = 1.f}), vs::duplicate_node);
}

TEST_CASE("an exact name is free again after its creation failed", "[get_variable]") {
    fresh f;
    CHECK_THROWS_AS(vs::make_variable("x/", {.initializer = 0.5f, .dtype = vs::dtype::int32}), vs::value_dtype);
    CHECK(vs::make_variable("x/", {.initializer = 0.5f}).name() == "x:0");
}

TEST_CASE("a key with '/' at its end is kept whole, and shared", "[get_variable]") { // was another key
    fresh f;
    const auto v = vs::get_variable("x/", {1});
    CHECK(v.name() == "x:0");
    CHECK(v.key() == "x/");
    CHECK(vs::find_variable("x/").has_value());
    CHECK_FALSE(vs::find_variable("x").has_value());
    CHECK_THROWS_AS(vs::get_variable("x/", {1}), vs::already_exists);
    vs::variable_scope again{"", vs::reuse};
    CHECK(vs::get_variable("x/", {1}).is(v));
}

TEST_CASE("a key with '/' at its end is kept whole however the variable is created", "[get_variable]") { // was another op name
    const std::vector<std::function<vs::any_variable()>> calls{
        [] { return vs::any_variable(vs::get_variable<float, 1>("a/", {2})); },
        [] { return vs::any_variable(vs::get_variable<float>("a/", {2})); },
        [] { return vs::get_variable("a/", {2}); },
        [] { return vs::any_variable(vs::get_variable<float, 1>(vs::scope_at("", vs::auto_reuse), "a/", {2})); },
        [] { return vs::any_variable(vs::get_variable<float, 1>("a/", {2}, {.initializer = vs::zeros()})); },
        [] { return vs::any_variable(vs::get_variable<float, 1>("a/", {2}, {.collections = strings{"mine"}})); },
        [] {
            const vs::variable_scope any{"", vs::auto_reuse};
            return vs::any_variable(vs::get_variable<float, 1>("a/", {2}));
        },
    };
    for (std::size_t i = 0; i < calls.size(); ++i) {
        for (const bool record_sharing : {false, true}) {
            INFO("call " << i << (record_sharing ? ", sharing recorded" : ""));
            fresh f({.record_sharing = record_sharing});
            const vs::any_variable v = calls[i]();
            CHECK(v.op_name() == "a");
            CHECK(v.key() == "a/");
            CHECK(f.graph.store().size() == 1);
        }
    }
}

TEST_CASE("find_variable finds by the key and never creates", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s"};
    const auto v = vs::get_variable("v", {1});
    REQUIRE(vs::find_variable("s/v").has_value());
    CHECK(vs::find_variable("s/v")->is(v));
    CHECK_FALSE(vs::find_variable("v").has_value());
    CHECK_FALSE(vs::find_variable("").has_value());
    CHECK(f.graph.store().size() == 1);
}

// ---- errors: the whole text and the data of one of each kind, then that none leaves a trace

TEST_CASE("an existing variable in a scope that does not reuse is refused, with both places", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"encoder"};
    const auto here = std::source_location::current().line();
    (void)vs::get_variable<float>("kernel", {4, 8});
    check_error<vs::already_exists>([] { (void)vs::get_variable<float>("kernel", {4, 8}); }, [&](const vs::already_exists& e) {
        CHECK(e.what() == "variable 'encoder/kernel' already exists\n"
                          "  first created at " + at(here + 1) + " with shape (4, 8) float32\n"
                          "  requested again at " + at(here + 2) + " in a scope that does not reuse\n"
                          "  to share it, open the scope with vs::reuse or vs::auto_reuse; for a second one, use another name");
        CHECK(e.kind() == vs::error_kind::already_exists);
        CHECK(e.name() == "encoder/kernel");
        CHECK(e.asked_at().line() == here + 2);
        CHECK(e.first_defined()->line() == here + 1);
    });
}

TEST_CASE("an unknown variable in a scope that only reuses is refused, with the nearest keys", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"encoder"};
    (void)vs::get_variable("kernel", {1});
    (void)vs::get_variable("bias", {1});
    vs::variable_scope again{vs::get_variable_scope(), {.reuse = vs::reuse}};
    const auto here = std::source_location::current().line();
    check_error<vs::does_not_exist>([] { (void)vs::get_variable("kernle", {1}); }, [&](const vs::does_not_exist& e) {
        CHECK(e.what() == "variable 'encoder/kernle' does not exist\n"
                          "  requested at " + at(here + 1) + " in a scope that only reuses\n"
                          "  nearest: 'encoder/kernel'\n"
                          "  create it first, or open the scope with vs::auto_reuse");
        CHECK(e.name() == "encoder/kernle");
        CHECK(e.nearest() == strings{"encoder/kernel"});
        CHECK_FALSE(e.first_defined().has_value());
    });
}

TEST_CASE("of many variables all are asked which is nearest to an unknown one", "[get_variable]") {
    fresh f;
    for (int i = 0; i < 512; ++i) { (void)vs::get_variable("w" + std::to_string(i), {1}); }
    vs::variable_scope again{"", vs::reuse};
    for (const char* name : {"w0", "w255", "w256", "w511"}) { // the graph gives 256 at a time
        check_error<vs::does_not_exist>([&] { (void)vs::get_variable(std::string("model/") + name, {1}); },
            [&](const vs::does_not_exist& e) { CHECK(e.nearest() == strings{name}); });
    }
}

TEST_CASE("an unknown variable that nothing is like is reported without a guess", "[get_variable]") {
    fresh f;
    vs::variable_scope again{"", vs::reuse};
    const auto here = std::source_location::current().line();
    check_error<vs::does_not_exist>([] { (void)vs::get_variable("v", {1}); }, [&](const vs::does_not_exist& e) {
        CHECK(e.what() == "variable 'v' does not exist\n"
                          "  requested at " + at(here + 1) + " in a scope that only reuses\n"
                          "  create it first, or open the scope with vs::auto_reuse");
        CHECK(e.nearest().empty());
    });
}

TEST_CASE("where a variable of its own has the name that is unknown, the error says that it is not shared", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", vs::reuse};
    const auto here = std::source_location::current().line();
    (void)vs::make_variable("v", {.initializer = 1.f});
    check_error<vs::does_not_exist>([] { (void)vs::get_variable("v", {1}); }, [&](const vs::does_not_exist& e) {
        CHECK(e.what() == "variable 's/v' does not exist\n"
                          "  requested at " + at(here + 2) + " in a scope that only reuses\n"
                          "  the one made by vs::variable at " + at(here + 1) + " is never shared by name\n"
                          "  create it first, or open the scope with vs::auto_reuse");
    });
}

TEST_CASE("where only a name scope is open, the error says that it does not count", "[get_variable]") {
    fresh f;
    (void)vs::get_variable("v", {1});
    vs::name_scope n{"n"};
    using Catch::Matchers::ContainsSubstring;
    using Catch::Matchers::MessageMatches;
    CHECK_THROWS_MATCHES(vs::get_variable("v", {1}), vs::already_exists,
                         MessageMatches(ContainsSubstring("\n  the name scope 'n' does not count here; a vs::variable_scope does\n")));
}

TEST_CASE("sharing under another shape is refused and both shapes are named", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", vs::auto_reuse};
    (void)vs::make_variable("v", {.initializer = 1.f}); // so that the op is called s/v_1
    const auto here = std::source_location::current().line();
    (void)vs::get_variable<float>("v", {4, 8});
    check_error<vs::shape_mismatch>([] { (void)vs::get_variable<float>("v", {8, vs::unknown_dimension}); }, [&](const vs::shape_mismatch& e) {
        CHECK(e.what() == "variable 's/v' has another shape\n"
                          "  first created at " + at(here + 1) + " with shape (4, 8) float32\n"
                          "  requested again at " + at(here + 2) + " with shape (8, ?)\n"
                          "  ask for the shape it has, or leave the shape out to share it as it is");
        CHECK(e.name() == "s/v");
        CHECK(e.present() == vs::shape{4, 8});
        CHECK(e.asked() == vs::shape{8, vs::unknown_dimension});
        CHECK(e.first_defined()->line() == here + 1);
    });
}

TEST_CASE("sharing as a handle of another rank is refused", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", vs::auto_reuse};
    const auto here = std::source_location::current().line();
    (void)vs::get_variable<float>("v", {4, 8});
    check_error<vs::shape_mismatch>([] { (void)vs::get_variable<float, 3>("v"); }, [&](const vs::shape_mismatch& e) {
        CHECK(e.what() == "variable 's/v' has another number of axes\n"
                          "  first created at " + at(here + 1) + " with shape (4, 8) float32\n"
                          "  requested at " + at(here + 2) + " as a variable of rank 3\n"
                          "  use the rank it has, or variable<T> without a rank");
        CHECK(e.present() == vs::shape{4, 8});
        CHECK(e.asked().rank() == 3);
    });
}

TEST_CASE("sharing as a handle of another rank is refused whatever the scope hands down", "[get_variable]") {
    fresh f;
    (void)vs::get_variable<float>("s/v", {4, 8});
    for (const vs::scope_options& options : {vs::scope_options{.initializer = vs::ones()}, vs::scope_options{.dtype = vs::dtype::float64},
             vs::scope_options{.custom_getter = [](const vs::next_getter& next, const vs::variable_request& r) { return next(r); }},
             vs::scope_options{.partitioner = [](const vs::shape&, vs::dtype) { return std::vector<std::int64_t>{1, 1}; }}}) {
        vs::variable_scope s{"s", options};
        CHECK_THROWS_AS((vs::get_variable<float, 3>("v", vs::any_shape, {.reuse = vs::reuse})), vs::error);
        CHECK_THROWS_AS((vs::get_variable<float, 3>("v", {4, 8}, {.reuse = vs::reuse})), vs::error);
    }
    vs::variable_scope s{"s", {.reuse = vs::auto_reuse, .initializer = vs::ones()}};
    CHECK_THROWS_AS((vs::get_variable<float, 3>("v")), vs::shape_mismatch);
    CHECK(vs::get_variable<float, 2>("v").shape() == vs::shape{4, 8});
}

TEST_CASE("a variable without a name is not the one with an empty name", "[get_variable]") {
    fresh f;
    const vs::variable_options shared{.reuse = vs::auto_reuse};
    const auto v = vs::get_variable(vs::no_name, {1}, shared);
    CHECK(v.name() == "Variable:0");
    CHECK(vs::get_variable(vs::no_name, {1}, shared).is(v));
    CHECK_THROWS_AS(vs::get_variable("", {1}, shared), vs::invalid_name);
}

TEST_CASE("sharing as another element type is refused", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", vs::auto_reuse};
    const auto here = std::source_location::current().line();
    (void)vs::get_variable<float>("v", {4});
    check_error<vs::dtype_mismatch>([] { (void)vs::get_variable<double>("v", {4}); }, [&](const vs::dtype_mismatch& e) {
        CHECK(e.what() == "variable 's/v' has another element type\n"
                          "  first created at " + at(here + 1) + " with shape (4,) float32\n"
                          "  requested again at " + at(here + 2) + " as float64\n"
                          "  ask for the type it has");
        CHECK(e.present() == vs::dtype::float32);
        CHECK(e.asked() == vs::dtype::float64);
    });
}

TEST_CASE("rule 17: the scope's type is compared where the call says none", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", vs::auto_reuse};
    (void)vs::get_variable("v", {4}, {.dtype = vs::dtype::int32});
    check_error<vs::dtype_mismatch>([] { (void)vs::get_variable("v", {4}); }, [&](const vs::dtype_mismatch& e) {
        CHECK(e.present() == vs::dtype::int32);
        CHECK(e.asked() == vs::dtype::float32);
    });
}

TEST_CASE("a new variable without a full shape is refused", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s"};
    const auto here = std::source_location::current().line();
    check_error<vs::shape_required>([] { (void)vs::get_variable("v", {4, vs::unknown_dimension}); }, [&](const vs::shape_required& e) {
        CHECK(e.what() == "variable 's/v' does not exist yet and needs a fully defined shape\n"
                          "  requested at " + at(here + 1) + " with shape (4, ?)\n"
                          "  give every dimension, or a value as the initializer");
        CHECK(e.name() == "s/v");
    });
    CHECK_THROWS_AS(vs::get_variable("v"), vs::shape_required);
}

TEST_CASE("a shape that no variable can have is refused", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s"};
    const auto here = std::source_location::current().line();
    check_error<vs::bad_shape>([] { (void)vs::get_variable("v", {4, -2}); }, [&](const vs::bad_shape& e) {
        CHECK(e.what() == "variable 's/v' cannot have shape (4, -2): a dimension is negative\n"
                          "  requested at " + at(here + 1));
        CHECK(e.name() == "s/v");
    });
    check_error<vs::bad_shape>([] { (void)vs::get_variable("v", {std::int64_t{1} << 31, std::int64_t{1} << 31}); }, [&](const vs::bad_shape& e) {
        CHECK(e.what() == "variable 's/v' cannot have shape (2147483648, 2147483648): it has more elements than memory can hold\n"
                          "  requested at " + at(here + 6));
    });
    check_error<vs::bad_shape>([] { (void)vs::get_variable<float, 2>("v", {1}); }, [&](const vs::bad_shape& e) {
        CHECK(e.what() == "variable 's/v' cannot have shape (1,): the variable type has rank 2\n"
                          "  requested at " + at(here + 10) +
                          "\n  write variable<T, 1> or get_variable<T, 1>, or a shape of 2 dimensions");
    });
    constexpr std::int64_t large = std::int64_t{1} << 40;
    for (const vs::partitioner& p : {vs::variable_axis_size_partitioner(1 << 20), vs::min_max_variable_partitioner(4), vs::fixed_size_partitioner(2)}) {
        CHECK_THROWS_AS(vs::get_variable("v", {large, large}, {.partitioner = p}), vs::bad_shape);
    }
    // No elements, but strides that are no numbers: NumPy refuses it too.
    CHECK_THROWS_AS((vs::get_variable<float, 3>("v", {0, large, large})), vs::bad_shape);
    CHECK(vs::get_variable<float, 3>("v", {0, large, 4}).strides()[1] == 4);
}

TEST_CASE("an illegal name is told of a variable where a variable was asked for", "[get_variable]") {
    fresh f;
    check_error<vs::invalid_name>([] { (void)vs::get_variable("a b", {1}); }, [](const vs::invalid_name& e) { CHECK(std::string(e.what()).starts_with("variable name 'a b' is not legal\n")); });
    check_error<vs::invalid_name>([] { vs::make_variable("_v", {.initializer = 1.F}); }, [](const vs::invalid_name& e) { CHECK(std::string(e.what()).starts_with("variable name '_v' is not legal\n")); });
    check_error<vs::invalid_name>([] { (void)vs::make_op({.type = "Add"}, "a b"); }, [](const vs::invalid_name& e) { CHECK(std::string(e.what()).starts_with("op name 'a b' is not legal\n")); });
}

TEST_CASE("where one line asks twice, messages say where the innermost scope was opened each time", "[get_variable]") {
    fresh f;
    const auto kernel = [](const vs::shape& shape) { return vs::get_variable<float>("kernel", shape).defined_at(); };
    std::source_location asked;
    std::source_location first;
    std::source_location again;
    {
        first = std::source_location::current(); const vs::variable_scope s{"layer"};
        asked = kernel({2});
    }
    const auto told = [&](const vs::error& e, const char* last) {
        CHECK(e.what() == std::string("variable 'layer/kernel' ") +
            (e.kind() == vs::error_kind::already_exists ? "already exists" : "has another shape") +
            "\n  first created at " + vs::to_string(asked) + " with shape (2,) float32, in the scope opened at " + vs::to_string(first) +
            "\n  requested again at " + vs::to_string(asked) +
            (e.kind() == vs::error_kind::already_exists ? "" : " with shape (3,)") + ", in the scope opened at " + vs::to_string(again) + last);
    };
    SECTION("an existing variable, through names") {
        again = std::source_location::current(); const vs::variable_scope s{"layer"};
        const vs::name_scope n{"n"}; // no variable scope
        check_error<vs::already_exists>([&] { (void)kernel({2}); }, [&](const vs::already_exists& e) {
            told(e, ", which does not reuse\n  to share it, open the scope with vs::reuse or vs::auto_reuse; for a second one, use another name");
        });
    }
    SECTION("another shape, through a handle and options") {
        const vs::scope_handle handle = vs::scope_at("layer");
        again = std::source_location::current(); const vs::variable_scope s{handle, {.reuse = vs::auto_reuse, .auxiliary_name_scope = false}};
        check_error<vs::shape_mismatch>([&] { (void)kernel({3}); }, [&](const vs::shape_mismatch& e) {
            told(e, "\n  ask for the shape it has, or leave the shape out to share it as it is");
        });
    }
    SECTION("another shape, through a context") {
        again = std::source_location::current(); vs::scope_context context{"layer", vs::auto_reuse};
        const vs::variable_scope s{context};
        check_error<vs::shape_mismatch>([&] { (void)kernel({3}); }, [&](const vs::shape_mismatch& e) {
            told(e, "\n  ask for the shape it has, or leave the shape out to share it as it is");
        });
    }
}

TEST_CASE("rule 18: a shape beside a plain value is refused before anything else is looked at, even on reuse", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", {.reuse = vs::auto_reuse, .initializer = 1.f}};
    (void)vs::get_variable("v");
    const auto here = std::source_location::current().line();
    check_error<vs::constant_with_shape>([] { (void)vs::get_variable("v", {}); }, [&](const vs::constant_with_shape& e) {
        CHECK(e.what() == "variable 's/v' was given a shape and a value as its initializer\n"
                          "  requested at " + at(here + 1) + " with shape ()\n"
                          "  a value has a shape of its own: leave the shape out (vs::any_shape), or use vs::constant_initializer(...)");
    });
}

TEST_CASE("a plain value of another type than asked for is refused", "[get_variable]") {
    fresh f;
    const auto here = std::source_location::current().line();
    check_error<vs::initializer_dtype_conflict>([] { (void)vs::get_variable("v", vs::any_shape, {.initializer = 1, .dtype = vs::dtype::float32}); }, [&](const vs::initializer_dtype_conflict& e) {
        CHECK(e.what() == "variable 'v' and its initializer differ in element type\n"
                          "  requested at " + at(here + 1) + " as float32 with a value of type int32\n"
                          "  give a value of the variable's type, or vs::constant_initializer(...), which converts");
    });
}

TEST_CASE("an element type without a default initializer needs one", "[get_variable]") {
    fresh f;
    const auto here = std::source_location::current().line();
    check_error<vs::initializer_required>([] { (void)vs::get_variable<std::complex<float>>("v", {1}); }, [&](const vs::initializer_required& e) {
        CHECK(e.what() == "variable 'v' needs an initializer\n"
                          "  requested at " + at(here + 1) + " as complex64, for which there is no default\n"
                          "  give one, e.g. {.initializer = vs::zeros()}");
    });
}

TEST_CASE("a shape beside a function without parameters is refused", "[get_variable]") {
    fresh f;
    const auto here = std::source_location::current().line();
    const auto call = [] { (void)vs::get_variable("v", {1}, {.initializer = [] { return xt::xarray<float>{1.f}; }}); };
    check_error<vs::initializer_signature>(call, [&](const vs::initializer_signature& e) {
        CHECK(e.what() == "variable 'v' was given a shape and an initializer function that takes none\n"
                          "  requested at " + at(here + 1) + " with shape (1,)\n"
                          "  leave the shape out, or let the function take it: [](const vs::shape& s) { ... }");
    });
}

TEST_CASE("a variable of its own without a value is refused", "[get_variable]") {
    fresh f;
    vs::name_scope n{"n"};
    const auto here = std::source_location::current().line();
    check_error<vs::initial_value_required>([] { (void)vs::make_variable("v", {}); }, [&](const vs::initial_value_required& e) {
        CHECK(e.what() == "variable 'n/v' needs an initial value\n"
                          "  requested at " + at(here + 1) + "\n"
                          "  give a number, an xtensor expression or a function that returns one");
        CHECK(e.name() == "n/v");
    });
}

TEST_CASE("a value that does not convert is refused", "[get_variable]") {
    fresh f;
    const auto here = std::source_location::current().line();
    check_error<vs::value_dtype>([] { (void)vs::make_variable("v", {.initializer = 0.5f, .dtype = vs::dtype::int32}); }, [&](const vs::value_dtype& e) {
        CHECK(e.what() == "variable 'v' cannot be given a value of type float32 as int32\n"
                          "  requested at " + at(here + 1) + "\n"
                          "  integers become every type but bool, floating numbers floating and complex ones, true and false every type");
        CHECK(e.name() == "v");
    });
}

TEST_CASE("an illegal variable name is refused whole, with the position in the full name", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s"};
    check_error<vs::invalid_name>([] { (void)vs::get_variable("a b", {1}); }, [&](const vs::invalid_name& e) {
        CHECK(e.name() == "s/a b");
        CHECK(e.position() == 3);
    });
}

TEST_CASE("options that say no type serve a call that takes a type argument and one that does not", "[get_variable]") {
    fresh f;
    const vs::variable_options options{.initializer = 2.F, .trainable = false, .collections = strings{"mine"}, .reuse = vs::auto_reuse};
    const auto typed = vs::get_variable<float>("v", vs::any_shape, options);
    const vs::any_variable same = vs::get_variable("v", vs::any_shape, options);
    CHECK(same.is(typed));
    const vs::any_variable other = vs::get_variable("w", vs::any_shape, options);
    CHECK(*static_cast<const float*>(other.data()) == 2);
    CHECK(vs::get_collection("mine").size() == 2);
    CHECK(vs::trainable_variables().empty());
    const vs::local_variable_options local{.initializer = 3.F};
    CHECK(vs::get_local_variable("l", vs::any_shape, local).is(
        vs::get_variable<float>("l", vs::any_shape, {.reuse = vs::reuse})));
}

TEST_CASE("errors that are found before the creation leave no trace", "[get_variable]") {
    using enum names_after;
    const auto get = [](vs::name_arg name, const vs::shape& shape, const vs::untyped_variable_options& options = {}) { (void)vs::get_variable(name, shape, options); };
    SECTION("already_exists") { fails_without_trace<vs::already_exists>(as_before, [&] { get("kernel", {2, 3}); }); }
    SECTION("does_not_exist") { fails_without_trace<vs::does_not_exist>(as_before, [&] { get("v", {2, 3}); }, {.reuse = vs::reuse}); }
    SECTION("shape_mismatch") { fails_without_trace<vs::shape_mismatch>(as_before, [&] { get("kernel", {3}); }, {.reuse = vs::reuse}); }
    SECTION("dtype_mismatch") { fails_without_trace<vs::dtype_mismatch>(as_before, [] { (void)vs::get_variable<int>("kernel"); }, {.reuse = vs::reuse}); }
    SECTION("shape_required") { fails_without_trace<vs::shape_required>(as_before, [&] { get("v", vs::any_shape, {.collections = strings{"mine"}}); }); }
    SECTION("bad_shape") { fails_without_trace<vs::bad_shape>(as_before, [&] { get("v", {-5}); }); }
    SECTION("constant_with_shape") { fails_without_trace<vs::constant_with_shape>(as_before, [&] { get("v", {1}, {.initializer = 1.f}); }); }
    SECTION("initializer_dtype_conflict") {
        fails_without_trace<vs::initializer_dtype_conflict>(as_before, [&] { get("v", vs::any_shape, {.initializer = 1.f, .dtype = vs::dtype::int32}); });
    }
    SECTION("initializer_required") { fails_without_trace<vs::initializer_required>(as_before, [] { (void)vs::get_variable<std::complex<double>>("v", {1}); }); }
    SECTION("invalid_name") { fails_without_trace<vs::invalid_name>(as_before, [&] { get("a b", {1}); }); }
    SECTION("initial_value_required") { fails_without_trace<vs::initial_value_required>(as_before, [] { (void)vs::make_variable("v", {}); }); }
}

TEST_CASE("errors that are found while creating leave nothing but the op's name taken", "[get_variable]") {
    using enum names_after;
    SECTION("initializer_signature") {
        fails_without_trace<vs::initializer_signature>(one_taken, [] { (void)vs::get_variable("v", {1}, {.initializer = [] { return xt::xarray<float>{1.f}; }}); });
    }
    SECTION("value_dtype, by an initializer of the wrong type") {
        fails_without_trace<vs::value_dtype>(one_taken, [] { (void)vs::get_variable<int>("v", {1}, {.initializer = vs::constant_initializer(0.5)}); });
    }
    SECTION("what the user's function throws") {
        const auto fail = [](const vs::shape&) -> xt::xarray<float> { throw std::runtime_error("no data"); };
        fails_without_trace<std::runtime_error>(one_taken, [&] { (void)vs::get_variable<float>("v", {1}, {.initializer = fail, .collections = strings{"mine"}}); });
    }
    SECTION("what the user's function without parameters throws") {
        const auto fail = []() -> xt::xarray<float> { throw std::runtime_error("no data"); };
        fails_without_trace<std::runtime_error>(one_taken, [&] { (void)vs::get_variable("v", vs::any_shape, {.initializer = fail}); });
    }
}

TEST_CASE("an initializer may ask for other variables", "[get_variable]") {
    fresh f;
    const auto init = [](const vs::shape&) { return xt::xarray<float>(vs::get_variable<float, 1>("other", {2}, {.initializer = vs::ones()}) * 3.f); };
    const auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = init});
    CHECK(v(1) == 3.f);
    CHECK(names_of(vs::global_variables()) == strings{"other:0", "v:0"});
}

TEST_CASE("an initializer that creates the variable itself is told so", "[get_variable]") { // was stored twice
    fresh f;
    const auto init = [](const vs::shape& s) { return xt::xarray<float>(vs::get_variable<float>("v", s, {.initializer = vs::ones()})); };
    CHECK_THROWS_AS(vs::get_variable<float>("v", {2}, {.initializer = init}), vs::already_exists);
    CHECK(f.graph.store().size() == 1);
    CHECK(vs::global_variables().size() == 1);
}

// ---- the mode of one call, scope objects, tensors

TEST_CASE("a call's own reuse mode counts instead of the scope's, for that call", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s"};
    const auto v = vs::get_variable("v", {1});
    CHECK(vs::get_variable("v", {1}, {.reuse = vs::reuse}).is(v));
    CHECK(vs::get_variable<float, 1>("v", {1}, {.reuse = vs::auto_reuse}).is(v));
    CHECK_THROWS_AS(vs::get_variable("w", {1}, {.reuse = vs::reuse}), vs::does_not_exist);
    CHECK(vs::get_variable("w", {1}, {.reuse = vs::auto_reuse}).key() == "s/w");
    CHECK_THROWS_AS(vs::get_variable("v", {1}), vs::already_exists);
    vs::variable_scope sharing{"", vs::auto_reuse};
    const auto x = vs::get_variable("x", {1});
    CHECK_THROWS_AS(vs::get_variable("x", {1}, {.reuse = vs::reuse_mode::create}), vs::already_exists);
    CHECK(vs::get_variable("x", {1}, {.reuse = vs::reuse_mode::inherit}).is(x));
    CHECK_THROWS_AS(vs::get_local_variable("x", {1}, {.reuse = vs::reuse_mode::create}), vs::already_exists);
    CHECK(vs::get_tensor("x", {1}, {.reuse = vs::reuse}).is(vs::tensor(vs::any_variable(x))));
}

TEST_CASE("a scope object is asked wherever the call stands", "[get_variable]") {
    fresh f;
    const auto scope = [] { return vs::variable_scope("a", {.initializer = vs::constant_initializer(3), .dtype = vs::dtype::int32}).handle(); }();
    vs::variable_scope elsewhere{"elsewhere", {.reuse = vs::reuse, .initializer = vs::zeros()}};
    const auto v = vs::get_variable(scope, "v", {2});
    CHECK(v.key() == "a/v");
    CHECK(v.dtype() == vs::dtype::int32);
    CHECK(static_cast<const int*>(v.data())[1] == 3);
    CHECK(vs::get_variable<double, 1>(scope, "w", {2})(0) == 3.0);
    CHECK_THROWS_AS(vs::get_variable(scope, "v", {2}), vs::already_exists);
    CHECK(vs::get_variable(scope, "v", vs::any_shape, {.reuse = vs::reuse}).is(v));
    CHECK(vs::get_variable<int, 1>(scope, "v", {2}, {.reuse = vs::auto_reuse}).is(v));
    CHECK(vs::get_tensor(scope, "v", {2}, {.reuse = vs::reuse}).as_variable().is(v));
    CHECK(scope.reuse() == vs::reuse_mode::inherit);
    vs::graph other;
    vs::as_default guard{other};
    CHECK(&vs::get_variable(scope, "v", {2}).graph() == &other); // in the graph in force
}

TEST_CASE("get_tensor returns the variable itself where no getter is", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", vs::auto_reuse};
    const auto t = vs::get_tensor("v", {2}, {.initializer = vs::ones()});
    CHECK(t.is_variable());
    CHECK(t.as_variable().is(vs::get_variable("v", {2})));
    CHECK(static_cast<const float*>(t.value().data())[1] == 1.f);
    const auto local = vs::get_local_tensor("l", {2});
    CHECK(names_of(vs::local_variables()) == strings{"s/l:0"});
    CHECK_FALSE(local.as_variable().is_trainable());
}

// ---- shapes that are not compared

TEST_CASE("with validate_shape off a variable is shared under every shape, and has the one it was made with", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", vs::auto_reuse};
    const auto v = vs::get_variable("v", {2, 3}, {.validate_shape = false});
    CHECK(v.shape() == vs::shape{2, 3});
    CHECK_FALSE(v.static_shape().has_rank());
    CHECK(vs::get_variable("v", {7}).is(v));
    CHECK(vs::get_variable<float, 2>("v", {1, 1}).is(v));
    CHECK_THROWS_AS((vs::get_variable<float, 1>("v", {7})), vs::shape_mismatch); // a handle has a rank
    CHECK_THROWS_AS(vs::get_variable("v", {-7}), vs::bad_shape);
    CHECK_FALSE(vs::make_variable("w", {.initializer = 1.f, .validate_shape = false}).static_shape().has_rank());
}

TEST_CASE("a tensor whose shape is not known is no initial value, unless the shape is not to be validated", "[get_variable]") {
    fresh f;
    const auto t = vs::make_op({.type = "Op", .shape = {2, vs::unknown_dimension}});
    const auto here = std::source_location::current().line();
    check_error<vs::shape_required>([&] { (void)vs::get_variable("v", vs::any_shape, {.initializer = t}); }, [&](const vs::shape_required& e) {
        CHECK(e.what() == "variable 'v' needs an initial value whose shape is known\n"
                          "  requested at " + at(here + 1) + " with a tensor of shape (2, ?)\n"
                          "  give the tensor a shape, or the option validate_shape = false");
    });
    vs::graph later({.initialization = vs::initialization::deferred});
    vs::as_default guard{later};
    const auto u = vs::make_op({.type = "Op"});
    CHECK_FALSE(vs::get_variable("v", vs::any_shape, {.initializer = u, .validate_shape = false}).static_shape().has_rank());
}

// ---- initial values that are tensors

TEST_CASE("a variable, an op and a tensor are initial values, and bring shape and element type", "[get_variable]") {
    fresh f;
    auto a = vs::get_variable<double, 1>("a", {2}, {.initializer = vs::constant_initializer(2)});
    const auto b = vs::get_variable("b", vs::any_shape, {.initializer = a});
    const auto c = vs::get_variable("c", vs::any_shape, {.initializer = vs::multiply(a, 3.0)});
    const auto d = vs::get_variable("d", vs::any_shape, {.initializer = vs::tensor(b)});
    const auto e = vs::make_variable("e", {.initializer = a});
    a.fill(100.0);
    for (const auto& [v, value] : {std::pair(b, 2.0), std::pair(c, 6.0), std::pair(d, 2.0), std::pair(e, 2.0)}) {
        CHECK(v.dtype() == vs::dtype::float64);
        CHECK(v.shape() == vs::shape{2});
        CHECK(static_cast<const double*>(v.data())[1] == value);
    }
}

TEST_CASE("a tensor as initial value is not converted", "[get_variable]") {
    fresh f;
    const auto a = vs::get_variable<float, 1>("a", {2});
    CHECK_THROWS_AS(vs::make_variable("b", {.initializer = a, .dtype = vs::dtype::float64}), vs::value_dtype);
    CHECK_THROWS_AS(vs::get_variable("c", vs::any_shape, {.initializer = a, .dtype = vs::dtype::float64}), vs::initializer_dtype_conflict);
    CHECK_THROWS_AS(vs::get_variable("d", {2}, {.initializer = a}), vs::constant_with_shape);
    vs::variable_scope s{"s", {.initializer = a, .dtype = vs::dtype::float64}};
    CHECK(vs::get_variable("e").dtype() == vs::dtype::float32); // the scope's type is ignored
}

TEST_CASE("in a deferred graph an initial value is computed when the variable gets it", "[get_variable]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    vs::as_default guard{g};
    auto a = vs::get_variable<float, 1>("a", {2}, {.initializer = vs::ones()});
    const auto b = vs::get_variable<float, 1>("b", vs::any_shape, {.initializer = vs::multiply(a, 3.f)});
    CHECK_FALSE(b.is_initialized());
    CHECK_THROWS_AS(g.initialize(b.node()), vs::uninitialized); // of a
    CHECK_FALSE(b.is_initialized());
    a.fill(2.f);
    g.initialize(b.node());
    CHECK(b(0) == 6.f);
    a.fill(5.f);
    CHECK(b(0) == 6.f);
    g.initialize(b.node());
    CHECK(b(1) == 15.f);
}

TEST_CASE("a function with a shape is called once, when the variable gets its value", "[get_variable]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    vs::as_default guard{g};
    int calls = 0;
    const auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = [&](const vs::shape& s) {
        ++calls;
        return xt::xarray<float>(xt::ones<float>({static_cast<std::size_t>(s[0])}));
    }});
    CHECK(calls == 0);
    g.initialize(v.node());
    CHECK(v(1) == 1.f);
    CHECK(calls == 1);
}

// ---- variables that are cut into parts

namespace {

std::vector<float> floats(const vs::any_variable& v) {
    const auto value = v.value();
    const auto* const data = static_cast<const float*>(value.data());
    return {data, data + value.size()};
}

const auto in_two = vs::fixed_size_partitioner(2);

vs::partitioner counts(std::vector<std::int64_t> list) {
    return [list](const vs::shape&, vs::dtype) { return list; };
}

} // namespace

TEST_CASE("a variable is cut along one axis, and the first parts take what is left over", "[get_variable]") { // REFERENCE 1.19
    fresh f;
    vs::variable_scope s{"scope0", {.partitioner = in_two}};
    const auto v = vs::get_variable("name0", {3, 1, 1});
    CHECK(v.is_partitioned());
    CHECK(v.name() == "scope0/name0");
    CHECK(v.key() == "scope0/name0");
    CHECK(v.shape() == vs::shape{3, 1, 1});
    CHECK(v.offset().empty());
    CHECK_FALSE(v.whole().has_value());
    const auto parts = v.parts();
    CHECK(names_of(parts) == strings{"scope0/name0/part_0:0", "scope0/name0/part_1:0"});
    CHECK(parts[0].shape() == vs::shape{2, 1, 1});
    CHECK(parts[1].shape() == vs::shape{1, 1, 1});
    CHECK(parts[1].offset() == std::vector<std::size_t>{2, 0, 0});
    CHECK(parts[0].whole()->is(v));
    CHECK_FALSE(parts[0].is_partitioned());
    CHECK(parts[0].parts().empty());
    CHECK(names_of(vs::global_variables()) == names_of(parts));
    CHECK(names_of(vs::trainable_variables()) == names_of(parts));
    const auto seven = vs::get_variable("seven", {1, 7}, {.partitioner = vs::fixed_size_partitioner(3, 1)});
    std::vector<std::size_t> begins;
    for (const auto& part : seven.parts()) { begins.push_back(part.offset().at(1)); }
    CHECK(begins == std::vector<std::size_t>{0, 3, 5});
}

TEST_CASE("the whole of a variable that is cut and its parts are one memory", "[get_variable]") {
    fresh f;
    const auto v = vs::get_variable("v", {4, 2}, {.initializer = vs::constant_initializer(std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}), .partitioner = in_two});
    CHECK(floats(v) == std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(floats(v.parts()[1]) == std::vector<float>{4, 5, 6, 7});
    CHECK(v.parts()[1].data() == static_cast<float*>(v.data()) + 4);
    vs::variable<float, 2> part(v.parts()[1]);
    part.fill(9.f);
    CHECK(floats(v) == std::vector<float>{0, 1, 2, 3, 9, 9, 9, 9});
    vs::variable<float, 2> whole(v);
    whole = xt::xtensor<float, 2>{{1, 2}, {3, 4}, {5, 6}, {7, 8}};
    CHECK(part(1, 1) == 8.f);
}

TEST_CASE("parts along an inner axis do not stand in a row, and are read as copies", "[get_variable]") {
    fresh f;
    const auto here = std::source_location::current().line();
    const auto v = vs::get_variable("v", {2, 3}, {.initializer = vs::constant_initializer(std::vector<float>{0, 1, 2, 3, 4, 5}), .partitioner = vs::fixed_size_partitioner(2, 1)});
    const auto part = v.parts()[0];
    CHECK_FALSE(part.is_contiguous());
    CHECK(v.is_contiguous());
    CHECK(floats(part) == std::vector<float>{0, 1, 3, 4});
    CHECK(floats(v.parts()[1]) == std::vector<float>{2, 5});
    check_error<vs::scattered_part>([&] { (void)part.data(); }, [&](const vs::scattered_part& e) {
        CHECK(e.what() == "the elements of part 'v/part_0' do not stand in a row\n"
                          "  created at " + at(here + 1) + ", cut along axis 1\n"
                          "  use vs::part_view, or a view of the whole variable");
    });
    const std::vector<float> given{6, 7, 8, 9};
    f.graph.assign(part.node(), given.data());
    CHECK(floats(v) == std::vector<float>{6, 7, 2, 8, 9, 5});
}

TEST_CASE("a random rule gives a variable that is cut the values of the one in one piece", "[get_variable]") {
    vs::graph a;
    vs::graph b;
    const auto whole = vs::get_variable(a, "v", {5, 3});
    const auto cut = vs::get_variable(b, "v", {5, 3}, {.partitioner = in_two});
    const auto expected = floats(whole);
    CHECK(floats(cut) == expected);
    CHECK(floats(cut.parts()[0]) == std::vector<float>(expected.begin(), expected.begin() + 9));
}

TEST_CASE("a plain value and a tensor as initial values are cut", "[get_variable]") {
    fresh f;
    const auto v = vs::get_variable("v", {3}, {.initializer = xt::xarray<float>{1, 2, 3}, .partitioner = in_two});
    CHECK(floats(v.parts()[0]) == std::vector<float>{1, 2});
    CHECK(floats(v.parts()[1]) == std::vector<float>{3});
    const auto w = vs::get_variable("w", {3}, {.initializer = v, .partitioner = in_two});
    CHECK(floats(w.parts()[1]) == std::vector<float>{3});
    const auto here = std::source_location::current().line();
    const auto before = listing(f.graph, {"x"});
    check_error<vs::shape_mismatch>([] { (void)vs::get_variable("x", {4}, {.initializer = xt::xarray<float>{1, 2, 3}, .partitioner = in_two}); }, [&](const vs::shape_mismatch& e) {
        CHECK(e.what() == "variable 'x' cannot be cut from its initial value\n"
                          "  requested at " + at(here + 2) + " with shape (4,) and a value of shape (3,)\n"
                          "  give a value of the variable's shape");
    });
    CHECK(listing(f.graph, {"x"}) == before);
}

TEST_CASE("a variable that is cut is shared under reuse, with or without a partitioner", "[get_variable]") { // rule 26
    fresh f;
    const auto v = vs::get_variable("v", {3}, {.partitioner = in_two});
    vs::variable_scope sharing{"", vs::reuse};
    CHECK(vs::get_variable("v", {3}, {.partitioner = in_two}).is(v));
    CHECK(vs::get_variable("v", {3}).is(v));
    CHECK(vs::get_variable("v").is(v));
    CHECK(vs::get_variable<float, 1>("v", {3}).is(v));
    CHECK(vs::get_variable("v", {3}, {.reuse = vs::auto_reuse, .partitioner = in_two}).is(v));
    CHECK(vs::get_variable("v/part_1", {1}).is(v.parts()[1]));
    CHECK_THROWS_AS(vs::get_variable("v", {4}), vs::shape_mismatch);
    CHECK_THROWS_AS(vs::get_variable<double>("v", {3}), vs::dtype_mismatch);
    CHECK_THROWS_AS(vs::get_variable("w", {3}, {.partitioner = in_two}), vs::does_not_exist);
}

TEST_CASE("a variable in one piece and one that is cut exclude each other, with both places", "[get_variable]") {
    fresh f;
    const auto here = std::source_location::current().line();
    (void)vs::get_variable("cut", {3}, {.partitioner = in_two});
    (void)vs::get_variable("single", {3});
    vs::variable_scope s{"", vs::auto_reuse};
    const auto before = listing(f.graph, {"cut", "single"});
    check_error<vs::partition_conflict>([] { (void)vs::get_variable("cut", {3}); }, [&](const vs::partition_conflict& e) {
        CHECK(e.what() == "variable 'cut' exists already, cut into parts\n"
                          "  first created at " + at(here + 1) + " with shape (2,) float32\n"
                          "  requested at " + at(here + 5) + " without a partitioner\n"
                          "  ask for it as it was made, or with vs::reuse, which needs no partitioner");
        CHECK(e.name() == "cut");
        CHECK(e.first_defined()->line() == here + 1);
    });
    check_error<vs::partition_conflict>([] { (void)vs::get_variable("single", {3}, {.partitioner = in_two}); }, [&](const vs::partition_conflict& e) {
        CHECK(e.what() == "variable 'single' exists already, in one piece\n"
                          "  first created at " + at(here + 2) + " with shape (3,) float32\n"
                          "  requested at " + at(here + 13) + " with a partitioner\n"
                          "  ask for it as it was made");
    });
    CHECK(listing(f.graph, {"cut", "single"}) == before);
}

TEST_CASE("a variable that is cut differently is refused with both numbers of parts", "[get_variable]") {
    fresh f;
    const auto here = std::source_location::current().line();
    (void)vs::get_variable("v", {6, 6}, {.partitioner = in_two});
    vs::variable_scope s{"", vs::reuse};
    check_error<vs::partition_mismatch>([] { (void)vs::get_variable("v", {6, 6}, {.partitioner = vs::fixed_size_partitioner(3)}); }, [&](const vs::partition_mismatch& e) {
        CHECK(e.what() == "variable 'v' is cut differently\n"
                          "  there are 2 parts of shape (6, 6), the first created at " + at(here + 1) + "\n"
                          "  requested at " + at(here + 3) + " in 3 parts\n"
                          "  use the partitioner it was made with");
    });
    CHECK_THROWS_AS(vs::get_variable("v", {6, 6}, {.partitioner = vs::fixed_size_partitioner(2, 1)}), vs::partition_mismatch);
    CHECK_THROWS_AS(vs::get_variable("v", {6, 6}, {.partitioner = vs::fixed_size_partitioner(1)}), vs::partition_mismatch);
}

TEST_CASE("a variable that is cut and exists is refused in a scope that does not reuse", "[get_variable]") {
    fresh f;
    const auto here = std::source_location::current().line();
    (void)vs::get_variable("v", {3}, {.partitioner = in_two});
    const auto before = listing(f.graph, {"v"});
    check_error<vs::already_exists>([] { (void)vs::get_variable("v", {3}, {.partitioner = in_two}); }, [&](const vs::already_exists& e) {
        CHECK(e.what() == "variable 'v' already exists\n"
                          "  first created at " + at(here + 1) + " with shape (3,) float32\n"
                          "  requested again at " + at(here + 3) + " in a scope that does not reuse\n"
                          "  to share it, open the scope with vs::reuse or vs::auto_reuse; for a second one, use another name");
    });
    CHECK(listing(f.graph, {"v"}) == before);
}

TEST_CASE("an answer of a partitioner that does not fit is refused, with the reason, and leaves no trace", "[get_variable]") {
    fresh f;
    const auto before = listing(f.graph, {"v"});
    const auto why = [](const vs::shape& s, const vs::partitioner& p) {
        return thrown<vs::partition_invalid>([&] { (void)vs::get_variable("v", s, {.partitioner = p}); });
    };
    const std::string end = "\n  a partitioner gives one count an axis, all 1 but for one";
    const auto message = [&](const std::string& reason, const std::string& s) {
        return "variable 'v' cannot be cut into parts: " + reason + "\n  requested at get_variable.cpp:here with shape " + s + end;
    };
    CHECK(why({4, 4}, counts({2})) == message("the partitioner gave 1 counts for 2 axes", "(4, 4)"));
    CHECK(why({4, 4}, counts({2, 2})) == message("the partitioner cuts more than one axis", "(4, 4)"));
    CHECK(why({4, 4}, counts({1, 0})) == message("the partitioner gave no part for axis 1", "(4, 4)"));
    CHECK(why({4, 4}, counts({-1, 1})) == message("the partitioner gave no part for axis 0", "(4, 4)"));
    CHECK(why({4}, vs::fixed_size_partitioner(2, 1)) == message("the partitioner cuts axis 1, and the shape (4,) has none", "(4,)"));
    CHECK(why(vs::any_shape, in_two) == message("its shape is not fully defined", vs::to_string(vs::any_shape)));
    CHECK(why({4, vs::unknown_dimension}, in_two) == message("its shape is not fully defined", "(4, ?)"));
    CHECK(listing(f.graph, {"v"}) == before);
}

TEST_CASE("what the user's partitioner throws reaches the caller, and leaves no trace", "[get_variable]") {
    fresh f;
    const auto before = listing(f.graph, {"v"});
    const vs::partitioner fail = [](const vs::shape&, vs::dtype) -> std::vector<std::int64_t> { throw std::runtime_error("no"); };
    CHECK_THROWS_WITH(vs::get_variable("v", {4}, {.partitioner = fail}), "no");
    CHECK(listing(f.graph, {"v"}) == before);
}

TEST_CASE("a scalar ignores the partitioner, and one part is a variable that is cut too", "[get_variable]") { // rule 26
    fresh f;
    vs::variable_scope s{"s", {.partitioner = in_two}};
    CHECK_FALSE(vs::get_variable("scalar", {}).is_partitioned());
    const auto one = vs::get_variable("one", {1, 5});
    CHECK(names_of(one.parts()) == strings{"s/one/part_0:0"});
    CHECK(one.parts()[0].shape() == vs::shape{1, 5});
}

TEST_CASE("a variable that is cut becomes one tensor under its own name, made unique, at the root", "[get_variable]") { // rule 14
    fresh f;
    vs::variable_scope s{"s"};
    const auto v = vs::get_variable("v", {3}, {.initializer = vs::ones(), .partitioner = in_two});
    const auto t = vs::as_tensor(v);
    CHECK(t.name() == "s/v:0");
    CHECK(t.op_type() == "ConcatV2");
    CHECK(t.shape() == vs::shape{3});
    CHECK(names_of(t.inputs()) == strings{"s/v/part_0:0", "s/v/part_1:0"});
    CHECK(vs::as_tensor(v).name() == "s/v_1:0");
    CHECK(vs::get_name_scope() == "s");
    vs::variable<float, 1>(v.parts()[1]).fill(4.f);
    CHECK(static_cast<const float*>(t.value().data())[2] == 4.f);
    const auto plain = vs::get_variable("plain", {3});
    CHECK(vs::as_tensor(plain).as_variable().is(plain));
    CHECK(vs::as_tensor(vs::get_variable("one", {1}, {.partitioner = in_two})).op_type() == "Identity");
}

TEST_CASE("in a deferred graph parts get their values one by one", "[get_variable]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    vs::as_default guard{g};
    const auto v = vs::get_variable("v", {3}, {.initializer = vs::ones(), .partitioner = in_two});
    CHECK_FALSE(v.is_initialized());
    CHECK_THROWS_AS(v.value(), vs::uninitialized);
    g.initialize(v.parts()[0].node());
    CHECK(v.parts()[0].is_initialized());
    CHECK_FALSE(v.is_initialized());
    CHECK(floats(v.parts()[0]) == std::vector<float>{1, 1});
    const float two = 2.f;
    g.assign(v.parts()[1].node(), &two);
    CHECK(v.is_initialized());
    CHECK(floats(v) == std::vector<float>{1, 1, 2});
}

TEST_CASE("a variable that is cut and fails at its value leaves the op name of its first part taken, and no variable", "[get_variable]") {
    for (const auto initialization : {vs::initialization::immediate, vs::initialization::deferred}) {
        const bool is_immediate = initialization == vs::initialization::immediate;
        const auto next_after = [&](const vs::initializer& initial, vs::dtype type) {
            vs::graph g({.initialization = initialization});
            vs::as_default guard{g};
            vs::name_scope around{"around"};
            CHECK_THROWS(vs::get_variable("v", {4}, {.initializer = initial, .dtype = type, .partitioner = in_two}));
            CHECK_FALSE(vs::find_variable("v").has_value());
            CHECK_FALSE(vs::find_variable("v/part_0").has_value());
            CHECK(vs::global_variables().empty());
            CHECK(vs::unique_name(g, "v/part_1", vs::name_use::ask) == "around/v/part_1");
            const auto v = vs::get_variable("v", {4}, {.initializer = vs::ones(), .partitioner = in_two});
            CHECK(vs::get_variable("v", {4}, {.reuse = vs::auto_reuse, .partitioner = in_two}).is(v));
            CHECK(names_of(vs::global_variables()) == names_of(v.parts()));
            CHECK(v.is_initialized() == is_immediate);
            return names_of(v.parts());
        };
        const strings pushed_up{"v/part_0_1:0", "v/part_1:0"};
        CHECK(next_after(vs::orthogonal(), vs::dtype::float32) == pushed_up);
        CHECK(next_after(vs::glorot_uniform(), vs::dtype::int32) == pushed_up);
        CHECK(next_after([] { return xt::xarray<float>{1, 2}; }, vs::dtype::float32) == pushed_up); // takes no shape
        if (is_immediate) { // in the other one they are called later
            CHECK(next_after([](const vs::shape&) -> xt::xarray<float> { throw std::runtime_error("no"); }, vs::dtype::float32) == pushed_up);
            CHECK(next_after([](const vs::shape&) { return xt::xarray<float>{1, 2, 3}; }, vs::dtype::float32) == pushed_up);
        }
    }
}

TEST_CASE("a variable that is cut and whose value cannot be sliced leaves the scope of its initialiser taken, and no part", "[get_variable]") {
    const auto next_after = [&](const vs::initializer& initial, vs::dtype type, const vs::partitioner& cut = in_two) {
        fresh f;
        vs::variable_scope s{"s", {.dtype = type}};
        CHECK_THROWS(vs::get_variable("v", {4}, {.initializer = initial, .partitioner = cut}));
        CHECK(vs::global_variables().empty());
        const vs::name_scope root{vs::no_name};
        CHECK(vs::unique_name("s/v/part_1/PartitionedInitializer", vs::name_use::ask) == "s/v/part_1/PartitionedInitializer");
        CHECK(vs::unique_name("s/v/part_0", vs::name_use::ask) == "s/v/part_0");
        return vs::unique_name("s/v/part_0/PartitionedInitializer", vs::name_use::ask);
    };
    const std::string pushed_up = "s/v/part_0/PartitionedInitializer_1";
    CHECK(next_after(xt::xarray<float>{1.5, 2, 3, 4}, vs::dtype::int32) == pushed_up);
    CHECK(next_after(xt::xarray<float>{1, 2, 3}, vs::dtype::float32) == pushed_up);
    CHECK(next_after({}, vs::dtype::complex64) == pushed_up);
    CHECK(next_after(vs::ones(), vs::dtype::float32, counts({0})) == "s/v/part_0/PartitionedInitializer");
}

TEST_CASE("the function that gives a variable its value is called once where the variable is cut", "[get_variable]") {
    fresh f;
    int calls = 0;
    const auto v = vs::get_variable<float, 1>("v", {3}, {.initializer = [&](const vs::shape& s) {
        ++calls;
        CHECK(s == vs::shape{3});
        return xt::xarray<float>{1, 2, 3};
    }, .partitioner = in_two});
    CHECK(calls == 1);
    CHECK(v == xt::xarray<float>{1, 2, 3});
    CHECK(floats(v.parts()[1]) == std::vector<float>{3});
}

TEST_CASE("parts that a failed cut left are readable, and join the next cut", "[get_variable]") {
    fresh f;
    const auto three = [](const vs::shape&, vs::dtype) { return std::vector<std::int64_t>{3, 1}; };
    CHECK_THROWS_AS(vs::get_variable("v", {2, 2}, {.initializer = vs::ones(), .partitioner = three}), vs::partition_invalid);
    const auto left = vs::find_variable("v/part_1");
    REQUIRE(left);
    CHECK(static_cast<const float*>(left->data())[1] == 1.F);
    vs::variable<float, 2>(*left) += 1.F;

    const auto whole = vs::get_variable<float, 2>("v", {2, 2},
        {.initializer = vs::zeros(), .reuse = vs::auto_reuse, .partitioner = vs::fixed_size_partitioner(2)});
    REQUIRE(whole.parts().size() == 2);
    CHECK(whole.parts()[1].is(*left));
    CHECK(whole(0, 0) == 1.F);
    CHECK(whole(1, 1) == 2.F);
    CHECK(static_cast<const float*>(left->data()) == whole.data() + 2);
}

TEST_CASE("variables under the names of parts are not taken for parts", "[get_variable]") {
    fresh f;
    (void)vs::get_variable("v/part_0", {2});
    (void)vs::get_variable("v/part_1", {1});
    CHECK_THROWS_AS(
        vs::get_variable("v", {3}, {.reuse = vs::auto_reuse, .partitioner = vs::fixed_size_partitioner(2)}),
        vs::partition_conflict);
}

// ---- typed handles, which mostly take shorter ways: the rules are the same

TEST_CASE("typed handles of several names are asked for in turn in one scope", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", vs::auto_reuse};
    for (int i = 0; i < 3; ++i) {
        for (const char* name : {"a", "b", "a", "a", "b"}) {
            CHECK(vs::get_variable<float, 1>(name, {1}).key() == "s/" + std::string(name));
        }
    }
    CHECK(vs::global_variables().size() == 2);
}

TEST_CASE("a typed handle of a name that has parts is refused, whatever is known of the name", "[get_variable]") {
    fresh f;
    (void)vs::get_variable<float, 1>("v", {1});
    (void)vs::get_variable<float, 1>("w/part_0", {1});
    CHECK_THROWS_AS((vs::get_variable<float, 1>("w", {1})), vs::partition_conflict);
    vs::variable_scope s{"", vs::auto_reuse};
    CHECK_THROWS_AS((vs::get_variable<float, 1>("w", {1})), vs::partition_conflict);
    (void)vs::get_variable<float, 1>("v");
    (void)vs::get_variable<float, 1>("v/part_0", {1}); // from here on "v" has a first part
    CHECK_THROWS_AS((vs::get_variable<float, 1>("v", {1})), vs::partition_conflict);
    CHECK_THROWS_AS(vs::get_variable("v", {1}), vs::partition_conflict);
    CHECK_THROWS_AS(vs::get_variable("v", {1}, {.reuse = vs::reuse}), vs::partition_conflict);
}

TEST_CASE("rule 18: a typed handle with a shape beside a plain value is refused, even on reuse", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", vs::auto_reuse};
    (void)vs::get_variable<float, 1>("v", {1});
    (void)vs::get_variable<float, 1>("v", {1});
    CHECK_THROWS_AS((vs::get_variable<float, 1>("v", {1}, {.initializer = xt::xarray<float>{1}})), vs::constant_with_shape);
}

TEST_CASE("a typed handle gets what the scope hands down", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", {.regularizer = [](const vs::any_variable& v) { return std::optional(vs::make_op({.type = "L", .inputs = {{v}}})); }, .constraint = "norm"}};
    CHECK(vs::any_variable(vs::get_variable<float, 1>("v", {1})).constraint().name() == "norm");
    CHECK(names_of(vs::get_regularization_losses()) == strings{"s/v/Regularizer/L:0"});
    {
        vs::variable_scope only_constraint{vs::scope_at("u"), {.constraint = "norm"}};
        CHECK(vs::any_variable(vs::get_variable<float, 1>("v", {1})).constraint().name() == "norm");
    }
    vs::variable_scope only_loss{"t"};
    CHECK_FALSE(static_cast<bool>(vs::any_variable(vs::get_variable<float, 1>("v", {1})).constraint()));
    CHECK(vs::get_regularization_losses().size() == 2);
}

TEST_CASE("a typed handle is made with the options of the call", "[get_variable]") {
    fresh f;
    (void)vs::get_variable<float, 1>("a", {1});
    (void)vs::get_variable<float, 1>("b", {1}, {.trainable = false});
    (void)vs::get_variable<float, 1>("c", {1}, {.collections = strings{"mine"}});
    CHECK(names_of(vs::trainable_variables()) == strings{"a:0", "c:0"});
    CHECK(names_of(vs::global_variables()) == strings{"a:0", "b:0"});
    CHECK(names_of(vs::get_collection("mine")) == strings{"c:0"});
    const vs::any_variable any = vs::get_variable<float, 1>("d", {1}, {.validate_shape = false});
    CHECK_FALSE(any.static_shape().has_rank());
    CHECK(vs::any_variable(vs::get_variable<float, 1>("e", {1}, {.constraint = "norm"})).constraint().name() == "norm");
}

TEST_CASE("a typed handle of an unknown name is refused where only sharing is allowed", "[get_variable]") {
    fresh f;
    vs::variable_scope s{"s", vs::reuse};
    CHECK_THROWS_AS((vs::get_variable<float, 1>("v", {1})), vs::does_not_exist);
    CHECK_FALSE(vs::find_variable("s/v").has_value());
}

TEST_CASE("a whole that is unknown where only sharing is allowed, or in a frozen graph, is refused by its own name", "[get_variable]") {
    fresh f;
    const strings names{"v", "v/part_0", "v/part_0/PartitionedInitializer"};
    const auto before = listing(f.graph, names);
    check_error<vs::does_not_exist>([] { (void)vs::get_variable("v", {4}, {.reuse = vs::reuse, .partitioner = in_two}); },
        [](const vs::does_not_exist& e) { CHECK(e.name() == "v"); });
    CHECK(listing(f.graph, names) == before);
    vs::freeze();
    check_error<vs::frozen>([] { (void)vs::get_variable("v", {4}, {.partitioner = in_two}); },
        [](const vs::frozen& e) { CHECK(e.name() == "v"); });
    CHECK(listing(f.graph, names) == before);
}

TEST_CASE("parts that a failed cut left do not join a cut of another number of parts", "[get_variable]") {
    fresh f;
    const auto three = [](const vs::shape&, vs::dtype) { return std::vector<std::int64_t>{3, 1}; };
    CHECK_THROWS_AS(vs::get_variable("v", {2, 2}, {.partitioner = three}), vs::partition_invalid);
    for (const auto& cut : {vs::fixed_size_partitioner(1), vs::partitioner(three)}) {
        CHECK_THROWS_AS(vs::get_variable("v", {2, 2}, {.reuse = vs::auto_reuse, .partitioner = cut}), vs::partition_mismatch);
    }
}

TEST_CASE("the name of a variable that is shared by name is not given to what comes after it", "[get_variable]") {
    vs::graph g;
    const vs::as_default in{g};
    for (const std::string name : {"v", "w"}) {
        CHECK(vs::get_variable<float, 1>(name, {2}).name() == name + ":0");
        CHECK(vs::variable<float, 1>({1, 2}, name).name() == name + "_1:0");
    }
    const vs::variable_scope a{"a"};
    (void)vs::get_variable<float, 1>("w", {2});
    const vs::name_scope w{"w"};
    CHECK(vs::variable<float, 1>({1, 2}, "u").name() == "a/w_1/u:0");
}
