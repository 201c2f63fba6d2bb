// The lists in models/ and the schemas beside them, which were written independently.

#include "models/bert_small_schema.hpp"
#include "models/gpt2_355M_schema.hpp"

#include <varscope/initializers/initializer_model.hpp>
#include <varscope/inspect/schema_check.hpp>

#include "catch.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace vs = varscope;
using nlohmann::json;

namespace {

json read_list(const std::string& model) {
    std::ifstream file(std::string(VARSCOPE_SOURCE_DIR) + "/tests/models/" + model + ".json");
    return json::parse(file);
}

/// Some elements that a rule makes of one stream: they tell rules and their parameters apart.
std::vector<float> elements_of(const vs::initializer& rule) {
    static const vs::shape any_length{100};
    std::vector<float> elements(100, -1);
    rule.model()->fill({vs::dtype::float32, any_length, elements.data(), elements.size(), 1, "kernel"});
    return elements;
}

vs::initializer rule_of(const json& described) {
    const std::string kind = described["kind"];
    if (kind == "zeros") { return vs::zeros(); }
    if (kind == "ones") { return vs::ones(); }
    if (kind == "constant") { return vs::constant_initializer(described["value"].get<double>()); }
    const double mean = described["mean"];
    const double stddev = described["stddev"];
    if (kind == "random_normal") { return vs::random_normal(mean, stddev); }
    if (kind == "truncated_normal") { return vs::truncated_normal(mean, stddev); }
    throw std::runtime_error("no such kind: " + kind);
}

/// Whether TensorFlow makes the same ops for both, however large the variable: their kind.
bool are_one_kind(const vs::initializer& a, const vs::initializer& b) {
    const auto ops = [](const vs::initializer& rule) {
        const auto hidden = rule.model()->hidden_ops(1'000'000, vs::dtype::float32);
        return std::vector<std::string>(hidden.begin(), hidden.end());
    };
    return ops(a) == ops(b);
}

void check_variable(const vs::schema_variable& declared, const json& listed) {
    CAPTURE(declared.name);
    CHECK(declared.name == listed["name"].get<std::string>());
    CHECK(to_string(declared.dtype) == listed["dtype"].get<std::string>());
    CHECK(declared.shape() == vs::shape(listed["shape"].get<std::vector<std::int64_t>>()));
    CHECK(declared.size == listed["numel"].get<std::size_t>());
    CHECK(declared.options().trainable == listed["trainable"].get<bool>());
    const vs::initializer rule = declared.options().initializer;
    REQUIRE(rule);
    CHECK(are_one_kind(rule, rule_of(listed["initializer"])));
    CHECK(elements_of(rule) == elements_of(rule_of(listed["initializer"])));
}

template <class S>
void check_model(const std::string& model) {
    const json list = read_list(model);
    CHECK(vs::schema<S>::variable_count == list["variable_count"].get<std::size_t>());
    CHECK(vs::schema<S>::parameter_count == list["parameter_count"].get<std::size_t>());
    REQUIRE(vs::schema<S>::variable_count == list["variables"].size());
    std::vector<vs::described_variable> listed;
    for (std::size_t i = 0; i < vs::schema<S>::variable_count; ++i) {
        const json& v = list["variables"][i];
        check_variable(vs::schema<S>::variables[i], v);
        listed.push_back({v["name"], vs::dtype_from_string(v["dtype"].get<std::string>()),
            vs::shape(v["shape"].get<std::vector<std::int64_t>>())});
    }
    CHECK(to_string(vs::check_schema<S>(listed)) == "nothing differs");
}

} // namespace

TEST_CASE("a schema declares the variables of BERT-Small in the order of their list", "[schema][models]") {
    check_model<model_schemas::bert_small>("bert_small");
}

TEST_CASE("a schema declares the variables of GPT-2 355M in the order of their list", "[schema][models]") {
    check_model<model_schemas::gpt2_355M>("gpt2_355M");
}

TEST_CASE("rules of other kinds and parameters are told apart", "[schema][models]") {
    const std::vector<vs::initializer> rules{vs::zeros(), vs::ones(), vs::constant_initializer(2),
        vs::random_normal(0, 0.02), vs::random_normal(0, 0.01), vs::random_normal(1, 0.02), vs::truncated_normal(0, 0.02)};
    for (const auto& a : rules) {
        for (const auto& b : rules) { CHECK((elements_of(a) == elements_of(b)) == (a.model() == b.model())); }
    }
    CHECK_FALSE(are_one_kind(vs::zeros(), vs::constant_initializer(0)));
    CHECK_FALSE(are_one_kind(vs::random_normal(), vs::truncated_normal()));
    CHECK(are_one_kind(vs::random_normal(), vs::random_normal(3, 4)));
}
