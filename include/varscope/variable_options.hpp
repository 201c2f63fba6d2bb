/// \file
/// What a variable is asked for with.
#pragma once

#include <varscope/initializer.hpp>
#include <varscope/initializers.hpp>
#include <varscope/variance_scaling.hpp>

#include <optional>
#include <string>
#include <vector>

namespace varscope {

/// The parameters of tf.get_variable and tf.Variable beyond name, shape and type.
struct variable_options {
    varscope::initializer initializer =
        {}; ///< default: the scope's, else Glorot uniform (floating) or zeros (integers, bool)
    std::optional<varscope::dtype> dtype =
        {}; ///< where the call does not say it by a type argument; default: the scope's
    bool trainable = true; ///< whether it joins the trainable variables
    /// Lists to join; default: the global (or local) variables. A trainable one joins the trainable
    /// variables besides.
    std::optional<std::vector<std::string>> collections = {};
};

} // namespace varscope
