#include <varscope/variable/listed_variable.hpp>

#include <varscope/variable/collection_queries.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/train/global_step.hpp>
#include <varscope/op/initialization.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/train/regularizers.hpp>
#include <varscope/variable/variable_queries.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace vs = varscope;

namespace {

/// A graph whose list of global variables holds the variable "w" and the tensor of an op over it.
struct with_op : fresh {
    vs::variable<float, 1> w = vs::get_variable<float, 1>("w", {2}, {.initializer = vs::ones()});
    vs::tensor op = vs::negative(w);
    with_op() { vs::add_to_collection("variables", op); }
};

} // namespace

TEST_CASE("an entry of a list stands for its variable, with all its properties", "[listed_variable]") {
    fresh f;
    const vs::constraint tight("tight", [](const vs::any_variable&) {});
    const vs::any_variable v = vs::get_variable("s/v", {4, 1}, {.initializer = vs::ones(), .constraint = tight});
    const vs::variable_list list = vs::global_variables();
    REQUIRE(list.size() == 1);
    const vs::listed_variable& entry = list[0];
    CHECK(entry.is(v));
    CHECK(v.is(entry));
    CHECK(entry.is_variable());
    CHECK(entry.key() == "s/v");
    CHECK(entry.name() == "s/v:0");
    CHECK(entry.is_trainable());
    CHECK(entry.is_initialized());
    CHECK(entry.size() == 4);
    CHECK(entry.bytes() == 16);
    CHECK(static_cast<bool>(entry.constraint()));
    CHECK(entry.is_contiguous());
    CHECK_FALSE(entry.is_partitioned());
    CHECK(entry.parts().empty());
    CHECK(entry.offset().empty());
    CHECK_FALSE(entry.whole().has_value());
    CHECK(entry.data() == v.data());
    vs::variable<float, 2> typed(entry);
    typed += 1.f;
    CHECK(static_cast<const float*>(entry.value().data())[3] == 2.f);
    const std::vector<vs::any_variable> kept = list;
    CHECK(kept[0].is(v));
    CHECK(std::any_of(list.begin(), list.end(), [&](const vs::any_variable& each) { return each.is(v); }));
}

TEST_CASE("an entry knows the whole that it is a part of", "[listed_variable]") {
    fresh f;
    const auto whole = vs::get_variable("v", {3}, {.partitioner = vs::fixed_size_partitioner(2)});
    const auto list = vs::global_variables();
    REQUIRE(list.size() == 2);
    CHECK(list[1].whole()->is(whole));
    CHECK(list[1].offset() == std::vector<std::size_t>{2});
    vs::add_to_collection("model_variables", whole);
    CHECK(vs::model_variables()[0].is_partitioned());
    CHECK(vs::model_variables()[0].parts().size() == 2);
    CHECK(vs::model_variables()[0].key() == "v");
}

TEST_CASE("an entry that is an op's tensor has name, shape, type and value, and no key", "[listed_variable]") {
    for (const bool recorded : {true, false}) {
        vs::graph g({.record_ops = recorded});
        vs::as_default guard{g};
        {
            const auto w = vs::get_variable<float, 1>("w", {2}, {.initializer = vs::ones()});
            vs::add_to_collection("variables", vs::negative(w));
        }
        const vs::listed_variable entry = vs::global_variables()[1];
        CHECK_FALSE(entry.is_variable());
        CHECK(entry.name() == "Neg:0");
        CHECK(entry.op_type() == "Neg");
        CHECK(entry.shape() == vs::shape{2});
        CHECK(entry.dtype() == vs::dtype::float32);
        CHECK(entry.key().empty());
        CHECK_FALSE(entry.is_trainable());
        CHECK(static_cast<const float*>(entry.value().data())[1] == -1.f);
        const vs::tensor same = entry;
        vs::add_to_collection("mine", entry);
        CHECK(vs::get_collection("mine")[0].is(same));
        CHECK(vs::collections_of(entry) == strings{"mine", "variables"});
    }
}

TEST_CASE("an entry that is an op's tensor is refused where a variable is needed, by its name", "[listed_variable]") {
    with_op f;
    const std::string text = "'Neg:0', which is in a list of variables, is an op\n  created at " + vs::to_string(f.op.defined_at()) +
        "\n  it was added to the collection by hand: ask the entries of the list for is_variable()";
    const auto entry = vs::global_variables()[1];
    CHECK(thrown<vs::not_a_variable>([&] { (void)vs::any_variable(entry); }) == text);
    CHECK(thrown<vs::not_a_variable>([&] { (void)vs::variable<float, 1>(entry); }) == text);
    CHECK(thrown<vs::not_a_variable>([&] { (void)entry.size(); }) == text);
    CHECK(thrown<vs::not_a_variable>([&] { (void)std::vector<vs::any_variable>(vs::global_variables()); }) == text);
    CHECK(thrown<vs::not_a_variable>([&] { (void)vs::get_unique_variable("Neg"); }) == text);
    CHECK(thrown<vs::not_a_variable>([&] { (void)vs::variables_initializer(vs::global_variables()); }) == text);
    CHECK(thrown<vs::not_a_variable>([&] { (void)vs::report_uninitialized_variables(); }) == text);
    CHECK(vs::get_unique_variable("w").is(f.w));
}

TEST_CASE("an initialiser that is refused for an op's tensor takes no name", "[listed_variable]") {
    with_op f;
    vs::add_to_collection("local_variables", f.op);
    const auto before = listing(f.graph, {"init"});
    CHECK_THROWS_AS(vs::global_variables_initializer(), vs::not_a_variable);
    CHECK_THROWS_AS(vs::local_variables_initializer(), vs::not_a_variable);
    CHECK(listing(f.graph, {"init"}) == before);
}

TEST_CASE("lists that are chosen by pattern have ops' tensors too", "[listed_variable]") {
    with_op f;
    (void)vs::get_variable("scope/w", {1});
    CHECK(names_of(vs::global_variables("N")) == strings{"Neg:0"});
    CHECK(names_of(vs::get_variables("[Nw]")) == strings{"w:0", "Neg:0"});
    CHECK(names_of(vs::get_variables_by_suffix("eg")) == strings{"Neg:0"});
    CHECK(names_of(vs::get_variables_by_name("Neg")) == strings{"Neg:0"});
    CHECK(names_of(vs::get_variables_to_restore(vs::no_name, {"w"})) == strings{"Neg:0", "scope/w:0"});
    CHECK(names_of(vs::filter_variables(vs::global_variables(), {"Neg", "scope"})) == strings{"Neg:0", "scope/w:0"});
    CHECK(names_of(vs::filter_variables(std::vector<vs::any_variable>{f.w}, {"w"})) == strings{"w:0"});
    vs::add_to_collection("model_variables", f.op);
    CHECK(names_of(vs::get_model_variables("Neg")) == strings{"Neg:0"});
}

TEST_CASE("ops' tensors count where a collection may have one entry only, and are no weights", "[listed_variable]") {
    with_op f;
    vs::add_to_collection("global_step", f.op);
    CHECK_FALSE(vs::get_global_step().has_value());
    (void)vs::get_variable<int, 0>("step", {}, {.initializer = vs::zeros(), .collections = strings{"global_step"}});
    CHECK_THROWS_AS(vs::get_global_step(), vs::ambiguous_name);
    vs::add_to_collection("weights", f.op);
    CHECK_THROWS_AS(vs::apply_regularization(vs::l2_regularizer(0.5)), vs::not_a_variable);
}
