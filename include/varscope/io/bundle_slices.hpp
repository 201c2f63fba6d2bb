/// \file
/// The slices that a partitioned tensor is stored in: finding them, and whether they make it up.
#pragma once

#include <varscope/base/shape.hpp>
#include <varscope/io/bundle_format.hpp>
#include <varscope/io/wire.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::io::detail {

/// A box of a tensor, stored in one piece.
struct tensor_part {
    stored_bytes stored;
    std::vector<std::int64_t> start = {}; // of each axis; both are empty for the whole tensor
    std::vector<std::int64_t> length = {};
};

/// Bytes of all elements, `element` each; none if that needs more than 64 bits.
template <class Dimensions>
[[nodiscard]] std::optional<std::uint64_t> bytes_of(
    const Dimensions& dimensions, std::uint64_t element) {
    if (std::ranges::find(dimensions, 0) != dimensions.end()) { return 0; }
    return varscope::detail::product_of(dimensions, element);
}

/// Whether two boxes of the same rank have an element in common.
[[nodiscard]] bool overlap(const tensor_part& a, const tensor_part& b) noexcept;

/// Whether any two boxes of the same rank, each inside the tensor, have an element in common.
///
/// Cost: sorting, and comparing those that overlap along one axis, the one with the most different
/// starts.
[[nodiscard]] bool any_overlap(const std::vector<tensor_part>& parts, std::size_t rank);

/// The slices of all tensors by their keys, sorted.
using slice_index = std::vector<std::pair<std::string, bundle_record>>;

/// The slice of tensor `name` that `extents` describe.
///
/// \param whole  the record of the tensor.
/// \param at     where that stands, for errors.
/// \throws checkpoint_error  missing, not inside the tensor, or of another shape or type.
[[nodiscard]] tensor_part find_slice(std::string_view name, const bundle_record& whole,
    const slice_extents& extents, const slice_index& slices, const byte_reader& at);

/// Throws unless the parts, each inside the tensor, make it up: as many elements, and none twice.
void check_cover(std::string_view name, const shape& dimensions,
    const std::vector<tensor_part>& parts, const byte_reader& at);

} // namespace varscope::inline VARSCOPE_ABI::io::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/io/impl/bundle_slices.ipp>
#endif
