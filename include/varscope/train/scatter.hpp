/// \file
/// Updating and reading parts of a variable by index.
#pragma once

#include <varscope/op/index_array.hpp>
#include <varscope/train/detail/indexed_blocks.hpp>
#include <varscope/variable/updates.hpp>
#include <varscope/variable/variable.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// Whether one number stands for all updates.
enum class scalar_updates : std::uint8_t { allowed, refused };

void check_update_shape(const variable_node& v, const shape& indices, const shape& wanted,
    const shape& given, scalar_updates scalars, const std::source_location& where);

template <class Function, class T>
void check_divisors(
    const variable_node& v, const update_values<T>& updates, const std::source_location& where) {
    if constexpr (std::same_as<Function, divide_element> && std::integral<T>) {
        if (std::ranges::count(updates.storage(), T(0)) == 0) { return; }
        const std::string name(v.op_name());
        throw division_by_zero("variable '" + name + "' cannot be divided by 0" +
                describe_creation(v) + "\n  updated at " + to_string(where),
            {name, where, v.defined_at});
    }
}

/// Puts updates together with the elements of the blocks, one after the other.
template <class Function, class T, std::size_t N, class X>
variable<T, N> update_blocks(const variable<T, N>& v, const indexed_blocks& blocks,
    const index_array& indices, const X& updates, scalar_updates scalars,
    const std::source_location& where) {
    const variable_node& node = v.node();
    const shape given = shape_of_update(node, updates, &where);
    check_update_shape(node, indices.shape(), blocks.dimensions, given, scalars, where);
    const update_values<T> values = evaluate_update<T>(updates);
    if (!blocks.begins.empty()) { check_divisors<Function>(node, values, where); }
    const detail::creation_lock lock(v.graph());
    auto* const elements = static_cast<T*>(node.elements());
    const T* from = values.data();
    const std::size_t step = given == blocks.dimensions ? 1 : 0;
    for (const std::size_t begin : blocks.begins) {
        for (std::size_t i = begin; i < begin + blocks.size; ++i, from += step) {
            elements[i] = Function{}(elements[i], *from);
        }
    }
    return v;
}

template <class Function, class T, std::size_t N, class X>
variable<T, N> scatter(const variable<T, N>& v, const index_array& indices, const X& updates,
    const std::source_location& where) {
    return update_blocks<Function>(v, find_rows(v.node(), indices, 0, where), indices, updates,
        scalar_updates::allowed, where);
}

template <class Function, class T, std::size_t N, class X>
variable<T, N> scatter_tuples(const variable<T, N>& v, const index_array& indices, const X& updates,
    const std::source_location& where) {
    return update_blocks<Function>(
        v, find_tuples(v.node(), indices, where), indices, updates, scalar_updates::refused, where);
}

template <class T, std::size_t N>
[[nodiscard]] update_values<T> gather_blocks(
    const variable<T, N>& v, const indexed_blocks& blocks) {
    const auto* const elements = static_cast<const T*>(v.node().elements());
    auto result = update_values<T>::from_shape(
        std::vector<std::size_t>(blocks.dimensions.begin(), blocks.dimensions.end()));
    T* to = result.data();
    for (const std::size_t begin : blocks.begins) {
        to = std::copy_n(elements + begin, blocks.size, to);
    }
    return result;
}

} // namespace detail

/// \name Updates of rows
/// Element `indices[i...]` names a row along the first axis, which is updated with
/// `updates[i..., ...]`: `vs::scatter_add(table, {0, 2}, gradients)`.
///
/// \param indices  each at least 0 and less than the length of the first axis. The same one may
/// come again: its updates are applied in order.
/// \param updates  an xtensor expression, nested lists or a number; its shape is that of the
/// indices followed by that of a row, or that of a scalar, which goes into every element.
/// \returns the handle.
/// \throws out_of_range      an index is too large or negative.
/// \throws shape_mismatch    the updates have another shape.
/// \throws bad_shape         the variable is a scalar.
/// \throws division_by_zero  `scatter_div` of integers.
/// \throws uninitialized, not_fed
/// All is checked before anything is written. Updates of variables of one graph exclude each other
/// (TensorFlow's use_locking=True); reading elements meanwhile is a race. Integers wrap around.
/// Cost: that of the updates, evaluated first; not that of the variable. Follow tf.scatter_update
/// and its kin.
/// \{
template <element T, std::size_t N, class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> scatter_update(const variable<T, N>& v, const index_array& indices, const X& updates,
    const std::source_location& where = std::source_location::current()) {
    return detail::scatter<detail::replace_element>(v, indices, updates, where);
}
template <detail::numeric_element T, std::size_t N,
    class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> scatter_add(const variable<T, N>& v, const index_array& indices, const X& updates,
    const std::source_location& where = std::source_location::current()) {
    return detail::scatter<detail::add_to_element>(v, indices, updates, where);
}
template <detail::numeric_element T, std::size_t N,
    class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> scatter_sub(const variable<T, N>& v, const index_array& indices, const X& updates,
    const std::source_location& where = std::source_location::current()) {
    return detail::scatter<detail::subtract_from_element>(v, indices, updates, where);
}
template <detail::numeric_element T, std::size_t N,
    class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> scatter_mul(const variable<T, N>& v, const index_array& indices, const X& updates,
    const std::source_location& where = std::source_location::current()) {
    return detail::scatter<detail::multiply_element>(v, indices, updates, where);
}
template <detail::numeric_element T, std::size_t N,
    class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> scatter_div(const variable<T, N>& v, const index_array& indices, const X& updates,
    const std::source_location& where = std::source_location::current()) {
    return detail::scatter<detail::divide_element>(v, indices, updates, where);
}
template <detail::ordered_element T, std::size_t N,
    class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> scatter_min(const variable<T, N>& v, const index_array& indices, const X& updates,
    const std::source_location& where = std::source_location::current()) {
    return detail::scatter<detail::take_lesser_element>(v, indices, updates, where);
}
template <detail::ordered_element T, std::size_t N,
    class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> scatter_max(const variable<T, N>& v, const index_array& indices, const X& updates,
    const std::source_location& where = std::source_location::current()) {
    return detail::scatter<detail::take_greater_element>(v, indices, updates, where);
}

/// The same where each batch has rows of its own: element `(b..., i)` of the indices names a row
/// along the last of their axes, in batch `b...` of the variable. All axes of the indices but the
/// last are the variable's first; the updates are not broadcast. Follows tf.batch_scatter_update.
/// \throws bad_shape  the indices have other batches than the variable, or no axis.
template <element T, std::size_t N, class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> batch_scatter_update(const variable<T, N>& v, const index_array& indices,
    const X& updates, const std::source_location& where = std::source_location::current()) {
    const std::size_t rank = indices.shape().rank();
    if (rank == 0) { detail::throw_bad_indices(v.node(), {}, "batches have an axis", where); }
    return detail::update_blocks<detail::replace_element>(v,
        detail::find_rows(v.node(), indices, rank - 1, where), indices, updates,
        detail::scalar_updates::refused, where);
}
/// \}

/// \name Updates at tuples of indices
/// As above, but each run of numbers along the last axis of `indices`, `(i, j, ...)`, names what is
/// updated along the first axes of the variable: an element if it has a number for each axis, else
/// a block. The updates have the shape of the indices without their last axis, followed by that of
/// a block; they are not broadcast. Follow tf.scatter_nd_update and its kin.
/// \throws bad_shape  tuples of more numbers than the variable has axes, or indices without axis.
/// \{
template <element T, std::size_t N, class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> scatter_nd_update(const variable<T, N>& v, const index_array& indices,
    const X& updates, const std::source_location& where = std::source_location::current()) {
    return detail::scatter_tuples<detail::replace_element>(v, indices, updates, where);
}
template <detail::numeric_element T, std::size_t N,
    class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> scatter_nd_add(const variable<T, N>& v, const index_array& indices, const X& updates,
    const std::source_location& where = std::source_location::current()) {
    return detail::scatter_tuples<detail::add_to_element>(v, indices, updates, where);
}
template <detail::numeric_element T, std::size_t N,
    class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> scatter_nd_sub(const variable<T, N>& v, const index_array& indices, const X& updates,
    const std::source_location& where = std::source_location::current()) {
    return detail::scatter_tuples<detail::subtract_from_element>(v, indices, updates, where);
}
/// \}

/// Copies of the rows that `indices` name along the first axis, in the shape of the indices
/// followed by that of a row.
/// \throws out_of_range, bad_shape, uninitialized
/// Cost: that of the result. Follows tf.gather and Variable.sparse_read.
template <element T, std::size_t N>
[[nodiscard]] xt::xarray<T, xt::layout_type::row_major> gather(const variable<T, N>& v,
    const index_array& indices,
    const std::source_location& where = std::source_location::current()) {
    return detail::gather_blocks(v, detail::find_rows(v.node(), indices, 0, where));
}
/// Copies of the elements or blocks at the tuples of indices, as in `scatter_nd_update`. Follows
/// tf.gather_nd.
template <element T, std::size_t N>
[[nodiscard]] xt::xarray<T, xt::layout_type::row_major> gather_nd(const variable<T, N>& v,
    const index_array& indices,
    const std::source_location& where = std::source_location::current()) {
    return detail::gather_blocks(v, detail::find_tuples(v.node(), indices, where));
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/train/impl/scatter.ipp>
#endif
