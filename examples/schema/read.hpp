/// \file
/// Reading lists of variables: JSON in the format `tf1-variable-list`, and TensorFlow checkpoints.
#pragma once

#include <varscope/io/bundle.hpp>

#include "list.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace schema_tool {

using nlohmann::json;

/// An object of the file and where it stands there, for messages. Values are never printed: they
/// may be of any size and depth.
///
/// \throws std::runtime_error  from each function: a member is missing, or not as asked.
class object_reader {
public:
    object_reader(const json& object, std::string where)
        : object_{object}
        , where_{std::move(where)} {
        if (!object.is_object()) { refuse("is no object"); }
    }

    [[nodiscard]] const json& member(const char* key) const {
        const auto found = object_.find(key);
        if (found == object_.end()) { refuse("has no '" + std::string(key) + '\''); }
        return *found;
    }
    [[nodiscard]] const std::string& text(const char* key) const {
        return checked(key, &json::is_string, "a text").get_ref<const std::string&>();
    }
    [[nodiscard]] bool boolean(const char* key) const {
        return checked(key, &json::is_boolean, "true or false").get<bool>();
    }
    [[nodiscard]] std::uint64_t count(const char* key) const {
        return checked(key, &json::is_number_unsigned, "a count").get<std::uint64_t>();
    }
    [[nodiscard]] double number(const char* key) const {
        return checked(key, &json::is_number, "a number").get<double>();
    }
    [[nodiscard]] const json& list(const char* key) const {
        return checked(key, &json::is_array, "a list");
    }
    [[noreturn]] void refuse(const std::string& what) const {
        throw std::runtime_error(where_ + ' ' + what);
    }

private:
    [[nodiscard]] const json& checked(
        const char* key, bool (json::*is_asked)() const noexcept, const char* asked) const {
        const json& value = member(key);
        if (!(value.*is_asked)()) {
            refuse("has a '" + std::string(key) + "' that is not " + asked);
        }
        return value;
    }

    const json& object_;
    std::string where_;
};

/// A double as C++: the shortest text that is this number, and a floating one.
[[nodiscard]] inline std::string decimal(double number) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    std::string result(text.data(), end);
    return result.find_first_of(".e") == std::string::npos ? result + ".0" : result;
}

/// The value of a constant as C++.
[[nodiscard]] inline std::string literal_of(
    const json& value, vs::dtype type, const object_reader& in) {
    if (type == vs::dtype::boolean && (value == 0 || value == 1)) {
        return value == 1 ? "true" : "false";
    }
    if (value.is_boolean()) { return value.get<bool>() ? "true" : "false"; }
    if (!value.is_number() || type == vs::dtype::boolean ||
        (value.is_number_float() && vs::is_integer(type))) {
        in.refuse("has a 'value' that is no " + std::string(to_string(type)));
    }
    if (value.is_number_float()) { return decimal(value.get<double>()); }
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        const bool is_signed = std::in_range<std::int64_t>(number);
        return std::to_string(number) + (is_signed ? "" : "U");
    }
    const auto number = value.get<std::int64_t>();
    return number == std::numeric_limits<std::int64_t>::min()
        ? "-9223372036854775807 - 1" // what C++ reads as a negative number is the negative of one
        : std::to_string(number);
}

/// The initializer as C++; empty for null.
[[nodiscard]] inline std::string read_initializer(
    const json& described, vs::dtype type, const std::string& where) {
    if (described.is_null()) { return {}; }
    const object_reader in(described, where);
    const std::string& kind = in.text("kind");
    if (kind == "zeros" || kind == "ones") { return "varscope::" + kind + "()"; }
    if (kind == "constant") {
        return "varscope::constant_initializer(" + literal_of(in.member("value"), type, in) + ')';
    }
    if (kind != "truncated_normal" && kind != "random_normal") {
        in.refuse("is of a kind that is not known: " + in_quotes(kind) +
            "; known are truncated_normal, random_normal, zeros, ones and constant");
    }
    if (!vs::is_floating(type)) {
        in.refuse(
            "makes floating types only, and the variable is of " + std::string(to_string(type)));
    }
    if (in.number("stddev") < 0) { in.refuse("has a 'stddev' that is negative"); }
    return "varscope::" + kind + '(' + decimal(in.number("mean")) + ", " +
        decimal(in.number("stddev")) + ')';
}

[[nodiscard]] inline variable read_variable(const json& entry, std::size_t index) {
    const std::string position = "variables[" + std::to_string(index) + ']';
    const std::string& name = object_reader(entry, position).text("name");
    const std::string where = position + ", " + in_quotes(name) + ',';
    const object_reader in(entry, where);
    variable v{.name = name, .is_trainable = in.boolean("trainable")};
    const auto type = vs::dtype_from_string(in.text("dtype"));
    if (!type) {
        in.refuse("is of a type that varscope does not hold: " + in_quotes(in.text("dtype")));
    }
    v.type = *type;
    for (const json& dimension : in.list("shape")) {
        if (!dimension.is_number_integer() ||
            (dimension.is_number_unsigned() &&
                !std::in_range<std::int64_t>(dimension.get<std::uint64_t>()))) {
            in.refuse("has a dimension that is no integer below 2^63");
        }
        v.dimensions.push_back(dimension.get<std::int64_t>());
    }
    v.initializer = read_initializer(in.member("initializer"), v.type, where + " 'initializer'");
    return v;
}

/// \throws std::runtime_error, nlohmann::json::exception  not such a list.
[[nodiscard]] inline variable_list read_json(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const json content = json::parse(file);
    const object_reader in(content, "the list");
    if (in.text("format") != "tf1-variable-list" || in.count("format_version") != 1) {
        in.refuse("is not in the format 'tf1-variable-list', version 1");
    }
    variable_list result{.name = in.text("model"), .variables = {}};
    for (const json& entry : in.list("variables")) {
        result.variables.push_back(read_variable(entry, result.variables.size()));
    }
    result.parameter_count = check_declarable(result.variables);
    if (in.count("variable_count") != result.variables.size()) {
        in.refuse("has another number of variables than its 'variable_count'");
    }
    if (in.count("parameter_count") != result.parameter_count) {
        in.refuse("has " + std::to_string(result.parameter_count) + " parameters, and its " +
            "'parameter_count' is another number");
    }
    return result;
}

/// \throws std::runtime_error, varscope::checkpoint_error  not a checkpoint, or one with tensors
/// that varscope does not hold.
[[nodiscard]] inline variable_list read_checkpoint(const std::filesystem::path& path) {
    const vs::io::bundle_reader file(path);
    variable_list result{.name = file.prefix().filename().string(), .variables = {}};
    problems found;
    for (const vs::io::bundle_entry& entry : file.entries()) {
        if (!entry.type) {
            found.add(entry.name, "is of a type that varscope does not hold: " + entry.type_name);
            continue;
        }
        result.variables.push_back({.name = entry.name,
            .type = *entry.type,
            .dimensions = {entry.shape.begin(), entry.shape.end()}});
    }
    found.throw_if_any();
    result.parameter_count = check_declarable(result.variables);
    return result;
}

/// Whether a path is that of a file that begins as JSON does.
[[nodiscard]] inline bool is_json(const std::filesystem::path& path) {
    if (!std::filesystem::is_regular_file(path)) { return false; }
    if (path.extension() == ".json") { return true; }
    std::ifstream file(path, std::ios::binary);
    char first = '\0';
    file >> first;
    return first == '{' || first == '[';
}

[[nodiscard]] inline variable_list read_list(const std::filesystem::path& path) {
    return is_json(path) ? read_json(path) : read_checkpoint(path);
}

} // namespace schema_tool
