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

#include <atomic>
#include <concepts>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <span>
#include <string>
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
    [[nodiscard]] varscope::shape shape() const {
        return node_->is_variable ? static_cast<const detail::variable_node*>(node_)->get_shape()
                                  : *static_cast<const detail::op_node*>(node_)->out_shape;
    }
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
    [[nodiscard]] const detail::value_source* source() const noexcept {
        if (source_) { return source_.get(); }
        if (node_->is_variable) { return nullptr; }
        return static_cast<const detail::op_node*>(node_)->source.load(std::memory_order_acquire);
    }
    [[nodiscard]] const detail::value_source& known_source() const {
        if (const detail::value_source* const known = source()) { return *known; }
        (void)node_->owner(); // which may have ended
        throw no_value("the value of op '" + std::string(op_name()) +
                "' is not known\n  created at " + to_string(node_->defined_at) +
                "\n  this is the graph's record of it, which has no expression; read what the op "
                "function returned (auto y = vs::relu(x); y.as_tensor().value()), add that to a "
                "collection to find it there, or make the op with vs::make_op and a .value",
            {std::string(op_name()), node_->defined_at, node_->defined_at});
    }

    std::shared_ptr<const detail::op_node> owner_; // if the graph does not own it
    const detail::node* node_;
    std::shared_ptr<const detail::value_source> source_; // if the graph does not know it
};

inline any_variable tensor::as_variable(const std::source_location& where) const {
    if (!node_->is_variable) {
        throw not_a_variable("'" + std::string(name()) +
                "' is an op, not a variable\n  created at " + to_string(node_->defined_at) +
                "\n  asked for at " + to_string(where) +
                "\n  where a custom getter makes an op of a variable, ask with vs::get_tensor or "
                "vs::get_value",
            {std::string(name()), where, node_->defined_at});
    }
    return any_variable(detail::variable_of(*node_));
}

inline array_value tensor::value() const {
    return node_->is_variable ? as_variable().value() : known_source().value();
}

inline void tensor::read(void* to) const {
    if (node_->is_variable) {
        static_cast<const detail::variable_node*>(node_)->read(to);
        return;
    }
    const detail::value_source& from = known_source();
    if (from.read(to)) { return; }
    const array_value now = from.value();
    if (now.type() != dtype() || now.shape() != shape()) {
        const std::string text = "the value of op '" + std::string(op_name()) +
            "' is not what it was said to be\n  created at " + to_string(node_->defined_at) +
            " with shape " + to_string(shape()) + ' ' + std::string(to_string(dtype())) +
            "\n  its function returned shape " + to_string(now.shape()) + ' ' +
            std::string(to_string(now.type()));
        const error_facts facts{std::string(op_name()), node_->defined_at, node_->defined_at};
        if (now.type() != dtype()) { throw dtype_mismatch(text, facts, dtype(), now.type()); }
        throw shape_mismatch(text, facts, shape(), now.shape());
    }
    if (now.size() > 0) { std::memcpy(to, now.data(), now.bytes()); }
}

inline void tensor::check() const {
    if (!node_->is_variable) {
        known_source().check();
    } else if (const auto& v = static_cast<const detail::variable_node&>(*node_); !v.has_value()) {
        (void)v.elements(); // throws
    }
}

namespace detail {

template <class Function>
class regularizer_function final : public regularizer_model {
public:
    explicit regularizer_function(Function f) : function_{std::move(f)} {}
    std::optional<tensor> loss(const any_variable& v) const override { return function_(v); }

private:
    Function function_;
};

template <class Function>
class getter_function final : public getter_model {
public:
    explicit getter_function(Function f) : function_{std::move(f)} {}
    tensor get(const next_getter& next, const variable_request& request) const override {
        return function_(next, request);
    }

private:
    Function function_;
};

/// The value of a tensor, as an initial value.
class tensor_model final : public initializer_model {
public:
    explicit tensor_model(tensor value)
        : initializer_model(form::tensor)
        , value_{std::move(value)} {}
    [[nodiscard]] bool is_pure() const noexcept override { return false; }
    [[nodiscard]] dtype type() const override { return value_.dtype(); }
    [[nodiscard]] shape value_shape() const override { return value_.static_shape(); }
    [[nodiscard]] std::span<const char* const> hidden_ops(
        std::size_t, varscope::dtype) const noexcept override {
        return {}; // it is an op already
    }
    void fill(const fill_target& target) const override {
        const array_value now = value_.value();
        if (now.type() != target.type || now.shape() != target.full_shape) {
            throw wrong_result("the tensor '" + std::string(value_.name()) +
                "' was to have shape " + to_string(target.full_shape) + ' ' +
                std::string(to_string(target.type)) + " and has shape " + to_string(now.shape()) +
                ' ' + std::string(to_string(now.type())));
        }
        if (target.count > 0) {
            std::memcpy(target.data, now.data(), target.count * size_of(target.type));
        }
    }

private:
    tensor value_;
};

} // namespace detail

inline std::vector<tensor> graph::nodes() const {
    std::vector<tensor> result;
    for (const detail::node* const n : records()) { result.emplace_back(*n); }
    return result;
}

inline initializer::initializer(const tensor& value)
    : model_{std::make_shared<detail::tensor_model>(value)} {}
inline initializer::initializer(const any_variable& value) : initializer(tensor(value)) {}

inline std::optional<tensor> regularizer::operator()(const any_variable& v) const {
    return model_->loss(v);
}
inline tensor custom_getter::operator()(
    const next_getter& next, const variable_request& request) const {
    return model_->get(next, request);
}

namespace detail {

/// Keeps the op and its expression as long as the graph.
inline void keep(graph& g, const tensor& t) {
    if (t.is_variable()) { return; }
    const auto& op = static_cast<const op_node&>(t.node());
    if (t.own_source() != nullptr) {
        g.keep(t.own_source());
        op.source.store(t.own_source().get(), std::memory_order_release);
    }
    if (t.owner() != nullptr) { g.keep(t.owner()); }
}

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI
