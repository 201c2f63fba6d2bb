/// \file
/// Rules for the first value of weights that keep the norm of what they are applied to: orthogonal
/// matrices, the identity, orthogonal convolutions.
///
/// Ask for them by this header. All are calculated in double, for floating types only; the random
/// ones are uniform over all orthogonal matrices (Haar measure), and decide as in initializers.hpp
/// from which numbers.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/initializers/detail/householder.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/initializers/initializer_rule.hpp>
#include <varscope/initializers/initializers.hpp>
#include <varscope/initializers/rule.hpp>
#include <varscope/random/random_fill.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// Draws normal numbers one after another.
class normal_numbers {
public:
    explicit normal_numbers(const random_stream& from) noexcept : from_{from} {}
    void operator()(std::span<double> to) noexcept;

private:
    random_stream from_;
    std::uint64_t next_ = 0;
};

/// (rows, columns), rows >= columns: orthonormal columns, uniformly distributed.
[[nodiscard]] matrix random_orthonormal(
    normal_numbers& draw, std::size_t rows, std::size_t columns);

/// Writes `element(i)` for each of the target's elements.
template <class Element>
void write_elements(const fill_target& t, Element element) {
    visit_floating(t.type, [&]<class T>(std::type_identity<T>) {
        auto* const out = static_cast<T*>(t.data);
        for (std::size_t i = 0; i < t.count; ++i) { out[i] = round_to<T>(element(i)); }
    });
}

/// Dimension `axis`, counted from the last one.
[[nodiscard]] inline std::size_t from_last(const shape& s, std::size_t axis) noexcept {
    return static_cast<std::size_t>(s[s.rank() - 1 - axis]);
}

void fill_orthogonal(const fill_target& t, double gain);

[[nodiscard]] std::optional<std::string> check_channels(const char* rule, const shape& s);

void fill_delta(const fill_target& t, double gain);

/// Taps of a convolution: row-major matrices (in, out), one below another.
struct kernel_taps {
    std::vector<std::size_t> window; // taps in each direction
    matrix taps;                     // (product of window * in, out)
};

/// The convolution followed by one of two taps along `axis`: P first, then I - P, where P is the
/// orthogonal projection onto some of the columns of a random orthogonal matrix, each taken with
/// probability 1/2. It keeps norms: at every frequency it is P + z (I - P) with some |z| = 1.
[[nodiscard]] kernel_taps followed_by_projections(
    const kernel_taps& k, std::size_t axis, normal_numbers& draw);

/// Xiao et al. 2018, algorithm 1: an orthogonal matrix, then size - 1 times a convolution of two
/// taps in each direction.
void fill_convolution(const fill_target& t, double gain);

template <std::size_t Directions>
[[nodiscard]] initializer make_convolutional_orthogonal(const initializer_rule::parameters& p) {
    static_assert(Directions >= 1 && Directions <= 3);
    static constexpr const char* name = Directions == 1 ? "convolutional_orthogonal_1d"
        : Directions == 2                               ? "convolutional_orthogonal_2d"
                                                        : "convolutional_orthogonal_3d";
    return make_floating_rule(
        name, p.seed, [gain = p.numbers[0]](const fill_target& t) { fill_convolution(t, gain); },
        [](const shape& s) -> std::optional<std::string> {
            if (s.rank() != Directions + 2) {
                return std::string(name) + " makes rank " + std::to_string(Directions + 2) +
                    " only: window, input channels, output channels";
            }
            for (std::size_t axis = 1; axis < Directions; ++axis) {
                if (s[axis] != s[0]) {
                    return std::string(name) + " makes windows of one size in all directions only";
                }
            }
            return check_channels(name, s);
        });
}

} // namespace detail

/// An orthogonal matrix times `gain`; of more than two axes, all but the last count as rows.
///
/// With no more columns than rows, columns are orthonormal (times gain), else rows are: the
/// orthogonal factor of a matrix of normal numbers, with the sign that makes it uniform (Saxe et
/// al. 2014). Rank 2 or more (else bad_shape). Floating types. Cost: at most 2 a b^2
/// multiplications and as many additions for sides a >= b, in double; two copies of the matrix.
/// Follows tf.orthogonal_initializer. \throws bad_parameter  the gain is not finite.
inline constexpr struct orthogonal_t {
    [[nodiscard]] constexpr initializer_rule operator()(double gain = 1,
        random_options options = {},
        const std::source_location& where = std::source_location::current()) const {
        detail::check_finite("orthogonal", "gain", gain, where);
        const auto make = [](const initializer_rule::parameters& p) {
            return detail::make_floating_rule(
                "orthogonal", p.seed,
                [gain = p.numbers[0]](
                    const detail::fill_target& t) { detail::fill_orthogonal(t, gain); },
                [](const shape& s) -> std::optional<std::string> {
                    if (s.rank() >= 2) { return std::nullopt; }
                    return "orthogonal makes rank 2 or more only";
                });
        };
        return {make, {.numbers = {gain}, .seed = options.seed}};
    }
} orthogonal{};

/// `gain` on the main diagonal, else 0. Rank 2 (else bad_shape), also if not square. Floating
/// types. Follows tf.initializers.identity. (`identity` is the op.)
/// \throws bad_parameter  the gain is not finite.
inline constexpr struct identity_initializer_t {
    [[nodiscard]] constexpr initializer_rule operator()(double gain = 1,
        const std::source_location& where = std::source_location::current()) const {
        detail::check_finite("identity_initializer", "gain", gain, where);
        const auto make = [](const initializer_rule::parameters& p) {
            return detail::make_floating_rule(
                "identity_initializer", std::nullopt,
                [gain = p.numbers[0]](const detail::fill_target& t) {
                    const auto columns = static_cast<std::size_t>(t.full_shape[1]);
                    detail::write_elements(
                        t, [=](std::size_t i) { return i / columns == i % columns ? gain : 0.0; });
                },
                [](const shape& s) -> std::optional<std::string> {
                    if (s.rank() == 2) { return std::nullopt; }
                    return "identity_initializer makes rank 2 only";
                });
        };
        return {make, {.numbers = {gain}}};
    }
} identity_initializer{};

/// A convolution kernel that is 0 but at the centre of its window, (size - 1) / 2 in each
/// direction, where its rows are orthonormal times `gain`: it multiplies norms by `gain` (Xiao et
/// al. 2018, algorithm 2).
///
/// \pre rank 3 to 5, (window..., input channels, output channels), and no more input than output
///      channels (else bad_shape). Floating types. Follows
///      tf.initializers.convolutional_delta_orthogonal.
/// \throws bad_parameter  the gain is not finite.
inline constexpr struct convolutional_delta_orthogonal_t {
    [[nodiscard]] constexpr initializer_rule operator()(double gain = 1,
        random_options options = {},
        const std::source_location& where = std::source_location::current()) const {
        detail::check_finite("convolutional_delta_orthogonal", "gain", gain, where);
        const auto make = [](const initializer_rule::parameters& p) {
            return detail::make_floating_rule(
                "convolutional_delta_orthogonal", p.seed,
                [gain = p.numbers[0]](
                    const detail::fill_target& t) { detail::fill_delta(t, gain); },
                [](const shape& s) -> std::optional<std::string> {
                    if (s.rank() < 3 || s.rank() > 5) {
                        return "convolutional_delta_orthogonal makes ranks 3 to 5 only: window, "
                               "input "
                               "channels, output channels";
                    }
                    return detail::check_channels("convolutional_delta_orthogonal", s);
                });
        };
        return {make, {.numbers = {gain}, .seed = options.seed}};
    }
} convolutional_delta_orthogonal{};

/// A kernel (width, input channels, output channels) that multiplies norms by `gain` where the
/// input is padded circularly; other padding is inexact at the border (Xiao et al. 2018,
/// algorithm 1).
///
/// No more input than output channels (else bad_shape). Floating types. Follows
/// tf.initializers.convolutional_orthogonal_1d.
/// \throws bad_parameter  the gain is not finite.
inline constexpr struct convolutional_orthogonal_1d_t {
    [[nodiscard]] constexpr initializer_rule operator()(double gain = 1,
        random_options options = {},
        const std::source_location& where = std::source_location::current()) const {
        detail::check_finite("convolutional_orthogonal_1d", "gain", gain, where);
        return {
            detail::make_convolutional_orthogonal<1>, {.numbers = {gain}, .seed = options.seed}};
    }
} convolutional_orthogonal_1d{};

/// As `convolutional_orthogonal_1d`, for kernels (size, size, input channels, output channels).
inline constexpr struct convolutional_orthogonal_2d_t {
    [[nodiscard]] constexpr initializer_rule operator()(double gain = 1,
        random_options options = {},
        const std::source_location& where = std::source_location::current()) const {
        detail::check_finite("convolutional_orthogonal_2d", "gain", gain, where);
        return {
            detail::make_convolutional_orthogonal<2>, {.numbers = {gain}, .seed = options.seed}};
    }
} convolutional_orthogonal_2d{};

/// As `convolutional_orthogonal_1d`, for kernels (size, size, size, input channels, output
/// channels).
inline constexpr struct convolutional_orthogonal_3d_t {
    [[nodiscard]] constexpr initializer_rule operator()(double gain = 1,
        random_options options = {},
        const std::source_location& where = std::source_location::current()) const {
        detail::check_finite("convolutional_orthogonal_3d", "gain", gain, where);
        return {
            detail::make_convolutional_orthogonal<3>, {.numbers = {gain}, .seed = options.seed}};
    }
} convolutional_orthogonal_3d{};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/initializers/impl/orthogonal.ipp>
#endif
