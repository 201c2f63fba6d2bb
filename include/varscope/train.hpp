/// \file
/// Updates by index, constraints, regularizers, the global step.
#pragma once

#include <varscope/train/apply_constraint.hpp>
#include <varscope/train/constraints.hpp>
#include <varscope/train/global_step.hpp>
#include <varscope/train/regularizers.hpp>
#include <varscope/train/scatter.hpp>
