/// \file
/// Where the first value of a variable comes from.
#pragma once

#include <varscope/array_value.hpp>
#include <varscope/detail/random_fill.hpp>
#include <varscope/dtype.hpp>
#include <varscope/shape.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace varscope {

class tensor;

namespace detail {

/// Ops and variables.
template <class E>
concept knows_its_tensor = requires(const E& e) { e.as_tensor(); };

/// A user's initializer function did not return what it was asked for. The graph says for which
/// variable.
struct wrong_result : std::invalid_argument {
    using invalid_argument::invalid_argument;
};

/// The elements that an initializer is asked for.
struct fill_target {
    dtype type;
    const varscope::shape& full_shape;
    void* data; // `count` elements, not constructed
    std::size_t count;
    random_stream stream;
};

/// What an `initializer` refers to.
class initializer_model {
public:
    enum class form : std::uint8_t {
        by_shape, // a rule for any shape
        tensor,   // the value of an op or of another variable: has a shape, as far as that is
                  // known, and does not convert
        value,    // a plain value: has a shape, and converts to other element types
        function, // a function without parameters, called when the variable is created: has a
                  // shape, does not convert
    };

    explicit initializer_model(form f) noexcept : form_{f} {}
    initializer_model(const initializer_model&) = delete;
    initializer_model& operator=(const initializer_model&) = delete;
    initializer_model(initializer_model&&) = delete;
    initializer_model& operator=(initializer_model&&) = delete;
    virtual ~initializer_model() = default;

    [[nodiscard]] form kind() const noexcept { return form_; }

    /// Whether `fill` depends on its arguments alone, so that it may run at any later time.
    [[nodiscard]] virtual bool is_pure() const noexcept { return true; }
    /// Whether there are such elements of this type.
    [[nodiscard]] virtual bool can_make(dtype) const noexcept { return true; }
    /// form::by_shape: writes the elements. \throws what the user's own function throws,
    /// wrong_result
    virtual void fill(const fill_target& target) const = 0;
    /// form::tensor: what is known of the value.
    [[nodiscard]] virtual dtype type() const { throw std::logic_error("has no type of its own"); }
    [[nodiscard]] virtual shape value_shape() const {
        throw std::logic_error("has no shape of its own");
    }
    /// Names of the ops that TensorFlow makes for it, below `<variable>/Initializer`.
    [[nodiscard]] virtual std::span<const char* const> hidden_ops() const noexcept { return {}; }
    /// The other forms: the value.
    [[nodiscard]] virtual array_value value() const {
        throw std::logic_error("this initializer has no value of its own");
    }

private:
    form form_;
};

template <class Function>
class by_shape_model final : public initializer_model {
public:
    using accepts = bool (*)(dtype) noexcept;
    by_shape_model(Function function, accepts types, bool is_pure)
        : initializer_model(form::by_shape)
        , function_{std::move(function)}
        , types_{types}
        , is_pure_{is_pure} {}
    [[nodiscard]] bool is_pure() const noexcept override { return is_pure_; }
    [[nodiscard]] bool can_make(dtype type) const noexcept override { return types_(type); }
    void fill(const fill_target& target) const override { function_(target); }

private:
    Function function_;
    accepts types_;
    bool is_pure_;
};

class constant_model final : public initializer_model {
public:
    explicit constant_model(array_value scalar)
        : initializer_model(form::by_shape)
        , scalar_{std::move(scalar)} {}
    [[nodiscard]] bool can_make(dtype type) const noexcept override {
        return scalar_.converted(type).has_value();
    }
    void fill(const fill_target& target) const override {
        const auto scalar = scalar_.converted(target.type);
        visit_dtype(target.type, [&]<class T>(std::type_identity<T>) {
            std::uninitialized_fill_n(
                static_cast<T*>(target.data), target.count, *static_cast<const T*>(scalar->data()));
        });
    }

private:
    array_value scalar_;
};

class value_model final : public initializer_model {
public:
    explicit value_model(array_value value)
        : initializer_model(form::value)
        , value_{std::move(value)} {}
    void fill(const fill_target& target) const override {
        std::memcpy(target.data, value_.data(), target.count * size_of(target.type));
    }
    [[nodiscard]] array_value value() const override { return value_; }

private:
    array_value value_;
};

template <class Function>
class function_model final : public initializer_model {
public:
    explicit function_model(Function function)
        : initializer_model(form::function)
        , function_{std::move(function)} {}
    void fill(const fill_target&) const override {
        throw std::logic_error("called for its value, not by shape");
    }
    [[nodiscard]] array_value value() const override { return array_value(function_()); }

private:
    Function function_;
};

[[nodiscard]] inline bool any_type(dtype) noexcept { return true; }
[[nodiscard]] inline bool floating_types(dtype type) noexcept { return is_floating(type); }

/// (fan in, fan out) of a weight's shape, as TensorFlow counts them: a vector's are both its
/// length, a convolution kernel's are its last two dimensions times the size of its window.
struct fans {
    double in;
    double out;
};
[[nodiscard]] inline fans fans_of(const shape& s) noexcept {
    if (s.rank() == 0) { return {1, 1}; }
    if (s.rank() == 1) { return {static_cast<double>(s[0]), static_cast<double>(s[0])}; }
    double window = 1;
    for (std::size_t axis = 0; axis + 2 < s.rank(); ++axis) {
        window *= static_cast<double>(s[axis]);
    }
    return {static_cast<double>(s[s.rank() - 2]) * window,
        static_cast<double>(s[s.rank() - 1]) * window};
}

} // namespace detail

/// Where the first value of a variable comes from. One of:
///
/// - a rule for every shape, from one of the functions below, or a function object that is called
/// with the shape and returns
///   an xtensor expression of it;
/// - a value: a number or an xtensor expression. It brings its own shape, so none is given beside
/// it;
/// - a function object without parameters that returns an xtensor expression, called once, on
/// creation;
/// - nothing (the default): that of the scope, or else by the element type.
///
/// A value type, cheap to copy. Random rules draw from the graph's seed and the variable's name
/// alone: the same numbers whatever was created before, in whichever thread. Follows
/// tf.initializers (TensorFlow 1.15).
class initializer {
public:
    initializer() = default;

    explicit initializer(std::shared_ptr<const detail::initializer_model> model) noexcept
        : model_{std::move(model)} {}

    template <class Number>
        requires(element<Number>)
    initializer(Number value) // NOLINT(google-explicit-constructor): `.initializer = 0.5`
        : model_{std::make_shared<detail::value_model>(array_value(value))} {}

    template <class E>
        requires(detail::array_expression<E> && !detail::knows_its_tensor<E>)
    initializer(
        const E& value) // NOLINT(google-explicit-constructor): `.initializer = xt::eye<float>(3)`
        : model_{std::make_shared<detail::value_model>(array_value(value))} {}

    /// The value that `value` has when the variable gets it.
    initializer(const tensor& value); // NOLINT(google-explicit-constructor): as above; tensor.hpp

    /// The same for a named op and for a variable.
    template <class E>
        requires(detail::knows_its_tensor<E>)
    initializer(const E& value) // NOLINT(google-explicit-constructor): as above
        : initializer(value.as_tensor()) {}

    initializer(array_value value) // NOLINT(google-explicit-constructor): as above
        : model_{std::make_shared<detail::value_model>(std::move(value))} {}

    template <class Function>
        requires(std::invocable<const Function&> && !detail::array_expression<Function>)
    initializer(Function
            function) // NOLINT(google-explicit-constructor): `.initializer = [] { return ...; }`
        : model_{std::make_shared<detail::function_model<Function>>(std::move(function))} {}

    template <class Function>
        requires(
            std::invocable<const Function&, const shape&> && !detail::array_expression<Function>)
    initializer(Function
            function) { // NOLINT(google-explicit-constructor): `.initializer = [](const shape& s) { return ...; }`
        auto fill = [function = std::move(function)](const detail::fill_target& target) {
            const auto value = array_value(function(target.full_shape)).converted(target.type);
            if (!value || value->shape() != target.full_shape) {
                throw detail::wrong_result("the initializer function was asked for shape " +
                    to_string(target.full_shape) + ' ' + std::string(to_string(target.type)) +
                    " and returned another shape or element type");
            }
            std::memcpy(target.data, value->data(), target.count * size_of(target.type));
        };
        model_ = std::make_shared<detail::by_shape_model<decltype(fill)>>(
            std::move(fill), detail::any_type, false);
    }

    /// Whether there is one.
    [[nodiscard]] explicit operator bool() const noexcept { return model_ != nullptr; }
    [[nodiscard]] const std::shared_ptr<const detail::initializer_model>& model() const noexcept {
        return model_;
    }

private:
    std::shared_ptr<const detail::initializer_model> model_;
};

namespace detail {

template <class Function>
[[nodiscard]] initializer make_rule(
    Function function, typename by_shape_model<Function>::accepts types) {
    return initializer(
        std::make_shared<by_shape_model<Function>>(std::move(function), types, true));
}

} // namespace detail

/// Every element zero (false for bool).
[[nodiscard]] inline initializer zeros() {
    static const initializer shared = detail::make_rule(
        [](const detail::fill_target& t) { std::memset(t.data, 0, t.count * size_of(t.type)); },
        detail::any_type);
    return shared;
}

/// Every element `value`. It converts to the variable's type as TensorFlow converts: not, say, 0.5
/// to an integer.
/// (`constant` is the op.)
template <element Number>
[[nodiscard]] initializer constant_initializer(Number value) {
    return initializer(std::make_shared<detail::constant_model>(array_value(value)));
}

/// Every element one (true for bool).
[[nodiscard]] inline initializer ones() {
    static const initializer shared =
        constant_initializer(true); // the one plain value that converts to every type
    return shared;
}

/// Uniform in [low, high). Floating types.
[[nodiscard]] inline initializer random_uniform(double low = 0, double high = 1) {
    return detail::make_rule(
        [=](const detail::fill_target& t) {
            detail::fill_uniform(t.type, t.data, 0, t.count, t.stream, low, high);
        },
        detail::floating_types);
}

/// Normal. Floating types.
[[nodiscard]] inline initializer random_normal(double mean = 0, double stddev = 1) {
    return detail::make_rule(
        [=](const detail::fill_target& t) {
            detail::fill_normal(t.type, t.data, 0, t.count, t.stream, mean, stddev);
        },
        detail::floating_types);
}

/// Normal, but never more than two standard deviations from the mean; `stddev` is that of the full
/// normal distribution (what comes out has 0.8796 of it). Floating types.
[[nodiscard]] inline initializer truncated_normal(double mean = 0, double stddev = 1) {
    return detail::make_rule(
        [=](const detail::fill_target& t) {
            detail::fill_truncated_normal(t.type, t.data, 0, t.count, t.stream, mean, stddev);
        },
        detail::floating_types);
}

/// Uniform in [-l, l) with l = sqrt(6 / (fan in + fan out)): the default for floating types (Glorot
/// and Bengio 2010, equation 16). Floating types.
[[nodiscard]] inline initializer glorot_uniform() {
    static const initializer shared = detail::make_rule(
        [](const detail::fill_target& t) {
            const auto [in, out] = detail::fans_of(t.full_shape);
            const double limit = std::sqrt(3.0 / std::max(1.0, (in + out) / 2));
            detail::fill_uniform(t.type, t.data, 0, t.count, t.stream, -limit, limit);
        },
        detail::floating_types);
    return shared;
}

} // namespace varscope
