/// \file
/// Making a variable that is not shared by name.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/names/name.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/variable/variable_options.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

struct variable_node;

/// What a call says of a new variable, whatever its types.
struct new_variable_call {
    template <class Initializer, class Dtype>
    new_variable_call(
        const varscope::initializer& value, const make_variable_options<Initializer, Dtype>& o)
        : initial{value}
        , trainable{o.trainable}
        , collections{o.collections}
        , validate_shape{o.validate_shape}
        , constraint{o.constraint} {}

    const varscope::initializer& initial;
    bool trainable;
    const std::optional<std::vector<std::string>>& collections;
    bool validate_shape;
    const varscope::constraint& constraint;
    std::optional<dtype> type = {};
    std::optional<std::size_t> rank = {}; // that the handle needs
    bool is_typed = false;                // the handle needs `type`
};

/// A new variable in the current name scope, never shared. Follows tf.Variable (RefVariable,
/// TensorFlow 1.15).
[[nodiscard]] variable_node& make_unshared(
    thread_scopes& thread, const name_arg& name, const new_variable_call& call);

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/make_variable.hpp>
#endif
