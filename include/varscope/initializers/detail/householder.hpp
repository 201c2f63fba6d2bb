/// \file
/// Dense matrices for initial values: products, and the orthogonal factor of a QR decomposition.
///
/// IEEE 754 arithmetic in a fixed order, so that every platform gives the same bits; outside of
/// that is what random_fill.hpp names. All inner loops run along rows and leave each sum its order,
/// so compilers vectorise them without being allowed to reorder. For initial values, not for linear
/// algebra: no BLAS, one thread.
#pragma once

#include <varscope/version.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Row-major; zero at first.
class matrix {
public:
    matrix(std::size_t rows, std::size_t columns)
        : rows_{rows}
        , columns_{columns}
        , elements_(rows * columns) {}
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
    [[nodiscard]] std::span<double> elements() noexcept { return elements_; }
    [[nodiscard]] std::span<const double> elements() const noexcept { return elements_; }
    [[nodiscard]] double* row(std::size_t i) noexcept { return elements_.data() + i * columns_; }
    [[nodiscard]] const double* row(std::size_t i) const noexcept {
        return elements_.data() + i * columns_;
    }
    /// \pre there are so many.
    void keep_rows(std::size_t count) {
        rows_ = count;
        elements_.resize(count * columns_);
    }

private:
    std::size_t rows_;
    std::size_t columns_;
    std::vector<double> elements_;
};

// From here to the pop, a * b + c is rounded twice also where the machine can fuse it, which would
// give other bits.
#if defined(__clang__)
#pragma float_control(push)
#pragma clang fp contract(off)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off", "no-fast-math")
#endif

/// a b, each element summed in the order of the inner index.
[[nodiscard]] inline matrix product(const matrix& a, const matrix& b) {
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

/// Columns that are worked on together: their sums fit the registers, and a strip of thousands of
/// rows the cache.
inline constexpr std::size_t strip_width = 16;

/// A Householder reflection I - scale v v^T of `v.size()` coordinates.
struct reflection {
    std::span<const double> v; // v[0] = 1
    double scale;
};

/// Reflects each column of a strip: `rows` rows of `strip_width` numbers.
inline void reflect(double* strip, const reflection& h) noexcept {
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

/// Turns `x` into the v of a reflection that maps it to (+-|x|, 0, 0, ...), the sign being the one
/// without cancellation.
struct reflected {
    double scale;
    double first; // +-|x|
};
inline reflected make_reflection(std::span<double> x) noexcept {
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

/// The Q of the decomposition QR of the matrix whose transpose is given, with R's diagonal not
/// negative: orthonormal columns. That sign makes Q unique and, of independent normal numbers,
/// uniform over all such matrices (Haar measure: Mezzadri, "How to generate random matrices from
/// the classical compact groups", 2007, section 5).
///
/// \param transposed  (columns, rows) of the matrix, with rows >= columns.
/// \returns (rows, columns).
/// Householder's method, a strip of columns at a time: at most 2 rows columns^2 multiplications and
/// additions, each.
[[nodiscard]] inline matrix orthonormal_factor(matrix transposed) {
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

#if defined(__clang__)
#pragma float_control(pop)
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

} // namespace varscope::inline VARSCOPE_ABI::detail
