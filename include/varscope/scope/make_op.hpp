/// \file
/// Ops in the current name scope.
#pragma once

#include <varscope/base/array_value.hpp>
#include <varscope/base/evaluation.hpp>
#include <varscope/base/shared_function.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/names/name.hpp>
#include <varscope/scope/current_graph.hpp>

#include <span>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI {

/// What `make_op` is told about a new op.
struct op_description {
    std::string_view type;              ///< "Add"
    std::string_view default_name = {}; ///< default: the type
    varscope::dtype dtype = varscope::dtype::float32;
    varscope::shape shape = any_shape;
    std::span<const tensor> inputs = {};
    detail::shared_function<array_value()> value = {}; ///< what it computes; default: not known
};

namespace detail {

/// Takes a name in the current name scope for an op that nobody asks for.
void take_op_name(std::string_view name);

[[nodiscard]] tensor make_op(
    thread_scopes& thread, const op_description& what, const name_arg& name);

} // namespace detail

/// Records an op in the current name scope, under a unique name, and returns its result.
///
/// \throws invalid_name, duplicate_node, wrong_graph
/// Safe from any thread. Cost: one hash look-up and about a hundred bytes of the graph's memory;
/// the latter not in a graph that records no ops: see graph_options. Follows tf.Graph.create_op.
[[nodiscard]] tensor make_op(const op_description& what, name_arg name = no_name);
[[nodiscard]] tensor make_op(graph& g, const op_description& what, name_arg name = no_name);

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/make_op.ipp>
#endif
