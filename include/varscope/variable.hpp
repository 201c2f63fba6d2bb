/// \file
/// Variables: made, shared, written, listed.
#pragma once

#include <varscope/variable/asked_options.hpp>
#include <varscope/variable/assign.hpp>
#include <varscope/variable/collection_queries.hpp>
#include <varscope/variable/get_or_create.hpp>
#include <varscope/variable/get_single.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/listed_variable.hpp>
#include <varscope/variable/make_template.hpp>
#include <varscope/variable/make_variable.hpp>
#include <varscope/variable/new_variable.hpp>
#include <varscope/variable/updates.hpp>
#include <varscope/variable/variable.hpp>
#include <varscope/variable/variable_creator.hpp>
#include <varscope/variable/variable_errors.hpp>
#include <varscope/variable/variable_lists.hpp>
#include <varscope/variable/variable_options.hpp>
#include <varscope/variable/variable_queries.hpp>
