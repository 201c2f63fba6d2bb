/// \file
/// The ops of a network, each with its name in the graph.
#pragma once

#include <varscope/op/detail/reduction.hpp>
#include <varscope/op/op.hpp>
#include <varscope/scope/make_op.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

struct add_function {
    template <class A, class B>
    constexpr auto operator()(const A& a, const B& b) const {
        return a + b;
    }
};
struct subtract_function {
    template <class A, class B>
    constexpr auto operator()(const A& a, const B& b) const {
        return a - b;
    }
};
struct multiply_function {
    template <class A, class B>
    constexpr auto operator()(const A& a, const B& b) const {
        return a * b;
    }
};
struct divide_function {
    template <class A, class B>
    constexpr auto operator()(const A& a, const B& b) const {
        if constexpr (std::is_integral_v<A> && std::is_integral_v<B>) {
            return static_cast<double>(a) / static_cast<double>(b); // tf.divide is Python's "/"
        } else {
            return a / b;
        }
    }
};
struct negative_function {
    template <class A>
    constexpr A operator()(const A& a) const {
        return static_cast<A>(-a);
    }
};
struct square_function {
    template <class A>
    constexpr A operator()(const A& a) const {
        return static_cast<A>(a * a);
    }
};
struct relu_function {
    template <class A>
    constexpr A operator()(const A& a) const {
        return a < A(0) ? A(0) : a;
    } // NaN stays
};
struct relu6_function {
    template <class A>
    constexpr A operator()(const A& a) const {
        return a < A(0) ? A(0) : a > A(6) ? A(6) : a;
    }
};
struct sigmoid_function {
    template <class A>
    A operator()(const A& a) const {
        return A(1) / (A(1) + std::exp(-a));
    }
};
struct tanh_function {
    template <class A>
    A operator()(const A& a) const {
        return std::tanh(a);
    }
};

struct make_bias_add {
    template <class X, class B>
    auto operator()(const name_arg& name, X&& value, B&& bias) const {
        const shape of_value = shape_of(value);
        const shape of_bias = shape_of(bias);
        if (of_bias.rank() != 1 || of_value.rank() == 0 ||
            of_value[of_value.rank() - 1] != of_bias[0]) {
            throw shape_mismatch("op 'BiasAdd' cannot add a bias of shape " + to_string(of_bias) +
                    " to shape " + to_string(of_value) + "\n  asked for at " +
                    to_string(name.where()) +
                    "\n  a bias has one axis, as long as the last one of the value",
                {std::string(name.text()), name.where()}, of_value, of_bias);
        }
        return make_elementwise<add_function>(
            "BiasAdd", "BiasAdd", name, std::forward<X>(value), std::forward<B>(bias));
    }
};

template <class Function>
using elementwise_unary = unary_op<make_op_of<Function>>;
template <class Function>
using elementwise_binary = binary_op<make_op_of<Function>>;

} // namespace detail

/// What becomes of an axis that a reduction goes over.
enum class reduced_axes : std::uint8_t { drop, keep };

namespace detail {

/// The function object of a reduction.
template <class Reducer>
struct reduction_op {
    template <owned_operand X>
    [[nodiscard]] auto operator()(X&& x, name_arg name = name_arg(no_name)) const {
        return make_reduction<Reducer>(std::forward<X>(x), std::nullopt, false, name);
    }
    template <container X>
    [[nodiscard]] auto operator()(
        const X& x VARSCOPE_LIFETIMEBOUND, name_arg name = name_arg(no_name)) const {
        return make_reduction<Reducer>(x, std::nullopt, false, name);
    }
    template <owned_operand X>
    [[nodiscard]] auto operator()(X&& x, std::vector<int> axes,
        reduced_axes keep = reduced_axes::drop, name_arg name = name_arg(no_name)) const {
        return make_reduction<Reducer>(
            std::forward<X>(x), std::move(axes), keep == reduced_axes::keep, name);
    }
    template <container X>
    [[nodiscard]] auto operator()(const X& x VARSCOPE_LIFETIMEBOUND, std::vector<int> axes,
        reduced_axes keep = reduced_axes::drop, name_arg name = name_arg(no_name)) const {
        return make_reduction<Reducer>(x, std::move(axes), keep == reduced_axes::keep, name);
    }
};

} // namespace detail

/// The ops; `vs::add` is one of them. In a namespace of their own, which argument-dependent look-up
/// does not go into: xtensor's functions call `square` and others of these names without `xt::`,
/// for variables too. Function objects all but `tanh`, so that `using namespace varscope` and
/// `square(w)` mean these and not also xtensor's.
namespace ops {

/// \name Element-wise ops
/// `add(x, y, name)`: operands are variables, ops, xtensor expressions and numbers, and broadcast
/// as in xtensor. Containers that have a name are referred to, and must outlive the op; all else is
/// held by value, and so are the lazy expressions that it refers to. Each returns a lazy expression
/// with the `name()` of an op in the current name scope: TensorFlow's default name for it, or
/// `name`, made unique. Safe from any thread; evaluating the result reads elements. \throws
/// shape_mismatch, invalid_name, duplicate_node, wrong_graph
/// \{
inline constexpr detail::elementwise_binary<detail::add_function> add{{"Add", "Add"}};
inline constexpr detail::elementwise_binary<detail::subtract_function> subtract{{"Sub", "Sub"}};
inline constexpr detail::elementwise_binary<detail::multiply_function> multiply{{"Mul", "Mul"}};
/// Integers are divided as floating numbers are.
inline constexpr detail::elementwise_binary<detail::divide_function> divide{{"RealDiv", "truediv"}};
inline constexpr detail::elementwise_unary<detail::negative_function> negative{{"Neg", "Neg"}};
inline constexpr detail::elementwise_unary<detail::square_function> square{{"Square", "Square"}};
/// Beside `using namespace std`, whose `identity` is a type, write `vs::identity`.
inline constexpr detail::elementwise_unary<detail::identity_function> identity{
    {"Identity", "Identity"}};
/// max(x, 0)
inline constexpr detail::elementwise_unary<detail::relu_function> relu{{"Relu", "Relu"}};
/// min(max(x, 0), 6)
inline constexpr detail::elementwise_unary<detail::relu6_function> relu6{{"Relu6", "Relu6"}};
/// 1 / (1 + exp(-x))
inline constexpr detail::elementwise_unary<detail::sigmoid_function> sigmoid{
    {"Sigmoid", "Sigmoid"}};
/// `bias_add(value, bias, name)`: value (..., n) plus bias (n).
/// \throws shape_mismatch  bias has another length than the last axis of value.
inline constexpr detail::binary_op<detail::make_bias_add> bias_add{};

// Functions, as the C library has functions of this name in the global namespace. Three, each a
// better match than xtensor's of one template parameter.
template <detail::operand X>
[[nodiscard]] auto tanh(const X& x VARSCOPE_LIFETIMEBOUND, name_arg name = no_name)
    requires detail::is_container<X>
{
    return detail::make_op_of<detail::tanh_function>{"Tanh", "Tanh"}(name, x);
}
template <detail::operand X>
[[nodiscard]] auto tanh(X& x, name_arg name = no_name)
    requires(!detail::is_container<std::remove_const_t<X>>)
{
    return detail::make_op_of<detail::tanh_function>{"Tanh", "Tanh"}(name, x);
}
template <template <class...> class Lazy, class... T>
[[nodiscard]] auto tanh(Lazy<T...>&& x, name_arg name = no_name)
    requires detail::operand<Lazy<T...>>
{
    return detail::make_op_of<detail::tanh_function>{"Tanh", "Tanh"}(name, std::move(x));
}
template <detail::operand X>
[[nodiscard]] auto tanh(X&& x, name_arg name = no_name)
    requires(!std::is_lvalue_reference_v<X>)
{
    return detail::make_op_of<detail::tanh_function>{"Tanh", "Tanh"}(name, std::forward<X>(x));
}
/// \}

/// \name Reductions
/// `reduce_sum(x, name)`: over all axes; `reduce_sum(x, axes, keep, name)`: over those given, of
/// which negative ones count from the end. A reduced axis goes away, or stays with length 1
/// (`reduced_axes::keep`). Evaluated as a whole when a pass over the result begins. Safe from any
/// thread; evaluating the result reads elements.
/// \throws bad_shape  there is no such axis.
/// \{
inline constexpr detail::reduction_op<detail::sum_reducer> reduce_sum{};
/// Of integers an integer, towards 0.
inline constexpr detail::reduction_op<detail::mean_reducer> reduce_mean{};
/// NaN if there is one. Of no elements: the least number of the type, or minus infinity.
inline constexpr detail::reduction_op<detail::max_reducer> reduce_max{};
/// NaN if there is one. Of no elements: the greatest number of the type, or infinity.
inline constexpr detail::reduction_op<detail::min_reducer> reduce_min{};
/// `softmax(x, axis = -1, name)`: exp(x) by its sum along an axis, of floating numbers. For another
/// axis than the last TensorFlow makes transposes, whose names are not taken here.
/// \throws bad_shape  there is no such axis; a scalar has none.
inline constexpr detail::softmax_op softmax{};
/// \}

/// A constant as an op: the value of a number or an expression, taken now.
template <detail::operand X>
[[nodiscard]] auto constant(const X& value, name_arg name = no_name) {
    if constexpr (detail::number<X>) {
        return detail::make_elementwise<detail::identity_function>(
            "Const", "Const", name, xt::xtensor<X, 0>(value));
    } else {
        return detail::make_elementwise<detail::identity_function>(
            "Const", "Const", name, detail::container_of_t<X>(value));
    }
}

/// An op without a result. Safe from any thread. Follows tf.no_op.
tensor no_op(name_arg name = no_name);

} // namespace ops

using namespace ops;

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/op/impl/ops.ipp>
#endif
