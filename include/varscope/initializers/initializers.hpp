/// \file
/// Rules for the first value of a variable of any shape: constants and plain random numbers.
///
/// Those scaled by the shape are in variance_scaling.hpp, orthogonal ones in orthogonal.hpp. Each
/// is called with its parameters, `vs::random_normal(0, 0.1)`; where all have defaults, it stands
/// for itself too: `.initializer = vs::zeros`. The names, parameters and formulas are those of
/// tf.initializers (TensorFlow 1.15) and tf.contrib.layers; the random numbers themselves are not
/// TensorFlow's.
///
/// What a random rule makes depends on the graph's seed and the variable's name alone: the same
/// whatever was created before, in whichever thread. An explicit seed takes the place of both:
/// then it alone decides, and two variables with one seed begin alike whatever their names (as in
/// TensorFlow, where ops of one seed draw the same numbers).
#pragma once

#include <varscope/base/array_value.hpp>
#include <varscope/base/dtype.hpp>
#include <varscope/base/round_to.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/initializers/check_parameter.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/initializers/initializer_rule.hpp>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

/// What every random rule can be told beside its own parameters.
struct random_options {
    std::optional<std::uint64_t> seed = {}; ///< decides alone; default: the graph's seed and the
                                            ///< variable's name
};

// The two types of `variance_scaling_options` stand here, before the rule `truncated_normal`, which
// g++ -Wshadow would otherwise find hidden by the word of that name.

/// Which number of connections a weight's variance is divided by; see `variance_scaling`.
enum class fan_mode : std::uint8_t {
    fan_in,
    fan_out,
    fan_avg, ///< the mean of both
};

enum class scaling_distribution : std::uint8_t {
    truncated_normal,
    untruncated_normal,
    uniform,
    normal = truncated_normal, ///< TensorFlow's other name of it
};

struct constant_options {
    bool verify_shape = false; ///< refuse variables of another shape than the value's
};

namespace detail {

/// For a list of values, and for one.
[[nodiscard]] initializer make_constant(array_value value, constant_options options);

// The numbers as they are: a `double` keeps its digits, for a variable of float64.
template <class Range>
using number_in = std::remove_cvref_t<decltype(*std::begin(std::declval<const Range&>()))>;
template <class Range>
[[nodiscard]] array_value list_value(const Range& numbers) {
    using number = number_in<Range>;
    array_value result(
        dtype_of<number>, shape{std::distance(std::begin(numbers), std::end(numbers))});
    std::copy(std::begin(numbers), std::end(numbers), static_cast<number*>(result.memory()));
    return result;
}
template <element Number>
[[nodiscard]] array_value single_value(const Number& number) {
    array_value result(dtype_of<Number>, shape());
    *static_cast<Number*>(result.memory()) = number;
    return result;
}

/// A number as the parameters of a rule, which lose nothing of it.
template <element Number>
[[nodiscard]] constexpr initializer_rule::parameters parameters_of(const Number& value) noexcept {
    if constexpr (is_complex(dtype_of<Number>)) {
        return {.numbers = {value.real(), value.imag()}};
    } else if constexpr (is_floating(dtype_of<Number>)) {
        return {.numbers = {static_cast<double>(value)}};
    } else {
        return {.integers = {static_cast<std::int64_t>(value)}}; // modulo 2^64, and back
    }
}
template <element Number>
[[nodiscard]] constexpr Number number_of(const initializer_rule::parameters& p) noexcept {
    if constexpr (is_complex(dtype_of<Number>)) {
        using part = typename Number::value_type;
        return {static_cast<part>(p.numbers[0]), static_cast<part>(p.numbers[1])};
    } else if constexpr (is_floating(dtype_of<Number>)) {
        return round_to<Number>(p.numbers[0]);
    } else {
        return static_cast<Number>(p.integers[0]);
    }
}

// What the rules make of their parameters.
[[nodiscard]] initializer make_zeros(const initializer_rule::parameters& p);
[[nodiscard]] initializer make_ones(const initializer_rule::parameters& p);
[[nodiscard]] initializer make_random_uniform(const initializer_rule::parameters& p);
[[nodiscard]] initializer make_whole_uniform(const initializer_rule::parameters& p);
[[nodiscard]] initializer make_random_normal(const initializer_rule::parameters& p);
[[nodiscard]] initializer make_truncated_normal(const initializer_rule::parameters& p);

} // namespace detail

/// Every element zero (false for bool).
inline constexpr struct zeros_t {
    [[nodiscard]] constexpr initializer_rule operator()() const noexcept {
        return {&detail::make_zeros, {}};
    }
} zeros{};

/// Every element `value`. It converts to the variable's type as TensorFlow converts: not, say, 0.5
/// to an integer. (`constant` is the op.)
inline constexpr struct constant_initializer_t {
    template <element Number>
    [[nodiscard]] constexpr initializer_rule operator()(
        Number value, constant_options options = {}) const noexcept {
        const auto make = [](const initializer_rule::parameters& p) {
            return detail::make_constant(detail::single_value(detail::number_of<Number>(p)),
                constant_options{p.choices[0] != 0});
        };
        initializer_rule::parameters p = detail::parameters_of(value);
        p.choices[0] = options.verify_shape;
        return {make, p};
    }

    /// The number 0, TensorFlow's default.
    [[nodiscard]] constexpr initializer_rule operator()() const noexcept { return (*this)(0); }

    /// The elements in row-major order, whatever the variable's shape; if there are too few, the
    /// last one is repeated. A variable of fewer elements is refused (bad_shape), and with
    /// `verify_shape` one of any other shape, which for a list is (length,). Follows
    /// tf.constant_initializer. \param values  a list of numbers, any range of them, or an xtensor
    /// expression, which is
    ///                evaluated here.
    template <element Number>
    [[nodiscard]] initializer operator()(
        std::initializer_list<Number> values, constant_options options = {}) const {
        return detail::make_constant(detail::list_value(values), options);
    }
    template <class Range>
        requires(element<detail::number_in<Range>> && !detail::array_expression<Range>)
    [[nodiscard]] initializer operator()(const Range& values, constant_options options = {}) const {
        return detail::make_constant(detail::list_value(values), options);
    }
    template <detail::array_expression E>
    [[nodiscard]] initializer operator()(const E& values, constant_options options = {}) const {
        return detail::make_constant(array_value(values), options);
    }
} constant_initializer{};

/// Every element one (true for bool).
inline constexpr struct ones_t {
    [[nodiscard]] constexpr initializer_rule operator()() const noexcept {
        return {&detail::make_ones, {}};
    }
} ones{};

/// Uniform in [low, high), or all `low` if the limits are equal. Floating types. Limits that are
/// both integers are for integer types too: see the other overload. (TensorFlow has no default
/// limits for integers either.)
/// \throws bad_parameter  high is below low, or not finite.
inline constexpr struct random_uniform_t {
    [[nodiscard]] constexpr initializer_rule operator()(double low = 0, double high = 1,
        random_options options = {},
        const std::source_location& where = std::source_location::current()) const {
        detail::check_finite("random_uniform", "lower limit", low, where);
        detail::check_parameter(low <= high && detail::is_finite(high - low), "random_uniform",
            "upper limit", high, " that is not below the lower limit", where);
        return {&detail::make_random_uniform, {.numbers = {low, high}, .seed = options.seed}};
    }

    /// Uniform in [low, high): whole numbers in a variable of an integer type, which must have them
    /// all (value_dtype); any numbers in one of a floating type. \throws bad_parameter  high is
    /// below low, or beyond int64.
    template <element Low, element High>
        requires(is_integer(dtype_of<Low>) && is_integer(dtype_of<High>))
    [[nodiscard]] constexpr initializer_rule operator()(Low low, High high,
        random_options options = {},
        const std::source_location& where = std::source_location::current()) const {
        detail::check_parameter(std::in_range<std::int64_t>(low), "random_uniform", "lower limit",
            static_cast<double>(low), " below 2^63", where);
        detail::check_parameter(std::in_range<std::int64_t>(high), "random_uniform", "upper limit",
            static_cast<double>(high), " below 2^63", where);
        detail::check_parameter(std::cmp_less_equal(low, high), "random_uniform", "upper limit",
            static_cast<double>(high), " that is not below the lower limit", where);
        return {&detail::make_whole_uniform,
            {.integers = {static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)},
                .seed = options.seed}};
    }
} random_uniform{};

/// Normal. Floating types.
/// \throws bad_parameter  not finite, or `stddev` negative.
inline constexpr struct random_normal_t {
    [[nodiscard]] constexpr initializer_rule operator()(double mean = 0, double stddev = 1,
        random_options options = {},
        const std::source_location& where = std::source_location::current()) const {
        detail::check_finite("random_normal", "mean", mean, where);
        detail::check_not_negative("random_normal", "standard deviation", stddev, where);
        return {&detail::make_random_normal, {.numbers = {mean, stddev}, .seed = options.seed}};
    }
} random_normal{};

/// Normal, but never more than two standard deviations from the mean; `stddev` is that of the full
/// normal distribution (what comes out has 0.8796 of it). Floating types.
/// \throws bad_parameter  not finite, or `stddev` negative.
inline constexpr struct truncated_normal_t {
    [[nodiscard]] constexpr initializer_rule operator()(double mean = 0, double stddev = 1,
        random_options options = {},
        const std::source_location& where = std::source_location::current()) const {
        detail::check_finite("truncated_normal", "mean", mean, where);
        detail::check_not_negative("truncated_normal", "standard deviation", stddev, where);
        return {&detail::make_truncated_normal, {.numbers = {mean, stddev}, .seed = options.seed}};
    }
} truncated_normal{};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/initializers/impl/initializers.ipp>
#endif
