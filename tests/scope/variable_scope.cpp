#include <varscope/graph/graph_state.hpp>
#include <varscope/scope/variable_scope.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#include <memory>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>

namespace vs = varscope;

static_assert(!std::is_copy_constructible_v<vs::variable_scope> && !std::is_copy_assignable_v<vs::variable_scope>);
static_assert(!std::is_move_constructible_v<vs::variable_scope> && !std::is_move_assignable_v<vs::variable_scope>);
static_assert(!std::is_convertible_v<const char*, vs::variable_scope> && !std::is_convertible_v<vs::scope_handle, vs::variable_scope>);
template <class Guard>
concept newable = requires { new Guard("a"); };
static_assert(!newable<vs::variable_scope>);

namespace {

std::string get(vs::name_arg name, const vs::shape& shape = {1}) { return std::string(vs::get_variable(name, shape).name()); }
std::string make(vs::name_arg name) { return std::string(vs::make_variable(name, {.initializer = 1.f}).name()); }

} // namespace

TEST_CASE("a variable scope can be a member and sit in an optional, and messages say where it was opened there", "[variable_scope]") {
    struct block {
        explicit block(vs::name_arg name) : scope{name, vs::auto_reuse} {}
        vs::variable_scope scope;
    };
    fresh f;
    const block outer{"block"};
    std::optional<vs::variable_scope> inner;
    inner.emplace("inner");
    CHECK(get("v") == "block/inner/v:0");
    inner.reset();
    CHECK(get("v") == "block/v:0");
    try {
        inner.emplace(vs::name_arg("_ "));
        FAIL("opened");
    } catch (const vs::invalid_name& e) {
        CHECK(std::string_view(e.asked_at().file_name()) == std::source_location::current().file_name());
    }
    CHECK(!inner);
    CHECK(get("w") == "block/w:0");
}

// The numbers are those of the rules in section 9 of the conformance corpus's description.

TEST_CASE("rule 1: the key of a shared variable differs from the name of its op", "[variable_scope]") {
    fresh f;
    CHECK(make("v") == "v:0");
    CHECK(get("v") == "v_1:0");
    CHECK(get("v_1") == "v_1_1:0");
    CHECK(vs::find_variable("v")->op_name() == "v_1");
    CHECK(vs::find_variable("v_1")->op_name() == "v_1_1");
}

TEST_CASE("rule 6: a failed creation has used up the graph's name, and not the key", "[variable_scope]") {
    fresh f;
    CHECK_THROWS_AS(vs::get_variable("v", {1}, {.initializer = [] { return xt::xarray<float>{1.f}; }}), vs::initializer_signature);
    CHECK(get("v") == "v_1:0");
    CHECK(vs::find_variable("v")->key() == "v");
}

TEST_CASE("rule 7: an explicit type and a plain value make a hidden op Const at the root, also when shared", "[variable_scope]") {
    fresh f;
    const auto hidden = [] { return vs::unique_name("Const", vs::name_use::ask); };
    vs::variable_scope s{"s", vs::auto_reuse};
    vs::name_scope root{""};
    (void)vs::get_variable("v", vs::any_shape, {.initializer = 1.f});
    CHECK(hidden() == "Const");
    (void)vs::get_variable("w", vs::any_shape, {.initializer = 1.f, .dtype = vs::dtype::float32});
    CHECK(hidden() == "Const_1");
    (void)vs::get_variable("w", vs::any_shape, {.initializer = 1.f, .dtype = vs::dtype::float32});
    CHECK(hidden() == "Const_2");
}

TEST_CASE("rule 7: the hidden op is made before the types are found to differ", "[variable_scope]") {
    fresh f;
    CHECK_THROWS_AS(vs::get_variable("w", vs::any_shape, {.initializer = 1.f, .dtype = vs::dtype::int32}), vs::initializer_dtype_conflict);
    CHECK(vs::unique_name("Const", vs::name_use::ask) == "Const_1");
}

TEST_CASE("rule 8: a leading '_' is legal in a variable's name inside a scope and not at the root", "[variable_scope]") {
    fresh f;
    CHECK_THROWS_AS(get("_v"), vs::invalid_name);
    CHECK_THROWS_AS(make("_v"), vs::invalid_name);
    CHECK_THROWS_AS(vs::variable_scope("_s"), vs::invalid_name);
    vs::variable_scope a{"a"};
    CHECK(get("_v") == "a/_v:0");
    CHECK(make("-v") == "a/-v:0");
}

TEST_CASE("rule 8: a variable of its own with an empty name fails, and without a name is called Variable", "[variable_scope]") {
    fresh f;
    CHECK_THROWS_AS(make(""), vs::invalid_name);
    CHECK(make(vs::no_name) == "Variable:0");
    CHECK(make(vs::no_name) == "Variable_1:0");
}

TEST_CASE("rule 9: a scope opened again has a new name scope and the same variable names", "[variable_scope]") {
    fresh f;
    { vs::variable_scope a{"a"}; }
    vs::variable_scope a{"a"};
    CHECK(a.name() == "a");
    CHECK(a.original_name_scope() == "a_1/");
    CHECK(vs::get_name_scope() == "a_1");
    CHECK(get("v") == "a/v:0");
    CHECK(make("w") == "a_1/w:0");
}

TEST_CASE("rule 10: a scope entered through an object is that one wherever the block stands", "[variable_scope]") {
    fresh f;
    std::optional<vs::scope_handle> kept;
    {
        vs::variable_scope a{"a"};
        vs::variable_scope b{"b"};
        kept = b.handle();
    }
    vs::variable_scope other{"other"};
    vs::variable_scope again{*kept};
    CHECK(again.name() == "a/b");
    CHECK(vs::get_name_scope() == "other/b");
    CHECK(again.original_name_scope() == "a/b/");
    CHECK(get("v") == "a/b/v:0");
}

TEST_CASE("rule 10: the name scope of an entered object is its last component, made unique", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a/b"};
    const auto kept = a.handle();
    { vs::variable_scope again{kept}; }
    vs::variable_scope again{kept};
    CHECK(vs::get_name_scope() == "a/b/b_1");
}

TEST_CASE("rule 10: the root object opens no name scope", "[variable_scope]") {
    fresh f;
    const auto root = vs::get_variable_scope();
    vs::variable_scope a{"a"};
    vs::variable_scope again{root};
    CHECK(again.name().empty());
    CHECK(vs::get_name_scope() == "a");
    CHECK(get("v") == "v:0");
}

TEST_CASE("rule 11: an empty name inside a scope makes an empty component", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a"};
    vs::variable_scope empty{""};
    CHECK(empty.name() == "a/");
    CHECK(empty.original_name_scope().empty());
    CHECK(vs::get_name_scope() == "a");
    CHECK(get("v") == "a//v:0");
}

TEST_CASE("an empty name at the root is the root", "[variable_scope]") {
    fresh f;
    vs::variable_scope empty{""};
    CHECK(empty.name().empty());
    CHECK(get("v") == "v:0");
}

TEST_CASE("rule 12: default names count the openings of variable scopes and not those of name scopes", "[variable_scope]") {
    fresh f;
    { vs::name_scope d{"d"}; }
    CHECK(make("d") == "d_1:0");
    {
        vs::variable_scope d{vs::no_name, {.default_name = "d"}};
        CHECK(d.name() == "d");
        CHECK(d.original_name_scope() == "d_2/");
    }
    vs::variable_scope d{vs::no_name, {.default_name = "d"}};
    CHECK(d.name() == "d_1");
    CHECK(d.original_name_scope() == "d_3/");
    CHECK(get("v") == "d_1/v:0");
}

TEST_CASE("rule 12: a scope opened by its name takes it from the default names", "[variable_scope]") {
    fresh f;
    { vs::variable_scope d{"d"}; }
    vs::variable_scope d{vs::no_name, {.default_name = "d"}};
    CHECK(d.name() == "d_1");
}

TEST_CASE("rule 12: leaving a scope opened by name frees the default names inside it", "[variable_scope]") {
    fresh f;
    {
        vs::variable_scope a{"a"};
        vs::variable_scope d{vs::no_name, {.default_name = "d"}};
        CHECK(get("v") == "a/d/v:0");
    }
    vs::variable_scope a{"a"};
    vs::variable_scope d{vs::no_name, {.default_name = "d"}};
    CHECK(d.name() == "a/d");
    CHECK_THROWS_AS(get("v"), vs::already_exists);
}

TEST_CASE("rule 12: leaving a scope entered through an object restores the default names", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a"};
    const auto kept = a.handle();
    for (int i = 0; i < 2; ++i) {
        vs::variable_scope again{kept};
        vs::variable_scope d{vs::no_name, {.default_name = "d"}};
        CHECK(d.name() == "a/d");
    }
    vs::variable_scope d{vs::no_name, {.default_name = "d"}};
    CHECK(d.name() == "a/d");
}

TEST_CASE("rule 14: a scope without a reuse mode takes that of the enclosing one", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a", vs::auto_reuse};
    vs::variable_scope b{"b"};
    CHECK(b.reuse() == vs::auto_reuse);
    CHECK(vs::variable_scope("c", vs::reuse_mode::inherit).reuse() == vs::auto_reuse);
}

TEST_CASE("rule 14: auto_reuse replaces an inherited reuse, and reuse an inherited auto_reuse", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a", vs::reuse};
    vs::variable_scope b{"b", vs::auto_reuse};
    CHECK(b.reuse() == vs::auto_reuse);
    vs::variable_scope c{"c", vs::reuse};
    CHECK(c.reuse() == vs::reuse);
}

TEST_CASE("rule 15: an entered object uses its own reuse mode and ignores the enclosing one", "[variable_scope]") {
    fresh f;
    std::optional<vs::scope_handle> kept;
    { kept = vs::variable_scope("a").handle(); }
    vs::variable_scope outer{"outer", vs::auto_reuse};
    CHECK(vs::variable_scope(*kept).reuse() == vs::reuse_mode::inherit);
    CHECK(vs::variable_scope(*kept, {.reuse = vs::reuse}).reuse() == vs::reuse);
}

TEST_CASE("rule 16: entering an object copies it", "[variable_scope]") {
    fresh f;
    std::optional<vs::scope_handle> kept;
    { kept = vs::variable_scope("a").handle(); }
    {
        vs::variable_scope again{*kept};
        again.reuse_variables();
        CHECK(vs::get_variable_scope().reuse() == vs::reuse);
    }
    CHECK(kept->reuse() == vs::reuse_mode::inherit);
}

TEST_CASE("rule 16: get_variable_scope returns the live object", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a"};
    CHECK(get("v") == "a/v:0");
    vs::get_variable_scope().reuse_variables();
    CHECK(a.reuse() == vs::reuse);
    CHECK(get("v") == "a/v:0");
    CHECK_THROWS_AS(get("w"), vs::does_not_exist);
}

TEST_CASE("rule 19: a default name with reuse is refused", "[variable_scope]") {
    fresh f;
    const auto here = std::source_location::current().line();
    for (const auto mode : {vs::reuse, vs::auto_reuse}) {
        try {
            vs::variable_scope d(vs::no_name, {.reuse = mode, .default_name = "d"});
            FAIL("was opened");
        } catch (const vs::reuse_without_name& e) {
            CHECK(e.what() == "a variable scope with the default name 'd' cannot reuse\n"
                              "  opened at variable_scope.cpp:" + std::to_string(here + 3) + "\n"
                              "  a default name is new each time, so there is nothing to share: give a name");
            CHECK(e.name() == "d");
        }
    }
    CHECK(f.graph.names().entry_count() == 0);
}

TEST_CASE("rule 19: a given name ignores the default name", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a", {.reuse = vs::auto_reuse, .default_name = "d"}};
    CHECK(a.name() == "a");
}

TEST_CASE("a variable scope with neither name nor default name is refused", "[variable_scope]") {
    fresh f;
    const auto here = std::source_location::current().line();
    try {
        vs::variable_scope d{vs::no_name};
        FAIL("was opened");
    } catch (const vs::scope_required& e) {
        CHECK(e.what() == "a variable scope needs a name or a default name\n"
                          "  opened at variable_scope.cpp:" + std::to_string(here + 2) + "\n"
                          "  give a name, or {.default_name = \"...\"} to have one made unique");
        CHECK(e.asked_at().line() == here + 2);
    }
}

TEST_CASE("an illegal scope name is refused with the caller's place, and no scope is open", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a"};
    const auto here = std::source_location::current().line();
    try {
        vs::variable_scope bad{"b c"};
        FAIL("was opened");
    } catch (const vs::invalid_name& e) {
        CHECK(e.asked_at().line() == here + 2);
    }
    CHECK(vs::get_variable_scope().name() == "a");
    CHECK(vs::get_name_scope() == "a");
}

TEST_CASE("an object whose last component may not stand at the root is refused there with the caller's place", "[variable_scope]") {
    fresh f;
    std::optional<vs::scope_handle> kept;
    {
        vs::variable_scope a{"a"};
        kept = vs::variable_scope("_b").handle();
    }
    const auto here = std::source_location::current();
    try {
        vs::variable_scope again{*kept};
        FAIL("was opened");
    } catch (const vs::invalid_name& e) {
        CHECK(e.asked_at().line() == here.line() + 2);
        CHECK(std::string_view(e.asked_at().file_name()) == here.file_name());
    }
    CHECK(vs::get_variable_scope().name().empty());
}

TEST_CASE("without an auxiliary name scope the current one stays in force", "[variable_scope]") {
    fresh f;
    vs::name_scope n{"n"};
    vs::variable_scope a{"a", {.auxiliary_name_scope = false}};
    CHECK(a.original_name_scope() == "n/");
    CHECK(vs::get_name_scope() == "n");
    CHECK(get("v") == "a/v:0");
    CHECK(make("w") == "n/w:0");
}

TEST_CASE("the state before comes back at the end of a block, also when an exception passes", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a"};
    { vs::variable_scope b{"b", vs::auto_reuse}; }
    CHECK(vs::get_variable_scope().name() == "a");
    CHECK(vs::get_variable_scope().reuse() == vs::reuse_mode::inherit);
    try {
        vs::variable_scope b{"b"};
        vs::variable_scope d{vs::no_name, {.default_name = "d"}};
        throw std::runtime_error("passes");
    } catch (const std::runtime_error&) {}
    CHECK(vs::get_variable_scope().name() == "a");
    CHECK(vs::get_name_scope() == "a");
    vs::variable_scope b{"b"};
    CHECK(vs::variable_scope(vs::no_name, {.default_name = "d"}).name() == "a/b/d");
}

TEST_CASE("a handle outlives the block of its scope and that of the enclosing ones", "[variable_scope]") {
    fresh f;
    std::optional<vs::scope_handle> kept;
    {
        vs::variable_scope a{std::string(100, 'a'), {.initializer = vs::ones(), .dtype = vs::dtype::float64}};
        vs::variable_scope b{"b", vs::auto_reuse};
        kept = b.handle();
    }
    CHECK(kept->name() == std::string(100, 'a') + "/b");
    CHECK(kept->original_name_scope() == std::string(100, 'a') + "/b/");
    CHECK(kept->reuse() == vs::auto_reuse);
    CHECK(kept->dtype() == vs::dtype::float64);
    CHECK(static_cast<bool>(kept->initializer()));
}

TEST_CASE("an entered scope does not need its handle any more", "[variable_scope]") { // was a use after free
    fresh f;
    const auto make_handle = [] { return vs::variable_scope("a", {.initializer = vs::ones()}).handle(); };
    vs::variable_scope again{make_handle()};
    vs::variable_scope inner{"inner"};
    CHECK(*static_cast<const float*>(vs::get_variable("v", {2}).data()) == 1.f);
}

TEST_CASE("handles of one scope share its state", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a"};
    auto first = a.handle();
    const auto second = vs::get_variable_scope();
    first.reuse_variables();
    CHECK(second.reuse() == vs::reuse);
}

TEST_CASE("the type and initializer of a scope are inherited, and replaced by those of an inner one", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a", {.initializer = vs::constant_initializer(3), .dtype = vs::dtype::int32}};
    {
        vs::variable_scope b{"b"};
        const auto v = vs::get_variable("v", {1});
        CHECK(v.dtype() == vs::dtype::int32);
        CHECK(*static_cast<const std::int32_t*>(v.data()) == 3);
    }
    vs::variable_scope c{"c", {.initializer = vs::ones(), .dtype = vs::dtype::float64}};
    const auto v = vs::get_variable("v", {1});
    CHECK(v.dtype() == vs::dtype::float64);
    CHECK(*static_cast<const double*>(v.data()) == 1.0);
}

TEST_CASE("the options given with an object replace its own", "[variable_scope]") {
    fresh f;
    std::optional<vs::scope_handle> kept;
    { kept = vs::variable_scope("a", {.initializer = vs::ones(), .dtype = vs::dtype::float64}).handle(); }
    {
        vs::variable_scope again{*kept};
        CHECK(*static_cast<const double*>(vs::get_variable("v", {1}).data()) == 1.0);
    }
    vs::variable_scope again{*kept, {.initializer = vs::zeros(), .dtype = vs::dtype::int32}};
    CHECK(*static_cast<const std::int32_t*>(vs::get_variable("w", {1}).data()) == 0);
}

TEST_CASE("an inner scope stays right when its outer one becomes an object later", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a", {.initializer = vs::ones()}};
    vs::variable_scope b{"b"};
    std::optional<vs::scope_handle> kept(a.handle());
    kept.reset();
    CHECK(get("v") == "a/b/v:0");
    CHECK(vs::get_variable_scope().name() == "a/b");
    CHECK(*static_cast<const float*>(vs::find_variable("a/b/v")->data()) == 1.f);
}

TEST_CASE("a scope opened in a graph puts that graph in force until its end", "[variable_scope]") {
    fresh f;
    vs::graph other;
    vs::variable_scope here{"here"};
    {
        vs::variable_scope there{other, "there", vs::auto_reuse};
        CHECK(&vs::current_graph() == &other);
        CHECK(get("v") == "there/v:0");
        CHECK(vs::get_variable_scope(f.graph).name() == "here");
    }
    CHECK(&vs::current_graph() == &f.graph);
    CHECK(vs::get_variable_scope(other).name().empty());
    CHECK(vs::find_variable(other, "there/v").has_value());
    CHECK_FALSE(vs::find_variable(f.graph, "there/v").has_value());
}

TEST_CASE("an object is entered in the graph in force, or in one that is given", "[variable_scope]") {
    fresh f;
    vs::graph other;
    std::optional<vs::scope_handle> kept;
    { kept = vs::variable_scope("a").handle(); }
    {
        vs::variable_scope there{other, *kept};
        CHECK(&vs::current_graph() == &other);
        CHECK(get("v") == "a/v:0");
    }
    vs::variable_scope here{*kept};
    CHECK(get("v") == "a/v:0");
    CHECK(vs::find_variable(other, "a/v")->is(*vs::find_variable(f.graph, "a/v")) == false);
}

TEST_CASE("scope names longer than any buffer lead to the same variables again", "[variable_scope]") {
    fresh f;
    const std::string name(300, 'n');
    { vs::variable_scope s{name}; CHECK(get("v") == name + "/v:0"); }
    vs::variable_scope s{name, vs::reuse};
    CHECK(get("v") == name + "/v:0");
}

TEST_CASE("a scope can be made by its full name, wherever the code stands", "[variable_scope]") { // tf.VariableScope
    vs::graph g;
    const vs::as_default in(g);
    const vs::scope_handle tower = vs::scope_at("net/tower", vs::auto_reuse);
    CHECK(tower.name() == "net/tower");
    CHECK(tower.original_name_scope().empty());
    const vs::variable_scope elsewhere("elsewhere");
    const vs::variable_scope s(tower);
    CHECK(s.name() == "net/tower");
    CHECK(vs::get_name_scope() == "elsewhere/tower");
    const auto v = vs::get_variable("v", {1});
    CHECK(v.key() == "net/tower/v");
    CHECK(vs::get_variable(tower, "v", {1}).is(v));
    CHECK(vs::find_variable(tower, "v")->is(v));
    CHECK_FALSE(vs::find_variable(tower, "w"));
    CHECK(vs::scope_at("").name().empty());
    CHECK(vs::find_variable(vs::scope_at(""), "net/tower/v")->is(v));
    CHECK_THROWS_AS(vs::scope_at("a b"), vs::invalid_name);
    CHECK_THROWS_AS(vs::scope_at("/a"), vs::invalid_name);
}

// ---- the object of a scope: setters

namespace {

/// Writes down who was asked.
vs::custom_getter named_getter(std::string& log, const char* name) {
    return [&log, name](const vs::next_getter& next, const vs::variable_request& r) {
        log += name;
        return next(r);
    };
}

float value_of(const vs::any_variable& v) { return *static_cast<const float*>(v.data()); }

} // namespace

TEST_CASE("a setter changes the variables asked for from then on, and not those made before", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a"};
    auto scope = a.handle();
    CHECK(value_of(vs::get_variable("before", {1}, {.initializer = vs::zeros()})) == 0.f);
    scope.set_initializer(vs::ones());
    CHECK(value_of(vs::get_variable("after", {1})) == 1.f);
    scope.set_dtype(vs::dtype::int32);
    CHECK(vs::get_variable("typed", {1}).dtype() == vs::dtype::int32);
    CHECK(scope.dtype() == vs::dtype::int32);
    scope.set_partitioner(vs::fixed_size_partitioner(2));
    CHECK(vs::get_variable("cut", {4}).parts().size() == 2);
    scope.set_partitioner({});
    CHECK_FALSE(vs::get_variable("whole", {4}).is_partitioned());
    std::string log;
    scope.set_regularizer([&](const vs::any_variable& v) -> std::optional<vs::tensor> {
        log += v.key();
        return {};
    });
    scope.set_custom_getter(named_getter(log, " getter "));
    (void)vs::get_variable("last", {1});
    CHECK(log == " getter a/last");
    CHECK(static_cast<bool>(scope.initializer()));
    CHECK(static_cast<bool>(scope.regularizer()));
    CHECK_FALSE(static_cast<bool>(scope.partitioner()));
    CHECK(scope.has_custom_getter());
    scope.set_initializer({});
    scope.set_regularizer({});
    scope.set_custom_getter({});
    CHECK_FALSE(static_cast<bool>(scope.initializer()));
    CHECK_FALSE(static_cast<bool>(scope.regularizer()));
    CHECK_FALSE(scope.has_custom_getter());
}

TEST_CASE("a setter reaches inner scopes opened later, and not those that are open", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a", {.initializer = vs::constant_initializer(1)}};
    vs::variable_scope open{"open"};
    auto scope = a.handle();
    scope.set_initializer(vs::constant_initializer(2));
    scope.set_dtype(vs::dtype::float64);
    scope.reuse_variables();
    CHECK(value_of(vs::get_variable("v", {1})) == 1.f);
    CHECK(open.reuse() == vs::reuse_mode::inherit);
    vs::variable_scope again{scope, {.reuse = vs::auto_reuse}};
    vs::variable_scope later{"later"};
    const auto v = vs::get_variable("v", {1});
    CHECK(v.dtype() == vs::dtype::float64);
    CHECK(*static_cast<const double*>(v.data()) == 2.0);
}

TEST_CASE("a setter of a closed scope's object counts when it is entered again, and not inside an entry that is open", "[variable_scope]") {
    fresh f;
    auto scope = vs::variable_scope("a", {.initializer = vs::constant_initializer(1)}).handle();
    {
        vs::variable_scope open{scope};
        scope.set_initializer(vs::constant_initializer(2));
        CHECK(value_of(vs::get_variable("v", {1})) == 1.f);
    }
    vs::variable_scope again{scope};
    CHECK(value_of(vs::get_variable("w", {1})) == 2.f);
    again.handle().set_initializer(vs::constant_initializer(3));
    CHECK(value_of(vs::get_variable("x", {1})) == 3.f);
    vs::variable_scope once_more{scope};
    CHECK(value_of(vs::get_variable("y", {1})) == 2.f); // the copy was changed
}

TEST_CASE("a setter of the root's object lasts for the graph and thread", "[variable_scope][threads]") {
    fresh f;
    const auto root = vs::get_variable_scope();
    {
        vs::variable_scope a{"a"};
        vs::variable_scope again{root};
        again.handle().set_dtype(vs::dtype::int32); // of the copy
    }
    CHECK(root.dtype() == vs::dtype::float32);
    vs::get_variable_scope().set_initializer(vs::ones());
    vs::get_variable_scope().set_dtype(vs::dtype::float64);
    CHECK(*static_cast<const double*>(vs::get_variable("v", {1}).data()) == 1.0);
    vs::dtype elsewhere = vs::dtype::int32;
    std::thread([&] { elsewhere = vs::get_variable_scope(f.graph).dtype(); }).join();
    CHECK(elsewhere == vs::dtype::float32);
    vs::graph other;
    CHECK(vs::get_variable_scope(other).dtype() == vs::dtype::float32);
}

TEST_CASE("variables of inner scopes stay right while an outer one's setters are called again and again", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a", {.initializer = vs::constant_initializer(1)}};
    vs::variable_scope b{"b"};
    vs::variable_scope c{"c", {.custom_getter = [](const vs::next_getter& next, const vs::variable_request& r) { return next(r); }}};
    auto scope = a.handle();
    for (int i = 0; i < 100; ++i) {
        scope.set_initializer(vs::constant_initializer(2));
        scope.set_regularizer([](const vs::any_variable&) { return std::nullopt; });
    }
    CHECK(value_of(vs::get_variable("v", {1})) == 1.f);
    const auto inner = vs::get_variable_scope();
    CHECK_FALSE(static_cast<bool>(inner.regularizer()));
    CHECK(static_cast<bool>(inner.initializer()));
}

TEST_CASE("a scope whose setters were called a hundred thousand times is left without trouble", "[variable_scope]") { // ran out of stack
    fresh f;
    vs::variable_scope a{"a"};
    auto scope = a.handle();
    const vs::initializer ones = vs::ones();
    for (int i = 0; i < 100'000; ++i) { scope.set_initializer(ones); }
    CHECK(value_of(vs::get_variable("v", {1})) == 1.f);
}

TEST_CASE("an object of a scope tells what the scope was opened with", "[variable_scope]") {
    fresh f;
    std::string log;
    vs::name_scope n{"n"};
    vs::variable_scope a{"a", {.reuse = vs::auto_reuse, .initializer = vs::ones(), .dtype = vs::dtype::int64,
                               .regularizer = [](const vs::any_variable&) { return std::nullopt; },
                               .partitioner = vs::fixed_size_partitioner(2), .custom_getter = named_getter(log, "g"), .constraint = "norm"}};
    const auto check = [&](const vs::scope_handle& scope, const char* constraint) {
        CHECK(scope.reuse() == vs::auto_reuse);
        CHECK(scope.dtype() == vs::dtype::int64);
        CHECK(static_cast<bool>(scope.initializer()));
        CHECK(static_cast<bool>(scope.regularizer()));
        CHECK(static_cast<bool>(scope.partitioner()));
        CHECK(scope.has_custom_getter());
        CHECK(scope.constraint().name() == constraint);
    };
    check(a.handle(), "norm");
    CHECK(a.handle().name() == "a");
    CHECK(a.handle().original_name_scope() == "n/a/");
    vs::variable_scope b{"b"};
    check(b.handle(), "");
    vs::variable_scope again{a.handle()};
    check(again.handle(), "");
    vs::variable_scope plain{f.graph, vs::no_name, {.default_name = "d"}};
    check(plain.handle(), "");
}

TEST_CASE("the mode create of a scope is the same as to say nothing", "[variable_scope]") {
    fresh f;
    vs::variable_scope a{"a", vs::auto_reuse};
    vs::variable_scope b{"b", vs::reuse_mode::create};
    CHECK(b.reuse() == vs::auto_reuse);
}

TEST_CASE("an entered object without an auxiliary name scope leaves the name scope in force", "[variable_scope]") { // REFERENCE 1.19
    fresh f;
    std::optional<vs::scope_handle> kept;
    {
        vs::variable_scope outer{"outer"};
        kept = vs::variable_scope("inner").handle();
    }
    vs::variable_scope another{"another"};
    vs::variable_scope inner{*kept, {.auxiliary_name_scope = false}};
    CHECK(vs::get_name_scope() == "another");
    CHECK(inner.original_name_scope() == "outer/inner/");
    {
        vs::name_scope original{inner.original_name_scope()};
        CHECK(get("w1") == "outer/inner/w1:0");
        CHECK(vs::unique_name("c1") == "outer/inner/c1");
    }
    vs::name_scope names{"inner"};
    CHECK(vs::unique_name("c") == "another/inner/c");
}

TEST_CASE("a default name and no auxiliary name scope make the variable scope alone unique", "[variable_scope]") {
    fresh f;
    for (const char* expected : {"d", "d_1"}) {
        vs::variable_scope d{vs::no_name, {.default_name = "d", .auxiliary_name_scope = false}};
        CHECK(d.name() == expected);
        CHECK(vs::get_name_scope().empty());
        CHECK(d.original_name_scope().empty());
    }
    CHECK(vs::unique_name("d", vs::name_use::ask) == "d");
}

TEST_CASE("entering the root's object with other options keeps them for the block", "[variable_scope]") {
    fresh f;
    const auto root = vs::get_variable_scope();
    {
        vs::variable_scope again{root, {.reuse = vs::auto_reuse, .initializer = vs::ones(), .dtype = vs::dtype::float64}};
        CHECK(get("v") == "v:0");
        CHECK(get("v") == "v:0");
        CHECK(vs::find_variable("v")->dtype() == vs::dtype::float64);
    }
    CHECK(root.reuse() == vs::reuse_mode::inherit);
    CHECK(vs::get_variable_scope().dtype() == vs::dtype::float32);
    CHECK_THROWS_AS(get("v"), vs::already_exists);
}

// ---- the same scope entered several times: scope_context

static_assert(!std::is_copy_constructible_v<vs::scope_context> && !std::is_move_constructible_v<vs::scope_context>);
static_assert(!std::is_convertible_v<const char*, vs::scope_context> && !std::is_convertible_v<vs::scope_handle, vs::scope_context>);

TEST_CASE("rule 13: a context entered again has the current scope in front, a new name scope and the first original one", "[variable_scope]") {
    fresh f;
    vs::scope_context again("a", {.initializer = vs::constant_initializer(2)});
    {
        vs::variable_scope a{again};
        CHECK(a.name() == "a");
        CHECK(a.original_name_scope() == "a/");
        CHECK(get("v") == "a/v:0");
        CHECK(make("o") == "a/o:0");
    }
    vs::variable_scope s{"s"};
    vs::variable_scope a{again};
    CHECK(a.name() == "s/a");
    CHECK(a.original_name_scope() == "a/");
    CHECK(vs::get_name_scope() == "s/a");
    CHECK(value_of(vs::get_variable("w", {1})) == 2.f);
    CHECK(a.handle().original_name_scope() == "a/");
}

TEST_CASE("rule 13: a default name keeps the suffix that it got first", "[variable_scope]") {
    fresh f;
    vs::scope_context first(vs::no_name, {.default_name = "d"});
    vs::scope_context second(vs::no_name, {.default_name = "d"});
    CHECK(vs::variable_scope(first).name() == "d");
    CHECK(vs::variable_scope(second).name() == "d_1");
    {
        vs::variable_scope again{second};
        CHECK(again.name() == "d_1");
        CHECK(again.original_name_scope() == "d_1/");
        CHECK(vs::get_name_scope() == "d_2"); // by the name that was asked for
    }
    vs::variable_scope s{"s"};
    CHECK(vs::variable_scope(second).name() == "s/d_1");
    CHECK(vs::variable_scope(first).name() == "s/d");
}

TEST_CASE("rule 13: a reuse mode that a context was entered under once stays", "[variable_scope]") {
    fresh f;
    vs::scope_context again("a");
    {
        vs::variable_scope s{"s", vs::auto_reuse};
        CHECK(vs::variable_scope(again).reuse() == vs::auto_reuse);
    }
    CHECK(vs::variable_scope(again).reuse() == vs::auto_reuse);
    vs::variable_scope s{"s", vs::reuse};
    CHECK(vs::variable_scope(again).reuse() == vs::auto_reuse); // its own by now
}

TEST_CASE("rule 13: reuse_variables in one entry of a context by name is gone in the next", "[variable_scope]") {
    fresh f;
    vs::scope_context again("a");
    {
        vs::variable_scope a{again};
        a.reuse_variables();
    }
    CHECK(vs::variable_scope(again).reuse() == vs::reuse_mode::inherit);
}

TEST_CASE("rule 13: a context of an object enters the same copy of it each time", "[variable_scope]") {
    fresh f;
    std::optional<vs::scope_handle> kept;
    { kept = vs::variable_scope("a", {.initializer = vs::constant_initializer(1)}).handle(); }
    vs::scope_context again(*kept, {.dtype = vs::dtype::float64});
    kept->set_initializer(vs::constant_initializer(5)); // the copy is made
    {
        vs::variable_scope s{"s"};
        vs::variable_scope a{again};
        CHECK(a.name() == "a");
        CHECK(vs::get_name_scope() == "s/a");
        const auto v = vs::get_variable("v", {1});
        CHECK(v.dtype() == vs::dtype::float64);
        CHECK(*static_cast<const double*>(v.data()) == 1.0);
        a.reuse_variables();
    }
    vs::variable_scope a{again};
    CHECK(a.reuse() == vs::reuse);
    CHECK(a.original_name_scope() == "a/");
    CHECK(vs::get_name_scope() == "a_1");
    CHECK(kept->reuse() == vs::reuse_mode::inherit);
}

TEST_CASE("rule 13: without an auxiliary name scope a context comes back to the name scope of its first entry", "[variable_scope]") {
    fresh f;
    vs::scope_context again("a", {.auxiliary_name_scope = false});
    {
        vs::name_scope n{"n"};
        vs::variable_scope a{again};
        CHECK(vs::get_name_scope() == "n");
    }
    {
        vs::name_scope m{"m"};
        vs::variable_scope a{again};
        CHECK(vs::get_name_scope() == "n");
        CHECK(make("o") == "n/o:0");
        CHECK(get("v") == "a/v:0");
    }
    vs::scope_context from_root("b", {.auxiliary_name_scope = false});
    { vs::variable_scope b{from_root}; }
    vs::name_scope m{"m"};
    vs::variable_scope b{from_root};
    CHECK(vs::get_name_scope().empty());
}

TEST_CASE("a context need not keep the texts that it was made with", "[variable_scope]") {
    fresh f;
    const std::string name(70, 'n');
    const std::string default_name(70, 'd');
    const auto enter_twice = [](vs::scope_context& context) {
        { vs::variable_scope first{context}; }
        return vs::variable_scope(context).name();
    };
    const auto make_named = [](std::string text) { return std::make_unique<vs::scope_context>(text, vs::auto_reuse); };
    const auto make_default = [](std::string text) { return std::make_unique<vs::scope_context>(vs::no_name, vs::scope_options{.default_name = text}); };
    const auto named = make_named(name);
    const auto by_default = make_default(default_name);
    CHECK(enter_twice(*named) == name);
    CHECK(enter_twice(*by_default) == default_name);
}

TEST_CASE("an entry of a context that failed does not count", "[variable_scope]") {
    fresh f;
    vs::scope_context nameless{vs::no_name};
    for (int i = 0; i < 2; ++i) { CHECK_THROWS_AS(vs::variable_scope(nameless), vs::scope_required); }
    vs::scope_context reusing(vs::no_name, {.reuse = vs::reuse, .default_name = "d"});
    const auto here = std::source_location::current().line();
    for (int i = 0; i < 2; ++i) {
        try {
            vs::variable_scope d{reusing};
            FAIL("was opened");
        } catch (const vs::reuse_without_name& e) {
            CHECK(e.asked_at().line() == here - 1); // where the context was made
        }
    }
    vs::scope_context nested("_a");
    CHECK_THROWS_AS(vs::variable_scope(nested), vs::invalid_name);
    CHECK(vs::get_variable_scope().name().empty());
    vs::variable_scope s{"s"};
    CHECK(vs::variable_scope(nested).name() == "s/_a");
}

TEST_CASE("rule 13: a context by default name under a reusing scope shares what the first entry made", "[variable_scope]") {
    fresh f;
    vs::scope_context again(vs::no_name, {.default_name = "d"});
    {
        vs::variable_scope d{again};
        CHECK(get("v") == "d/v:0");
    }
    {
        vs::variable_scope d{again};
        CHECK_THROWS_AS(get("v"), vs::already_exists);
        d.reuse_variables();
        CHECK(get("v") == "d/v:0");
    }
    vs::variable_scope root{"", vs::reuse};
    vs::variable_scope d{again};
    CHECK(get("v") == "d/v:0");
}

TEST_CASE("a scope made by its name that is to create is one that says nothing", "[variable_scope]") { // as TensorFlow's False
    CHECK(vs::scope_at("a", vs::reuse_mode::create).reuse() == vs::reuse_mode::inherit);
    CHECK(vs::scope_at("a", vs::reuse).reuse() == vs::reuse);
}
