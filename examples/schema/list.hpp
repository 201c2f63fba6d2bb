/// \file
/// Variables as a file lists them, and whether a schema can declare them.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/schema/path.hpp>
#include <varscope/schema/schema.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace schema_tool {

namespace vs = varscope;

struct variable {
    std::string name;
    vs::dtype type = vs::dtype::float32;
    std::vector<std::int64_t> dimensions = {};
    std::string initializer = {}; ///< as C++; empty if the file does not say
    bool is_trainable = true;
};

struct variable_list {
    std::string name; ///< of the model; any text
    std::vector<variable> variables;
    std::uint64_t parameter_count = 0;
};

/// A text of a file for a message: in quotes, with other than printable characters as numbers, and
/// not too long.
[[nodiscard]] inline std::string in_quotes(std::string_view text) {
    constexpr std::size_t most = 120;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result = "'";
    for (const char c : text.substr(0, most)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            result += c;
        } else {
            result += "\\x";
            result += digits[byte >> 4U];
            result += digits[byte & 15U];
        }
    }
    return result + (text.size() > most ? "..." : "") + '\'';
}

/// What keeps variables from being declared: all of it, so that one look is enough.
class problems {
public:
    void add(std::string_view name, const std::string& what) {
        constexpr std::size_t shown = 20;
        if (count_++ < shown) { text_ += "\n  " + in_quotes(name) + ' ' + what; }
        if (count_ == shown + 1) { text_ += "\n  ..."; }
    }
    /// \throws std::runtime_error  there are any.
    void throw_if_any() const {
        if (count_ > 0) {
            throw std::runtime_error(
                "no schema can declare " + std::to_string(count_) + " of its variables" + text_);
        }
    }

private:
    std::size_t count_ = 0;
    std::string text_;
};

/// Why a schema has no variable of this name; empty if it can have one.
[[nodiscard]] inline std::string refusal_of_name(std::string_view name) {
    if (name.empty()) { return "has no name"; }
    const auto illegal = std::ranges::find_if_not(name, vs::detail::is_name_character);
    if (illegal != name.end()) {
        return "holds " + in_quotes({&*illegal, 1}) +
            ", which no name may; letters, digits and _ . - > are legal, and / between components";
    }
    if (vs::detail::has_empty_component(name)) { return "has an empty component"; }
    return {};
}

/// The product of the dimensions.
/// \returns whether it fits, in elements and in bytes.
[[nodiscard]] inline bool count_elements(const variable& v, std::uint64_t& elements) {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    elements = 1;
    for (const std::int64_t dimension : v.dimensions) {
        const auto length = static_cast<std::uint64_t>(dimension);
        if (length != 0 && elements > most / length) { return false; }
        elements *= length;
    }
    return elements <= most / size_of(v.type);
}

/// \throws std::runtime_error  a schema cannot declare them; the text says which, and why.
/// \returns the elements of all.
inline std::uint64_t check_declarable(const std::vector<variable>& variables) {
    if (variables.empty()) { throw std::runtime_error("there are no variables in it"); }
    problems found;
    std::unordered_set<std::string_view> names;
    std::uint64_t bytes = 0;
    std::uint64_t sum = 0;
    for (const variable& v : variables) {
        const std::string refusal = refusal_of_name(v.name);
        std::uint64_t elements = 0;
        if (!refusal.empty()) {
            found.add(v.name, refusal);
        } else if (!names.insert(v.name).second) {
            found.add(v.name, "is there twice");
        } else if (v.dimensions.size() > vs::detail::max_schema_rank) {
            found.add(v.name,
                "has " + std::to_string(v.dimensions.size()) + " axes; a schema's have at most 8");
        } else if (std::ranges::any_of(v.dimensions, [](auto d) { return d < 0; })) {
            found.add(v.name, "has a negative dimension");
        } else if (!count_elements(v, elements)) {
            found.add(v.name, "is larger than any memory");
        } else {
            sum += elements;
            bytes += elements * size_of(v.type);
            if (bytes > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
                throw std::runtime_error("its variables are larger than any memory together");
            }
        }
    }
    found.throw_if_any();
    return sum;
}

} // namespace schema_tool
