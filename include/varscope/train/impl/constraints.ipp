// See constraints.hpp.
#pragma once

#include <varscope/train/constraints.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::vector<bool> axes_of(
    const any_variable& v, const char* name, const std::vector<int>& axes) {
    const auto rank = static_cast<int>(v.shape().rank());
    std::vector<bool> result(v.shape().rank(), false);
    for (const int axis : axes) {
        if (axis < -rank || axis >= rank) {
            throw bad_shape("constraint '" + std::string(name) + "' has no axis " +
                    std::to_string(axis) + " in variable '" + std::string(v.op_name()) +
                    "'\n  created at " + to_string(v.defined_at()) + " with shape " +
                    to_string(v.shape()) + "\n  give axes that it has",
                {std::string(v.op_name()), v.defined_at(), v.defined_at()});
        }
        result[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)] = true;
    }
    return result;
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE constraint non_neg() {
    return {"non_neg", [](const any_variable& v) {
                detail::change_elements(v, "non_neg", [&]<class T>(T* elements) {
                    std::replace_if(
                        elements, elements + v.size(),
                        [](const T& x) { return static_cast<double>(x) < 0; }, T{});
                });
            }};
}

VARSCOPE_INLINE constraint max_norm(
    double limit, std::vector<int> axes, const std::source_location& where) {
    detail::check_not_negative("max_norm", "limit", limit, where);
    return detail::norm_constraint("max_norm", std::move(axes),
        [limit](double norm) { return std::min(norm, limit) / (detail::norm_epsilon + norm); });
}

VARSCOPE_INLINE constraint unit_norm(std::vector<int> axes) {
    return detail::norm_constraint("unit_norm", std::move(axes),
        [](double norm) { return 1 / (detail::norm_epsilon + norm); });
}

VARSCOPE_INLINE constraint min_max_norm(double low, double high, double rate, std::vector<int> axes,
    const std::source_location& where) {
    detail::check_not_negative("min_max_norm", "lower limit", low, where);
    detail::check_parameter(std::isfinite(high) && high >= low, "min_max_norm", "upper limit", high,
        " that is not below the lower limit", where);
    detail::check_parameter(
        rate >= 0 && rate <= 1, "min_max_norm", "rate", rate, " from 0 to 1", where);
    return detail::norm_constraint("min_max_norm", std::move(axes), [=](double norm) {
        return (rate * std::clamp(norm, low, high) + (1 - rate) * norm) /
            (detail::norm_epsilon + norm);
    });
}

} // namespace varscope::inline VARSCOPE_ABI
