// See scatter.hpp.
#pragma once

#include <varscope/train/scatter.hpp>

#include <source_location>
#include <string>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void check_update_shape(const variable_node& v, const shape& indices,
    const shape& wanted, const shape& given, scalar_updates scalars,
    const std::source_location& where) {
    const bool may_be_scalar = scalars == scalar_updates::allowed;
    if (given == wanted || (may_be_scalar && given == shape())) { return; }
    const std::string name(v.op_name());
    throw shape_mismatch("variable '" + name + "' cannot take updates of shape " +
            to_string(given) + describe_creation(v) + "\n  updated at " + to_string(where) +
            " through indices of shape " + to_string(indices) + "\n  give updates of shape " +
            to_string(wanted) + (may_be_scalar ? ", or one number for all" : ""),
        {name, where, v.defined_at}, v.get_shape(), given);
}

} // namespace varscope::inline VARSCOPE_ABI::detail
