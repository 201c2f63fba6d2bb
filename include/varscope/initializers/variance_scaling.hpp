/// \file
/// Random rules for the first value of weights, scaled by how many connections their shape means.
#pragma once

#include <varscope/base/shape.hpp>
#include <varscope/initializers/check_parameter.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/initializers/initializer_rule.hpp>
#include <varscope/initializers/initializers.hpp>

#include <cstdint>
#include <optional>
#include <source_location>

namespace varscope::inline VARSCOPE_ABI {

// Options are written in the order in which they stand here.

struct variance_scaling_options {
    double scale = 1; ///< above 0
    fan_mode mode = fan_mode::fan_in;
    scaling_distribution distribution = scaling_distribution::truncated_normal;
    std::optional<std::uint64_t> seed = {}; ///< as in `random_options`
};

struct contrib_variance_scaling_options {
    double factor = 2; ///< above 0
    fan_mode mode = fan_mode::fan_in;
    bool uniform = false;                   ///< else truncated normal
    std::optional<std::uint64_t> seed = {}; ///< as in `random_options`
};

struct xavier_options {
    bool uniform = true;                    ///< else truncated normal
    std::optional<std::uint64_t> seed = {}; ///< as in `random_options`
};

namespace detail {

/// (fan in, fan out) of a weight's shape, as TensorFlow counts them: a vector's are both its
/// length, a convolution kernel's are its last two dimensions times the size of its window.
struct fans {
    double in;
    double out;
};
[[nodiscard]] fans fans_of(const shape& s) noexcept;

/// At least 1, so that it can be divided by.
[[nodiscard]] double fan_count(const shape& s, fan_mode mode) noexcept;

/// Not checked: `options.scale` is above 0.
[[nodiscard]] initializer make_variance_scaling(
    const char* name, const variance_scaling_options& options);

/// Not checked: `options.factor` is above 0.
[[nodiscard]] initializer make_contrib_variance_scaling(
    const char* name, const contrib_variance_scaling_options& options);

/// Those two as values that are known while compiling.
template <class Options>
[[nodiscard]] constexpr initializer_rule scaling_rule(
    initializer_rule::maker make, const Options& options) noexcept {
    if constexpr (requires { options.scale; }) {
        return {make,
            {.numbers = {options.scale},
                .seed = options.seed,
                .choices = {static_cast<std::uint8_t>(options.mode),
                    static_cast<std::uint8_t>(options.distribution)}}};
    } else {
        return {make,
            {.numbers = {options.factor},
                .seed = options.seed,
                .choices = {static_cast<std::uint8_t>(options.mode), options.uniform}}};
    }
}
[[nodiscard]] initializer make_variance_scaling(
    const char* name, const initializer_rule::parameters& p);
[[nodiscard]] initializer make_contrib_variance_scaling(
    const char* name, const initializer_rule::parameters& p);
[[nodiscard]] initializer make_uniform_unit_scaling(const initializer_rule::parameters& p);

} // namespace detail

/// Mean 0 and variance scale / n, n being the fan in, the fan out or their mean, and at least 1.
///
/// - truncated normal: within two standard deviations of a normal distribution whose own is
///   sqrt(scale / n) / 0.87962566103423978, so that sqrt(scale / n) comes out;
/// - untruncated normal;
/// - uniform: in [-l, l) with l = sqrt(3 scale / n).
///
/// Fans of a shape: (1, 1) of a scalar's, (n, n) of a vector's, else the last two dimensions, each
/// times all dimensions before them. Floating types. Follows tf.variance_scaling_initializer.
/// \throws bad_parameter  the scale is not above 0.
inline constexpr struct variance_scaling_t {
    [[nodiscard]] constexpr initializer_rule operator()(variance_scaling_options options = {},
        const std::source_location& where = std::source_location::current()) const {
        detail::check_positive("variance_scaling", "scale", options.scale, where);
        return detail::scaling_rule(
            [](const initializer_rule::parameters& p) {
                return detail::make_variance_scaling("variance_scaling", p);
            },
            options);
    }
} variance_scaling{};

/// Uniform in [-l, l) with l = sqrt(6 / (fan in + fan out)): the default for floating types (Glorot
/// and Bengio 2010, equation 16). Floating types.
inline constexpr struct glorot_uniform_t {
    [[nodiscard]] constexpr initializer_rule operator()(random_options options = {}) const {
        const auto make = [](const initializer_rule::parameters& p) {
            static const initializer shared = detail::make_variance_scaling("glorot_uniform",
                variance_scaling_options{1, fan_mode::fan_avg, scaling_distribution::uniform, {}});
            return p.seed ? detail::make_variance_scaling("glorot_uniform", p) : shared;
        };
        return detail::scaling_rule(make,
            variance_scaling_options{
                1, fan_mode::fan_avg, scaling_distribution::uniform, options.seed});
    }
} glorot_uniform{};

/// `variance_scaling` with scale 1, the mean of the fans, truncated normal (Glorot and Bengio
/// 2010).
inline constexpr struct glorot_normal_t {
    [[nodiscard]] constexpr initializer_rule operator()(random_options options = {}) const {
        return detail::scaling_rule(
            [](const initializer_rule::parameters& p) {
                return detail::make_variance_scaling("glorot_normal", p);
            },
            variance_scaling_options{
                1, fan_mode::fan_avg, scaling_distribution::truncated_normal, options.seed});
    }
} glorot_normal{};

/// `variance_scaling` with scale 2, the fan in, truncated normal (He et al. 2015, equation 10).
inline constexpr struct he_normal_t {
    [[nodiscard]] constexpr initializer_rule operator()(random_options options = {}) const {
        return detail::scaling_rule(
            [](const initializer_rule::parameters& p) {
                return detail::make_variance_scaling("he_normal", p);
            },
            variance_scaling_options{
                2, fan_mode::fan_in, scaling_distribution::truncated_normal, options.seed});
    }
} he_normal{};

/// `variance_scaling` with scale 2, the fan in, uniform (He et al. 2015): l = sqrt(6 / fan in).
inline constexpr struct he_uniform_t {
    [[nodiscard]] constexpr initializer_rule operator()(random_options options = {}) const {
        return detail::scaling_rule(
            [](const initializer_rule::parameters& p) {
                return detail::make_variance_scaling("he_uniform", p);
            },
            variance_scaling_options{
                2, fan_mode::fan_in, scaling_distribution::uniform, options.seed});
    }
} he_uniform{};

/// `variance_scaling` with scale 1, the fan in, truncated normal (LeCun et al. 1998, equation 16).
inline constexpr struct lecun_normal_t {
    [[nodiscard]] constexpr initializer_rule operator()(random_options options = {}) const {
        return detail::scaling_rule(
            [](const initializer_rule::parameters& p) {
                return detail::make_variance_scaling("lecun_normal", p);
            },
            variance_scaling_options{
                1, fan_mode::fan_in, scaling_distribution::truncated_normal, options.seed});
    }
} lecun_normal{};

/// `variance_scaling` with scale 1, the fan in, uniform (LeCun et al. 1998): l = sqrt(3 / fan in).
inline constexpr struct lecun_uniform_t {
    [[nodiscard]] constexpr initializer_rule operator()(random_options options = {}) const {
        return detail::scaling_rule(
            [](const initializer_rule::parameters& p) {
                return detail::make_variance_scaling("lecun_uniform", p);
            },
            variance_scaling_options{
                1, fan_mode::fan_in, scaling_distribution::uniform, options.seed});
    }
} lecun_uniform{};

/// Uniform in [-l, l) with l = |factor| sqrt(3 / n), n being the product of all dimensions but the
/// last, and at least 1 (Sussillo and Abbott 2014). Floating types. Follows
/// tf.uniform_unit_scaling_initializer, which TensorFlow advises against in favour of
/// `variance_scaling`.
/// \throws bad_parameter  the factor is not finite.
inline constexpr struct uniform_unit_scaling_t {
    [[nodiscard]] constexpr initializer_rule operator()(double factor = 1,
        random_options options = {},
        const std::source_location& where = std::source_location::current()) const {
        detail::check_finite("uniform_unit_scaling", "factor", factor, where);
        return {&detail::make_uniform_unit_scaling, {.numbers = {factor}, .seed = options.seed}};
    }
} uniform_unit_scaling{};

/// The variance scaling of tf.contrib.layers, which corrects truncation otherwise: a truncated
/// normal distribution whose full one has the standard deviation sqrt(1.3 factor / n) - so that
/// 1.0029 sqrt(factor / n) comes out - or uniform in [-l, l) with l = sqrt(3 factor / n). Floating
/// types. Follows tf.contrib.layers.variance_scaling_initializer.
/// \throws bad_parameter  the factor is not above 0.
inline constexpr struct contrib_variance_scaling_t {
    [[nodiscard]] constexpr initializer_rule operator()(
        contrib_variance_scaling_options options = {},
        const std::source_location& where = std::source_location::current()) const {
        detail::check_positive("contrib_variance_scaling", "factor", options.factor, where);
        return detail::scaling_rule(
            [](const initializer_rule::parameters& p) {
                return detail::make_contrib_variance_scaling("contrib_variance_scaling", p);
            },
            options);
    }
} contrib_variance_scaling{};

/// `contrib_variance_scaling` with factor 1 and the mean of the fans (Glorot and Bengio 2010).
/// Follows tf.contrib.layers.xavier_initializer.
inline constexpr struct xavier_initializer_t {
    [[nodiscard]] constexpr initializer_rule operator()(xavier_options options = {}) const {
        return detail::scaling_rule(
            [](const initializer_rule::parameters& p) {
                return detail::make_contrib_variance_scaling("xavier_initializer", p);
            },
            contrib_variance_scaling_options{1, fan_mode::fan_avg, options.uniform, options.seed});
    }
} xavier_initializer{};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/initializers/impl/variance_scaling.ipp>
#endif
