/// \file
/// Ops as the graph knows them: a name, a kind, inputs.
#pragma once

#include <varscope/base/array_value.hpp>
#include <varscope/base/evaluation.hpp>
#include <varscope/graph/any_variable.hpp>
#include <varscope/graph/graph.hpp>
#include <varscope/names/name.hpp>
#include <varscope/policy/custom_getter.hpp>
#include <varscope/policy/regularizer.hpp>

#include <concepts>
#include <memory>
#include <source_location>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// The result of an op, or a variable, by what the graph knows of it. Cheap to copy; valid as long
/// as its graph.
///
/// What can be calculated with are the typed expressions that the op functions return; made from
/// one of those or from a variable, a tensor can tell its value. Safe from any thread; telling the
/// value reads elements, which is not to be done beside writing them. Follows tf.Tensor.
class tensor {
public:
    explicit tensor(std::shared_ptr<const detail::op_node> op,
        std::shared_ptr<const detail::value_source> source = nullptr) noexcept
        : owner_{op}
        , node_{op.get()}
        , source_{std::move(source)} {}
    tensor(const tensor& record, std::shared_ptr<const detail::value_source> source) noexcept
        : owner_{record.owner_}
        , node_{record.node_}
        , source_{std::move(source)} {}
    tensor(const any_variable& v) noexcept
        : node_{&v.node()} {} // NOLINT(google-explicit-constructor): a variable is a tensor
    template <class Handle>
        requires(!std::derived_from<Handle, tensor> && !std::same_as<Handle, any_variable> &&
            std::convertible_to<const Handle&, any_variable>)
    tensor(const Handle& v) noexcept // NOLINT(google-explicit-constructor): as above
        : tensor(any_variable(v)) {}

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
    [[nodiscard]] varscope::shape shape() const;
    /// The same as far as it is known: of a variable made with `validate_shape = false` it is not.
    [[nodiscard]] varscope::shape static_shape() const {
        return node_->is_variable ? static_cast<const detail::variable_node*>(node_)->static_shape()
                                  : shape();
    }
    /// Whether it is a variable.
    [[nodiscard]] bool is_variable() const noexcept { return node_->is_variable; }
    /// The variable that it is.
    /// \throws not_a_variable
    [[nodiscard]] any_variable as_variable(
        const std::source_location& where = std::source_location::current()) const;
    /// Whether `value` can be asked for.
    [[nodiscard]] bool has_value() const noexcept {
        return node_->is_variable || source() != nullptr;
    }
    /// The value now: what it is computed from is read when this is called.
    /// \throws no_value  it is the record of an op whose expression is not known.
    /// \throws uninitialized, not_fed
    [[nodiscard]] array_value value() const;
    /// What the op was given, as far as it was an op or a variable of the graph and the graph keeps
    /// a record.
    [[nodiscard]] std::vector<tensor> inputs() const;
    [[nodiscard]] const std::source_location& defined_at() const noexcept {
        return node_->defined_at;
    }
    [[nodiscard]] varscope::graph& graph() const noexcept { return node_->owner(); }

    /// Whether both are the result of one op.
    [[nodiscard]] bool is(const tensor& other) const noexcept { return node_ == other.node_; }

    /// Writes the elements of the value to `to`, which has room for `shape()` of `dtype()`, in
    /// row-major order; those of an expression are computed into it, without a copy.
    /// \throws as value; shape_mismatch, dtype_mismatch  the op's function returned another value
    /// than the op was made with.
    void read(void* to) const;
    /// Throws what `value` throws where an input cannot be read.
    void check() const;

    explicit tensor(const detail::node& node) noexcept : node_{&node} {}
    [[nodiscard]] const detail::node& node() const noexcept { return *node_; }
    /// What keeps the record and the expression alive, as far as the graph does not.
    [[nodiscard]] const std::shared_ptr<const detail::op_node>& owner() const noexcept {
        return owner_;
    }
    [[nodiscard]] const std::shared_ptr<const detail::value_source>& own_source() const noexcept {
        return source_;
    }

private:
    [[nodiscard]] const detail::value_source* source() const noexcept;
    [[nodiscard]] const detail::value_source& known_source() const;

    std::shared_ptr<const detail::op_node> owner_; // if the graph does not own it
    const detail::node* node_;
    std::shared_ptr<const detail::value_source> source_; // if the graph does not know it
};

namespace detail {

/// Keeps the op and its expression as long as the graph.
void keep(graph& g, const tensor& t);

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/tensor.ipp>
#endif
