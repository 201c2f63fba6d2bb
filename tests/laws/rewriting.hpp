/// \file
/// The same program in other words.
#pragma once

#include "generator.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace laws {

/// A program with steps that another one has not.
struct rewritten {
    json steps = json::array();
    std::vector<bool> is_extra;

    void add(json step, bool extra = false) {
        steps.push_back(std::move(step));
        is_extra.push_back(extra);
    }

    /// The answers without those to the extra steps.
    [[nodiscard]] json without_extras(const json& answers) const {
        json kept = json::array();
        for (std::size_t i = 0; i < answers.size(); ++i) {
            if (!is_extra[i]) { kept.push_back(answers[i]); }
        }
        return kept;
    }
};

/// A step that means the same as `step`; without handles, so that it may stand in the body of a template.
[[nodiscard]] inline json in_other_words(json step) {
    const std::string op = step["op"];
    const auto drop_null = [&](const char* key) {
        if (step.contains(key) && step[key].is_null()) { step.erase(key); }
    };
    if (op == "get_variable") { step["op"] = "scope_get_variable"; } // of the current scope
    if (op == "get_local_variable") {
        step["op"] = "get_variable";
        step["trainable"] = false;
        if (!step.contains("collections") || step["collections"].is_null()) { step["collections"] = json::array(); }
        step["collections"].push_back("local_variables");
    }
    if (op == "scope_get_variable") { drop_null("reuse"); }
    if (step.contains("shape") && step["shape"].is_number()) { step["shape"] = json::array({step["shape"]}); }
    if (op != "scope_set") { drop_null("regularizer"); } // there it takes the regularizer away
    if (op != "op") { drop_null("shape"); }
    for (const char* const key : {"initializer", "initial_value"}) {
        if (step.contains(key) && step[key].is_object()) { step[key].erase("cls"); }
    }
    if (op == "name_scope" && step.contains("default_name") && (!step.contains("name") || step["name"].is_null())) {
        step["name"] = step["default_name"];
        step.erase("default_name");
    }
    if (op == "variable_scope") {
        if (step.contains("name") && !step["name"].is_null()) { step.erase("default_name"); }
        if (step.contains("reuse") && (step["reuse"].is_null() || step["reuse"] == false)) { step.erase("reuse"); }
        if (step.contains("auxiliary_name_scope") && step["auxiliary_name_scope"] == true) { step.erase("auxiliary_name_scope"); }
    }
    if (op == "variables") {
        static const std::map<std::string, std::string> keys{
            {"global", "variables"}, {"trainable", "trainable_variables"}, {"local", "local_variables"}, {"model", "model_variables"}};
        step["op"] = "collection";
        step["key"] = keys.at(step["which"]);
        step.erase("which");
    }
    if (op == "regularization_losses") {
        step["op"] = "collection";
        step["key"] = "regularization_losses";
    }
    if (op == "op") {
        const std::string type = step["type"];
        if (type == "op_add" || type == "op_mul") {
            step["type"] = type == "op_add" ? "add" : "multiply";
            step["name"] = type.substr(3);
        }
        if (type == "op_neg") { step["type"] = "negative"; }
        drop_null("name");
    }
    if (op == "unique_name" && step.value("mark", false)) { step.erase("mark"); }
    if (step.contains("body")) {
        for (json& inner : step["body"]) { inner = in_other_words(inner); }
    }
    return step;
}

/// One more than the highest number of a variable in the answer.
[[nodiscard]] inline std::size_t variables_in(const json& answer) {
    std::size_t count = answer.contains("v") ? answer["v"].get<std::size_t>() + 1 : 0;
    for (const char* const key : {"parts", "body"}) {
        if (!answer.contains(key)) { continue; }
        for (const json& inner : answer[key]) { count = std::max(count, variables_in(inner)); }
    }
    return count;
}

/// The program with each step in other words, with handles instead of the scope in force, and with steps between that
/// only look.
/// \param answers  to `steps`.
[[nodiscard]] inline rewritten in_other_words(const json& steps, const json& answers) {
    rewritten result;
    std::size_t handle = 1000;
    std::size_t known = 0; // variables numbered so far
    const bool names_parts = steps.dump().find("part_0\"") != std::string::npos;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        json step = in_other_words(steps[i]);
        const std::string op = step["op"];
        const json& answer = answers[i];
        static const std::vector<json> looks{{{"op", "where"}}, {{"op", "scope_info"}}, {{"op", "unique_name"}, {"name", "v"}, {"mark", false}},
                                             {{"op", "scope_variables"}, {"which", "trainable"}}, {{"op", "get_variable_scope"}}};
        result.add(looks[i % looks.size()], true);
        const bool has_scope_object = op == "scope_get_variable" || op == "reuse_variables" || op == "scope_set" || op == "scope_info" ||
                                      op == "scope_variables" || op == "scope_collection";
        if (has_scope_object && !step.contains("scope")) {
            result.add({{"op", "get_variable_scope"}, {"as", ++handle}}, true);
            step["scope"] = handle;
        }
        const bool asks_the_store = op == "scope_get_variable" || op == "get_variable"; // a local one, before
        // What exists is not initialised again. (Nor is it looked up like what a scope without defaults has: where the
        // name of a first part is taken, that is another error, see the tests.)
        if (asks_the_store && answer.contains("v") && answer["v"] < known && !step.contains("initializer") && !names_parts) {
            step["initializer"] = {{"init", "zeros"}};
        }
        known = std::max(known, variables_in(answer));
        result.add(std::move(step));
    }
    return result;
}

} // namespace laws
