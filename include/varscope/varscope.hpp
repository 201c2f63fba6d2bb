/// \file
/// What most programs need. Asked for by their own header: files (io/), BLAS (matmul.hpp), queries
/// by regular expression (collection_queries.hpp, variable_queries.hpp), look-up of ops by name
/// (graph_lookup.hpp), what a name means (explain.hpp), updates by index (scatter.hpp), the global
/// step (global_step.hpp).
#pragma once

#include <varscope/op/get_value.hpp>
#include <varscope/op/initialization.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/op/session.hpp>
#include <varscope/scope/capture.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/scope/variable_scope.hpp>
#include <varscope/variable/assign.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/make_template.hpp>
#include <varscope/variable/variable_lists.hpp>
#include <varscope/version.hpp>
