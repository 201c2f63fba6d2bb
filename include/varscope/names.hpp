/// \file
/// Names as they are given and parsed, and the table of those that were taken.
#pragma once

#include <varscope/names/digest.hpp>
#include <varscope/names/flat_table.hpp>
#include <varscope/names/name.hpp>
#include <varscope/names/name_link.hpp>
#include <varscope/names/name_owners.hpp>
#include <varscope/names/name_pattern.hpp>
#include <varscope/names/names_in_scopes.hpp>
#include <varscope/names/unique_names.hpp>
