#include <varscope/variable/variable_queries.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/scope/variable_scope.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <string>
#include <vector>

namespace vs = varscope;
using names = std::vector<std::string>;

namespace {

/// kernel, conv1/kernel, conv1/bias, conv2/kernel, fc/my_kernel, and the local conv1/count.
struct network {
    network() {
        const auto make = [](const char* name) { (void)vs::get_variable<float>(name, {1}); };
        make("kernel");
        make("conv1/kernel");
        make("conv1/bias");
        make("conv2/kernel");
        make("fc/my_kernel");
        (void)vs::get_local_variable<float>("conv1/count", {1});
    }
    vs::graph graph;
    vs::as_default guard{graph};
};

names of(const std::vector<vs::any_variable>& list) {
    names result;
    for (const auto& v : list) { result.emplace_back(v.op_name()); }
    return result;
}

} // namespace

TEST_CASE("variables are chosen by scope, suffix and collection", "[variable_queries]") {
    network n;
    CHECK(vs::get_variables().size() == 5);
    CHECK(of(vs::get_variables("conv1")) == names{"conv1/kernel", "conv1/bias"});
    CHECK(of(vs::get_variables("conv[12]/k")) == names{"conv1/kernel", "conv2/kernel"});
    CHECK(of(vs::get_variables("conv", "bias")) == names{"conv1/bias"});
    CHECK(of(vs::get_variables("conv", "kernel:0")) == names{"conv1/kernel", "conv2/kernel"});
    CHECK(of(vs::get_variables("", "kern")).empty());
    CHECK(of(vs::get_variables("conv", "", vs::graph_keys::local_variables)) == names{"conv1/count"});
    CHECK(of(vs::get_variables(vs::no_name, "", "unknown")).empty());
    vs::graph other;
    CHECK(vs::get_variables(other).empty());
}

TEST_CASE("a scope is a regular expression at the beginning of a name, as in TensorFlow", "[variable_queries]") {
    network n;
    CHECK(of(vs::get_variables("k")) == names{"kernel"});
    CHECK(of(vs::get_variables("con.1/")) == names{"conv1/kernel", "conv1/bias"});
    CHECK(of(vs::get_variables(".*bias")) == names{"conv1/bias"});
    CHECK(thrown<vs::invalid_pattern>([&] { (void)vs::get_variables("conv("); }) ==
        "pattern 'conv(' cannot be used: it is no regular expression\n  asked for at variable_queries.cpp:here"
            "\n  patterns are ECMAScript regular expressions, put '\\' before a special character "
            "that stands for itself");
}

TEST_CASE("variables are chosen by their own name, or by its end", "[variable_queries]") {
    network n;
    CHECK(of(vs::get_variables_by_name("kernel")) == names{"kernel", "conv1/kernel", "conv2/kernel"});
    CHECK(of(vs::get_variables_by_name("bias", "conv2")).empty());
    CHECK(of(vs::get_variables_by_name("kernel", "conv2")) == names{"kernel", "conv2/kernel"}); // as there
    CHECK(of(vs::get_variables_by_suffix("kernel")) ==
        names{"kernel", "conv1/kernel", "conv2/kernel", "fc/my_kernel"});
    CHECK(of(vs::get_variables_by_suffix("kernel", "fc")) == names{"fc/my_kernel"});
    CHECK(of(vs::get_variables_by_name(n.graph, "bias")) == names{"conv1/bias"});
    CHECK(of(vs::get_variables_by_suffix(n.graph, "bias")) == names{"conv1/bias"});
}

TEST_CASE("a variable is found by its whole op name", "[variable_queries]") {
    network n;
    CHECK(vs::get_unique_variable("conv1/kernel").name() == "conv1/kernel:0");
    CHECK(vs::get_unique_variable(n.graph, "kernel").name() == "kernel:0");
    CHECK(vs::get_variable_full_name(vs::get_unique_variable("conv1/bias")) == "conv1/bias");
    CHECK(thrown<vs::does_not_exist>([&] { (void)vs::get_unique_variable("conv1/kernels"); }) ==
        "there is no global variable 'conv1/kernels'\n  asked for at variable_queries.cpp:here"
            "\n  nearest: 'conv1/kernel', 'conv2/kernel'\n  write the op's full name, without "
            "':0'");
    CHECK(thrown<vs::ambiguous_name>([&] { (void)vs::get_unique_variable("conv"); }) ==
        "'conv' is the name of no global variable, and begins that of 3\n  asked for at variable_queries.cpp:here\n  the first: 'conv1/kernel', created at " + made(vs::get_unique_variable("conv1/kernel")) +
            "\n  write the op's full name, without ':0'");
}

TEST_CASE("variables to restore are those included and not excluded", "[variable_queries]") {
    network n;
    CHECK(vs::get_variables_to_restore().size() == 5);
    CHECK(of(vs::get_variables_to_restore({"fc", "conv1/"})) ==
        names{"fc/my_kernel", "conv1/kernel", "conv1/bias"});
    CHECK(of(vs::get_variables_to_restore({"conv"}, {"conv2", ".*bias"})) == names{"conv1/kernel"});
    CHECK(of(vs::get_variables_to_restore(vs::no_name, {"conv", "fc"})) == names{"kernel"});
    CHECK(vs::get_variables_to_restore(names{}).empty());
    CHECK(of(vs::get_variables_to_restore({"conv1/k", "conv1"})) ==
        names{"conv1/kernel", "conv1/kernel", "conv1/bias"}); // as there
    CHECK(vs::get_variables_to_restore(n.graph, {"fc"}).size() == 1);
    CHECK(thrown<vs::invalid_pattern>([&] { (void)vs::get_variables_to_restore({"fc"}, {"*"}); }) ==
        "pattern '*' cannot be used: it is no regular expression\n  asked for at variable_queries.cpp:here"
            "\n  patterns are ECMAScript regular expressions, put '\\' before a special character "
            "that stands for itself");
}

TEST_CASE("a list is filtered by patterns to include and to exclude", "[variable_queries]") {
    network n;
    const auto all = vs::global_variables();
    CHECK(vs::filter_variables(all).size() == 5);
    CHECK(of(vs::filter_variables(all, {"bias", "my"})) == names{"conv1/bias", "fc/my_kernel"});
    CHECK(of(vs::filter_variables(all, {"conv"}, {"bias", "2"})) == names{"conv1/kernel"});
    CHECK(of(vs::filter_variables(all, vs::no_name, {"kernel"})) == names{"conv1/bias"});
    CHECK(of(vs::filter_variables(all, {"kernel"}, vs::no_name, vs::pattern_search::at_start)) == names{"kernel"});
    CHECK(of(vs::filter_variables(all, vs::no_name, {"kernel", "fc"}, vs::pattern_search::at_start)) ==
        names{"conv1/kernel", "conv1/bias", "conv2/kernel"});
    CHECK(vs::filter_variables(all, names{}).empty());
    CHECK(vs::filter_variables(all, {"conv", "kernel"}).size() == 5); // each once
    CHECK_THROWS_AS(vs::filter_variables(all, {"["}), vs::invalid_pattern);
}

TEST_CASE("a variable joins the model variables once", "[variable_queries]") {
    network n;
    CHECK(vs::get_model_variables().empty());
    const auto bias = vs::get_unique_variable("conv1/bias");
    vs::add_model_variable(bias);
    vs::add_model_variable(vs::get_unique_variable("fc/my_kernel"));
    vs::add_model_variable(bias);
    CHECK(of(vs::get_model_variables()) == names{"conv1/bias", "fc/my_kernel"});
    CHECK(of(vs::get_model_variables("fc")) == names{"fc/my_kernel"});
    CHECK(of(vs::get_model_variables(n.graph, vs::no_name, "bias")) == names{"conv1/bias"});
}
