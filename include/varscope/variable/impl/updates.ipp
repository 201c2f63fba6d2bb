// See updates.hpp.
#pragma once

#include <varscope/variable/updates.hpp>

#include <source_location>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void throw_update_shape(const variable_node& v, const shape& given,
    std::string_view instead, const std::source_location& where) {
    const std::string name(v.op_name());
    std::string text = "variable '" + name + "' cannot be updated with values of shape " +
        to_string(given) + describe_creation(v) + "\n  updated at " + to_string(where) +
        "\n  give values of the shape it has";
    if (given == shape()) {
        text += "; for one number in all elements, write " + std::string(instead);
    }
    throw shape_mismatch(text, {name, where, v.defined_at}, v.get_shape(), given);
}

VARSCOPE_INLINE void throw_other_shape(const variable_node& v, const shape& given) {
    const std::string name(v.op_name());
    const bool is_part = v.extras != nullptr && v.extras->whole != nullptr;
    throw shape_mismatch((is_part ? "part '" : "variable '") + name +
            "' cannot take values of shape " + to_string(given) + describe_creation(v) +
            "\n  assign values of the shape it has",
        {name, v.defined_at, v.defined_at}, v.get_shape(), given);
}

} // namespace varscope::inline VARSCOPE_ABI::detail
