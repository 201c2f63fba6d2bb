/// \file
/// The ops of a network, each with its name in the graph.
#pragma once

#include <varscope/op.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope {

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

/// The sum or mean over some axes of an expression.
template <class X>
struct reduction {
    using value_type = std::remove_cvref_t<typename std::decay_t<X>::value_type>;
    using container = xt::xarray<value_type, xt::layout_type::row_major>;

    X operand;
    std::vector<bool> is_reduced; // by axis
    std::vector<std::size_t> result_shape;
    bool is_mean;

    void check() const { check_readable(operand); }

    container operator()() const {
        // Floats are added in double: a sum of millions of them stays exact to float precision.
        // 16-bit floats in float, integers in 64 bits. Rounded once, at the end.
        using integer_sum =
            std::conditional_t<std::is_signed_v<value_type>, std::int64_t, std::uint64_t>;
        using float_sum = std::conditional_t<std::is_same_v<value_type, float>, double, value_type>;
        using sum_type = std::conditional_t<std::is_integral_v<value_type>, integer_sum,
            std::conditional_t<is_half<value_type>, float, float_sum>>;
        const container_of_t<X> in(operand);
        std::vector<std::size_t> step(in.dimension(), 0); // in the result, for one along each axis
        std::size_t size = 1;
        std::size_t count = 1; // elements that are added to one
        for (std::size_t axis = in.dimension(); axis-- > 0;) {
            if (is_reduced[axis]) {
                count *= in.shape()[axis];
            } else {
                step[axis] = size;
                size *= in.shape()[axis];
            }
        }
        std::vector<sum_type> sums(size, sum_type{});
        std::vector<std::size_t> index(in.dimension(), 0);
        std::size_t at = 0;
        for (const value_type& element : in.storage()) {
            sums[at] += static_cast<sum_type>(element);
            for (std::size_t axis = in.dimension(); axis-- > 0;) {
                at += step[axis];
                if (++index[axis] < in.shape()[axis]) { break; }
                at -= step[axis] * index[axis];
                index[axis] = 0;
            }
        }
        if (std::is_integral_v<value_type> && count == 0) {
            count = 1;
        } // the mean of no integers is 0, of no floats NaN
        container out = container::from_shape(result_shape);
        std::transform(sums.begin(), sums.end(), out.storage().begin(), [&](const sum_type& sum) {
            return static_cast<value_type>(is_mean ? sum / static_cast<sum_type>(count) : sum);
        });
        return out;
    }
};

/// Axes to reduce; none given: all. Negative ones count from the end.
using axis_choice = std::optional<std::vector<int>>;

template <class X>
[[nodiscard]] auto make_reduction(std::string_view type, bool is_mean, X&& x,
    const axis_choice& over, bool keep_dims, const name_arg& name) {
    using function = reduction<held_operand<X>>;
    using result = computed<typename function::container, function>;
    const shape dimensions = shape_of(x);
    std::vector<bool> is_reduced(dimensions.rank(), !over);
    for (const int axis : over.value_or(std::vector<int>{})) {
        const auto rank = static_cast<int>(dimensions.rank());
        if (axis < -rank || axis >= rank) {
            throw bad_shape("op '" + std::string(type) + "' has no axis " + std::to_string(axis) +
                    " to reduce\n  asked for at " + to_string(name.where()) + " of shape " +
                    to_string(dimensions),
                {std::string(type), name.where()});
        }
        is_reduced[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)] = true;
    }
    std::vector<std::size_t> result_shape;
    for (std::size_t axis = 0; axis < dimensions.rank(); ++axis) {
        if (!is_reduced[axis]) {
            result_shape.push_back(static_cast<std::size_t>(dimensions[axis]));
        } else if (keep_dims) {
            result_shape.push_back(1);
        }
    }
    std::vector<tensor> inputs;
    collect_inputs(x, inputs);
    if (!over) { // TensorFlow makes ops for the list of all axes
        thread_scopes& here = current_scopes();
        const auto take = [&](std::string_view hidden) {
            (void)take_name(here.owner->names(), here.innermost->names, hashed_name(hidden), {});
        };
        if constexpr (is_variable<std::remove_cvref_t<X>>) {
            take("Rank");
            take("range");
        } else {
            take("Const");
        }
    }
    typename result::shape_type computed_shape(result_shape.begin(), result_shape.end());
    const shape recorded_shape(result_shape);
    return record(type, type, name, recorded_shape, inputs,
        result(std::move(computed_shape),
            function{std::forward<X>(x), std::move(is_reduced), std::move(result_shape), is_mean}));
}

} // namespace detail

/// What becomes of an axis that a reduction goes over.
enum class reduced_axes : std::uint8_t { drop, keep };

/// The ops; `vs::add` is one of them. In a namespace of their own, which argument-dependent look-up
/// does not go into: xtensor's functions call `square` and others of these names without `xt::`,
/// for variables too.
namespace ops {

/// \name Element-wise ops
/// Operands are variables, ops, xtensor expressions and numbers, and broadcast as in xtensor. Named
/// containers are referred to, all else is held by value. Each returns a lazy expression with the
/// `name()` of an op in the current name scope: TensorFlow's default name for it, or `name`, made
/// unique. Safe from any thread; evaluating the result reads elements.
/// \throws shape_mismatch, invalid_name, duplicate_node, wrong_graph
/// \{
template <detail::operand X, detail::operand Y>
[[nodiscard]] auto add(X&& x, Y&& y, name_arg name = no_name) {
    return detail::make_elementwise<detail::add_function>(
        "Add", "Add", name, std::forward<X>(x), std::forward<Y>(y));
}
template <detail::operand X, detail::operand Y>
[[nodiscard]] auto subtract(X&& x, Y&& y, name_arg name = no_name) {
    return detail::make_elementwise<detail::subtract_function>(
        "Sub", "Sub", name, std::forward<X>(x), std::forward<Y>(y));
}
template <detail::operand X, detail::operand Y>
[[nodiscard]] auto multiply(X&& x, Y&& y, name_arg name = no_name) {
    return detail::make_elementwise<detail::multiply_function>(
        "Mul", "Mul", name, std::forward<X>(x), std::forward<Y>(y));
}
/// Integers are divided as floating numbers are.
template <detail::operand X, detail::operand Y>
[[nodiscard]] auto divide(X&& x, Y&& y, name_arg name = no_name) {
    return detail::make_elementwise<detail::divide_function>(
        "RealDiv", "truediv", name, std::forward<X>(x), std::forward<Y>(y));
}
template <detail::operand X>
[[nodiscard]] auto negative(X&& x, name_arg name = no_name) {
    return detail::make_elementwise<detail::negative_function>(
        "Neg", "Neg", name, std::forward<X>(x));
}
template <detail::operand X>
[[nodiscard]] auto square(X&& x, name_arg name = no_name) {
    return detail::make_elementwise<detail::square_function>(
        "Square", "Square", name, std::forward<X>(x));
}
template <detail::operand X>
[[nodiscard]] auto identity(X&& x, name_arg name = no_name) {
    return detail::make_elementwise<detail::identity_function>(
        "Identity", "Identity", name, std::forward<X>(x));
}
/// max(x, 0)
template <detail::operand X>
[[nodiscard]] auto relu(X&& x, name_arg name = no_name) {
    return detail::make_elementwise<detail::relu_function>(
        "Relu", "Relu", name, std::forward<X>(x));
}
/// min(max(x, 0), 6)
template <detail::operand X>
[[nodiscard]] auto relu6(X&& x, name_arg name = no_name) {
    return detail::make_elementwise<detail::relu6_function>(
        "Relu6", "Relu6", name, std::forward<X>(x));
}
/// 1 / (1 + exp(-x))
template <detail::operand X>
[[nodiscard]] auto sigmoid(X&& x, name_arg name = no_name) {
    return detail::make_elementwise<detail::sigmoid_function>(
        "Sigmoid", "Sigmoid", name, std::forward<X>(x));
}
template <detail::operand X>
[[nodiscard]] auto tanh(X&& x, name_arg name = no_name) {
    return detail::make_elementwise<detail::tanh_function>(
        "Tanh", "Tanh", name, std::forward<X>(x));
}
/// `value` (..., n) plus `bias` (n).
/// \throws shape_mismatch  bias has another length than the last axis of value.
template <detail::operand X, detail::operand B>
[[nodiscard]] auto bias_add(X&& value, B&& bias, name_arg name = no_name) {
    const shape of_value = detail::shape_of(value);
    const shape of_bias = detail::shape_of(bias);
    if (of_bias.rank() != 1 || of_value.rank() == 0 ||
        of_value[of_value.rank() - 1] != of_bias[0]) {
        throw shape_mismatch("op 'BiasAdd' cannot add a bias of shape " + to_string(of_bias) +
                " to shape " + to_string(of_value) + "\n  asked for at " + to_string(name.where()) +
                "\n  a bias has one axis, as long as the last one of the value",
            {std::string(name.text()), name.where()}, of_value, of_bias);
    }
    return detail::make_elementwise<detail::add_function>(
        "BiasAdd", "BiasAdd", name, std::forward<X>(value), std::forward<B>(bias));
}
/// \}

/// \name Reductions
/// Over the axes given, or over all of them; a reduced axis goes away, or stays with length 1.
/// Evaluated as a whole when a pass over the result begins. Safe from any thread; evaluating the
/// result reads elements.
/// \throws bad_shape  there is no such axis.
/// \{
template <detail::operand X>
[[nodiscard]] auto reduce_sum(X&& x, name_arg name = no_name) {
    return detail::make_reduction("Sum", false, std::forward<X>(x), std::nullopt, false, name);
}
template <detail::operand X>
[[nodiscard]] auto reduce_sum(
    X&& x, std::vector<int> axes, reduced_axes keep = reduced_axes::drop, name_arg name = no_name) {
    return detail::make_reduction(
        "Sum", false, std::forward<X>(x), std::move(axes), keep == reduced_axes::keep, name);
}
template <detail::operand X>
[[nodiscard]] auto reduce_mean(X&& x, name_arg name = no_name) {
    return detail::make_reduction("Mean", true, std::forward<X>(x), std::nullopt, false, name);
}
template <detail::operand X>
[[nodiscard]] auto reduce_mean(
    X&& x, std::vector<int> axes, reduced_axes keep = reduced_axes::drop, name_arg name = no_name) {
    return detail::make_reduction(
        "Mean", true, std::forward<X>(x), std::move(axes), keep == reduced_axes::keep, name);
}
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
inline tensor no_op(name_arg name = no_name) {
    return make_op({.type = "NoOp", .dtype = dtype::float32, .shape = any_shape}, name);
}

} // namespace ops

using namespace ops;

} // namespace varscope
