/// \file
/// All but what is asked for by its own header: files (io/), BLAS (matmul.hpp).
#pragma once

#include <varscope/config.hpp>
#include <varscope/get_variable.hpp>
#include <varscope/make_template.hpp>
#include <varscope/name_scope.hpp>
#include <varscope/ops.hpp>
#include <varscope/session.hpp>
#include <varscope/variable_lists.hpp>
#include <varscope/variable_scope.hpp>
