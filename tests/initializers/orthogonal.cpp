#include <varscope/initializers/orthogonal.hpp>

#include "catch.hpp"
#include "initial_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace vs = varscope;
using namespace initial_values;

namespace {

using numbers = std::vector<double>;

std::size_t last(const shape& s, std::size_t axis = 0) { return static_cast<std::size_t>(s[s.rank() - 1 - axis]); }

/// The largest deviation of the products of rows, or of columns where there are no more of them, from those of
/// `gain` times an orthogonal matrix.
double flaw(const numbers& a, std::size_t columns, double gain) {
    const std::size_t rows = a.size() / columns;
    const bool by_columns = columns <= rows;
    const std::size_t count = std::min(rows, columns);
    const auto at = [&](std::size_t vector, std::size_t i) { return by_columns ? a[i * columns + vector] : a[vector * columns + i]; };
    double worst = 0;
    for (std::size_t v = 0; v < count; ++v) {
        for (std::size_t w = 0; w <= v; ++w) {
            double sum = 0;
            for (std::size_t i = 0; i < std::max(rows, columns); ++i) { sum += at(v, i) * at(w, i); }
            worst = std::max(worst, std::abs(sum - (v == w ? gain * gain : 0)));
        }
    }
    return worst;
}

double determinant(numbers a, std::size_t n) {
    double result = 1;
    for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t i = k + 1; i < n; ++i) { // by rotations, which change no determinant
            const double length = std::hypot(a[k * n + k], a[i * n + k]);
            const double c = a[k * n + k] / length;
            const double s = a[i * n + k] / length;
            for (std::size_t j = 0; j < n; ++j) {
                const double upper = a[k * n + j];
                const double lower = a[i * n + j];
                a[k * n + j] = c * upper + s * lower;
                a[i * n + j] = c * lower - s * upper;
            }
        }
        result *= a[k * n + k];
    }
    return result;
}

/// |conv(x)| / |x| for random x of `size` points in each direction, padded circularly.
double norm_ratio(const numbers& kernel, const shape& s, std::size_t size) {
    const std::size_t directions = s.rank() - 2;
    const std::size_t in = last(s, 1);
    const std::size_t out = last(s);
    std::size_t points = 1;
    std::size_t taps = 1;
    for (std::size_t axis = 0; axis < directions; ++axis) {
        points *= size;
        taps *= static_cast<std::size_t>(s[axis]);
    }
    std::mt19937 engine(9);
    numbers x(points * in);
    for (double& e : x) { e = static_cast<double>(engine()) / 2147483648.0 - 1; }
    numbers y(points * out);
    for (std::size_t p = 0; p < points; ++p) {
        for (std::size_t tap = 0; tap < taps; ++tap) {
            std::size_t from = 0; // the point p + tap, direction by direction from the last one
            std::size_t stride = 1;
            std::size_t p_rest = p;
            std::size_t tap_rest = tap;
            for (std::size_t axis = directions; axis-- > 0;) {
                const auto window = static_cast<std::size_t>(s[axis]);
                from += (p_rest + tap_rest % window) % size * stride;
                stride *= size;
                p_rest /= size;
                tap_rest /= window;
            }
            for (std::size_t i = 0; i < in; ++i) {
                for (std::size_t o = 0; o < out; ++o) { y[p * out + o] += x[from * in + i] * kernel[(tap * in + i) * out + o]; }
            }
        }
    }
    const auto norm = [](const numbers& v) {
        double squares = 0;
        for (const double e : v) { squares += e * e; }
        return std::sqrt(squares);
    };
    return norm(y) / norm(x);
}

} // namespace

TEST_CASE("orthogonal makes orthonormal rows or columns, times the gain", "[orthogonal]") {
    for (const shape& s : {shape{1, 1}, {6, 6}, {40, 7}, {7, 40}, {16, 16}, {17, 33}, {64, 64}, {2, 3, 4}, {3, 3, 5, 8}, {2, 2, 3, 40}, {1, 5}, {5, 1}}) {
        CAPTURE(s);
        CHECK(flaw(made(vs::orthogonal(), s), last(s), 1) < 1e-5);
        CHECK(flaw(made(vs::orthogonal(1.5), s), last(s), 1.5) < 1e-5);
        CHECK(flaw(made(vs::orthogonal(-1.5), s, dtype::float64), last(s), 1.5) < 1e-12);
        CHECK(flaw(made(vs::orthogonal(), s, dtype::float16), last(s), 1) < 4 * epsilon(dtype::float16));
        CHECK(flaw(made(vs::orthogonal(), s, dtype::bfloat16), last(s), 1) < 4 * epsilon(dtype::bfloat16));
    }
    CHECK(made(vs::orthogonal(), {0, 3}).empty());
    CHECK(made(vs::orthogonal(), {3, 0}).empty());
}

TEST_CASE("a partitioned variable is orthogonal as a whole, and its whole shape counts", "[orthogonal]") {
    vs::graph g;
    const vs::variable_options in_parts{.initializer = vs::orthogonal(), .partitioner = vs::fixed_size_partitioner(3)};
    const vs::any_variable whole = vs::get_variable(g, "w", {8, 6}, in_parts);
    numbers all;
    CHECK(whole.parts().size() == 3);
    for (const vs::any_variable& part : whole.parts()) {
        const numbers rows = numbers_of(part);
        all.insert(all.end(), rows.begin(), rows.end());
    }
    CHECK(all == made(vs::orthogonal(), {8, 6}));
    CHECK(flaw(all, 6, 1) < 1e-5);
    CHECK_THROWS_AS(vs::get_variable(g, "v", {8}, in_parts), vs::bad_shape);
}

TEST_CASE("a matrix that is not quite orthogonal is noticed", "[orthogonal]") {
    CHECK(flaw(made(vs::orthogonal(1.0001), {6, 6}), 6, 1) > 1e-5);
    auto bent = made(vs::orthogonal(), {7, 40});
    bent[3] += 1e-3;
    CHECK(flaw(bent, 40, 1) > 1e-5);
    CHECK(flaw(made(vs::random_normal(0, std::sqrt(1.0 / 6)), {6, 6}), 6, 1) > 0.1);
}

TEST_CASE("all orthogonal matrices are equally probable", "[orthogonal]") {
    constexpr int count = 1000;
    double mean = 0;
    double square = 0;
    double of_abs = 0;
    int positive = 0;
    for (int i = 0; i < count; ++i) {
        const numbers q = made(vs::orthogonal(), {3, 3}, dtype::float64, static_cast<std::uint64_t>(i));
        mean += q[0] / count;
        square += q[0] * q[0] / count;
        of_abs -= std::abs(q[0]) / count;
        const double d = determinant(q, 3);
        CHECK(std::abs(std::abs(d) - 1) < 1e-12);
        positive += d > 0 ? 1 : 0;
    }
    // An element of the uniform distribution over O(3) is uniform in [-1, 1]: mean 0, square 1/3 +- sqrt(4/45).
    const double error = std::sqrt(1.0 / count);
    CHECK(std::abs(mean) < 5 * error * std::sqrt(1.0 / 3));
    CHECK(std::abs(square - 1.0 / 3) < 5 * error * std::sqrt(4.0 / 45));
    CHECK(std::abs(positive - count / 2.0) < 5 * std::sqrt(count / 4.0));
    CHECK_FALSE(std::abs(of_abs) < 5 * error * std::sqrt(1.0 / 3)); // without the choice of sign, it would be -|q|
}

TEST_CASE("orthogonal rules make the same bits with every compiler and option", "[orthogonal]") {
    const auto digest_of = [](const vs::initializer& rule, const shape& s) {
        vs::graph g;
        return vs::detail::stream_of(bytes_of(make(g, "w", s, dtype::float64, rule)));
    };
    // Made by this library with GCC 12 at -O0, and the same by Clang 16 at -O3 for a machine that fuses a * b + c.
    CHECK(digest_of(vs::orthogonal(1.3, {.seed = 1}), {70, 33}) == 0x5044854c071c621bU);
    CHECK(digest_of(vs::convolutional_orthogonal_2d(0.7, {.seed = 1}), {4, 4, 13, 21}) == 0xac7e52c6d6f18c15U);
}

TEST_CASE("identity_initializer has the gain on the diagonal of any matrix", "[orthogonal]") {
    CHECK(made(vs::identity_initializer(), {2, 2}) == numbers{1, 0, 0, 1});
    CHECK(made(vs::identity_initializer(2.5), {2, 3}) == numbers{2.5, 0, 0, 0, 2.5, 0});
    CHECK(made(vs::identity_initializer(-1), {3, 2}, dtype::bfloat16) == numbers{-1, 0, 0, -1, 0, 0});
    CHECK(made(vs::identity_initializer(), {2, 0}).empty());
}

TEST_CASE("convolutional_delta_orthogonal is orthogonal at the centre, else 0", "[orthogonal]") {
    struct example {
        shape dimensions;
        std::size_t centre; // row-major index of the tap
    };
    for (const example& e : {example{{3, 4, 4}, 1}, {{4, 2, 5}, 1}, {{5, 3, 3}, 2}, {{3, 3, 4, 8}, 4}, {{2, 5, 4, 4}, 2}, {{1, 1, 1, 1}, 0}, {{3, 3, 3, 2, 6}, 13}, {{3, 2, 4, 2, 6}, 9}}) {
        CAPTURE(e.dimensions);
        const numbers kernel = made(vs::convolutional_delta_orthogonal(1.5), e.dimensions);
        const std::size_t tap = last(e.dimensions) * last(e.dimensions, 1);
        const auto first = kernel.begin() + static_cast<std::ptrdiff_t>(e.centre * tap);
        const auto end = first + static_cast<std::ptrdiff_t>(tap);
        CHECK(flaw(numbers(first, end), last(e.dimensions), 1.5) < 1e-5);
        CHECK(std::all_of(kernel.begin(), first, [](double x) { return x == 0; }));
        CHECK(std::all_of(end, kernel.end(), [](double x) { return x == 0; }));
        CHECK(std::abs(norm_ratio(kernel, e.dimensions, 3) - 1.5) < 1e-4);
    }
    CHECK(made(vs::convolutional_delta_orthogonal(), {0, 2, 3}).empty());
}

TEST_CASE("orthogonal convolutions multiply norms by the gain", "[orthogonal]") {
    const auto check = [](const vs::initializer& rule, const shape& s) {
        for (const std::size_t size : {1U, 2U, 5U}) {
            CAPTURE(s, size);
            CHECK(std::abs(norm_ratio(made(rule, s), s, size) - 1.5) < 1e-4);
            CHECK(std::abs(norm_ratio(made(rule, s, dtype::float64), s, size) - 1.5) < 1e-12);
        }
    };
    for (const shape& s : {shape{1, 3, 3}, {2, 3, 3}, {3, 4, 6}, {4, 1, 8}, {7, 5, 5}, {3, 1, 1}}) { check(vs::convolutional_orthogonal_1d(1.5), s); }
    for (const shape& s : {shape{1, 1, 3, 4}, {2, 2, 3, 3}, {3, 3, 4, 6}, {4, 4, 1, 8}, {5, 5, 5, 5}}) { check(vs::convolutional_orthogonal_2d(1.5), s); }
    for (const shape& s : {shape{1, 1, 1, 2, 4}, {2, 2, 2, 3, 3}, {3, 3, 3, 4, 6}, {4, 4, 4, 1, 2}}) { check(vs::convolutional_orthogonal_3d(1.5), s); }
    CHECK(made(vs::convolutional_orthogonal_2d(), {0, 0, 2, 3}).empty());
    CHECK(made(vs::convolutional_orthogonal_2d(), {2, 2, 0, 3}).empty());
}

TEST_CASE("a convolution that is not quite orthogonal is noticed", "[orthogonal]") {
    const shape s{3, 3, 4, 6};
    CHECK(std::abs(norm_ratio(made(vs::convolutional_orthogonal_2d(1.001), s), s, 5) - 1) > 1e-4);
    CHECK(std::abs(norm_ratio(made(vs::random_normal(0, std::sqrt(1.0 / 54)), s), s, 5) - 1) > 1e-4);
    // One matrix, orthogonal as a whole: not as a convolution.
    CHECK(std::abs(norm_ratio(made(vs::orthogonal(3), s), s, 5) - 1) > 1e-4);
}

TEST_CASE("orthogonal convolutions use all of their window", "[orthogonal]") {
    const numbers kernel = made(vs::convolutional_orthogonal_2d(), {3, 3, 6, 8});
    for (std::size_t tap = 0; tap < 9; ++tap) {
        const auto first = kernel.begin() + static_cast<std::ptrdiff_t>(tap * 48);
        CHECK(std::any_of(first, first + 48, [](double x) { return std::abs(x) > 1e-6; }));
    }
}

TEST_CASE("rules of one rank refuse others, with the reason", "[orthogonal]") {
    const auto refused = [](const vs::initializer& rule, const shape& s) { return message_of<vs::bad_shape>([&] { (void)made(rule, s); }); };
    const std::string advice = "\n  requested at HERE\n  ask for another shape, or use another initializer";
    CHECK(refused(vs::orthogonal(), {3}) == "variable 'w' cannot have shape (3,): orthogonal makes rank 2 or more only" + advice);
    CHECK(refused(vs::orthogonal(), {}) == "variable 'w' cannot have shape (): orthogonal makes rank 2 or more only" + advice);
    CHECK(refused(vs::identity_initializer(), {2, 2, 2}) == "variable 'w' cannot have shape (2, 2, 2): identity_initializer makes rank 2 only" + advice);
    CHECK(refused(vs::convolutional_delta_orthogonal(), {2, 2}) ==
          "variable 'w' cannot have shape (2, 2): convolutional_delta_orthogonal makes ranks 3 to 5 only: window, input channels, output channels" + advice);
    CHECK(refused(vs::convolutional_orthogonal_1d(), {3, 3, 2, 2}) ==
          "variable 'w' cannot have shape (3, 3, 2, 2): convolutional_orthogonal_1d makes rank 3 only: window, input channels, output channels" + advice);
    CHECK(refused(vs::convolutional_orthogonal_2d(), {3, 2, 2}) ==
          "variable 'w' cannot have shape (3, 2, 2): convolutional_orthogonal_2d makes rank 4 only: window, input channels, output channels" + advice);
    CHECK(refused(vs::convolutional_orthogonal_3d(), {3, 2, 2}) ==
          "variable 'w' cannot have shape (3, 2, 2): convolutional_orthogonal_3d makes rank 5 only: window, input channels, output channels" + advice);
}

TEST_CASE("orthogonal convolutions refuse unequal windows and fewer output channels", "[orthogonal]") {
    const auto refused = [](const vs::initializer& rule, const shape& s) { return message_of<vs::bad_shape>([&] { (void)made(rule, s); }); };
    const std::string advice = "\n  requested at HERE\n  ask for another shape, or use another initializer";
    const std::string channels = " makes no fewer output channels (the last dimension) than input channels (the one before)";
    CHECK(refused(vs::convolutional_orthogonal_2d(), {3, 2, 2, 2}) ==
          "variable 'w' cannot have shape (3, 2, 2, 2): convolutional_orthogonal_2d makes windows of one size in all directions only" + advice);
    CHECK(refused(vs::convolutional_orthogonal_3d(), {3, 3, 2, 2, 2}) ==
          "variable 'w' cannot have shape (3, 3, 2, 2, 2): convolutional_orthogonal_3d makes windows of one size in all directions only" + advice);
    CHECK(refused(vs::convolutional_delta_orthogonal(), {3, 4, 2}) == "variable 'w' cannot have shape (3, 4, 2): convolutional_delta_orthogonal" + channels + advice);
    CHECK(refused(vs::convolutional_orthogonal_1d(), {3, 4, 2}) == "variable 'w' cannot have shape (3, 4, 2): convolutional_orthogonal_1d" + channels + advice);
    CHECK(refused(vs::convolutional_orthogonal_2d(), {3, 3, 4, 2}) == "variable 'w' cannot have shape (3, 3, 4, 2): convolutional_orthogonal_2d" + channels + advice);
}

TEST_CASE("orthogonal rules refuse other types and gains that are not finite", "[orthogonal]") {
    CHECK(message_of<vs::value_dtype>([] { (void)made(vs::orthogonal(), {2, 2}, dtype::int32); }) ==
          "variable 'w' cannot be given what its initializer makes as int32: orthogonal makes floating types only\n"
          "  requested at HERE\n"
          "  ask for another element type, or use another initializer");
    constexpr double infinity = std::numeric_limits<double>::infinity();
    CHECK(message_of<vs::bad_parameter>([] { (void)vs::orthogonal(infinity); }) ==
          "orthogonal cannot have gain inf\n"
          "  requested at HERE\n"
          "  give a finite number");
    CHECK_THROWS_AS(vs::identity_initializer(infinity), vs::bad_parameter);
    CHECK_THROWS_AS(vs::convolutional_delta_orthogonal(infinity), vs::bad_parameter);
    CHECK_THROWS_AS(vs::convolutional_orthogonal_1d(infinity), vs::bad_parameter);
    CHECK_THROWS_AS(vs::convolutional_orthogonal_2d(infinity), vs::bad_parameter);
    CHECK_THROWS_AS(vs::convolutional_orthogonal_3d(infinity), vs::bad_parameter);
}
