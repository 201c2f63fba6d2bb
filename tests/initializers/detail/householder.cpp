#include <varscope/initializers/detail/householder.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace detail = varscope::detail;
using detail::matrix;

namespace {

matrix random_matrix(std::size_t rows, std::size_t columns, unsigned seed) {
    std::mt19937 engine(seed);
    matrix result(rows, columns);
    for (double& x : result.elements()) { x = static_cast<double>(engine()) / 2147483648.0 - 1; }
    return result;
}

matrix transposed(const matrix& a) {
    matrix result(a.columns(), a.rows());
    for (std::size_t i = 0; i < a.rows(); ++i) {
        for (std::size_t j = 0; j < a.columns(); ++j) { result.row(j)[i] = a.row(i)[j]; }
    }
    return result;
}

matrix plain_product(const matrix& a, const matrix& b) {
    matrix result(a.rows(), b.columns());
    for (std::size_t i = 0; i < a.rows(); ++i) {
        for (std::size_t j = 0; j < b.columns(); ++j) {
            for (std::size_t k = 0; k < a.columns(); ++k) { result.row(i)[j] += a.row(i)[k] * b.row(k)[j]; }
        }
    }
    return result;
}

double largest_difference(const matrix& a, const matrix& b) {
    REQUIRE(a.rows() == b.rows());
    REQUIRE(a.columns() == b.columns());
    double result = 0;
    for (std::size_t i = 0; i < a.elements().size(); ++i) { result = std::max(result, std::abs(a.elements()[i] - b.elements()[i])); }
    return result;
}

matrix unit(std::size_t n) {
    matrix result(n, n);
    for (std::size_t i = 0; i < n; ++i) { result.row(i)[i] = 1; }
    return result;
}

/// Whether q is the orthogonal factor of a, the diagonal of R not being negative; else what is wrong. Rounding moves
/// a sum of n products by at most about n units in the last place, 2^-52.
std::string flaw(const matrix& q, const matrix& a) {
    const double tolerance = 16 * static_cast<double>(a.rows()) * std::ldexp(1, -52) * std::sqrt(static_cast<double>(a.rows()));
    if (largest_difference(plain_product(transposed(q), q), unit(q.columns())) > tolerance) { return "columns not orthonormal"; }
    const matrix r = plain_product(transposed(q), a);
    for (std::size_t i = 0; i < r.rows(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (std::abs(r.row(i)[j]) > tolerance) { return "R not triangular"; }
        }
        if (r.row(i)[i] < -tolerance) { return "R has a negative diagonal"; }
    }
    if (largest_difference(plain_product(q, r), a) > tolerance) { return "Q R is another matrix"; }
    return "";
}

} // namespace

TEST_CASE("a product sums over the inner index in order", "[householder]") {
    for (const auto& [rows, inner, columns] : {std::array<std::size_t, 3>{1, 1, 1}, {3, 5, 2}, {5, 64, 7}, {2, 67, 3}, {7, 130, 33}, {3, 0, 2}, {0, 3, 2}}) {
        const matrix a = random_matrix(rows, inner, 1);
        const matrix b = random_matrix(inner, columns, 2);
        CAPTURE(rows, inner, columns);
        CHECK(std::ranges::equal(detail::product(a, b).elements(), plain_product(a, b).elements())); // to the bit
    }
}

TEST_CASE("the factor of a matrix is orthonormal, and what is left is triangular", "[householder]") {
    for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{1, 1}, {2, 1}, {2, 2}, {5, 3}, {15, 15}, {16, 16}, {17, 17}, {40, 16}, {33, 32}, {70, 49}, {100, 100}}) {
        CAPTURE(rows, columns);
        const matrix a = random_matrix(rows, columns, 3);
        CHECK(flaw(detail::orthonormal_factor(transposed(a)), a) == "");
    }
}

TEST_CASE("a matrix without full rank has an orthonormal factor too", "[householder]") {
    CHECK(flaw(detail::orthonormal_factor(matrix(3, 5)), matrix(5, 3)) == "");
    matrix a = random_matrix(6, 4, 4);
    for (std::size_t i = 0; i < a.rows(); ++i) { a.row(i)[2] = a.row(i)[0]; }
    CHECK(flaw(detail::orthonormal_factor(transposed(a)), a) == "");
    CHECK(detail::orthonormal_factor(matrix(0, 3)).elements().empty());
}

TEST_CASE("a wrong factor is noticed", "[householder]") {
    const matrix a = random_matrix(8, 5, 5);
    const matrix q = detail::orthonormal_factor(transposed(a));
    matrix scaled = q;
    for (double& x : scaled.elements()) { x *= 1.000001; }
    CHECK(flaw(scaled, a) == "columns not orthonormal");
    matrix negative = q;
    for (std::size_t i = 0; i < q.rows(); ++i) { negative.row(i)[1] *= -1; }
    CHECK(flaw(negative, a) == "R has a negative diagonal");
    matrix swapped = q;
    for (std::size_t i = 0; i < q.rows(); ++i) { std::swap(swapped.row(i)[1], swapped.row(i)[3]); }
    CHECK(flaw(swapped, a) == "R not triangular");
    CHECK(flaw(detail::orthonormal_factor(transposed(random_matrix(8, 5, 6))), a) == "R not triangular");
}
