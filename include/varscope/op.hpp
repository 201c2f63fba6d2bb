/// \file
/// Ops, and what runs them.
#pragma once

#include <varscope/op/get_value.hpp>
#include <varscope/op/index_array.hpp>
#include <varscope/op/initialization.hpp>
#include <varscope/op/op.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/op/part_view.hpp>
#include <varscope/op/session.hpp>
