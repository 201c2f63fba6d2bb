// See householder.hpp.
#pragma once

#include <varscope/initializers/detail/householder.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void matrix::keep_rows(std::size_t count) {
    rows_ = count;
    elements_.resize(count * columns_);
}

VARSCOPE_INLINE matrix product(const matrix& a, const matrix& b) {
    assert(a.columns() == b.rows());
    constexpr std::size_t band = 64; // rows of b that stay in the cache for all rows of a
    matrix result(a.rows(), b.columns());
    for (std::size_t first = 0; first < b.rows(); first += band) {
        const std::size_t last = std::min(b.rows(), first + band);
        for (std::size_t i = 0; i < a.rows(); ++i) {
            double* const out = result.row(i);
            std::size_t k = first;
            for (; k + 4 <= last; k += 4) { // four at a time: fewer loads and stores of `out`
                const double* const f = a.row(i) + k;
                const double f0 = f[0], f1 = f[1], f2 = f[2], f3 = f[3];
                const double* const b0 = b.row(k);
                const double* const b1 = b.row(k + 1);
                const double* const b2 = b.row(k + 2);
                const double* const b3 = b.row(k + 3);
                for (std::size_t j = 0; j < b.columns(); ++j) {
                    out[j] = out[j] + f0 * b0[j] + f1 * b1[j] + f2 * b2[j] + f3 * b3[j];
                }
            }
            for (; k < last; ++k) {
                const double factor = a.row(i)[k];
                const double* const in = b.row(k);
                for (std::size_t j = 0; j < b.columns(); ++j) { out[j] += factor * in[j]; }
            }
        }
    }
    return result;
}

VARSCOPE_INLINE void reflect(double* strip, const reflection& h) noexcept {
    std::array<double, strip_width> memory{};
    double* const sums = memory.data(); // as fast without optimisation
    const double* row = strip;
    for (const double v : h.v) {
        for (std::size_t j = 0; j < strip_width; ++j) { sums[j] += v * row[j]; }
        row += strip_width;
    }
    for (double& sum : memory) { sum *= h.scale; }
    double* out = strip;
    for (const double v : h.v) {
        for (std::size_t j = 0; j < strip_width; ++j) { out[j] -= v * sums[j]; }
        out += strip_width;
    }
}

VARSCOPE_INLINE reflected make_reflection(std::span<double> x) noexcept {
    double squares = 0;
    for (const double e : x) { squares += e * e; }
    const double norm = std::sqrt(squares);
    const double pivot = x[0];
    const double first = pivot > 0 ? -norm : norm;
    x[0] = 1;
    if (norm == 0) { return {0, 0}; }
    for (double& e : x.subspan(1)) { e /= pivot - first; }
    return {(first - pivot) / first, first};
}

VARSCOPE_INLINE matrix orthonormal_factor(matrix transposed) {
    const std::size_t columns = transposed.rows();
    const std::size_t rows = transposed.columns();
    assert(rows >= columns);
    std::vector<double> strip(rows * strip_width);
    std::vector<reflected> known(columns);
    const auto reflection_of = [&](std::size_t k) {
        return reflection{{transposed.row(k) + k, rows - k}, known[k].scale};
    };

    for (std::size_t first = 0; first < columns; first += strip_width) {
        const std::size_t width = std::min(strip_width, columns - first);
        for (std::size_t j = 0; j < width; ++j) {
            for (std::size_t i = 0; i < rows; ++i) {
                strip[i * strip_width + j] = transposed.row(first + j)[i];
            }
        }
        for (std::size_t k = 0; k < first; ++k) {
            reflect(strip.data() + k * strip_width, reflection_of(k));
        }
        for (std::size_t k = first; k < first + width; ++k) {
            double* const v = transposed.row(k);
            for (std::size_t i = k; i < rows; ++i) { v[i] = strip[i * strip_width + (k - first)]; }
            known[k] = make_reflection({v + k, rows - k});
            reflect(strip.data() + k * strip_width, reflection_of(k));
        }
    }

    matrix q(rows, columns);
    for (std::size_t first = 0; first < columns; first += strip_width) {
        const std::size_t width = std::min(strip_width, columns - first);
        std::ranges::fill(strip, 0.0);
        for (std::size_t j = 0; j < width; ++j) {
            strip[(first + j) * strip_width + j] = known[first + j].first < 0 ? -1 : 1;
        }
        for (std::size_t k = first + width;
             k-- > 0;) { // later ones leave these columns as they are
            reflect(strip.data() + k * strip_width, reflection_of(k));
        }
        for (std::size_t i = 0; i < rows; ++i) {
            std::copy_n(strip.data() + i * strip_width, width, q.row(i) + first);
        }
    }
    return q;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
