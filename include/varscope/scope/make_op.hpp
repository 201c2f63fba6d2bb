/// \file
/// Ops in the current name scope.
#pragma once

#include <varscope/base/array_value.hpp>
#include <varscope/base/evaluation.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/names/name.hpp>
#include <varscope/scope/current_graph.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// What `make_op` is told about a new op.
struct op_description {
    std::string_view type;              ///< "Add"
    std::string_view default_name = {}; ///< default: the type
    varscope::dtype dtype = varscope::dtype::float32;
    varscope::shape shape = any_shape;
    std::span<const tensor> inputs = {};
    std::function<array_value()> value = {}; ///< what it computes; default: not known
};

namespace detail {

[[nodiscard]] inline tensor make_op(
    thread_scopes& thread, const op_description& what, const name_arg& name) {
    graph& g = *thread.owner;
    const std::string_view default_name = what.default_name.empty() ? what.type : what.default_name;
    const std::scoped_lock lock(g.creation()); // from the question whether the graph is final
    if (g.is_final()) {
        throw frozen("the graph is final: no op '" +
                std::string(name.is_given() ? name.text() : default_name) +
                "' can be made\n  asked for at " + to_string(name.where()) +
                "\n  make it before vs::finalize",
            {std::string(name.is_given() ? name.text() : default_name), name.where()});
    }
    std::vector<const node*> inputs;
    inputs.reserve(what.inputs.size());
    for (const tensor& input : what.inputs) {
        if (&input.graph() != &g) {
            throw wrong_graph("op '" + std::string(name.is_given() ? name.text() : default_name) +
                    "' was given '" + std::string(input.name()) +
                    "', which is of another graph\n  created at " + to_string(input.defined_at()) +
                    "\n  asked for at " + to_string(name.where()) +
                    "\n  make the op while that graph is in force: vs::as_default guard{g}",
                {std::string(input.name()), name.where(), input.defined_at()});
        }
        inputs.push_back(&input.node());
    }
    const std::string op_name = g.take_op_name(
        thread.innermost->names, name.is_given() ? name.text() : default_name, name.where());
    auto made = g.add(graph::new_op{.op_name = op_name,
        .op_type = what.type,
        .type = what.dtype,
        .out_shape = what.shape,
        .inputs = inputs,
        .defined_at = name.where()});
    if (!what.value) { return tensor(std::move(made)); }
    struct function_source final : value_source {
        explicit function_source(std::function<array_value()> f) : function{std::move(f)} {}
        array_value value() const override {
            [[maybe_unused]] const auto user_code = evaluation_scope::suspended();
            return function();
        }
        std::function<array_value()> function;
    };
    return tensor(std::move(made), std::make_shared<function_source>(what.value));
}

} // namespace detail

/// Records an op in the current name scope, under a unique name, and returns its result.
///
/// \throws invalid_name, duplicate_node, wrong_graph
/// Safe from any thread. Cost: one hash look-up and about a hundred bytes of the graph's memory;
/// the latter not in a graph that records no ops: see graph_options. Follows tf.Graph.create_op.
[[nodiscard]] inline tensor make_op(const op_description& what, name_arg name = no_name) {
    return detail::make_op(detail::current_scopes(), what, name);
}
[[nodiscard]] inline tensor make_op(graph& g, const op_description& what, name_arg name = no_name) {
    return detail::make_op(detail::scopes_in(g), what, name);
}

} // namespace varscope::inline VARSCOPE_ABI
