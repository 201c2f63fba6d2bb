/// \file
/// The regularizers of tf.contrib.layers, and the sum of their losses.
#pragma once

#include <varscope/graph/tensor.hpp>
#include <varscope/initializers/check_parameter.hpp>
#include <varscope/scope/make_op.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <cmath>
#include <concepts>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// A scalar of a floating type.
[[nodiscard]] array_value scalar_of(dtype type, double number);
/// The number in a scalar of a floating type.
[[nodiscard]] inline double number_of(const array_value& scalar) {
    return *static_cast<const double*>(scalar.converted(dtype::float64).value().data());
}

/// The sum of `f(element)` over a variable of a floating type, in double. Elements in a row are
/// read where they stand.
template <class Function>
[[nodiscard]] double sum_over(const any_variable& v, Function f) {
    std::optional<array_value> copy;
    if (!v.is_contiguous()) { copy = v.value(); }
    const void* const data = copy ? copy->data() : v.data();
    double sum = 0;
    visit_dtype(v.dtype(), [&]<class T>(std::type_identity<T>) {
        if constexpr (is_floating(dtype_of<T>)) {
            for (const T& element : std::span(static_cast<const T*>(data), v.size())) {
                sum += f(static_cast<double>(element));
            }
        }
    });
    return sum;
}

/// The sum of scalars as an op. Follows tf.add_n.
[[nodiscard]] tensor add_n(graph& g, const std::vector<tensor>& terms, const name_arg& name);

/// A regularizer that scales a sum over all elements.
/// \param sum     of the elements, as a number.
/// \param record  makes the op of the sum for the record.
template <class Sum, class Record>
[[nodiscard]] regularizer scaled_sum(
    double scale, std::string scope, const char* default_scope, Sum sum, Record record) {
    if (scale == 0) {
        return [](const any_variable&) { return std::optional<tensor>(); };
    }
    return [=, scope = std::move(scope)](const any_variable& v) -> std::optional<tensor> {
        const std::source_location& where = v.defined_at();
        const dtype type = v.dtype();
        if (!is_floating(type)) {
            throw value_dtype("variable '" + std::string(v.op_name()) +
                    "' cannot be regularized: it has element type " + std::string(to_string(type)) +
                    "\n  created at " + to_string(where) +
                    "\n  use a floating type, or no regularizer",
                {std::string(v.op_name()), where, where});
        }
        graph& g = v.graph();
        const name_scope in(g, scope.empty() ? name_arg(no_name, where) : name_arg(scope, where),
            name_arg(default_scope, where));
        const double factor = number_of(scalar_of(type, scale)); // rounded as TensorFlow's is
        const tensor terms[] = {// NOLINT(modernize-avoid-c-arrays): made in this order
            make_op(g,
                {.type = "Const",
                    .dtype = type,
                    .shape = shape(),
                    .value = [=] { return scalar_of(type, factor); }},
                name_arg("scale", where)),
            record(g, v)};
        return make_op(g,
            {.type = "Mul",
                .dtype = type,
                .shape = shape(),
                .inputs = terms,
                .value = [=] { return scalar_of(type, factor * sum_over(v, sum)); }},
            name_arg(in.name(), where));
    };
}

} // namespace detail

/// \name Regularizers
/// Each is lazy: its loss is computed from the variable's elements when it is read, in double, and
/// has the variable's floating type. The loss is an op `<key>/Regularizer/<scope>`. A scale of 0
/// makes no loss, also where a scope would give one.
/// \param scale  a floating number, not an integer.
/// \param scope  of the loss's op, instead of the regularizer's own name.
/// \throws bad_parameter  the scale is negative, or not finite. Reading a variable of another type
/// than a floating one is a `value_dtype` when it is created.
/// \{

/// scale * sum |w|. Follows tf.contrib.layers.l1_regularizer.
template <class Number>
[[nodiscard]] regularizer l1_regularizer(Number scale, std::string scope = {},
    const std::source_location& where = std::source_location::current()) {
    static_assert(std::floating_point<Number>,
        "varscope::l1_regularizer(scale): the scale must be a floating number, such as 1.0");
    detail::check_not_negative("l1_regularizer", "scale", static_cast<double>(scale), where);
    return detail::scaled_sum(
        static_cast<double>(scale), std::move(scope), "l1_regularizer",
        [](double x) { return std::abs(x); },
        [](graph& g, const any_variable& v) {
            const tensor of = v;
            const tensor terms[] = {// NOLINT(modernize-avoid-c-arrays): made in this order
                make_op(g,
                    {.type = "Abs",
                        .dtype = v.dtype(),
                        .shape = v.shape(),
                        .inputs = std::span(&of, 1)},
                    name_arg("Abs", v.defined_at())),
                make_op(g,
                    {.type = "Const",
                        .dtype = dtype::int32,
                        .shape = shape{static_cast<std::int64_t>(v.shape().rank())}},
                    name_arg("Const", v.defined_at()))};
            return make_op(g,
                {.type = "Sum", .dtype = v.dtype(), .shape = shape(), .inputs = terms},
                name_arg("Sum", v.defined_at()));
        });
}

/// scale * sum w^2 / 2. Follows tf.contrib.layers.l2_regularizer.
template <class Number>
[[nodiscard]] regularizer l2_regularizer(Number scale, std::string scope = {},
    const std::source_location& where = std::source_location::current()) {
    static_assert(std::floating_point<Number>,
        "varscope::l2_regularizer(scale): the scale must be a floating number, such as 1.0");
    detail::check_not_negative("l2_regularizer", "scale", static_cast<double>(scale), where);
    return detail::scaled_sum(
        static_cast<double>(scale), std::move(scope), "l2_regularizer",
        [](double x) { return x * x / 2; },
        [](graph& g, const any_variable& v) {
            const tensor of = v;
            return make_op(g,
                {.type = "L2Loss",
                    .dtype = v.dtype(),
                    .shape = shape(),
                    .inputs = std::span(&of, 1)},
                name_arg("L2Loss", v.defined_at()));
        });
}

/// The sum of what the regularizers make; empty ones do not count, and of none but those it is
/// empty itself. Follows tf.contrib.layers.sum_regularizer.
[[nodiscard]] regularizer sum_regularizer(std::vector<regularizer> all, std::string scope = {});

/// l1 * sum |w| + l2 * sum w^2 / 2. Follows tf.contrib.layers.l1_l2_regularizer.
template <class L1 = double, class L2 = double>
[[nodiscard]] regularizer l1_l2_regularizer(L1 l1 = 1.0, L2 l2 = 1.0,
    std::string scope = "l1_l2_regularizer",
    const std::source_location& where = std::source_location::current()) {
    static_assert(std::floating_point<L1> && std::floating_point<L2>,
        "varscope::l1_l2_regularizer(l1, l2): the scales must be floating numbers, such as 1.0");
    if (l1 == 0) { return l2_regularizer(l2, std::move(scope), where); }
    if (l2 == 0) { return l1_regularizer(l1, std::move(scope), where); }
    return sum_regularizer(
        {l1_regularizer(l1, {}, where), l2_regularizer(l2, {}, where)}, std::move(scope));
}

/// Makes no loss: `{.regularizer = vs::no_regularizer}` stops the one of the scope. Follows
/// tf.no_regularizer.
[[nodiscard]] std::optional<tensor> no_regularizer(const any_variable& /*v*/);
/// \}

/// The sum of what `r` makes of `weights`, or without any of the variables in the collection
/// `weights`: an op "get_regularization_penalty", which joins the losses.
///
/// \throws bad_parameter   there are no weights.
/// \throws shape_mismatch  `r` made a loss that is not a scalar.
/// Safe from any thread. Follows tf.contrib.layers.apply_regularization.
tensor apply_regularization(graph& g, const regularizer& r, std::vector<any_variable> weights = {},
    const std::source_location& where = std::source_location::current());
inline tensor apply_regularization(const regularizer& r, std::vector<any_variable> weights = {},
    const std::source_location& where = std::source_location::current()) {
    return apply_regularization(current_graph(), r, std::move(weights), where);
}

/// The sum of the losses there are now, as an op that tells its `value()` from what the variables
/// hold then; without any, 0.
/// \throws shape_mismatch, dtype_mismatch  one is not a scalar, or of another type than the first.
/// Safe from any thread. Follows tf.losses.get_regularization_loss.
[[nodiscard]] tensor get_regularization_loss(graph& g, name_arg name = "total_regularization_loss");
[[nodiscard]] inline tensor get_regularization_loss(name_arg name = "total_regularization_loss") {
    return get_regularization_loss(current_graph(), name);
}

/// The sum of all losses now, whatever their types. Records nothing. Reads elements: not beside
/// writing them.
/// \throws uninitialized, no_value
[[nodiscard]] double regularization_loss(graph& g);
[[nodiscard]] inline double regularization_loss() { return regularization_loss(current_graph()); }

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/train/impl/regularizers.ipp>
#endif
