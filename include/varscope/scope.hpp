/// \file
/// The graph and the scopes in force: name scopes, variable scopes, and what carries them along.
#pragma once

#include <varscope/scope/ambient.hpp>
#include <varscope/scope/capture.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/freeze.hpp>
#include <varscope/scope/make_op.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/scope/scope_context.hpp>
#include <varscope/scope/scope_frame.hpp>
#include <varscope/scope/scope_handle.hpp>
#include <varscope/scope/scope_tree.hpp>
#include <varscope/scope/thread_scopes.hpp>
#include <varscope/scope/transaction.hpp>
#include <varscope/scope/variable_scope.hpp>
