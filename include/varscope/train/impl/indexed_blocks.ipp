// See indexed_blocks.hpp.
#pragma once

#include <varscope/train/detail/indexed_blocks.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void throw_bad_indices(const variable_node& v, const shape& indices,
    std::string_view why, const std::source_location& where) {
    const std::string name(v.op_name());
    throw bad_shape("variable '" + name + "' cannot be indexed with shape " + to_string(indices) +
            ": " + std::string(why) + describe_creation(v) + "\n  asked for at " + to_string(where),
        {name, where, v.defined_at});
}

VARSCOPE_INLINE void check_index(const variable_node& v, std::int64_t index, std::size_t axis,
    std::size_t position, const std::source_location& where) {
    const std::size_t length = v.dimensions()[axis];
    if (index >= 0 && static_cast<std::size_t>(index) < length) { return; }
    const std::string name(v.op_name());
    throw out_of_range("variable '" + name + "' has no index " + std::to_string(index) +
            " along axis " + std::to_string(axis) + describe_creation(v) + "\n  asked for at " +
            to_string(where) + " by number " + std::to_string(position) +
            " of the indices\n  indices are counted from 0 and less than " +
            std::to_string(length) + " here",
        {name, where, v.defined_at}, index, static_cast<std::int64_t>(length));
}

VARSCOPE_INLINE std::size_t block_size(const variable_node& v, std::size_t axes) noexcept {
    std::size_t size = 1;
    for (std::size_t axis = axes; axis < v.rank; ++axis) { size *= v.dimensions()[axis]; }
    return size;
}

VARSCOPE_INLINE void append_block_shape(
    shape& dimensions, const variable_node& v, std::size_t axes) {
    for (std::size_t axis = axes; axis < v.rank; ++axis) {
        dimensions.push_back(static_cast<std::int64_t>(v.dimensions()[axis]));
    }
}

VARSCOPE_INLINE indexed_blocks find_rows(const variable_node& v, const index_array& indices,
    std::size_t batch_axes, const std::source_location& where) {
    const shape& of_indices = indices.shape();
    if (v.rank <= batch_axes) { throw_bad_indices(v, of_indices, "it has too few axes", where); }
    for (std::size_t axis = 0; axis < batch_axes; ++axis) {
        if (of_indices[axis] != static_cast<std::int64_t>(v.dimensions()[axis])) {
            throw_bad_indices(
                v, of_indices, "all axes but the last are those of the variable", where);
        }
    }
    const std::span<const std::int64_t> numbers = indices.numbers();
    const std::size_t length = v.dimensions()[batch_axes];
    const std::size_t per_batch = batch_axes == 0
        ? std::max<std::size_t>(numbers.size(), 1)
        : static_cast<std::size_t>(of_indices[batch_axes]);
    indexed_blocks blocks{{}, block_size(v, batch_axes + 1), of_indices};
    append_block_shape(blocks.dimensions, v, batch_axes + 1);
    blocks.begins.reserve(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        check_index(v, numbers[i], batch_axes, i, where);
        const std::size_t row = i / per_batch * length + static_cast<std::size_t>(numbers[i]);
        blocks.begins.push_back(row * blocks.size);
    }
    return blocks;
}

VARSCOPE_INLINE indexed_blocks find_tuples(
    const variable_node& v, const index_array& indices, const std::source_location& where) {
    const shape& of_indices = indices.shape();
    if (of_indices.rank() == 0) {
        throw_bad_indices(v, of_indices, "tuples of indices stand along an axis", where);
    }
    const auto axes = static_cast<std::size_t>(of_indices[of_indices.rank() - 1]);
    if (axes > v.rank) {
        throw_bad_indices(v, of_indices, "its tuples have more numbers than there are axes", where);
    }
    indexed_blocks blocks{{}, block_size(v, axes), {}};
    std::size_t count = 1;
    for (std::size_t axis = 0; axis + 1 < of_indices.rank(); ++axis) {
        blocks.dimensions.push_back(of_indices[axis]);
        count *= static_cast<std::size_t>(of_indices[axis]);
    }
    append_block_shape(blocks.dimensions, v, axes);
    blocks.begins.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t block = 0;
        for (std::size_t axis = 0; axis < axes; ++axis) {
            const std::size_t position = i * axes + axis;
            const std::int64_t index = indices.numbers()[position];
            check_index(v, index, axis, position, where);
            block = block * v.dimensions()[axis] + static_cast<std::size_t>(index);
        }
        blocks.begins.push_back(block * blocks.size);
    }
    return blocks;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
