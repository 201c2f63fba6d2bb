/// \file
/// The variables of a graph as a JSON list, in the format `tf1-variable-list`, version 1.
#pragma once

#include "rule.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace models {

using json = nlohmann::ordered_json; // keeps keys in their order

/// What the graph does not know of the program that made its variables.
struct program {
    std::string_view source;
    std::vector<std::pair<std::string_view, std::string_view>>
        groups;              ///< scope and group; a scope includes those inside it
    std::vector<rule> rules; ///< all that variables were made with
};

namespace detail {

[[nodiscard]] inline std::string_view group_of(std::string_view key, const program& p) {
    for (const auto& [scope, group] : p.groups) {
        if (key.starts_with(scope) && key.substr(scope.size()).starts_with('/')) { return group; }
    }
    throw std::logic_error("variable '" + std::string(key) + "' is in no group");
}

/// What each variable was made with, by key.
[[nodiscard]] inline std::unordered_map<std::string_view, json> initializers_of(
    vs::graph& g, const program& p) {
    std::unordered_map<std::string_view, json> found;
    for (const rule& r : p.rules) {
        const json description = json::parse(r.description);
        for (const vs::tensor& t : vs::get_collection(g, r.description)) {
            found.emplace(t.as_variable().key(), description);
        }
    }
    return found;
}

} // namespace detail

/// The global variables of `g` in their order: `variable_count`, the sums, `groups` and
/// `variables`.
///
/// \throws std::logic_error  a variable is in no group, or was made with no rule of `p`.
[[nodiscard]] inline json list_variables(vs::graph& g, const program& p) {
    const auto initializers = detail::initializers_of(g, p);
    json groups = json::object();
    json entries = json::array();
    std::uint64_t parameters = 0;
    std::uint64_t trainable = 0;
    for (const auto& v : vs::global_variables(g)) {
        const std::string_view key = v.key();
        const std::size_t slash = key.rfind('/'); // none: npos, and npos + 1 is 0
        const std::string_view group = detail::group_of(key, p);
        entries.push_back({{"index", entries.size()}, {"name", key},
            {"scope", slash == key.npos ? "" : key.substr(0, slash)},
            {"leaf", key.substr(slash + 1)}, {"shape", v.shape()}, {"dtype", to_string(v.dtype())},
            {"trainable", v.is_trainable()}, {"numel", v.size()},
            {"initializer", initializers.at(key)}, {"group", group}});
        json& sums = groups[std::string(group)];
        if (sums.is_null()) { sums = {{"variables", 0U}, {"parameters", 0U}}; }
        sums["variables"] = sums["variables"].get<std::uint64_t>() + 1;
        sums["parameters"] = sums["parameters"].get<std::uint64_t>() + v.size();
        parameters += v.size();
        trainable += v.is_trainable() ? v.size() : 0;
    }
    return {{"variable_count", entries.size()}, {"parameter_count", parameters},
        {"trainable_parameter_count", trainable}, {"groups", std::move(groups)},
        {"variables", std::move(entries)}};
}

/// The text of a list, with a line for each variable.
[[nodiscard]] inline std::string to_text(json list) {
    std::string lines;
    for (const json& entry : list["variables"]) {
        lines += (lines.empty() ? "\n  " : ",\n  ") + entry.dump();
    }
    list.erase("variables");
    // A file's name may hold any bytes; what is read from a file of JSON is UTF-8.
    std::string text = list.dump(1, ' ', false, json::error_handler_t::replace);
    text.resize(text.size() - 2); // "\n}"
    return text + ",\n \"variables\": [" + lines + "\n ]\n}\n";
}

} // namespace models
