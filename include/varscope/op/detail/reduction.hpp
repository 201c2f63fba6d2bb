/// \file
/// Ops that go over whole axes: sums, means, extremes and softmax.
#pragma once

#include <varscope/op/op.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// \name Reducers: TensorFlow's word for the op, and how it goes on from element to element.
/// `T` is the type of the elements, `total` the one that is calculated in.
/// \{
struct sum_reducer {
    static constexpr std::string_view type = "Sum";

    // Floats are added in double: a sum of millions of them stays exact to float precision. 16-bit
    // floats in float, integers in 64 bits. Rounded once, at the end.
    template <class T>
    using integer_total = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
    template <class T>
    using float_total = std::conditional_t<std::is_same_v<T, float>, double, T>;
    template <class T>
    using total = std::conditional_t<std::is_integral_v<T>, integer_total<T>,
        std::conditional_t<is_half<T>, float, float_total<T>>>;

    template <class T>
    static total<T> first() {
        return {};
    }
    template <class T>
    static void add(total<T>& so_far, const T& element) {
        so_far += static_cast<total<T>>(element);
    }
    template <class T>
    static T last(const total<T>& all, std::size_t) {
        return static_cast<T>(all);
    }
};
struct mean_reducer : sum_reducer {
    static constexpr std::string_view type = "Mean";

    template <class T>
    static T last(const total<T>& all, std::size_t count) {
        // The mean of no integers is 0, of no floats NaN.
        if (std::is_integral_v<T> && count == 0) { count = 1; }
        return static_cast<T>(all / static_cast<total<T>>(count));
    }
};
template <bool IsMax>
struct extreme_reducer {
    static constexpr std::string_view type = IsMax ? "Max" : "Min";

    template <class T>
    using total = T;

    template <class T>
    static T first() {
        using limits = std::numeric_limits<T>;
        static_assert(limits::is_specialized,
            "varscope: reduce_max(x), reduce_min(x): elements of this type have no order");
        if constexpr (limits::has_infinity) {
            return IsMax ? static_cast<T>(-limits::infinity()) : limits::infinity();
        } else {
            return IsMax ? limits::lowest() : limits::max();
        }
    }
    template <class T>
    static void add(T& so_far, const T& element) {
        // An element that is not itself is NaN, and stays.
        if ((IsMax ? so_far < element : element < so_far) || element != element) {
            so_far = element;
        }
    }
    template <class T>
    static T last(const T& all, std::size_t) {
        return all;
    }
};
using max_reducer = extreme_reducer<true>;
using min_reducer = extreme_reducer<false>;
/// \}

/// A reduction over some axes of an expression.
template <class Reducer, class X>
struct reduction {
    using value_type = std::remove_cvref_t<typename std::decay_t<X>::value_type>;
    using container = xt::xarray<value_type, xt::layout_type::row_major>;

    X operand;
    std::vector<bool> is_reduced; // by axis
    std::vector<std::size_t> result_shape;

    void check() const { check_readable(operand); }

    container operator()() const {
        using total = typename Reducer::template total<value_type>;
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
        // Not std::vector: that of bool has no elements to refer to.
        const auto totals = std::make_unique<total[]>(size);
        std::fill_n(totals.get(), size, Reducer::template first<value_type>());
        std::vector<std::size_t> index(in.dimension(), 0);
        std::size_t at = 0;
        for (const value_type& element : in.storage()) {
            Reducer::template add<value_type>(totals[at], element);
            for (std::size_t axis = in.dimension(); axis-- > 0;) {
                at += step[axis];
                if (++index[axis] < in.shape()[axis]) { break; }
                at -= step[axis] * index[axis];
                index[axis] = 0;
            }
        }
        container out = container::from_shape(result_shape);
        std::transform(totals.get(), totals.get() + size, out.storage().begin(),
            [&](const total& all) { return Reducer::template last<value_type>(all, count); });
        return out;
    }
};

/// Axes to reduce; none given: all. Negative ones count from the end.
using axis_choice = std::optional<std::vector<int>>;

/// The axis that `axis` means, which may count from the end.
[[nodiscard]] std::size_t axis_of(
    const shape& dimensions, int axis, std::string_view type, const name_arg& name);

template <class Reducer, class X>
[[nodiscard]] auto make_reduction(
    X&& x, const axis_choice& over, bool keep_dims, const name_arg& name) {
    constexpr std::string_view type = Reducer::type;
    using function = reduction<Reducer, held_operand<X>>;
    using result = computed<typename function::container, function>;
    const shape dimensions = shape_of(x);
    std::vector<bool> is_reduced(dimensions.rank(), !over);
    for (const int axis : over.value_or(std::vector<int>{})) {
        is_reduced[axis_of(dimensions, axis, type, name)] = true;
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
        if constexpr (is_variable<std::remove_cvref_t<X>>) {
            take_op_name("Rank");
            take_op_name("range");
        } else {
            take_op_name("Const");
        }
    }
    typename result::shape_type computed_shape(result_shape.begin(), result_shape.end());
    const shape recorded_shape(result_shape);
    return record(type, type, name, recorded_shape, inputs,
        result(std::move(computed_shape),
            function{held(std::forward<X>(x)), std::move(is_reduced), std::move(result_shape)}));
}

/// exp(x) by its sum along one axis.
template <class X>
struct softmax_of {
    using container = container_of_t<X>;
    using value_type = typename container::value_type;
    using wide = std::conditional_t<std::is_same_v<value_type, double>, double, float>;

    X operand;
    std::size_t axis;

    void check() const { check_readable(operand); }

    container operator()() const {
        container out(operand);
        const std::size_t length = out.shape()[axis];
        std::size_t step = 1; // between neighbours along the axis
        for (std::size_t inner = axis + 1; inner < out.dimension(); ++inner) {
            step *= out.shape()[inner];
        }
        value_type* const elements = out.data();
        std::vector<wide> exponentials(length);
        for (std::size_t row = 0; length > 0 && row < out.size() / length; ++row) {
            value_type* const first = elements + row / step * step * length + row % step;
            wide greatest = static_cast<wide>(first[0]);
            for (std::size_t i = 1; i < length; ++i) {
                greatest = std::max(greatest, static_cast<wide>(first[i * step]));
            }
            wide sum = 0;
            for (std::size_t i = 0; i < length; ++i) {
                exponentials[i] = std::exp(static_cast<wide>(first[i * step]) - greatest);
                sum += exponentials[i];
            }
            for (std::size_t i = 0; i < length; ++i) {
                first[i * step] = static_cast<value_type>(exponentials[i] / sum);
            }
        }
        return out;
    }
};

/// The function object of softmax.
struct softmax_op {
    template <owned_operand X>
    [[nodiscard]] auto operator()(X&& x, int axis = -1, name_arg name = name_arg(no_name)) const {
        return make(std::forward<X>(x), axis, name);
    }
    template <container X>
    [[nodiscard]] auto operator()(
        const X& x VARSCOPE_LIFETIMEBOUND, int axis = -1, name_arg name = name_arg(no_name)) const {
        return make(x, axis, name);
    }

private:
    template <class X>
    static auto make(X&& x, int axis, const name_arg& name) {
        using function = softmax_of<std::remove_cvref_t<held_operand<X>>>;
        using held_function = softmax_of<held_operand<X>>;
        using result = computed<typename function::container, held_function>;
        static_assert(is_floating(dtype_of<typename function::value_type>),
            "varscope: softmax(x): x must have floating elements; write xt::cast<float>(x)");
        const shape dimensions = shape_of(x);
        const std::size_t along = axis_of(dimensions, axis, "Softmax", name);
        std::vector<tensor> inputs;
        collect_inputs(x, inputs);
        typename result::shape_type lengths{};
        xt::resize_container(lengths, dimensions.rank());
        std::copy(dimensions.begin(), dimensions.end(), lengths.begin());
        return record("Softmax", "Softmax", name, dimensions, inputs,
            result(std::move(lengths), held_function{held(std::forward<X>(x)), along}));
    }
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/op/impl/reduction.ipp>
#endif
