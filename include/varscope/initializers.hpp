/// \file
/// Rules for first values.
#pragma once

#include <varscope/initializers/check_parameter.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/initializers/initializer_model.hpp>
#include <varscope/initializers/initializer_rule.hpp>
#include <varscope/initializers/initializers.hpp>
#include <varscope/initializers/orthogonal.hpp>
#include <varscope/initializers/rule.hpp>
#include <varscope/initializers/variance_scaling.hpp>
