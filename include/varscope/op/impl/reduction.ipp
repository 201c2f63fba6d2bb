// See reduction.hpp.
#pragma once

#include <varscope/op/detail/reduction.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::size_t axis_of(
    const shape& dimensions, int axis, std::string_view type, const name_arg& name) {
    const auto rank = static_cast<int>(dimensions.rank());
    if (axis < -rank || axis >= rank) {
        throw bad_shape("op '" + std::string(type) + "' has no axis " + std::to_string(axis) +
                " to reduce\n  asked for at " + to_string(name.where()) + " of shape " +
                to_string(dimensions),
            {std::string(type), name.where()});
    }
    return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

} // namespace varscope::inline VARSCOPE_ABI::detail
