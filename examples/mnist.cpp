// A network that TensorFlow trained: built here layer by layer, restored by name, and run.
//
// usage: mnist CHECKPOINT IMAGES LABELS
//
// The network, its checkpoint and the accuracy to expect (0.9662, with numbers rounded as in 8-bit
// arithmetic) are TensorFlow's:
// tensorflow/python/compiler/tensorrt/test/quantization_mnist_test.py.
#include <varscope/io/restore.hpp>
#include <varscope/ext/matmul.hpp>
#include <varscope/varscope.hpp>

#include "mnist/idx.hpp"
#include "mnist/numerics.hpp"
#include "mnist/report.hpp"

#include <unistd.h>
#include <xtensor/xsort.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xview.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace vs = varscope;

using mnist::array;
using mnist::precision;
using mnist::quantise;

namespace {

// [network]
// A 3x3 convolution with bias and relu6, as tf.layers.conv2d.
array conv2d(const array& x, std::size_t filters, vs::name_arg name) {
    vs::variable_scope s{name, vs::auto_reuse};
    auto kernel = vs::get_variable<float, 4>("kernel", {3, 3, x.shape(3), filters});
    auto bias = vs::get_variable<float, 1>("bias", {filters}, {.initializer = vs::zeros()});

    const array weights = xt::reshape_view(kernel, {9 * x.shape(3), filters});
    const xt::xtensor<float, 2> product = vs::matmul(mnist::windows_3x3(x), weights);
    array y = array::from_shape({x.shape(0), x.shape(1) - 2, x.shape(2) - 2, filters});
    mnist::bias_and_relu6(product, bias, y);
    return y;
}

// A product with a matrix, and a bias, as tf.layers.dense.
array dense(const array& x, std::size_t units, vs::name_arg name, precision p) {
    vs::variable_scope s{name, vs::auto_reuse};
    auto kernel = vs::get_variable<float, 2>("kernel", {x.shape(1), units});
    auto bias = vs::get_variable<float, 1>("bias", {units}, {.initializer = vs::zeros()});

    const array product = quantise(vs::matmul(x, kernel), p);
    return quantise(vs::bias_add(product, bias), p);
}

array features(const array& images) {
    array x = conv2d(images, 32, "conv2d"); // conv2d/kernel, conv2d/bias: made once, then shared
    x = conv2d(x, 64, "conv2d_1");
    return vs::reduce_mean(x, {1, 2});
}

// The scores of the ten digits for each of a batch of images (image, row, column, 1) of bytes.
array network(const array& images, precision p) {
    const array x = quantise(2.f * (images / 255.f) - 1.f, p);
    array h = array::from_shape({x.shape(0), 64});
    constexpr std::size_t few = 16; // so that what lies between the convolutions stays in the cache
    for (std::size_t first = 0; first < x.shape(0); first += few) {
        auto part = xt::range(first, std::min(first + few, x.shape(0)));
        xt::view(h, part) = features(xt::view(x, part));
    }
    h = dense(quantise(h, p), 512, "dense", p);
    return dense(vs::relu6(h), 10, "dense_1", p);
}
// [network]

/// The scores of the digits for every image. Tells on standard error how far it is.
array run(const xt::xtensor<std::uint8_t, 3>& images, precision p) {
    const bool is_watched = isatty(STDERR_FILENO) != 0;
    const auto start = std::chrono::steady_clock::now();
    const std::size_t count = images.shape(0);
    array scores = array::from_shape({count, 10});
    for (std::size_t first = 0; first < count; first += 128) {
        auto batch = xt::range(first, std::min(first + 128, count));
        xt::view(scores, batch) =
            network(xt::view(images, batch, xt::all(), xt::all(), xt::newaxis()), p);
        if (is_watched) { std::cerr << first << " of " << count << " images\r"; }
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::cerr << count << " images in " << std::fixed << std::setprecision(2) << seconds.count()
              << " s\n";
    return scores;
}

/// For each image, the digit with the highest score.
xt::xtensor<std::size_t, 1> digits_of(const array& scores) { return xt::argmax(scores, 1); }

void check(const xt::xtensor<std::uint8_t, 3>& images, const xt::xtensor<std::uint8_t, 1>& labels) {
    if (images.shape(0) != labels.shape(0) || images.size() == 0) {
        throw std::runtime_error("there must be a label for each image: found " +
            std::to_string(images.shape(0)) + " images and " + std::to_string(labels.shape(0)) +
            " labels");
    }
    if (images.shape(1) != 28 || images.shape(2) != 28) {
        throw std::runtime_error("the images must have 28 x 28 pixels: found " +
            std::to_string(images.shape(1)) + " x " + std::to_string(images.shape(2)));
    }
    for (const auto label : labels) {
        if (label > 9) {
            throw std::runtime_error(
                "labels must be digits, 0 to 9: found " + std::to_string(label));
        }
    }
}

void print_accuracy(const array& scores, const xt::xtensor<std::uint8_t, 1>& labels) {
    const auto right = xt::sum<std::size_t>(xt::equal(digits_of(scores), labels))();
    std::cout << std::fixed << std::setprecision(4)
              << static_cast<double>(right) / static_cast<double>(labels.size());
}

/// What was taken for what, and drawings of the mistakes that the network was surest of.
void print_mistakes(const array& scores, const xt::xtensor<std::uint8_t, 3>& images,
    const xt::xtensor<std::uint8_t, 1>& labels) {
    const auto digits = digits_of(scores);
    xt::xtensor<std::size_t, 2> confusion = xt::zeros<std::size_t>({10, 10});
    std::vector<std::size_t> mistakes;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        ++confusion(labels(i), digits(i));
        if (labels(i) != digits(i)) { mistakes.push_back(i); }
    }
    std::cout << "\nlabels (rows) and what they were taken for (columns):\n";
    mnist::print_confusion(std::cout, confusion);

    const auto sureness = [&](std::size_t i) {
        return scores(i, digits(i)) - scores(i, labels(i));
    };
    std::ranges::sort(mistakes, std::greater<>(), sureness);
    std::cout << "\nthe surest of its " << mistakes.size() << " mistakes:\n";
    mistakes.resize(std::min<std::size_t>(mistakes.size(), 3));
    std::vector<mnist::picture> pictures;
    for (const std::size_t i : mistakes) {
        pictures.push_back(
            {i, std::to_string(labels(i)) + ", taken for " + std::to_string(digits(i))});
    }
    mnist::draw(std::cout, images, pictures);
}

} // namespace

int main(int argc, char** argv) try {
    if (argc != 4) {
        std::cerr << "usage: mnist CHECKPOINT IMAGES LABELS\n";
        return 2;
    }
    const auto images = mnist::read_idx<3>(argv[2]);
    const auto labels = mnist::read_idx<1>(argv[3]);
    check(images, labels);

    // [restore]
    vs::graph graph;
    vs::as_default in_force{graph};
    (void)network(xt::zeros<float>({1, 28, 28, 1}), precision::float32); // creates the variables
    mnist::print(std::cout, vs::restore(graph, argv[1]));
    // [restore]

    const array scores = run(images, precision::float32);
    const array rounded_scores = run(images, precision::simulated_8_bit);
    std::cout << "\naccuracy on " << labels.size() << " images: ";
    print_accuracy(scores, labels);
    std::cout << "; with numbers rounded as in 8-bit arithmetic: ";
    print_accuracy(rounded_scores, labels);
    std::cout << '\n';
    print_mistakes(scores, images, labels);
    return 0;
} catch (const std::exception& e) {
    std::cerr << "mnist: " << e.what() << '\n';
    return 1;
}
