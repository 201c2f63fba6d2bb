#include <varscope/graph/graph_state.hpp>
#include <varscope/variable/make_template.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/scope/transaction.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace vs = varscope;

namespace {

std::string get(vs::name_arg name, const vs::variable_options& options = {}) { return std::string(vs::get_variable(name, {1}, options).name()); }

const auto get_v = [] { return get("v"); };

using get_v_template = decltype(vs::make_template("t", get_v));
static_assert(!std::is_copy_constructible_v<get_v_template> && !std::is_copy_assignable_v<get_v_template>);

} // namespace

TEST_CASE("a template creates its variables at the first call and shares them later", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", [] { return vs::get_variable("v", {1}); });
    const auto first = t();
    CHECK(first.name() == "t/v:0");
    CHECK(t().is(first));
    {
        vs::variable_scope elsewhere{"elsewhere"};
        CHECK(t().is(first));
    }
    CHECK(f.graph.store().size() == 1);
}

TEST_CASE("two templates of one name share nothing", "[make_template]") {
    fresh f;
    auto a = vs::make_template("t", get_v);
    auto b = vs::make_template("t", get_v);
    CHECK(b() == "t/v:0");
    CHECK(a() == "t_1/v:0"); // in the order of the first calls
    CHECK(b() == "t/v:0");
}

TEST_CASE("a template stands below the scope of its first call", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", get_v);
    {
        vs::variable_scope s{"s"};
        CHECK(t() == "s/t/v:0");
        CHECK(vs::get_variable_scope().name() == "s");
    }
    CHECK(t() == "s/t/v:0");
}

TEST_CASE("the ops of each call have a name scope of their own", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", [] { return vs::unique_name("op"); });
    CHECK(t() == "t/op");
    CHECK(t() == "t_1/op");
    vs::name_scope n{"n"};
    CHECK(t() == "n/t/op");
}

TEST_CASE("a template with a unique name has exactly that, and shares it with others under reuse", "[make_template]") {
    fresh f;
    auto a = vs::make_template("t", get_v, {.unique_name = "u"});
    auto b = vs::make_template("t", get_v, {.unique_name = "u"});
    CHECK(a() == "u/v:0");
    CHECK_THROWS_AS(b(), vs::already_exists);
    auto c = vs::make_template("t", get_v, {.unique_name = "u"});
    vs::variable_scope shared{"", vs::auto_reuse};
    CHECK(c() == "u/v:0");
    CHECK(c.variable_scope_name() == "u/");
}

TEST_CASE("create_scope_now fixes the scope where the template is made", "[make_template]") {
    fresh f;
    std::optional<std::string> name;
    const auto make = [] { return vs::make_template("t", get_v, {.create_scope_now = true}); };
    vs::variable_scope s{"s", {.dtype = vs::dtype::int32}};
    auto a = make();
    auto b = make();
    CHECK(a.variable_scope_name() == "s/t/");
    CHECK(b.variable_scope_name() == "s/t_1/");
    CHECK(a.variable_scope()->dtype() == vs::dtype::float32); // rule 27: not inherited
    CHECK(a.variable_scope()->original_name_scope() == "t");
    vs::variable_scope elsewhere{"elsewhere"};
    CHECK(b() == "s/t_1/v:0");
    CHECK(a() == "s/t/v:0");
    CHECK(vs::find_variable("s/t/v")->dtype() == vs::dtype::float32);
    auto u = vs::make_template("t", get_v, {.unique_name = "u", .create_scope_now = true});
    CHECK(u.variable_scope_name() == "s/elsewhere/u/");
}

TEST_CASE("a scope made with its template inherits initializer and getter, and not the constraint", "[make_template]") {
    fresh f;
    vs::variable_scope s{"s", {.initializer = vs::constant_initializer(3), .constraint = "norm"}};
    auto t = vs::make_template("t", [] { return vs::get_variable<float, 1>("v", {1}); }, {.create_scope_now = true});
    const auto v = t();
    CHECK(v(0) == 3.f);
    CHECK_FALSE(static_cast<bool>(vs::any_variable(v).constraint()));
    CHECK_FALSE(static_cast<bool>(t.variable_scope()->constraint()));
}

TEST_CASE("a template's getter is asked before those of the scopes", "[make_template]") {
    fresh f;
    const auto suffix = [](const char* text) {
        return vs::custom_getter([text](const vs::next_getter& next, vs::variable_request r) {
            r.name += text;
            return next(r);
        });
    };
    vs::variable_scope s{"s", {.custom_getter = suffix("_scope")}};
    auto now = vs::make_template("now", get_v, {.create_scope_now = true, .custom_getter = suffix("_now")});
    auto later = vs::make_template("later", get_v, {.custom_getter = suffix("_later")});
    CHECK(now() == "s/now/v_now_scope:0");
    CHECK(later() == "s/later/v_later_scope:0");
    CHECK(later() == "s/later/v_later_scope:0");
}

TEST_CASE("there is no scope and no list of variables before the first call", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", get_v);
    CHECK_FALSE(t.variable_scope().has_value());
    CHECK(t.variable_scope_name().empty());
    CHECK(t.global_variables().empty());
    (void)t();
    REQUIRE(t.variable_scope().has_value());
    CHECK(t.variable_scope()->name() == "t");
    CHECK(t.variable_scope_name() == "t/");
}

TEST_CASE("a template lists the variables in its scope, of each kind", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", [] {
        (void)vs::get_variable("a", {1});
        (void)vs::get_variable("b", {1}, {.trainable = false});
        (void)vs::get_local_variable("c", {1});
    });
    (void)vs::get_variable("other", {1});
    (void)vs::get_variable("tx/v", {1});
    t();
    CHECK(names_of(t.global_variables()) == strings{"t/a:0", "t/b:0"});
    CHECK(names_of(t.trainable_variables()) == strings{"t/a:0"});
    CHECK(names_of(t.local_variables()) == strings{"t/c:0"});
}

TEST_CASE("the lists of a template with an empty name cover the scope that it was first called in", "[make_template]") {
    fresh f;
    (void)get("v");
    vs::variable_scope a{"a"};
    (void)get("w");
    (void)get("b/u");
    auto t = vs::make_template("", get_v);
    CHECK(t() == "a//v:0");
    CHECK(t.variable_scope_name() == "a/");
    CHECK(names_of(t.global_variables()) == strings{"a/w:0", "a/b/u:0", "a//v:0"});
    CHECK(names_of(t.trainable_variables()) == strings{"a/w:0", "a/b/u:0", "a//v:0"});
    CHECK(names_of(vs::global_variables(*t.variable_scope())) == strings{"a//v:0"}); // as a scope object sees it
    (void)vs::get_local_variable("l", {1});
    CHECK(names_of(t.local_variables()) == strings{"a/l:0"});
}

TEST_CASE("the lists of a template with an empty name at the root are those of the graph", "[make_template]") {
    fresh f;
    (void)get("w");
    auto t = vs::make_template("", get_v);
    CHECK(t() == "v:0");
    CHECK(t.variable_scope_name().empty());
    CHECK(names_of(t.global_variables()) == strings{"w:0", "v:0"});
    auto unique = vs::make_template("t", get_v, {.unique_name = "s/"});
    CHECK(unique() == "s//v:0");
    CHECK(unique.variable_scope_name() == "s/");
    (void)get("s/w");
    CHECK(names_of(unique.global_variables()) == strings{"s//v:0", "s/w:0"});
}

TEST_CASE("an empty unique name is none where the scope is created with the template, and a name where it is called", "[make_template]") {
    fresh f;
    const vs::template_options now{.unique_name = "", .create_scope_now = true};
    CHECK(vs::make_template("t", get_v, now).variable_scope_name() == "t/");
    CHECK(vs::make_template("t", get_v, now).variable_scope_name() == "t_1/");
    auto later = vs::make_template("t", get_v, {.unique_name = ""});
    CHECK(later() == "v:0");
}

TEST_CASE("a template that is made at the root with an empty name shares the variables of the root", "[make_template]") { // made another "v"
    for (const std::optional<std::string_view> unique : {std::optional<std::string_view>(), std::optional<std::string_view>("")}) {
        fresh f;
        auto t = vs::make_template("", get_v, {.unique_name = unique, .create_scope_now = true});
        CHECK(t() == "v:0");
        CHECK(vs::find_variable("v")->name() == "v:0");
        vs::variable_scope root{"", vs::reuse};
        CHECK(get("v") == "v:0");
        CHECK(t() == "v:0");
    }
    fresh f;
    (void)get("v");
    auto t = vs::make_template("", get_v, {.create_scope_now = true});
    CHECK_THROWS_AS(t(), vs::already_exists);
}

TEST_CASE("the lists of a template have what was added to the collections by hand", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", [] { return vs::get_variable<float, 1>("v", {1}); });
    const auto v = t();
    vs::name_scope in{"t/"};
    vs::add_to_collection("variables", vs::negative(v));
    vs::add_to_collection("local_variables", vs::negative(v));
    CHECK(names_of(t.global_variables()) == strings{"t/v:0", "t/Neg:0"});
    CHECK(names_of(t.local_variables()) == strings{"t/Neg_1:0"});
}

TEST_CASE("a variable that a later call made and took back is no new one", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", [] {
        (void)get_v();
        try {
            const vs::transaction all;
            (void)vs::make_variable("w", {.initializer = 1.f});
            throw std::runtime_error("no");
        } catch (const std::runtime_error&) {}
    });
    t();
    t();
    CHECK(vs::global_variables().size() == 1);
}

// ---- arguments and results

TEST_CASE("arguments reach the function as they were given", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", [](int& changed, const std::string& read, std::unique_ptr<int> moved) {
        (void)get("v");
        changed += *moved;
        return read + '!';
    });
    int n = 1;
    CHECK(t(n, "a", std::make_unique<int>(2)) == "a!");
    CHECK(t(n, std::string("b"), std::make_unique<int>(3)) == "b!");
    CHECK(n == 6);
}

TEST_CASE("a template may be called with different types of arguments", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", [](auto x) {
        (void)get("v");
        return x;
    });
    CHECK(t(1) == 1);
    CHECK(t(std::string("a")) == "a");
    STATIC_CHECK(std::is_same_v<decltype(t(1.5)), double>);
}

TEST_CASE("a result is passed on by value, by reference, or not at all", "[make_template]") {
    fresh f;
    int n = 0;
    auto by_reference = vs::make_template("t", [&]() -> int& { return n; });
    STATIC_CHECK(std::is_same_v<decltype(by_reference()), int&>);
    for (int i = 0; i < 2; ++i) { CHECK(&by_reference() == &n); }
    const int constant = 7;
    auto by_constant = vs::make_template("t", [&]() -> const int& { return constant; });
    STATIC_CHECK(std::is_same_v<decltype(by_constant()), const int&>);
    CHECK(&by_constant() == &constant);
    auto moved = vs::make_template("t", [&]() -> int&& { return std::move(n); });
    STATIC_CHECK(std::is_same_v<decltype(moved()), int&&>);
    int&& result = moved();
    CHECK(&result == &n);
    auto nothing = vs::make_template("t", [&] { ++n; });
    STATIC_CHECK(std::is_void_v<decltype(nothing())>);
    nothing();
    nothing();
    CHECK(n == 2);
    auto unique = vs::make_template("t", [] { return std::make_unique<int>(3); });
    CHECK(*unique() == 3);
    CHECK(*unique() == 3);
}

TEST_CASE("a result may be a handle, an op or a lazy expression over the template's variables", "[make_template]") {
    fresh f;
    auto op = vs::make_template("op", [](float x) { return vs::multiply(vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()}), x); });
    CHECK(op(2.f)(1) == 2.f);
    CHECK(op(3.f)(1) == 3.f);
    auto lazy = vs::make_template("lazy", [] { return vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()}) * 2.f; });
    const auto expression = lazy();
    CHECK(expression(1) == 2.f);
}

TEST_CASE("a function pointer, a function object with state and a move-only one can be made a template", "[make_template]") {
    fresh f;
    struct counter {
        int calls = 0;
        int operator()() {
            (void)get("v");
            return ++calls;
        }
    };
    auto stateful = vs::make_template("a", counter{});
    CHECK(stateful() == 1);
    CHECK(stateful() == 2);
    std::string (*pointer)(vs::name_arg, const vs::variable_options&) = get;
    auto by_pointer = vs::make_template("b", pointer);
    CHECK(by_pointer("v", vs::variable_options{}) == "b/v:0");
    auto move_only = vs::make_template("c", [p = std::make_unique<int>(5)] { return *p; });
    CHECK(move_only() == 5);
    const std::function<std::string()> wrapped = get_v;
    CHECK(vs::make_template("d", wrapped)() == "d/v:0");
}

TEST_CASE("the texts that a template was made with need not stay", "[make_template]") {
    fresh f;
    const auto make = [](bool now) {
        const std::string name = "a_name_that_is_longer_than_any_small_string";
        const std::string unique = name + "_unique";
        return vs::make_template(std::string(name), get_v, {.unique_name = unique, .create_scope_now = now});
    };
    auto later = make(false);
    CHECK(later() == "a_name_that_is_longer_than_any_small_string_unique/v:0");
    CHECK(later() == "a_name_that_is_longer_than_any_small_string_unique/v:0");
    auto now = make(true);
    CHECK(now.variable_scope_name() == "a_name_that_is_longer_than_any_small_string_unique/");
}

// ---- errors

TEST_CASE("a later call that asks for an unknown variable is refused", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", [](vs::name_arg name) { return get(name); });
    CHECK(t("v") == "t/v:0");
    const auto before = listing(f.graph, {"t/w"});
    CHECK_THROWS_AS(t("w"), vs::does_not_exist);
    CHECK(listing(f.graph, {"t/w"}) == before);
    CHECK(t("v") == "t/v:0");
}

TEST_CASE("a later call that makes a trainable variable of its own is refused, with both places", "[make_template]") {
    fresh f;
    const auto here = std::source_location::current().line();
    auto t = vs::make_template("t", [] { return vs::make_variable("own", {.initializer = 1.f}); });
    (void)t();
    try {
        (void)t();
        FAIL("was called");
    } catch (const vs::template_new_variable& e) {
        CHECK(e.what() == "template 't' made a trainable variable after its first call: 't_1/own'\n"
                          "  created at make_template.cpp:" + std::to_string(here + 1) + "\n"
                          "  template made at make_template.cpp:" + std::to_string(here + 1) + "\n"
                          "  ask with vs::get_variable for what is to be shared; vs::variable is new each time");
        CHECK(e.name() == "t_1/own");
        CHECK(e.first_defined()->line() == here + 1);
    }
    CHECK(names_of(vs::trainable_variables()) == strings{"t/own:0", "t_1/own:0"}); // rule 27: it stays
    CHECK(vs::get_variable_scope().name().empty());
}

TEST_CASE("a later call may make variables that do not train", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", [] { return std::string(vs::make_variable("own", {.initializer = 1.f, .trainable = false}).name()); });
    CHECK(t() == "t/own:0");
    CHECK(t() == "t_1/own:0");
}

TEST_CASE("after a first call that failed the next one may create, in the same scope", "[make_template]") { // rule 27
    fresh f;
    bool fails = true;
    auto t = vs::make_template("t", [&] {
        const auto name = get("v", {.reuse = vs::auto_reuse});
        if (fails) { throw std::runtime_error("no"); }
        return name + ' ' + get("w");
    });
    CHECK_THROWS_WITH(t(), "no");
    CHECK(vs::get_variable_scope().name().empty());
    CHECK(vs::get_name_scope().empty());
    CHECK(t.variable_scope_name() == "t/");
    CHECK(t.global_variables().empty());
    fails = false;
    CHECK(t() == "t/v:0 t/w:0");
    CHECK(t.global_variables().size() == 2);
    fails = true;
    CHECK_THROWS_WITH(t(), "no");
    CHECK(t.global_variables().size() == 2);
    fails = false;
    CHECK_THROWS_AS(get("t/v"), vs::already_exists);
}

TEST_CASE("a later call that failed does not let the next one create", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", [](bool fails, vs::name_arg name) {
        if (fails) { throw std::runtime_error("no"); }
        return get(name);
    });
    CHECK(t(false, "v") == "t/v:0");
    CHECK_THROWS_WITH(t(true, "v"), "no");
    CHECK_THROWS_AS(t(false, "w"), vs::does_not_exist);
}

TEST_CASE("an illegal name of a template is refused with the place where the template was made", "[make_template]") {
    fresh f;
    const auto here = std::source_location::current().line();
    auto t = vs::make_template("a b", get_v);
    try {
        (void)t();
        FAIL("was called");
    } catch (const vs::invalid_name& e) {
        CHECK(e.asked_at().line() == here + 1);
    }
    CHECK_FALSE(t.variable_scope().has_value());
    CHECK(f.graph.nodes().empty());
}

// ---- templates in templates, and several graphs

TEST_CASE("a template called in another one stands below it, and is shared with it", "[make_template]") {
    fresh f;
    auto inner = vs::make_template("inner", get_v);
    auto outer = vs::make_template("outer", [&] { return inner() + ' ' + inner() + ' ' + get("w"); });
    CHECK(outer() == "outer/inner/v:0 outer/inner/v:0 outer/w:0");
    CHECK(outer() == "outer/inner/v:0 outer/inner/v:0 outer/w:0");
    CHECK(inner() == "outer/inner/v:0");
}

TEST_CASE("a template that is made in each call of another one shares by its unique name", "[make_template]") {
    fresh f;
    auto outer = vs::make_template("outer", [] { return vs::make_template("inner", get_v, {.unique_name = "u"})(); });
    CHECK(outer() == "outer/u/v:0");
    CHECK(outer() == "outer/u/v:0");
}

TEST_CASE("a template made anew in each call of another one gets the same default name", "[make_template]") { // leaving a scope frees them
    fresh f;
    auto outer = vs::make_template("outer", [] {
        auto a = vs::make_template("inner", get_v);
        auto b = vs::make_template("inner", get_v);
        const auto first = a();
        return first + ' ' + b();
    });
    CHECK(outer() == "outer/inner/v:0 outer/inner_1/v:0");
    CHECK(outer() == "outer/inner/v:0 outer/inner_1/v:0");
}

TEST_CASE("a template may call itself", "[make_template]") {
    fresh f;
    std::function<int(int)> again;
    auto t = vs::make_template("t", [&](int depth) {
        (void)get("v", {.reuse = vs::auto_reuse});
        return depth == 0 ? 0 : 1 + again(depth - 1);
    });
    again = [&](int depth) { return t(depth); };
    CHECK(t(3) == 3);
    CHECK(t(2) == 2);
    CHECK(names_of(t.global_variables()) == strings{"t/v:0"});
}

TEST_CASE("a template keeps to its scope in another graph, where it only shares", "[make_template]") {
    vs::graph a;
    vs::graph b;
    auto t = vs::make_template("t", [] { return vs::get_variable("v", {1}); });
    {
        vs::as_default guard{a};
        CHECK(&t().graph() == &a);
    }
    vs::as_default guard{b};
    CHECK_THROWS_AS(t(), vs::does_not_exist);
    CHECK(t.global_variables().empty()); // those of the graph in force
    { // under auto_reuse of a scope of the same name, made there first
        vs::variable_scope s{"t"};
        (void)get("v");
    }
    CHECK(&t().graph() == &b);
    CHECK(names_of(t.global_variables()) == strings{"t/v:0"});
}

TEST_CASE("one template for each graph gives both the same names", "[make_template]") {
    const auto build = [] {
        auto t = vs::make_template("t", get_v);
        return t() + ' ' + t();
    };
    vs::graph a;
    vs::graph b;
    for (vs::graph* g : {&a, &b}) {
        vs::as_default guard{*g};
        CHECK(build() == "t/v:0 t/v:0");
    }
}

TEST_CASE("a template outlives the scope that it was first called in", "[make_template]") {
    fresh f;
    auto t = vs::make_template("t", [] { return vs::get_variable<float, 1>("v", {1})(0); });
    {
        vs::variable_scope s{"s", {.initializer = vs::constant_initializer(4)}};
        CHECK(t() == 4.f);
    }
    CHECK(t() == 4.f);
    CHECK(t.variable_scope()->initializer().model() != nullptr);
}
