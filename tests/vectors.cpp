// Scope programs of TensorFlow's own tests (python/kernel_tests/variable_scope_test.py and framework/ops_test.py, 1.15), each with the
// names that it gets, as a table. Those about partitioners, getters and threads stand in the tests of these.
#include <varscope/variable/get_variable.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/scope/variable_scope.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;

namespace {

std::string get(vs::name_arg name) { return std::string(vs::get_variable(name, {1}).name()); }
std::string own(vs::name_arg name) { return std::string(vs::make_variable(name, {.initializer = 1.f}).name()); }
/// The prefix of the ops in a name scope opened here.
std::string scope(vs::name_arg name) { return vs::name_scope(name).name(); }

struct program {
    const char* text; // "|" begins a nested block
    std::function<void(strings&)> run;
    strings names;
};

const std::vector<program> programs{
    {"name_scope a | get_variable v", [](strings& n) {
         vs::name_scope a{"a"};
         n = {get("v")};
     }, {"v:0"}},
    {"name_scope a | Variable v, Variable v", [](strings& n) {
         vs::name_scope a{"a"};
         n.push_back(own("v"));
         n.push_back(own("v"));
     }, {"a/v:0", "a/v_1:0"}},
    {"variable_scope s | get_variable v; variable_scope s | Variable v", [](strings& n) {
         { vs::variable_scope s{"s"}; n.push_back(get("v")); }
         vs::variable_scope s{"s"};
         n.push_back(own("v"));
     }, {"s/v:0", "s_1/v:0"}},
    {"Variable var1 twice, then get_variable var1", [](strings& n) {
         n.push_back(own("var1"));
         n.push_back(own("var1"));
         n.push_back(get("var1"));
         n.emplace_back(vs::find_variable("var1")->key());
     }, {"var1:0", "var1_1:0", "var1_2:0", "var1"}},
    {"tower4; tower6 | the object tower4, reuse | name_scope scope", [](strings& n) {
         const auto tower4 = [] { return vs::variable_scope("tower4").handle(); }();
         vs::variable_scope tower6{"tower6"};
         vs::variable_scope again{tower4, {.reuse = vs::reuse}};
         n = {again.name(), scope("scope")};
     }, {"tower4", "tower6/tower4/scope/"}},
    {"name_scope N1 | tower, the object tower, tower, each | name_scope scope2", [](strings& n) {
         vs::name_scope n1{"N1"};
         vs::scope_handle tower = vs::get_variable_scope();
         {
             vs::variable_scope first{"tower"};
             tower = first.handle();
             n.push_back(scope("scope2"));
         }
         { vs::variable_scope again{tower}; n.push_back(scope("scope2")); }
         vs::variable_scope third{"tower"};
         n.push_back(scope("scope2"));
     }, {"N1/tower/scope2/", "N1/tower_1/scope2/", "N1/tower_2/scope2/"}},
    {"name_scope N3 | the root object | name_scope scope2", [](strings& n) {
         const auto root = vs::get_variable_scope();
         vs::name_scope n3{"N3"};
         vs::variable_scope again{root};
         n = {scope("scope2")};
     }, {"N3/scope2/"}},
    {"outer; the object outer | get_variable w, name_scope scope2", [](strings& n) {
         const auto outer = [] { return vs::variable_scope("outer").handle(); }();
         vs::variable_scope again{outer};
         n = {get("w"), scope("scope2")};
     }, {"outer/w:0", "outer_1/scope2/"}},
    {"outer | the object outer | name_scope scope2", [](strings& n) {
         vs::variable_scope outer{"outer"};
         vs::variable_scope again{outer.handle()};
         n = {scope("scope2")};
     }, {"outer/outer/scope2/"}},
    {"name_scope testVarOpScope2 | default name default | get_variable w, name_scope testVarOpScope2, twice", [](strings& n) {
         vs::name_scope outer{"testVarOpScope2"};
         for (int i = 0; i < 2; ++i) {
             vs::variable_scope d{vs::no_name, {.default_name = "default"}};
             n.push_back(get("w"));
             n.push_back(scope("testVarOpScope2"));
         }
     }, {"default/w:0", "testVarOpScope2/default/testVarOpScope2/", "default_1/w:0", "testVarOpScope2/default_1/testVarOpScope2/"}},
    {"default names defaultScope1, defaultScope1, defaultScope, defaultScope1, each | default name layer | get_variable w", [](strings& n) {
         for (const char* name : {"defaultScope1", "defaultScope1", "defaultScope", "defaultScope1"}) {
             vs::variable_scope d{vs::no_name, {.default_name = name}};
             vs::variable_scope layer{vs::no_name, {.default_name = "layer"}};
             n.push_back(get("w"));
         }
     }, {"defaultScope1/layer/w:0", "defaultScope1_1/layer/w:0", "defaultScope/layer/w:0", "defaultScope1_2/layer/w:0"}},
    {"default name default | default names layer, layer, (the object default), layer", [](strings& n) {
         vs::variable_scope d{vs::no_name, {.default_name = "default"}};
         const auto layer = [&] { n.push_back(vs::variable_scope(vs::no_name, {.default_name = "layer"}).name()); };
         layer();
         layer();
         { vs::variable_scope again{d.handle()}; }
         layer();
     }, {"default/layer", "default/layer_1", "default/layer_2"}},
    {"outer | default name D | w; outer, reuse | default name D | w, name_scope s", [](strings& n) {
         {
             vs::variable_scope outer{"outer"};
             vs::variable_scope d{vs::no_name, {.default_name = "D"}};
             n.push_back(get("w"));
         }
         vs::variable_scope outer{"outer", vs::reuse};
         vs::variable_scope d{vs::no_name, {.default_name = "D"}};
         n.push_back(get("w"));
         n.push_back(scope("s"));
     }, {"outer/D/w:0", "outer/D/w:0", "outer_1/D/s/"}},
    {"scope with reuse kept, entered without saying | get_variable v", [](strings& n) {
         n.push_back(get("scope/v"));
         const auto kept = [] { return vs::variable_scope("scope", vs::reuse).handle(); }();
         vs::variable_scope again{kept, {.reuse = vs::reuse_mode::create}}; // False: as to say nothing
         n.push_back(get("v"));
     }, {"scope/v:0", "scope/v:0"}},
    {"scope without name scope | get_variable w, name c; name_scope scope | name c", [](strings& n) {
         {
             vs::variable_scope s{"scope", {.auxiliary_name_scope = false}};
             n.push_back(get("w"));
             n.push_back(vs::unique_name("c"));
         }
         vs::name_scope s{"scope"};
         n.push_back(vs::unique_name("c"));
     }, {"scope/w:0", "c", "scope/c"}},
    {"foo, foo, foo_1, foo_2, foo", [](strings& n) {
         for (const char* name : {"foo", "foo", "foo_1", "foo_2", "foo"}) { n.push_back(vs::unique_name(name)); }
     }, {"foo", "foo_1", "foo_1_1", "foo_2", "foo_3"}},
    {"main kept; thread | the object main | foo | v; bar | v", [](strings& n) {
         vs::graph& g = vs::current_graph();
         vs::variable_scope main{"main"};
         std::thread([&, kept = main.handle()] {
             vs::as_default guard{g};
             {
                 vs::variable_scope again{kept};
                 vs::variable_scope foo{"foo"};
                 n.push_back(get("v"));
             }
             vs::variable_scope bar{"bar"};
             n.push_back(get("v"));
         }).join();
     }, {"main/foo/v:0", "bar/v:0"}},
};

} // namespace

TEST_CASE("each program of TensorFlow's scope tests gets the names that it gets there", "[vectors]") {
    for (const program& p : programs) {
        fresh f;
        strings names;
        p.run(names);
        INFO(p.text);
        CHECK(names == p.names);
    }
}

TEST_CASE("of two threads that create one name in their own scopes the second is refused", "[vectors][threads]") {
    fresh f;
    const auto create = [&] {
        vs::variable_scope foo{f.graph, "foo"};
        return get("v");
    };
    CHECK(create() == "foo/v:0");
    bool is_refused = false;
    std::thread([&] {
        try {
            (void)create();
        } catch (const vs::already_exists&) { is_refused = true; }
    }).join();
    CHECK(is_refused);
}
