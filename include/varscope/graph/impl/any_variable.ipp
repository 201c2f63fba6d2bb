// See any_variable.hpp.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/graph/any_variable.hpp>
#include <varscope/graph/variable_extras.hpp>
#include <varscope/policy/constraint.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE varscope::constraint any_variable::constraint() const {
    return node_->extras == nullptr ? varscope::constraint() : node_->extras->constraint;
}

VARSCOPE_INLINE std::vector<any_variable> any_variable::parts() const {
    std::vector<any_variable> result;
    if (node_->is_whole) {
        for (detail::variable_node* part : node_->extras->parts.all()) {
            result.emplace_back(*part);
        }
    }
    return result;
}

VARSCOPE_INLINE std::optional<any_variable> any_variable::whole() const {
    const auto* const extras = node_->extras;
    if (extras == nullptr || extras->whole == nullptr) { return std::nullopt; }
    return any_variable(*extras->whole);
}

VARSCOPE_INLINE std::vector<std::size_t> any_variable::offset() const {
    return node_->extras == nullptr ? std::vector<std::size_t>() : node_->extras->offset;
}

VARSCOPE_INLINE array_value any_variable::value() const {
    array_value result(node_->type, node_->get_shape());
    node_->read(result.memory());
    return result;
}

} // namespace varscope::inline VARSCOPE_ABI
