/// \file
/// How a variable is cut into parts.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/base/shared_function.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

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
        : cut_{std::move(cut)} {}

    /// Whether there is one.
    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(cut_); }
    [[nodiscard]] std::vector<std::int64_t> operator()(const shape& full, dtype type) const {
        return cut_(full, type);
    }

private:
    detail::shared_function<std::vector<std::int64_t>(const shape&, dtype)> cut_;
};

/// `parts` parts along `axis`, or as many as it is long. Follows tf.fixed_size_partitioner.
[[nodiscard]] partitioner fixed_size_partitioner(std::int64_t parts, std::size_t axis = 0);

/// Parts of at most `max_part_bytes` bytes (but of one slice at least), at most `max_parts` of
/// them. Follows tf.variable_axis_size_partitioner.
[[nodiscard]] partitioner variable_axis_size_partitioner(std::int64_t max_part_bytes,
    std::size_t axis = 0, std::optional<std::int64_t> max_parts = std::nullopt);

/// At most `max_parts` parts of at least `min_part_bytes` bytes. Follows
/// tf.min_max_variable_partitioner.
[[nodiscard]] partitioner min_max_variable_partitioner(std::int64_t max_parts = 1,
    std::size_t axis = 0, std::int64_t min_part_bytes = std::int64_t{256} << 10);

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/policy/impl/partitioner.ipp>
#endif
