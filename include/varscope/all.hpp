/// \file
/// All of the library, but for what needs further libraries (ext/).
#pragma once

#include <varscope/base.hpp>
#include <varscope/graph.hpp>
#include <varscope/initializers.hpp>
#include <varscope/inspect.hpp>
#include <varscope/io.hpp>
#include <varscope/names.hpp>
#include <varscope/op.hpp>
#include <varscope/policy.hpp>
#include <varscope/random.hpp>
#include <varscope/schema.hpp>
#include <varscope/scope.hpp>
#include <varscope/train.hpp>
#include <varscope/variable.hpp>
#include <varscope/varscope.hpp>
