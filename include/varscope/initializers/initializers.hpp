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
#include <varscope/base/shape.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/initializers/initializer_rule.hpp>
#include <varscope/initializers/rule.hpp>
#include <varscope/random/random_fill.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ranges>
#include <source_location>
#include <string>
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

/// A value whose elements a variable takes in row-major order, and then the last one again and
/// again.
class constant_model final : public initializer_model {
public:
    constant_model(array_value value, constant_options options, op_list hidden = constant_ops)
        : initializer_model(form::by_shape)
        , value_{std::move(value)}
        , none_{value_.type(), shape{0}}
        , options_{options}
        , hidden_{hidden} {}
    [[nodiscard]] bool can_make(dtype type) const noexcept override {
        return none_.converted(type).has_value();
    }
    [[nodiscard]] std::optional<std::string> refuses(const shape& s, dtype type) const override {
        if (!can_make(type)) { return std::nullopt; }
        if (options_.verify_shape && value_.shape() != s) {
            return "constant_initializer has the shape " + to_string(value_.shape()) +
                ", and was told to verify it";
        }
        std::size_t count = 1;
        for (const auto dimension : s) { count *= static_cast<std::size_t>(dimension); }
        if (value_.size() > count && value_.shape().rank() > 0) { // a number fits no elements too
            return "constant_initializer has " + std::to_string(value_.size()) +
                " elements, and that is room for " + std::to_string(count);
        }
        if (value_.size() == 0 && count > 0) {
            return "constant_initializer has no element to repeat";
        }
        return std::nullopt;
    }
    void fill(const fill_target& target) const override {
        if (target.count == 0) { return; }
        value_.write_converted(target.type, target.data);
        visit_dtype(target.type, [&]<class T>(std::type_identity<T>) {
            T* const rest = static_cast<T*>(target.data) + value_.size();
            std::uninitialized_fill_n(rest, target.count - value_.size(), rest[-1]);
        });
    }
    [[nodiscard]] op_list hidden_ops(std::size_t size, dtype) const noexcept override {
        return filling(hidden_, size);
    }

private:
    array_value value_;
    array_value none_; // of its type, to ask what that converts to
    constant_options options_;
    op_list hidden_;
};

class zeros_model final : public initializer_model {
public:
    zeros_model() noexcept : initializer_model(form::by_shape) {}
    void fill(const fill_target& target) const override {
        std::memset(target.data, 0, target.count * size_of(target.type));
    }
    [[nodiscard]] op_list hidden_ops(std::size_t size, dtype) const noexcept override {
        return filling(zeros_ops, size);
    }
};

/// The numbers as they are: a `double` keeps its digits, for a variable of float64.
template <std::ranges::forward_range Range>
[[nodiscard]] array_value list_value(const Range& numbers, bool is_scalar = false) {
    using number = std::remove_cv_t<std::ranges::range_value_t<Range>>;
    array_value result(
        dtype_of<number>, is_scalar ? shape() : shape{std::ranges::distance(numbers)});
    std::ranges::copy(numbers, static_cast<number*>(result.memory()));
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

/// Uniform numbers between whole limits.
class whole_uniform_model final : public initializer_model {
public:
    whole_uniform_model(std::int64_t low, std::int64_t high, std::optional<std::uint64_t> seed)
        : initializer_model(form::by_shape)
        , low_{low}
        , high_{high}
        , seed_{seed} {}
    [[nodiscard]] bool can_make(dtype type) const noexcept override {
        return visit_dtype(type, [&]<class T>(std::type_identity<T>) {
            if constexpr (std::integral<T> && !std::same_as<T, bool>) {
                return low_ < high_ && std::in_range<T>(low_) && std::in_range<T>(high_ - 1);
            } else {
                return floating_element<T>;
            }
        });
    }
    [[nodiscard]] std::optional<std::string> refuses(const shape&, dtype type) const override {
        if (can_make(type)) { return std::nullopt; }
        if (!is_integer(type)) { return "random_uniform makes numbers only"; }
        const std::string range = '[' + std::to_string(low_) + ", " + std::to_string(high_) + ')';
        return low_ < high_ ? "it has not all numbers of " + range : range + " has no integers";
    }
    void fill(const fill_target& target) const override {
        const fill_target t = with_seed(target, seed_);
        if (is_integer(t.type)) {
            fill_uniform_integer(t.type, t.data, 0, t.count, t.stream(), low_, high_, t.threads);
        } else {
            fill_between(t, static_cast<double>(low_), static_cast<double>(high_));
        }
    }
    [[nodiscard]] op_list hidden_ops(std::size_t, dtype type) const noexcept override {
        const op_list all(uniform_ops);
        return is_integer(type) ? all.first(uniform_integer_ops) : all;
    }

private:
    std::int64_t low_;
    std::int64_t high_;
    std::optional<std::uint64_t> seed_;
};

} // namespace detail

/// Every element zero (false for bool).
inline constexpr struct zeros_t {
    [[nodiscard]] constexpr initializer_rule operator()() const noexcept {
        return {[](const initializer_rule::parameters&) {
                    static const initializer shared(std::make_shared<detail::zeros_model>());
                    return shared;
                },
            {}};
    }
} zeros{};

/// Every element `value`. It converts to the variable's type as TensorFlow converts: not, say, 0.5
/// to an integer. (`constant` is the op.)
inline constexpr struct constant_initializer_t {
    template <element Number>
    [[nodiscard]] constexpr initializer_rule operator()(
        Number value, constant_options options = {}) const noexcept {
        const auto make = [](const initializer_rule::parameters& p) {
            const Number number = detail::number_of<Number>(p);
            return initializer(std::make_shared<detail::constant_model>(
                detail::list_value(std::ranges::single_view(number), true),
                constant_options{p.choices[0] != 0}));
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
        return initializer(
            std::make_shared<detail::constant_model>(detail::list_value(values), options));
    }
    template <std::ranges::forward_range Range>
        requires(element<std::remove_cv_t<std::ranges::range_value_t<Range>>> &&
            !detail::array_expression<Range>)
    [[nodiscard]] initializer operator()(const Range& values, constant_options options = {}) const {
        return initializer(
            std::make_shared<detail::constant_model>(detail::list_value(values), options));
    }
    template <detail::array_expression E>
    [[nodiscard]] initializer operator()(const E& values, constant_options options = {}) const {
        return initializer(std::make_shared<detail::constant_model>(array_value(values), options));
    }
} constant_initializer{};

/// Every element one (true for bool).
inline constexpr struct ones_t {
    [[nodiscard]] constexpr initializer_rule operator()() const noexcept {
        return {[](const initializer_rule::parameters&) {
                    static const initializer shared(std::make_shared<detail::constant_model>(
                        array_value(true), // the one plain value that converts to every type
                        constant_options(), detail::ones_ops));
                    return shared;
                },
            {}};
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
        const auto make = [](const initializer_rule::parameters& p) {
            return detail::make_floating_rule(
                {"random_uniform of limits that are not integers", detail::uniform_ops}, p.seed,
                [limits = p.numbers](const detail::fill_target& t) {
                    detail::fill_between(t, limits[0], limits[1]);
                });
        };
        return {make, {.numbers = {low, high}, .seed = options.seed}};
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
        const auto make = [](const initializer_rule::parameters& p) {
            return initializer(std::make_shared<detail::whole_uniform_model>(
                p.integers[0], p.integers[1], p.seed));
        };
        return {make,
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
        const auto make = [](const initializer_rule::parameters& p) {
            return detail::make_floating_rule({"random_normal", detail::normal_ops}, p.seed,
                [moments = p.numbers](const detail::fill_target& t) {
                    detail::fill_normal(
                        t.type, t.data, 0, t.count, t.stream(), moments[0], moments[1], t.threads);
                });
        };
        return {make, {.numbers = {mean, stddev}, .seed = options.seed}};
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
        const auto make = [](const initializer_rule::parameters& p) {
            return detail::make_floating_rule({"truncated_normal", detail::truncated_normal_ops},
                p.seed, [moments = p.numbers](const detail::fill_target& t) {
                    detail::fill_truncated_normal(
                        t.type, t.data, 0, t.count, t.stream(), moments[0], moments[1], t.threads);
                });
        };
        return {make, {.numbers = {mean, stddev}, .seed = options.seed}};
    }
} truncated_normal{};

} // namespace varscope::inline VARSCOPE_ABI
