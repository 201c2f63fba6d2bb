/// \file
/// Where in a variable's elements indices point.
#pragma once

#include <varscope/op/index_array.hpp>
#include <varscope/variable/make_variable.hpp>

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// The parts of a variable that indices point at: blocks of one size, each where it begins.
struct indexed_blocks {
    std::vector<std::size_t> begins; // in elements, from the variable's first
    std::size_t size;                // of a block, in elements
    shape dimensions;                // of all blocks together: those of updates and of results
};

[[noreturn]] void throw_bad_indices(const variable_node& v, const shape& indices,
    std::string_view why, const std::source_location& where);

/// \param position  of the index among all indices.
void check_index(const variable_node& v, std::int64_t index, std::size_t axis, std::size_t position,
    const std::source_location& where);

/// Elements in a block that is left when the first `axes` axes are indexed.
[[nodiscard]] std::size_t block_size(const variable_node& v, std::size_t axes) noexcept;

void append_block_shape(shape& dimensions, const variable_node& v, std::size_t axes);

/// Rows along axis `batch_axes`; the axes before it are those of the indices too.
[[nodiscard]] indexed_blocks find_rows(const variable_node& v, const index_array& indices,
    std::size_t batch_axes, const std::source_location& where);

/// The blocks at tuples of indices, which stand along the last axis of `indices`.
[[nodiscard]] indexed_blocks find_tuples(
    const variable_node& v, const index_array& indices, const std::source_location& where);

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/train/impl/indexed_blocks.ipp>
#endif
