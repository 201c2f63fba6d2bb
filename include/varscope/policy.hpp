/// \file
/// What scopes hand down to the variables in them.
#pragma once

#include <varscope/policy/constraint.hpp>
#include <varscope/policy/custom_getter.hpp>
#include <varscope/policy/partitioner.hpp>
#include <varscope/policy/regularizer.hpp>
#include <varscope/policy/reuse.hpp>
#include <varscope/policy/wrong_partition.hpp>
