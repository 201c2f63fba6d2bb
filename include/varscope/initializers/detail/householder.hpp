/// \file
/// Dense matrices for initial values: products, and the orthogonal factor of a QR decomposition.
///
/// IEEE 754 arithmetic in a fixed order, so that every platform gives the same bits; outside of
/// that is what random_fill.hpp names. All inner loops run along rows and leave each sum its order,
/// so compilers vectorise them without being allowed to reorder. For initial values, not for linear
/// algebra: no BLAS, one thread.
#pragma once

#include <varscope/version.hpp>

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
    void keep_rows(std::size_t count);

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
[[nodiscard]] matrix product(const matrix& a, const matrix& b);

/// Columns that are worked on together: their sums fit the registers, and a strip of thousands of
/// rows the cache.
inline constexpr std::size_t strip_width = 16;

/// A Householder reflection I - scale v v^T of `v.size()` coordinates.
struct reflection {
    std::span<const double> v; // v[0] = 1
    double scale;
};

/// Reflects each column of a strip: `rows` rows of `strip_width` numbers.
void reflect(double* strip, const reflection& h) noexcept;

/// Turns `x` into the v of a reflection that maps it to (+-|x|, 0, 0, ...), the sign being the one
/// without cancellation.
struct reflected {
    double scale;
    double first; // +-|x|
};
reflected make_reflection(std::span<double> x) noexcept;

/// The Q of the decomposition QR of the matrix whose transpose is given, with R's diagonal not
/// negative: orthonormal columns. That sign makes Q unique and, of independent normal numbers,
/// uniform over all such matrices (Haar measure: Mezzadri, "How to generate random matrices from
/// the classical compact groups", 2007, section 5).
///
/// \param transposed  (columns, rows) of the matrix, with rows >= columns.
/// \returns (rows, columns).
/// Householder's method, a strip of columns at a time: at most 2 rows columns^2 multiplications and
/// additions, each.
[[nodiscard]] matrix orthonormal_factor(matrix transposed);

#if defined(__clang__)
#pragma float_control(pop)
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/initializers/impl/householder.ipp>
#endif
