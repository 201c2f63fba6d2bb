/// \file
/// What a variable is asked for with.
#pragma once

#include <varscope/base/no_option.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/initializers/initializers.hpp>
#include <varscope/initializers/variance_scaling.hpp>
#include <varscope/policy/constraint.hpp>
#include <varscope/policy/custom_getter.hpp>
#include <varscope/policy/partitioner.hpp>
#include <varscope/policy/regularizer.hpp>
#include <varscope/policy/reuse.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {
template <class T>
inline constexpr T unless_said{};
template <>
inline constexpr bool unless_said<bool> = true;
} // namespace detail

/// What a variable is asked for with: the parameters of tf.get_variable beyond name and shape, in
/// this order. Options are written in the order in which they stand here.
/// \tparam Dtype, Trainable  `no_option` where the call itself says them.
template <class Dtype, class Trainable>
struct get_variable_options {
    varscope::initializer initializer =
        {}; ///< default: the scope's, else Glorot uniform (floating) or zeros (integers, bool)
    Dtype dtype = {}; ///< where no type argument says it; default: the scope's
    Trainable trainable =
        detail::unless_said<Trainable>; ///< whether it joins the trainable variables (default: yes)
    /// Lists to join; default: the global (or local) variables. A trainable one joins the trainable
    /// variables besides.
    std::optional<std::vector<std::string>> collections = {};
    /// Shares or creates, for this call alone; default: as the scope says.
    reuse_mode reuse = reuse_mode::inherit;
    varscope::regularizer regularizer = {};     ///< default: the scope's
    varscope::partitioner partitioner = {};     ///< default: the scope's
    varscope::custom_getter custom_getter = {}; ///< instead of those of the scopes
    varscope::constraint constraint = {};       ///< default: the scope's
    bool validate_shape = true; ///< whether sharing compares the shape, and the value needs one

    /// Options that say no type, for a call that takes one.
    operator get_variable_options<std::optional<varscope::dtype>, Trainable>() const
        requires std::same_as<Dtype, no_option>
    {
        return {initializer, {}, trainable, collections, reuse, regularizer, partitioner,
            custom_getter, constraint, validate_shape};
    }
};

/// For `get_variable<T>` and all that has the element type as an argument: no `dtype`.
using variable_options = get_variable_options<no_option, bool>;
/// For `get_variable` and `get_tensor` without a type argument.
using untyped_variable_options = get_variable_options<std::optional<dtype>, bool>;
/// For `get_local_variable<T>` and `get_local_value<T>`: no `dtype`, and no `trainable`, which
/// local variables never are.
using local_variable_options = get_variable_options<no_option, no_option>;
/// For `get_local_variable` and `get_local_tensor` without a type argument: no `trainable`.
using untyped_local_variable_options = get_variable_options<std::optional<dtype>, no_option>;

/// What a variable that is never shared by name is made with: the parameters of tf.Variable beyond
/// name and shape, in this order. Options are written in the order in which they stand here.
/// \tparam Initializer, Dtype  `no_option` where the call itself says them.
template <class Initializer, class Dtype>
struct make_variable_options {
    Initializer initializer = {}; ///< its value, without which it cannot be made
    Dtype dtype = {};             ///< default: that of the value
    bool trainable = true;        ///< whether it joins the trainable variables
    /// Lists to join; default: the global variables. A trainable one joins the trainable variables
    /// besides.
    std::optional<std::vector<std::string>> collections = {};
    no_option reuse = {};
    no_option regularizer = {};
    no_option partitioner = {};
    no_option custom_getter = {};
    varscope::constraint constraint = {}; ///< default: none
    bool validate_shape = true;           ///< whether the value needs a shape
};

/// For `vs::variable<T>{value, name, options}`: no `initializer`, no `dtype`.
using new_variable_options = make_variable_options<no_option, no_option>;
/// For `make_variable`.
using untyped_new_variable_options = make_variable_options<initializer, std::optional<dtype>>;

} // namespace varscope::inline VARSCOPE_ABI
