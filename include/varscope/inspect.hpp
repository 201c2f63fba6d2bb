/// \file
/// What tells of names, sharing and graphs.
#pragma once

#include <varscope/inspect/explain.hpp>
#include <varscope/inspect/graph_lookup.hpp>
#include <varscope/inspect/near_misses.hpp>
#include <varscope/inspect/schema_check.hpp>
#include <varscope/inspect/sharing.hpp>
