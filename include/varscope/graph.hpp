/// \file
/// Graphs, and what they hold.
#pragma once

#include <varscope/graph/any_variable.hpp>
#include <varscope/graph/collections.hpp>
#include <varscope/graph/dead_graphs.hpp>
#include <varscope/graph/graph.hpp>
#include <varscope/graph/graph_keys.hpp>
#include <varscope/graph/graph_options.hpp>
#include <varscope/graph/graph_state.hpp>
#include <varscope/graph/literal_number.hpp>
#include <varscope/graph/literal_slots.hpp>
#include <varscope/graph/near_miss_watch.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/graph/sharing_log.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/graph/variable_extras.hpp>
#include <varscope/graph/variable_store.hpp>
