#include <varscope/variable/variable_lists.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/op/ops.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <optional>
#include <string>

namespace vs = varscope;

namespace {

vs::any_variable get(vs::name_arg name, const vs::variable_options& options = {}) { return vs::get_variable(name, {1}, options); }

} // namespace

TEST_CASE("a collection holds variables and ops in the order of adding, with duplicates", "[variable_lists]") {
    fresh f;
    const auto v = get("v");
    const auto op = vs::negative(vs::variable<float>(v));
    vs::add_to_collection("mine", op);
    vs::add_to_collection("mine", v);
    vs::add_to_collection(f.graph, "mine", op);
    CHECK(names_of(vs::get_collection("mine")) == strings{"Neg:0", "v:0", "Neg:0"});
    CHECK(names_of(vs::get_collection(f.graph, "mine")) == strings{"Neg:0", "v:0", "Neg:0"});
    CHECK(vs::get_collection("mine")[1].is_variable());
    CHECK(vs::get_collection("never used").empty());
}

TEST_CASE("a list of a collection is a copy", "[variable_lists]") {
    fresh f;
    const auto v = get("v");
    auto list = vs::get_collection("variables");
    vs::add_to_collection("variables", v);
    CHECK(list.size() == 1);
    list.clear();
    CHECK(vs::get_collection("variables").size() == 2);
}

TEST_CASE("add_to_collections adds once to each key", "[variable_lists]") {
    fresh f;
    vs::add_to_collections({"a", "b", "a", "b", "c"}, get("v"));
    for (const char* key : {"a", "b", "c"}) { CHECK(names_of(vs::get_collection(key)) == strings{"v:0"}); }
    vs::add_to_collections({}, get("w"));
    CHECK(vs::get_all_collection_keys() == strings{"variables", "trainable_variables", "a", "b", "c"});
}

TEST_CASE("an item of another graph cannot join a collection", "[variable_lists]") {
    fresh f;
    vs::graph other;
    const auto here = std::source_location::current().line();
    const auto v = vs::get_variable(other, "v", {1});
    const auto before = listing(f.graph, {});
    const std::string text = "'v:0' cannot join collection 'mine' of another graph\n"
                             "  created at variable_lists.cpp:" + std::to_string(here + 1) + "\n"
                             "  added at variable_lists.cpp:here\n"
                             "  add it to its own graph's";
    CHECK(thrown<vs::wrong_graph>([&] { vs::add_to_collection("mine", v); }) == text);
    CHECK(thrown<vs::wrong_graph>([&] { vs::add_to_collection(f.graph, "mine", v); }) == text);
    CHECK(thrown<vs::wrong_graph>([&] { vs::add_to_collections({"mine", "yours"}, v); }) == text);
    CHECK(listing(f.graph, {}) == before);
    vs::add_to_collection(other, "mine", v);
    CHECK(vs::get_collection(other, "mine").size() == 1);
}

TEST_CASE("the keys of all collections are listed in the order of first use, and a cleared one is forgotten", "[variable_lists]") {
    fresh f;
    CHECK(vs::get_all_collection_keys().empty());
    const auto v = get("v", {.collections = strings{"z", "a"}});
    CHECK(vs::get_all_collection_keys(f.graph) == strings{"z", "a", "trainable_variables"});
    vs::clear_collection("a");
    vs::clear_collection("never used");
    CHECK(vs::get_all_collection_keys() == strings{"z", "trainable_variables"});
    CHECK(vs::get_collection("a").empty());
    vs::add_to_collection("a", v);
    vs::clear_collection(f.graph, "z");
    CHECK(vs::get_all_collection_keys() == strings{"trainable_variables", "a"});
}

TEST_CASE("clearing a collection leaves its variables in the store and in other collections", "[variable_lists]") {
    fresh f;
    const auto v = get("v");
    vs::clear_collection(vs::graph_keys::global_variables);
    CHECK(vs::global_variables().empty());
    CHECK(names_of(vs::trainable_variables()) == strings{"v:0"});
    CHECK(vs::find_variable("v")->is(v));
}

TEST_CASE("collections_of lists the keys that hold an item, by the alphabet and each once", "[variable_lists]") {
    fresh f;
    const auto v = get("v", {.collections = strings{"z", "a"}});
    const auto w = get("w", {.trainable = false, .collections = strings{}});
    vs::add_to_collection("a", v);
    CHECK(vs::collections_of(v) == strings{"a", "trainable_variables", "z"});
    CHECK(vs::collections_of(f.graph, v) == strings{"a", "trainable_variables", "z"});
    CHECK(vs::collections_of(w).empty());
    const auto op = vs::make_op({.type = "NoOp"});
    vs::add_to_collection("update_ops", op);
    CHECK(vs::collections_of(op) == strings{"update_ops"});
    vs::graph other;
    vs::as_default guard{other};
    CHECK(vs::collections_of(v) == strings{"a", "trainable_variables", "z"}); // of its own graph
    CHECK(vs::collections_of(other, v).empty());
}

TEST_CASE("the lists of variables hold what was added by hand, and each function reads its key", "[variable_lists]") {
    fresh f;
    const auto op = vs::make_op({.type = "NoOp"});
    for (const auto key : {vs::graph_keys::global_variables, vs::graph_keys::trainable_variables, vs::graph_keys::local_variables,
             vs::graph_keys::model_variables, vs::graph_keys::moving_average_variables}) {
        vs::add_to_collection(key, op);
        (void)get(key, {.trainable = false, .collections = strings{std::string(key)}});
    }
    CHECK(names_of(vs::global_variables()) == strings{"NoOp:0", "variables:0"});
    CHECK(names_of(vs::trainable_variables()) == strings{"NoOp:0", "trainable_variables:0"});
    CHECK(names_of(vs::local_variables()) == strings{"NoOp:0", "local_variables:0"});
    CHECK(names_of(vs::model_variables()) == strings{"NoOp:0", "model_variables:0"});
    CHECK(names_of(vs::moving_average_variables()) == strings{"NoOp:0", "moving_average_variables:0"});
    CHECK(names_of(vs::model_variables(f.graph)) == strings{"NoOp:0", "model_variables:0"});
    CHECK(names_of(vs::moving_average_variables(f.graph)) == strings{"NoOp:0", "moving_average_variables:0"});
    CHECK(names_of(vs::local_variables(f.graph)) == strings{"NoOp:0", "local_variables:0"});
}

TEST_CASE("an op's tensor, a variable of another list and a whole that were added by hand are in the lists of their scopes", "[variable_lists]") {
    fresh f;
    vs::variable_scope a{"a"};
    const vs::variable<float, 1> v(get("v"));
    const auto local = vs::get_local_variable("local", {1});
    const auto whole = vs::get_variable("cut", {2}, {.partitioner = vs::fixed_size_partitioner(2)});
    const auto op = vs::negative(v);
    for (const auto key : {vs::graph_keys::global_variables, vs::graph_keys::trainable_variables}) {
        vs::add_to_collection(key, op);
        vs::add_to_collection(key, local);
        vs::add_to_collection(key, whole);
    }
    vs::add_to_collection(vs::graph_keys::local_variables, op);
    const strings all{"a/v:0", "a/cut/part_0:0", "a/cut/part_1:0", "a/Neg:0", "a/local:0", "a/cut"};
    CHECK(names_of(vs::global_variables()) == all);
    CHECK(names_of(vs::global_variables(a.handle())) == all);
    CHECK(names_of(vs::trainable_variables(a.handle())) == all);
    CHECK(names_of(vs::local_variables(a.handle())) == strings{"a/local:0", "a/Neg:0"});
    CHECK(vs::global_variables(vs::variable_scope("b").handle()).empty());
    vs::clear_collection("variables");
    CHECK(vs::global_variables().empty());
}

TEST_CASE("a list of a scope has what lies below it, and nothing that only begins alike", "[variable_lists]") {
    fresh f;
    for (const char* name : {"v", "a", "a/v", "ab/v", "a_1/v", "b/a/v", "a/b/v"}) { (void)get(name); }
    CHECK(names_of(vs::global_variables(vs::variable_scope("a").handle())) == strings{"a/v:0", "a/b/v:0"});
    CHECK(names_of(vs::trainable_variables(vs::variable_scope("a/b").handle())) == strings{"a/b/v:0"});
    CHECK(names_of(vs::get_collection("variables", vs::variable_scope("b").handle())) == strings{"b/a/v:0"});
    CHECK(vs::local_variables(vs::variable_scope("a").handle()).empty());
    CHECK(vs::global_variables(vs::variable_scope("none").handle()).empty());
    CHECK(vs::global_variables(vs::get_variable_scope()).size() == 7); // the root: all
    CHECK(names_of(vs::get_collection(f.graph, "variables", vs::variable_scope("ab").handle())) == strings{"ab/v:0"});
}

TEST_CASE("a '.' in the name of a scope fits every character", "[variable_lists]") { // rule 24
    fresh f;
    for (const char* name : {"a.b/v", "acb/v", "a/b/v", "ab/v", "xa.b/v", "a.bc/v"}) { (void)get(name); }
    const auto scope = vs::variable_scope("a.b").handle();
    CHECK(names_of(vs::global_variables(scope)) == strings{"a.b/v:0", "acb/v:0", "a/b/v:0"});
    CHECK(names_of(vs::get_collection("variables", scope)) == strings{"a.b/v:0", "acb/v:0", "a/b/v:0"});
}

TEST_CASE("a scope with an empty component has what lies below it", "[variable_lists]") {
    fresh f;
    vs::variable_scope a{"a"};
    (void)get("v");
    vs::variable_scope empty{""};
    (void)get("w");
    CHECK(names_of(vs::global_variables(empty.handle())) == strings{"a//w:0"});
    CHECK(names_of(vs::global_variables(a.handle())) == strings{"a/v:0", "a//w:0"});
}

TEST_CASE("scopes are compared with the names of tensors, not with keys", "[variable_lists]") {
    fresh f;
    { (void)vs::make_variable("s/v", {.initializer = 1.f}); }
    (void)get("s/v"); // called s/v_1
    vs::variable_scope s{"s"};
    CHECK(names_of(vs::global_variables(s.handle())) == strings{"s/v:0", "s/v_1:0"});
}

TEST_CASE("find_variable finds what is cut into parts by the key of the whole, and each part", "[variable_lists]") {
    fresh f;
    vs::variable_scope s{"s"};
    const auto v = vs::get_variable("v", {3}, {.partitioner = vs::fixed_size_partitioner(2)});
    CHECK(vs::find_variable("s/v")->is(v));
    CHECK(vs::find_variable("s/v/part_1")->is(v.parts()[1]));
    CHECK_FALSE(vs::find_variable("s/v/part_2").has_value());
    CHECK(vs::find_variable(f.graph, "s/v")->is_partitioned());
}

TEST_CASE("an op that only a collection knows keeps its name and value", "[variable_lists]") {
    for (const bool recorded : {true, false}) {
        vs::graph g({.record_ops = recorded});
        vs::as_default guard{g};
        {
            const auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()});
            vs::add_to_collection("losses", vs::multiply(v, 3.f, std::string(100, 'n')));
        }
        const auto list = vs::get_collection("losses");
        REQUIRE(list.size() == 1);
        CHECK(list[0].op_name() == std::string(100, 'n'));
        CHECK(list[0].shape() == vs::shape{2});
        CHECK(list[0].has_value());
        CHECK(static_cast<const float*>(list[0].value().data())[1] == 3.f);
    }
}

TEST_CASE("an op keeps its value after its collection was cleared, as long as a tensor of it lives", "[variable_lists]") {
    vs::graph g({.record_ops = false});
    vs::as_default guard{g};
    const auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()});
    vs::add_to_collection("losses", vs::multiply(v, 3.f));
    const auto list = vs::get_collection("losses");
    vs::clear_collection("losses");
    CHECK(static_cast<const float*>(list.at(0).value().data())[0] == 3.f);
}
