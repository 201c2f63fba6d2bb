/// \file
/// What a variable is asked for with.
#pragma once

#include <varscope/constraint.hpp>
#include <varscope/custom_getter.hpp>
#include <varscope/initializer.hpp>
#include <varscope/initializers.hpp>
#include <varscope/partitioner.hpp>
#include <varscope/regularizer.hpp>
#include <varscope/reuse.hpp>
#include <varscope/variance_scaling.hpp>

#include <optional>
#include <string>
#include <vector>

namespace varscope {

/// The parameters of tf.get_variable and tf.Variable beyond name, shape and type. For
/// `make_variable` only those of tf.Variable count: not reuse, regularizer, partitioner and getter.
struct variable_options {
    varscope::initializer initializer =
        {}; ///< default: the scope's, else Glorot uniform (floating) or zeros (integers, bool)
    std::optional<varscope::dtype> dtype =
        {}; ///< where the call does not say it by a type argument; default: the scope's
    bool trainable = true; ///< whether it joins the trainable variables
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
};

} // namespace varscope
