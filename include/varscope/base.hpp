/// \file
/// Words, values and plain tools: element types, shapes, arrays, errors.
#pragma once

#include <varscope/base/arena.hpp>
#include <varscope/base/array_value.hpp>
#include <varscope/base/dtype.hpp>
#include <varscope/base/error.hpp>
#include <varscope/base/evaluation.hpp>
#include <varscope/base/expressions.hpp>
#include <varscope/base/half.hpp>
#include <varscope/base/nearest_names.hpp>
#include <varscope/base/no_option.hpp>
#include <varscope/base/observed_mutex.hpp>
#include <varscope/base/round_to.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/base/shared_function.hpp>
#include <varscope/base/slices.hpp>
#include <varscope/base/xtensor.hpp>
