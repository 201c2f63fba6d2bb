/// \file
/// All but what is asked for by its own header: files (io/), BLAS (matmul.hpp), regular
/// expressions (variable_queries.hpp).
#pragma once

#include <varscope/assign.hpp>
#include <varscope/config.hpp>
#include <varscope/get_variable.hpp>
#include <varscope/global_step.hpp>
#include <varscope/graph_lookup.hpp>
#include <varscope/initialization.hpp>
#include <varscope/name_scope.hpp>
#include <varscope/ops.hpp>
#include <varscope/scatter.hpp>
#include <varscope/session.hpp>
#include <varscope/variable_lists.hpp>
#include <varscope/variable_scope.hpp>
