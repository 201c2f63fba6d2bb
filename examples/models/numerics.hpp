/// \file
/// The arithmetic of a transformer, in plain loops: no BLAS is needed.
#pragma once

#include <varscope/varscope.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <ranges>
#include <span>

namespace models {

namespace vs = varscope;

/// A row for each position of a sequence.
using matrix = xt::xtensor<float, 2, xt::layout_type::row_major>;

/// The rows of m, each a std::span.
[[nodiscard]] inline auto rows(matrix& m) {
    return std::views::iota(std::size_t{0}, std::size_t{m.shape(0)}) |
        std::views::transform([&m](std::size_t i) {
            return std::span<float>(m.data() + i * m.shape(1), m.shape(1));
        });
}

[[nodiscard]] inline float dot(const float* a, const float* b, std::size_t size) {
    float sum = 0;
    for (std::size_t i = 0; i < size; ++i) { sum += a[i] * b[i]; }
    return sum;
}

/// y += factor * x
inline void add_scaled(float factor, const float* x, std::size_t size, float* y) {
    for (std::size_t i = 0; i < size; ++i) { y[i] += factor * x[i]; }
}

/// y += x w, where w has shape (1, columns of x, columns of y).
inline void add_product(const matrix& x, const vs::variable<float, 3>& w, matrix& y) {
    constexpr std::size_t together = 8; // rows for which the weights are read once
    for (std::size_t first = 0; first < x.shape(0); first += together) {
        const std::size_t last = std::min(first + together, std::size_t{x.shape(0)});
        for (std::size_t k = 0; k < x.shape(1); ++k) {
            const float* const weights = &w(0, k, 0);
            for (std::size_t i = first; i < last; ++i) {
                add_scaled(x(i, k), weights, y.shape(1), &y(i, 0));
            }
        }
    }
}

/// Subtracts the mean, then divides by sqrt(variance + epsilon).
inline void standardise(std::span<float> x, double epsilon) {
    const auto count = static_cast<double>(x.size());
    double mean = 0;
    for (const float value : x) { mean += value; }
    mean /= count;
    double variance = 0;
    for (const float value : x) { variance += (value - mean) * (value - mean); }
    const double scale = 1 / std::sqrt(variance / count + epsilon);
    for (float& value : x) { value = static_cast<float>((value - mean) * scale); }
}

inline void softmax(std::span<float> x) {
    const float largest = *std::ranges::max_element(x);
    float sum = 0;
    for (float& value : x) { sum += value = std::exp(value - largest); }
    for (float& value : x) { value /= sum; }
}

/// The approximation by tanh (Hendrycks and Gimpel 2016, section 2).
inline void gelu(std::span<float> x) {
    constexpr float root = 0.7978845608F; // sqrt(2 / pi)
    for (float& value : x) {
        value *= 0.5F * (1 + std::tanh(root * (value + 0.044715F * value * value * value)));
    }
}

} // namespace models
