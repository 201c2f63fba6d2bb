/// \file
/// Lazy expressions that are ops of the graph: any xtensor expression, with a name.
#pragma once

#include <varscope/graph/tensor.hpp>
#include <varscope/op/detail/operand.hpp>
#include <varscope/op/detail/view_stepper.hpp>
#include <varscope/scope/make_op.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// Evaluates an expression into memory for `e.size()` elements of its type, in row-major order.
template <class E>
void evaluate_into(void* to, const E& e) {
    using elements = xt::xbuffer_adaptor<stored_as<std::remove_cvref_t<typename E::value_type>>*>;
    using lengths = xt::dynamic_shape<std::size_t>;
    xt::xarray_adaptor<elements, xt::layout_type::row_major, lengths> target(
        elements(static_cast<typename elements::pointer>(to), e.size()),
        lengths(e.shape().begin(), e.shape().end()));
    target.assign(e);
}

} // namespace detail

/// The xtensor expression `E`, recorded in the graph as an op: has a name, a kind and inputs.
///
/// Evaluates as `E` does, and costs what `E` costs. In larger expressions it stands by value. Made
/// by the op functions (`add`, `relu`, ...) and by `as_op`, from any thread. Valid as long as its
/// graph, and the containers that had a name where it was made of them. Evaluating it reads
/// elements, which is not to be done beside writing them; several threads may assign one op to
/// containers of theirs at the same time. Follows tf.Tensor.
template <class E>
class op : public E {
    template <class S>
    struct lengths {
        using type = xt::dynamic_shape<std::size_t>;
    };
    template <class I, std::size_t N>
    struct lengths<std::array<I, N>> {
        using type = std::array<std::size_t, N>;
    };

public:
    using dimensions_type = typename lengths<std::remove_cvref_t<typename E::shape_type>>::type;

    op(E expression, tensor result) : E(std::move(expression)), result_{std::move(result)} {
        const varscope::shape known = result_.shape();
        xt::resize_container(dimensions_, known.rank());
        std::ranges::copy(known, dimensions_.begin());
    }

    /// Known when the op is made: nothing is evaluated to tell it, so that a network can be built
    /// over variables and placeholders that have no value yet.
    [[nodiscard]] const dimensions_type& shape() const noexcept { return dimensions_; }
    [[nodiscard]] std::size_t shape(std::size_t axis) const noexcept { return dimensions_[axis]; }
    [[nodiscard]] std::size_t dimension() const noexcept { return dimensions_.size(); }
    [[nodiscard]] std::size_t size() const noexcept { return xt::compute_size(dimensions_); }

    /// "my_scope/Add:0"
    [[nodiscard]] std::string_view name() const noexcept { return result_.name(); }
    [[nodiscard]] std::string_view op_name() const noexcept { return result_.op_name(); }
    [[nodiscard]] std::string_view op_type() const noexcept { return result_.op_type(); }
    [[nodiscard]] std::vector<tensor> inputs() const { return result_.inputs(); }
    /// The op by what the graph knows of it, and able to tell its value.
    [[nodiscard]] tensor as_tensor() const {
        struct expression_source final : detail::value_source {
            using value_type = std::remove_cvref_t<typename E::value_type>;
            explicit expression_source(op e) : expression{std::move(e)} {}
            array_value value() const override {
                array_value now(dtype_of<value_type>, expression.record().shape());
                (void)read(now.memory());
                return now;
            }
            bool read(void* to) const override {
                [[maybe_unused]] const auto now = detail::evaluation_scope::joined();
                check();
                detail::evaluate_into(to, expression);
                return true;
            }
            void check() const override { detail::check_readable(expression); }
            op expression;
        };
        return tensor(result_, std::make_shared<expression_source>(*this));
    }
    operator tensor() const { return as_tensor(); } // NOLINT(google-explicit-constructor): TF's own
    /// Only by what the graph knows.
    [[nodiscard]] const tensor& record() const noexcept { return result_; }
    /// The lazy expression itself.
    [[nodiscard]] const E& expression() const noexcept { return *this; }

private:
    tensor result_;
    dimensions_type dimensions_{};
};

/// For what xtensor shares itself, such as the argument of xt::variance.
template <class E>
[[nodiscard]] xt::xshared_expression<op<E>> make_xshared(op<E>&& o) {
    return xt::xshared_expression<op<E>>(std::make_shared<op<E>>(std::move(o)));
}

} // namespace varscope::inline VARSCOPE_ABI

namespace xtl {

// As for variables: an expression holds the ops in it by value.
template <class E>
struct closure_type<varscope::op<E>&> {
    using type = varscope::op<E>;
};
template <class E>
struct closure_type<const varscope::op<E>&> {
    using type = varscope::op<E>;
};
template <class E>
struct const_closure_type<varscope::op<E>&> {
    using type = const varscope::op<E>;
};
template <class E>
struct const_closure_type<const varscope::op<E>&> {
    using type = const varscope::op<E>;
};

} // namespace xtl

namespace varscope::inline VARSCOPE_ABI {
namespace detail {

/// Adds the ops and variables that an expression stands on.
template <class X>
void collect_inputs(const X& x, std::vector<tensor>& inputs) {
    if constexpr (is_op<X>) {
        inputs.push_back(x.record());
    } else if constexpr (is_variable<X>) {
        inputs.emplace_back(any_variable(x));
    } else if constexpr (is_function<X>) {
        std::apply([&](const auto&... arguments) { (collect_inputs(arguments, inputs), ...); },
            x.arguments());
    } else if constexpr (stands_on_one<X>) {
        collect_inputs(x.expression(), inputs);
    }
}

template <class X>
[[nodiscard]] constexpr dtype dtype_of_expression() noexcept {
    using value_type = std::remove_cvref_t<typename X::value_type>;
    return find_dtype<value_type>().value_or(dtype::float32);
}

/// Records an op and makes it one with its expression. The shape must be known.
template <class E>
[[nodiscard]] op<E> record(std::string_view type, std::string_view default_name,
    const name_arg& name, const shape& dimensions, const std::vector<tensor>& inputs,
    E expression) {
    tensor result = make_op(current_scopes(),
        {.type = type,
            .default_name = default_name,
            .dtype = dtype_of_expression<E>(),
            .shape = dimensions,
            .inputs = inputs},
        name);
    return {std::move(expression), std::move(result)};
}

/// An element-wise op: a lazy xtensor function over its operands.
template <class Function, class... X>
[[nodiscard]] auto make_elementwise(
    std::string_view type, std::string_view default_name, const name_arg& name, X&&... x) {
    using expression = xt::xfunction<Function, held_operand<X>...>;
    std::vector<tensor> inputs;
    (collect_inputs(x, inputs), ...);
    expression function(Function{}, held(std::forward<X>(x))...);
    shape dimensions;
    try {
        dimensions = shape_of(function);
    } catch (const shape_mismatch& e) {
        throw shape_mismatch("op '" + std::string(name.is_given() ? name.text() : default_name) +
                "': " + e.what() + "\n  asked for at " + to_string(name.where()),
            {std::string(name.text()), name.where()}, e.present(), e.asked());
    }
    return record(type, default_name, name, dimensions, inputs, std::move(function));
}

struct identity_function {
    template <class A>
    constexpr A operator()(const A& a) const {
        return a;
    }
};

/// What an element-wise op is made by.
template <class Function>
struct make_op_of {
    std::string_view type;
    std::string_view default_name;

    template <class... X>
    auto operator()(const name_arg& name, X&&... x) const {
        return make_elementwise<Function>(type, default_name, name, std::forward<X>(x)...);
    }
};

/// \name Function objects of ops with one and two operands
/// Each has a form for containers that have a name, which the op refers to. Objects, because
/// argument-dependent look-up would find xtensor's functions of these names beside them.
/// name_arg(no_name), not no_name: GCC 12 would otherwise take these lines for the caller's.
/// \{
template <class Make>
struct unary_op {
    Make make;

    template <owned_operand X>
    [[nodiscard]] auto operator()(X&& x, name_arg name = name_arg(no_name)) const {
        return make(name, std::forward<X>(x));
    }
    template <container X>
    [[nodiscard]] auto operator()(
        const X& x VARSCOPE_LIFETIMEBOUND, name_arg name = name_arg(no_name)) const {
        return make(name, x);
    }
};
template <class Make>
struct binary_op {
    Make make;

    template <owned_operand X, owned_operand Y>
    [[nodiscard]] auto operator()(X&& x, Y&& y, name_arg name = name_arg(no_name)) const {
        return make(name, std::forward<X>(x), std::forward<Y>(y));
    }
    template <container X, owned_operand Y>
    [[nodiscard]] auto operator()(
        const X& x VARSCOPE_LIFETIMEBOUND, Y&& y, name_arg name = name_arg(no_name)) const {
        return make(name, x, std::forward<Y>(y));
    }
    template <owned_operand X, container Y>
    [[nodiscard]] auto operator()(
        X&& x, const Y& y VARSCOPE_LIFETIMEBOUND, name_arg name = name_arg(no_name)) const {
        return make(name, std::forward<X>(x), y);
    }
    template <container X, container Y>
    [[nodiscard]] auto operator()(const X& x VARSCOPE_LIFETIMEBOUND,
        const Y& y VARSCOPE_LIFETIMEBOUND, name_arg name = name_arg(no_name)) const {
        return make(name, x, y);
    }
};
/// \}

} // namespace detail

/// Names an xtensor expression: records it in the current name scope as an op of kind `type`, whose
/// inputs are the ops and variables it is made of, and returns it, still lazy.
///
/// \param type        the op's kind, and its name unless `name` is given, e.g. "Softplus".
/// \param expression  a named container is referred to; all else is held by value, also what
/// xtensor refers to within it, but for containers. A reducer, or a view of a lazy expression, is
/// computed as a whole, once an evaluation. \throws invalid_name, duplicate_node, wrong_graph
template <detail::owned_operand E>
[[nodiscard]] auto as_op(std::string_view type, E&& expression, name_arg name = no_name) {
    return detail::make_elementwise<detail::identity_function>(
        type, type, name, std::forward<E>(expression));
}
template <detail::container E>
[[nodiscard]] auto as_op(
    std::string_view type, const E& expression VARSCOPE_LIFETIMEBOUND, name_arg name = no_name) {
    return detail::make_elementwise<detail::identity_function>(type, type, name, expression);
}

} // namespace varscope::inline VARSCOPE_ABI
