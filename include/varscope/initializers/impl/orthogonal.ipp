// See orthogonal.hpp.
#pragma once

#include <varscope/initializers/orthogonal.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void normal_numbers::operator()(std::span<double> to) noexcept {
    fill_normal(dtype::float64, to.data(), next_, to.size(), from_, 0, 1);
    next_ += to.size();
}

VARSCOPE_INLINE matrix random_orthonormal(
    normal_numbers& draw, std::size_t rows, std::size_t columns) {
    matrix transposed(columns, rows);
    draw(transposed.elements());
    return orthonormal_factor(std::move(transposed));
}

VARSCOPE_INLINE void fill_orthogonal(const fill_target& t, double gain) {
    if (t.count == 0) { return; }
    const std::size_t columns = from_last(t.full_shape, 0);
    const std::size_t rows = t.count / columns;
    normal_numbers draw(t.stream());
    const matrix q = random_orthonormal(draw, std::max(rows, columns), std::min(rows, columns));
    if (rows >= columns) {
        write_elements(t, [&](std::size_t i) { return gain * q.elements()[i]; });
    } else {
        write_elements(t, [&](std::size_t i) { return gain * q.row(i % columns)[i / columns]; });
    }
}

VARSCOPE_INLINE std::optional<std::string> check_channels(const char* rule, const shape& s) {
    if (from_last(s, 1) <= from_last(s, 0)) { return std::nullopt; }
    return std::string(rule) + " makes no fewer output channels (the last dimension) than input " +
        "channels (the one before)";
}

VARSCOPE_INLINE void fill_delta(const fill_target& t, double gain) {
    if (t.count == 0) { return; }
    const std::size_t out = from_last(t.full_shape, 0);
    const std::size_t in = from_last(t.full_shape, 1);
    normal_numbers draw(t.stream());
    const matrix q = random_orthonormal(draw, out, out);
    std::size_t centre = 0; // index of the tap, row-major
    for (std::size_t axis = 0; axis + 2 < t.full_shape.rank(); ++axis) {
        const auto size = static_cast<std::size_t>(t.full_shape[axis]);
        centre = centre * size + (size - 1) / 2;
    }
    const std::size_t first = centre * in * out;
    write_elements(t, [&](std::size_t i) {
        return i < first || i >= first + in * out ? 0.0 : gain * q.elements()[i - first];
    });
}

VARSCOPE_INLINE kernel_taps followed_by_projections(
    const kernel_taps& k, std::size_t axis, normal_numbers& draw) {
    const std::size_t out = k.taps.columns();
    const matrix q = random_orthonormal(draw, out, out);
    std::vector<double> coins(out);
    draw(coins);
    const auto count = static_cast<std::size_t>(
        std::ranges::count_if(coins, [](double coin) { return coin > 0; }));
    matrix basis(out, count);
    matrix transposed(count, out);
    for (std::size_t j = 0, taken = 0; j < out; ++j) {
        if (coins[j] > 0) {
            for (std::size_t i = 0; i < out; ++i) {
                basis.row(i)[taken] = transposed.row(taken)[i] = q.row(i)[j];
            }
            ++taken;
        }
    }
    const matrix kept = product(product(k.taps, basis), transposed); // K P

    // Along `axis`: K P at the same place, K - K P one further.
    kernel_taps result{
        k.window, matrix(k.taps.rows() / k.window[axis] * (k.window[axis] + 1), out)};
    ++result.window[axis];
    std::size_t outer = 1;
    for (std::size_t a = 0; a < axis; ++a) { outer *= k.window[a]; }
    const std::size_t block = k.taps.elements().size() / outer; // all taps along `axis`
    const std::size_t step = block / k.window[axis];
    for (std::size_t o = 0; o < outer; ++o) {
        const double* const all = k.taps.elements().data() + o * block;
        const double* const part = kept.elements().data() + o * block;
        double* const to = result.taps.elements().data() + o * (block + step);
        for (std::size_t i = 0; i < block; ++i) {
            to[i] += part[i];
            to[i + step] += all[i] - part[i];
        }
    }
    return result;
}

VARSCOPE_INLINE void fill_convolution(const fill_target& t, double gain) {
    if (t.count == 0) { return; }
    const std::size_t out = from_last(t.full_shape, 0);
    const std::size_t in = from_last(t.full_shape, 1);
    const std::size_t directions = t.full_shape.rank() - 2;
    normal_numbers draw(t.stream());
    kernel_taps k{std::vector<std::size_t>(directions, 1), random_orthonormal(draw, out, out)};
    k.taps.keep_rows(in);
    for (std::int64_t size = 1; size < t.full_shape[0]; ++size) {
        for (std::size_t axis = 0; axis < directions; ++axis) {
            k = followed_by_projections(k, axis, draw);
        }
    }
    write_elements(t, [&](std::size_t i) { return gain * k.taps.elements()[i]; });
}

} // namespace varscope::inline VARSCOPE_ABI::detail
