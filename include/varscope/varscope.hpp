/// \file
/// What most programs need. Asked for by their own header: files (io/), BLAS (matmul.hpp), queries
/// by regular expression (collection_queries.hpp, variable_queries.hpp), look-up of ops by name
/// (graph_lookup.hpp), what a name means (explain.hpp), updates by index (scatter.hpp), the global
/// step (global_step.hpp).
#pragma once

#include <varscope/assign.hpp>
#include <varscope/capture.hpp>
#include <varscope/config.hpp>
#include <varscope/get_value.hpp>
#include <varscope/get_variable.hpp>
#include <varscope/initialization.hpp>
#include <varscope/make_template.hpp>
#include <varscope/name_scope.hpp>
#include <varscope/ops.hpp>
#include <varscope/session.hpp>
#include <varscope/variable_lists.hpp>
#include <varscope/variable_scope.hpp>
