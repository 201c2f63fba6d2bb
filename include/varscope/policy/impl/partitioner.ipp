// See partitioner.hpp.
#pragma once

#include <varscope/policy/partitioner.hpp>
#include <varscope/policy/wrong_partition.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

[[nodiscard]] std::vector<std::int64_t> cut_along(
    const shape& full, std::size_t axis, std::int64_t count);

void check_axis(const shape& full, std::size_t axis);

/// Bytes of `dimensions`, or of the largest number that counts them: whoever asks for such a
/// variable is refused, and a partitioner may be asked before.
template <class Dimensions>
[[nodiscard]] std::int64_t most_bytes_of(const Dimensions& dimensions, dtype type) noexcept {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    if (std::ranges::find(dimensions, 0) != std::ranges::end(dimensions)) { return 0; }
    const auto bytes = product_of(dimensions, size_of(type));
    return bytes && *bytes <= static_cast<std::uint64_t>(most) ? static_cast<std::int64_t>(*bytes)
                                                               : most;
}

[[nodiscard]] constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) noexcept {
    return a / b + (a % b != 0 ? 1 : 0);
}

} // namespace detail

} // namespace varscope::inline VARSCOPE_ABI

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::vector<std::int64_t> cut_along(
    const shape& full, std::size_t axis, std::int64_t count) {
    std::vector<std::int64_t> counts(full.rank(), 1);
    counts[axis] = count;
    return counts;
}

VARSCOPE_INLINE void check_axis(const shape& full, std::size_t axis) {
    if (axis >= full.rank()) {
        throw wrong_partition("the partitioner cuts axis " + std::to_string(axis) +
            ", and the shape " + to_string(full) + " has none");
    }
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE partitioner fixed_size_partitioner(std::int64_t parts, std::size_t axis) {
    return [=](const shape& full, dtype) {
        detail::check_axis(full, axis);
        return detail::cut_along(full, axis, std::min(parts, full[axis]));
    };
}

VARSCOPE_INLINE partitioner variable_axis_size_partitioner(
    std::int64_t max_part_bytes, std::size_t axis, std::optional<std::int64_t> max_parts) {
    if (max_part_bytes < 1 || (max_parts && *max_parts < 1)) {
        throw std::invalid_argument(
            "variable_axis_size_partitioner: the limits must be at least 1");
    }
    return [=](const shape& full, dtype type) {
        detail::check_axis(full, axis);
        const std::int64_t length = full[axis];
        if (length == 0) { return detail::cut_along(full, axis, 0); }
        shape slice;
        for (std::size_t i = 0; i < full.rank(); ++i) {
            if (i != axis) { slice.push_back(full[i]); }
        }
        const std::int64_t slice_bytes = detail::most_bytes_of(slice, type);
        const std::int64_t slices =
            slice_bytes == 0 ? length : std::max<std::int64_t>(1, max_part_bytes / slice_bytes);
        return detail::cut_along(full, axis,
            std::min(detail::divide_up(length, slices),
                max_parts.value_or(std::numeric_limits<std::int64_t>::max())));
    };
}

VARSCOPE_INLINE partitioner min_max_variable_partitioner(
    std::int64_t max_parts, std::size_t axis, std::int64_t min_part_bytes) {
    if (max_parts < 1 || min_part_bytes < 1) {
        throw std::invalid_argument("min_max_variable_partitioner: the limits must be at least 1");
    }
    return [=](const shape& full, dtype type) {
        detail::check_axis(full, axis);
        const std::int64_t bytes = detail::most_bytes_of(full, type);
        return detail::cut_along(full, axis,
            std::max<std::int64_t>(
                1, std::min({full[axis], max_parts, detail::divide_up(bytes, min_part_bytes)})));
    };
}

} // namespace varscope::inline VARSCOPE_ABI
