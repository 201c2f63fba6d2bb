/// \file
/// Changing all elements of a variable: assignment, addition, subtraction, counting.
#pragma once

#include <varscope/variable/updates.hpp>
#include <varscope/variable/variable.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <source_location>
#include <string>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// Puts `values`, which have the variable's shape, together with its elements.
template <class T, std::size_t N, class Function>
variable<T, N> combine_all(
    const variable<T, N>& v, const update_values<T>& values, Function function) {
    const detail::creation_lock lock(v.graph());
    auto* const elements = static_cast<T*>(v.node().elements());
    std::transform(elements, elements + v.node().size(), values.data(), elements, function);
    return v;
}

} // namespace detail

/// \name Updates of all elements
/// They are made at once, and return the handle. `values` is an xtensor expression, nested lists,
/// or a number for a scalar variable: it has the variable's shape and does not broadcast. It may
/// stand on the variable itself: it is evaluated first. Integers wrap around. After an error the
/// variable is as before.
/// \throws shape_mismatch
/// \throws uninitialized  what is read has no value. `assign` does not read the variable.
/// \throws not_fed        a placeholder in the expression is not fed.
/// Updates of variables of one graph exclude each other (TensorFlow's use_locking=True); reading
/// elements meanwhile is a race. Cost: a temporary of the variable's size.
/// \{

/// Follows tf.assign.
template <element T, std::size_t N, class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> assign(const variable<T, N>& v, const X& values,
    const std::source_location& where = std::source_location::current()) {
    return v.assign(values, where);
}

/// Follows tf.assign_add.
template <detail::numeric_element T, std::size_t N,
    class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> assign_add(const variable<T, N>& v, const X& values,
    const std::source_location& where = std::source_location::current()) {
    return detail::combine_all(v, detail::values_for<T, N>(v.node(), values, "v += number", where),
        detail::add_to_element{});
}

/// Follows tf.assign_sub.
template <detail::numeric_element T, std::size_t N,
    class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> assign_sub(const variable<T, N>& v, const X& values,
    const std::source_location& where = std::source_location::current()) {
    return detail::combine_all(v, detail::values_for<T, N>(v.node(), values, "v -= number", where),
        detail::subtract_from_element{});
}
/// \}

/// Copies the elements of `source`, converted if TensorFlow converts so, to `target`: the same for
/// variables whose element types and ranks are known at run time only.
///
/// \throws shape_mismatch  they have not the same shape.
/// \throws value_dtype     elements of this type do not convert, such as floating numbers to
/// integers. \throws uninitialized   `source` has no value. `target` needs none. Updates of
/// variables of one graph exclude each other. Cost: a copy of the elements. Follows tf.assign.
any_variable assign(const any_variable& target, const any_variable& source,
    const std::source_location& where = std::source_location::current());

/// Adds 1 to a scalar variable of type int32 or int64, and returns what it held before.
///
/// \throws out_of_range    it holds `limit` or more; it stays as it is.
/// \throws shape_mismatch  it is not a scalar.
/// \throws uninitialized
/// Safe beside other counts and updates, from any thread. Follows tf.count_up_to.
template <std::signed_integral T, std::size_t N>
    requires(sizeof(T) >= 4 && (N == 0 || N == dynamic_rank))
T count_up_to(const variable<T, N>& v, std::type_identity_t<T> limit,
    const std::source_location& where = std::source_location::current()) {
    const detail::variable_node& node = v.node();
    const std::string name(node.op_name());
    if (node.rank != 0) {
        throw shape_mismatch("variable '" + name + "' is not a scalar and cannot count" +
                detail::describe_creation(node) + "\n  counted at " + to_string(where),
            {name, where, node.defined_at}, node.get_shape(), shape());
    }
    const detail::creation_lock lock(v.graph());
    T& count = *static_cast<T*>(node.elements());
    if (count >= limit) {
        throw out_of_range("variable '" + name + "' has reached its limit of " +
                std::to_string(limit) + ": it is " + std::to_string(count) +
                detail::describe_creation(node) + "\n  counted at " + to_string(where) +
                "\n  assign a smaller value to it to count again",
            {name, where, node.defined_at}, count, limit);
    }
    return count++;
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/assign.ipp>
#endif
