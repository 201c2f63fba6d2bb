/// \file
/// The constraints of tf.keras.constraints: projections that keep weights in bounds.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/base/array_value.hpp>
#include <varscope/graph/any_variable.hpp>
#include <varscope/initializers/check_parameter.hpp>
#include <varscope/policy/constraint.hpp>

#include <cmath>
#include <cstddef>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// Calls `change(elements)` with the elements of a variable of a floating type, in row-major order:
/// where they stand in a row, or a copy that is written back.
template <class Change>
void change_elements(const any_variable& v, const char* name, Change change) {
    if (!is_floating(v.dtype())) {
        throw value_dtype("constraint '" + std::string(name) + "' cannot be applied to variable '" +
                std::string(v.op_name()) + "': it has element type " +
                std::string(to_string(v.dtype())) + "\n  created at " + to_string(v.defined_at()) +
                "\n  use a floating type",
            {std::string(v.op_name()), v.defined_at(), v.defined_at()});
    }
    const detail::creation_lock lock(v.graph());
    visit_dtype(v.dtype(), [&]<class T>(std::type_identity<T>) {
        if constexpr (is_floating(dtype_of<T>)) {
            if (v.is_contiguous()) {
                change(static_cast<T*>(v.data()));
            } else {
                array_value copy = v.value();
                change(static_cast<T*>(copy.memory()));
                v.graph().assign(v.node(), copy.data());
            }
        }
    });
}

/// Which axes are reduced, by axis. \throws bad_shape
[[nodiscard]] std::vector<bool> axes_of(
    const any_variable& v, const char* name, const std::vector<int>& axes);

/// Multiplies all elements that differ in `axes` only by `factor(their norm)`.
template <class Factor>
[[nodiscard]] constraint norm_constraint(const char* name, std::vector<int> axes, Factor factor) {
    return {name, [=, axes = std::move(axes)](const any_variable& v) {
                const shape dimensions = v.shape();
                const std::vector<bool> is_reduced = axes_of(v, name, axes);
                const std::size_t rank = dimensions.rank();
                std::vector<std::size_t> step(rank, 0); // among the norms, for one along each axis
                std::size_t count = 1;
                for (std::size_t axis = rank; axis-- > 0;) {
                    if (is_reduced[axis]) { continue; }
                    step[axis] = count;
                    count *= static_cast<std::size_t>(dimensions[axis]);
                }
                const auto for_each = [&](auto function) { // function(element, norm)
                    std::vector<std::size_t> index(rank, 0);
                    std::size_t at = 0;
                    for (std::size_t i = 0; i < v.size(); ++i) {
                        function(i, at);
                        for (std::size_t axis = rank; axis-- > 0;) {
                            at += step[axis];
                            if (++index[axis] < static_cast<std::size_t>(dimensions[axis])) {
                                break;
                            }
                            at -= step[axis] * index[axis];
                            index[axis] = 0;
                        }
                    }
                };
                change_elements(v, name, [&]<class T>(T* elements) {
                    std::vector<double> norms(count, 0.0);
                    for_each([&](std::size_t i, std::size_t at) {
                        const auto x = static_cast<double>(elements[i]);
                        norms[at] += x * x;
                    });
                    for (double& norm : norms) { norm = factor(std::sqrt(norm)); }
                    for_each([&](std::size_t i, std::size_t at) {
                        elements[i] = to_element<T>(
                            from_element(static_cast<double>(elements[i]) * norms[at]));
                    });
                });
            }};
}

inline constexpr double norm_epsilon = 1e-7; // tf.keras.backend.epsilon()

} // namespace detail

/// \name Constraints
/// For variables of floating types; of one that is cut, the whole is projected, as if it were not.
/// Norms are Euclidean, computed in double, over the elements that differ in `axes` only; negative
/// axes count from the end. A dense kernel of (inputs, units) wants {0}, the default, and a kernel
/// of convolution (rows, columns, channels, filters) {0, 1, 2}.
/// \throws bad_parameter  a parameter is negative or not finite. Applying one to a variable of
/// another type, or without such an axis, is a `value_dtype` or a `bad_shape`.
/// \{

/// Negative elements become 0. Follows tf.keras.constraints.NonNeg.
[[nodiscard]] constraint non_neg();

/// Norms above `limit` become `limit`. Follows tf.keras.constraints.MaxNorm.
[[nodiscard]] constraint max_norm(double limit = 2, std::vector<int> axes = {0},
    const std::source_location& where = std::source_location::current());

/// Norms become 1. Follows tf.keras.constraints.UnitNorm.
[[nodiscard]] constraint unit_norm(std::vector<int> axes = {0});

/// Norms come into [low, high], or by the share `rate` of the way there. Follows
/// tf.keras.constraints.MinMaxNorm.
[[nodiscard]] constraint min_max_norm(double low = 0, double high = 1, double rate = 1,
    std::vector<int> axes = {0},
    const std::source_location& where = std::source_location::current());
/// \}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/train/impl/constraints.ipp>
#endif
