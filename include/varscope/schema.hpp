/// \file
/// Names known while compiling: paths, scopes, variables, schemas.
#pragma once

#include <varscope/schema/bound.hpp>
#include <varscope/schema/path.hpp>
#include <varscope/schema/schema.hpp>
#include <varscope/schema/schema_variable.hpp>
#include <varscope/schema/static_scope.hpp>
#include <varscope/schema/static_variable.hpp>
