/// \file
/// How a variable is cut into parts.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// A partitioner cannot cut this shape. The store says for which variable.
struct wrong_partition : std::invalid_argument {
    using invalid_argument::invalid_argument;
};

} // namespace detail

/// A rule that says in how many parts a variable is cut along each axis: all 1 but for one axis.
///
/// A function of the full shape and the element type that returns one count an axis. A value type,
/// cheap to copy, and safe from any thread as far as the function is, which runs while the graph's
/// lock is held. Follows the parameter `partitioner` of tf.get_variable (TensorFlow 1.15).
class partitioner {
public:
    partitioner() = default;

    template <class Function>
        requires(std::invocable<const Function&, const shape&, dtype>)
    partitioner(Function cut) // NOLINT(google-explicit-constructor): `.partitioner = [](...) {...}`
        : cut_{std::make_shared<const rule>(std::move(cut))} {}

    /// Whether there is one.
    [[nodiscard]] explicit operator bool() const noexcept { return cut_ != nullptr; }
    [[nodiscard]] std::vector<std::int64_t> operator()(const shape& full, dtype type) const {
        return (*cut_)(full, type);
    }

private:
    using rule = std::function<std::vector<std::int64_t>(const shape&, dtype)>;
    std::shared_ptr<const rule> cut_;
};

namespace detail {

[[nodiscard]] inline std::vector<std::int64_t> cut_along(
    const shape& full, std::size_t axis, std::int64_t count) {
    std::vector<std::int64_t> counts(full.rank(), 1);
    counts[axis] = count;
    return counts;
}

inline void check_axis(const shape& full, std::size_t axis) {
    if (axis >= full.rank()) {
        throw wrong_partition("the partitioner cuts axis " + std::to_string(axis) +
            ", and the shape " + to_string(full) + " has none");
    }
}

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

/// `parts` parts along `axis`, or as many as it is long. Follows tf.fixed_size_partitioner.
[[nodiscard]] inline partitioner fixed_size_partitioner(std::int64_t parts, std::size_t axis = 0) {
    return [=](const shape& full, dtype) {
        detail::check_axis(full, axis);
        return detail::cut_along(full, axis, std::min(parts, full[axis]));
    };
}

/// Parts of at most `max_part_bytes` bytes (but of one slice at least), at most `max_parts` of
/// them. Follows tf.variable_axis_size_partitioner.
[[nodiscard]] inline partitioner variable_axis_size_partitioner(std::int64_t max_part_bytes,
    std::size_t axis = 0, std::optional<std::int64_t> max_parts = std::nullopt) {
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

/// At most `max_parts` parts of at least `min_part_bytes` bytes. Follows
/// tf.min_max_variable_partitioner.
[[nodiscard]] inline partitioner min_max_variable_partitioner(std::int64_t max_parts = 1,
    std::size_t axis = 0, std::int64_t min_part_bytes = std::int64_t{256} << 10) {
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
