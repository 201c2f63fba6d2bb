#include <varscope/get_variable.hpp>
#include <varscope/variable_lists.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#include <complex>
#include <functional>
#include <source_location>
#include <stdexcept>
#include <string>
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
    const auto huge = vs::get_variable("huge", {std::int64_t{1} << 62, std::int64_t{1} << 62, std::int64_t{0}});
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
                          "  requested at " + at(here + 10));
    });
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

TEST_CASE("errors that are found before the creation leave no trace", "[get_variable]") {
    using enum names_after;
    const auto get = [](vs::name_arg name, const vs::shape& shape, const vs::variable_options& options = {}) { (void)vs::get_variable(name, shape, options); };
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
