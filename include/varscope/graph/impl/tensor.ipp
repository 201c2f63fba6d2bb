// See tensor.hpp.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/graph/graph_state.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/initializers/initializer_model.hpp>

#include <atomic>
#include <cstring>
#include <memory>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE varscope::shape tensor::shape() const {
    return node_->is_variable ? static_cast<const detail::variable_node*>(node_)->get_shape()
                              : *static_cast<const detail::op_node*>(node_)->out_shape;
}

VARSCOPE_INLINE std::vector<tensor> tensor::inputs() const {
    std::vector<tensor> result;
    if (node_->is_variable) { return result; }
    for (const detail::node* input : static_cast<const detail::op_node*>(node_)->inputs) {
        result.emplace_back(*input);
    }
    return result;
}

VARSCOPE_INLINE const detail::value_source* tensor::source() const noexcept {
    if (source_) { return source_.get(); }
    if (node_->is_variable) { return nullptr; }
    return static_cast<const detail::op_node*>(node_)->source.load(std::memory_order_acquire);
}

VARSCOPE_INLINE const detail::value_source& tensor::known_source() const {
    if (const detail::value_source* const known = source()) { return *known; }
    (void)node_->owner(); // which may have ended
    throw no_value("the value of op '" + std::string(op_name()) + "' is not known\n  created at " +
            to_string(node_->defined_at) +
            "\n  this is the graph's record of it, which has no expression; read what the op "
            "function returned (auto y = vs::relu(x); y.as_tensor().value()), add that to a "
            "collection to find it there, or make the op with vs::make_op and a .value",
        {std::string(op_name()), node_->defined_at, node_->defined_at});
}

VARSCOPE_INLINE any_variable tensor::as_variable(const std::source_location& where) const {
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

VARSCOPE_INLINE array_value tensor::value() const {
    return node_->is_variable ? as_variable().value() : known_source().value();
}

VARSCOPE_INLINE void tensor::read(void* to) const {
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

VARSCOPE_INLINE void tensor::check() const {
    if (!node_->is_variable) {
        known_source().check();
    } else if (const auto& v = static_cast<const detail::variable_node&>(*node_); !v.has_value()) {
        (void)v.elements(); // throws
    }
}

} // namespace varscope::inline VARSCOPE_ABI

namespace varscope::inline VARSCOPE_ABI::detail {

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
    void fill(const fill_target& target) const override;

private:
    tensor value_;
};

VARSCOPE_INLINE void tensor_model::fill(const fill_target& target) const {
    const array_value now = value_.value();
    if (now.type() != target.type || now.shape() != target.full_shape) {
        throw wrong_result("the tensor '" + std::string(value_.name()) + "' was to have shape " +
            to_string(target.full_shape) + ' ' + std::string(to_string(target.type)) +
            " and has shape " + to_string(now.shape()) + ' ' + std::string(to_string(now.type())));
    }
    if (target.count > 0) {
        std::memcpy(target.data, now.data(), target.count * size_of(target.type));
    }
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE std::vector<tensor> graph::nodes() const {
    std::vector<tensor> result;
    for (const detail::node* const n : records()) { result.emplace_back(*n); }
    return result;
}

VARSCOPE_INLINE initializer::initializer(const tensor& value)
    : model_{std::make_shared<detail::tensor_model>(value)} {}

VARSCOPE_INLINE initializer::initializer(const any_variable& value) : initializer(tensor(value)) {}

VARSCOPE_INLINE std::optional<tensor> regularizer::operator()(const any_variable& v) const {
    return loss_(v);
}

VARSCOPE_INLINE tensor custom_getter::operator()(
    const next_getter& next, const variable_request& request) const {
    return get_(next, request);
}

} // namespace varscope::inline VARSCOPE_ABI

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void keep(graph& g, const tensor& t) {
    if (t.is_variable()) { return; }
    const auto& op = static_cast<const op_node&>(t.node());
    if (t.own_source() != nullptr) {
        g.keep(t.own_source());
        op.source.store(t.own_source().get(), std::memory_order_release);
    }
    if (t.owner() != nullptr) { g.keep(t.owner()); }
}

} // namespace varscope::inline VARSCOPE_ABI::detail
