/// \file
/// Initializers that can be told afterwards, and variables made with them.
#pragma once

#include <varscope/varscope.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace models {

namespace vs = varscope;

/// An initializer, and what a list says of it: a JSON object of its kind and parameters.
///
/// The library does not tell what a variable was created with. So each variable made with a rule
/// also joins the collection that is named by the rule's description: the graph remembers.
struct rule {
    vs::initializer initializer;
    std::string description;
};

namespace detail {

/// The shortest text that is this number, and a floating one: "0.0", "0.02".
[[nodiscard]] inline std::string decimal(double number) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    std::string result(text.data(), end);
    return result.find_first_of(".e") == std::string::npos ? result + ".0" : result;
}

[[nodiscard]] inline std::string describe(std::string_view kind, const std::string& rest = {}) {
    return R"({"kind": ")" + std::string(kind) + '"' + rest + '}';
}

[[nodiscard]] inline std::string moments(double stddev) {
    return R"(, "mean": 0.0, "stddev": )" + decimal(stddev);
}

} // namespace detail

[[nodiscard]] inline rule zeros() { return {vs::zeros(), detail::describe("zeros")}; }
[[nodiscard]] inline rule ones() { return {vs::ones(), detail::describe("ones")}; }
[[nodiscard]] inline rule constant(int value) {
    return {vs::constant_initializer(value),
        detail::describe("constant", R"(, "value": )" + std::to_string(value))};
}
[[nodiscard]] inline rule random_normal(double stddev) {
    return {
        vs::random_normal(0, stddev), detail::describe("random_normal", detail::moments(stddev))};
}
[[nodiscard]] inline rule truncated_normal(double stddev) {
    return {vs::truncated_normal(0, stddev),
        detail::describe("truncated_normal", detail::moments(stddev))};
}

/// `vs::get_variable` of float32, with a rule to remember.
template <std::size_t N>
vs::variable<float, N> get_variable(vs::name_arg name, const vs::shape& dimensions, const rule& r) {
    return vs::get_variable<float, N>(name, dimensions,
        {.initializer = r.initializer,
            .collections = {{std::string(vs::graph_keys::global_variables), r.description}}});
}

} // namespace models
