// See assign.hpp.
#pragma once

#include <varscope/variable/assign.hpp>

#include <optional>
#include <source_location>
#include <string>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE any_variable assign(
    const any_variable& target, const any_variable& source, const std::source_location& where) {
    const detail::variable_node& v = target.node();
    const shape given = source.shape();
    if (given != v.get_shape()) { detail::throw_update_shape(v, given, "v.fill(number)", where); }
    const std::optional<array_value> values = source.value().converted(v.type);
    if (!values) {
        detail::throw_value_dtype(v.op_name(),
            "elements of '" + std::string(source.op_name()) + "', which are " +
                std::string(to_string(source.dtype())) + ",",
            v.type, where);
    }
    target.graph().assign(target.node(), values->data());
    return target;
}

} // namespace varscope::inline VARSCOPE_ABI
