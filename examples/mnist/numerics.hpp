/// \file
/// The arithmetic of the network that is no op of the library.
#pragma once

#include <xtensor/xarray.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace mnist {

using array = xt::xarray<float>;

/// The 3x3 windows of images (count, height, width, channels), a row each, so that a convolution
/// becomes one matrix product: (count * (height - 2) * (width - 2), 9 * channels).
[[nodiscard]] inline array windows_3x3(const array& images) {
    const std::size_t height = images.shape(1);
    const std::size_t width = images.shape(2);
    const std::size_t channels = images.shape(3);
    array rows = array::from_shape({images.shape(0) * (height - 2) * (width - 2), 9 * channels});
    float* to = rows.data();
    for (std::size_t image = 0; image < images.shape(0); ++image) {
        for (std::size_t i = 0; i + 2 < height; ++i) {
            for (std::size_t j = 0; j + 2 < width; ++j) {
                const float* from = images.data() + ((image * height + i) * width + j) * channels;
                for (int line = 0; line < 3; ++line, from += width * channels) {
                    to = std::copy_n(from, 3 * channels, to);
                }
            }
        }
    }
    return rows;
}

/// y = relu6(x + bias) in one pass over memory, for as many elements in y as in x.
template <class X, class Bias>
void bias_and_relu6(const X& x, const Bias& bias, array& y) {
    const float* const b = bias.data();
    const float* from = x.data();
    float* to = y.data();
    for (std::size_t row = 0; row < x.size() / bias.size(); ++row) {
        for (std::size_t i = 0; i < bias.size(); ++i) {
            *to++ = std::clamp(*from++ + b[i], 0.f, 6.f);
        }
    }
}

enum class precision {
    float32,
    simulated_8_bit, ///< float32, rounded to what 8 bits tell apart
};

/// Evaluates x and, if asked to, rounds it to multiples of 1/127 of the largest magnitude in it,
/// halves to even. Follows tf.quantization.quantize_and_dequantize.
[[nodiscard]] inline array quantise(array x, precision p) {
    if (p == precision::float32) { return x; }
    float range = 0;
    for (const float value : x.storage()) { range = std::max(range, std::abs(value)); }
    if (range > 0) {
        const float scale = 127 / range;
        for (float& value : x.storage()) { value = std::nearbyint(value * scale) / scale; }
    }
    return x;
}

} // namespace mnist
