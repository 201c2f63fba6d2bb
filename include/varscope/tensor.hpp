/// \file
/// Ops as the graph knows them: a name, a kind, inputs.
#pragma once

#include <varscope/any_variable.hpp>
#include <varscope/current_graph.hpp>
#include <varscope/name.hpp>

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope {

/// The result of an op, or a variable, by what the graph knows of it. Cheap to copy; valid as long
/// as its graph.
///
/// Has no values: those have the typed expressions that the op functions return. Follows tf.Tensor.
class tensor {
public:
    explicit tensor(std::shared_ptr<const detail::op_node> op) noexcept
        : owner_{op}
        , node_{op.get()} {}
    tensor(const any_variable& v) noexcept
        : node_{&v.node()} {} // NOLINT(google-explicit-constructor): a variable is a tensor

    /// "my_scope/Add:0"
    [[nodiscard]] std::string_view name() const noexcept { return node_->tensor_name(); }
    /// "my_scope/Add"
    [[nodiscard]] std::string_view op_name() const noexcept { return node_->op_name(); }
    /// "Add"; "VariableV2" for a variable.
    [[nodiscard]] std::string_view op_type() const noexcept {
        return node_->is_variable ? "VariableV2"
                                  : static_cast<const detail::op_node*>(node_)->op_type;
    }
    [[nodiscard]] varscope::dtype dtype() const noexcept { return node_->type; }
    [[nodiscard]] varscope::shape shape() const {
        return node_->is_variable ? static_cast<const detail::variable_node*>(node_)->get_shape()
                                  : *static_cast<const detail::op_node*>(node_)->out_shape;
    }
    /// What the op was given, as far as it was an op or a variable of the graph and the graph keeps
    /// a record.
    [[nodiscard]] std::vector<tensor> inputs() const {
        std::vector<tensor> result;
        if (node_->is_variable) { return result; }
        for (const detail::node* input : static_cast<const detail::op_node*>(node_)->inputs) {
            result.emplace_back(*input);
        }
        return result;
    }
    [[nodiscard]] const std::source_location& defined_at() const noexcept {
        return node_->defined_at;
    }
    [[nodiscard]] varscope::graph& graph() const noexcept { return *node_->owner; }

    /// Whether both are the result of one op.
    [[nodiscard]] bool is(const tensor& other) const noexcept { return node_ == other.node_; }

    explicit tensor(const detail::node& node) noexcept : node_{&node} {}
    [[nodiscard]] const detail::node& node() const noexcept { return *node_; }

private:
    std::shared_ptr<const detail::op_node> owner_; // if the graph does not own it
    const detail::node* node_;
};

/// What `make_op` is told about a new op.
struct op_description {
    std::string_view type;              ///< "Add"
    std::string_view default_name = {}; ///< default: the type
    varscope::dtype dtype = varscope::dtype::float32;
    varscope::shape shape = any_shape;
    std::span<const tensor> inputs = {};
};

namespace detail {

[[nodiscard]] inline tensor make_op(
    thread_scopes& thread, const op_description& what, const name_arg& name) {
    graph& g = *thread.owner;
    const std::string_view default_name = what.default_name.empty() ? what.type : what.default_name;
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
    const std::scoped_lock lock(g.creation());
    const std::string op_name = g.take_op_name(
        thread.innermost->names, name.is_given() ? name.text() : default_name, name.where());
    return tensor(g.add(graph::new_op{.op_name = op_name,
        .op_type = what.type,
        .type = what.dtype,
        .out_shape = what.shape,
        .inputs = inputs,
        .defined_at = name.where()}));
}

} // namespace detail

/// Records an op in the current name scope, under a unique name, and returns its result.
///
/// \throws invalid_name, duplicate_node, wrong_graph
/// Safe from any thread. Cost: one hash look-up and about a hundred bytes of the graph's memory;
/// the latter not in a graph with `record_ops = false`. Follows tf.Graph.create_op.
[[nodiscard]] inline tensor make_op(const op_description& what, name_arg name = no_name) {
    return detail::make_op(detail::current_scopes(), what, name);
}
[[nodiscard]] inline tensor make_op(graph& g, const op_description& what, name_arg name = no_name) {
    return detail::make_op(detail::scopes_in(g), what, name);
}

} // namespace varscope
