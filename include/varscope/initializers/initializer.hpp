/// \file
/// Where the first value of a variable comes from.
#pragma once

#include <varscope/base/array_value.hpp>
#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

class any_variable;
class tensor;
class initializer;
class initializer_rule;

namespace detail {

/// Ops and variables.
template <class E>
concept knows_its_tensor = requires(const E& e) { e.as_tensor(); };

/// Called without an argument, it makes a rule: `vs::zeros` itself, where TensorFlow takes the
/// class.
template <class Make>
concept makes_rule = std::invocable<const Make&> &&
    (std::same_as<std::remove_cvref_t<std::invoke_result_t<const Make&>>, initializer_rule> ||
        std::same_as<std::remove_cvref_t<std::invoke_result_t<const Make&>>, initializer>);

class initializer_model;

using shared_model = std::shared_ptr<const initializer_model>;
/// For a plain value.
[[nodiscard]] shared_model make_value_model(array_value value);

/// A function of the user's, of whatever type: called for the value of a shape, or, by a null
/// pointer, for the value.
struct value_function {
    std::shared_ptr<const void> function;
    array_value (*call)(const void* function, const shape* asked);
};
/// For a function that is called once, and for one that is called with the shape.
[[nodiscard]] shared_model make_function_model(value_function function);
[[nodiscard]] shared_model make_shape_function_model(value_function function);

} // namespace detail

/// Where the first value of a variable comes from. One of:
///
/// - a rule for every shape: one of those in initializers.hpp, variance_scaling.hpp and
///   orthogonal.hpp (`vs::zeros()`, or `vs::zeros` for its defaults), or a function object that is
///   called with the shape and returns an xtensor expression of it;
/// - a value: a number or an xtensor expression. It brings its own shape, so none is given beside
/// it;
/// - a function object without parameters that returns an xtensor expression, called once, on
///   creation;
/// - nothing (the default): that of the scope, or else by the element type.
///
/// A value type, cheap to copy. A function runs while the graph's lock is held, in whichever thread
/// first needs the value. Not for computing: what it makes is read from the variable. Follows
/// tf.initializers (TensorFlow 1.15).
class initializer {
public:
    initializer() = default;

    explicit initializer(std::shared_ptr<const detail::initializer_model> model) noexcept
        : model_{std::move(model)} {}

    template <class Number>
        requires(element<Number>)
    initializer(Number value) // NOLINT(google-explicit-constructor): `.initializer = 0.5`
        : model_{detail::make_value_model(array_value(value))} {}

    template <class E>
        requires(detail::array_expression<E> && !detail::knows_its_tensor<E>)
    initializer(
        const E& value) // NOLINT(google-explicit-constructor): `.initializer = xt::eye<float>(3)`
        : model_{detail::make_value_model(array_value(value))} {}

    /// The value that `value` has when the variable gets it.
    initializer(const tensor& value); // NOLINT(google-explicit-constructor): as above; tensor.hpp
    initializer(const any_variable& value); // NOLINT(google-explicit-constructor): as above

    /// The same for a named op and for a variable.
    template <class E>
        requires(detail::knows_its_tensor<E>)
    initializer(const E& value) // NOLINT(google-explicit-constructor): as above
        : initializer(value.as_tensor()) {}

    initializer(array_value value); // NOLINT(google-explicit-constructor): as above

    template <detail::makes_rule Make>
    initializer(const Make& make) // NOLINT(google-explicit-constructor): `.initializer = vs::zeros`
        : initializer(static_cast<initializer>(make())) {}

    template <class Function>
        requires(std::invocable<const Function&> && !detail::array_expression<Function> &&
            !detail::makes_rule<Function>)
    initializer(Function
            function) // NOLINT(google-explicit-constructor): `.initializer = [] { return ...; }`
        : model_{detail::make_function_model(
              {std::make_shared<Function>(std::move(function)), [](const void* f, const shape*) {
                   return array_value((*static_cast<const Function*>(f))());
               }})} {}

    template <class Function>
        requires(std::invocable<const Function&, const shape&> &&
            !detail::array_expression<Function> && !detail::makes_rule<Function>)
    initializer(Function
            function) // NOLINT(google-explicit-constructor): `.initializer = [](const shape& s) { return ...; }`
        : model_{detail::make_shape_function_model({std::make_shared<Function>(std::move(function)),
              [](const void* f, const shape* asked) {
                  return array_value((*static_cast<const Function*>(f))(*asked));
              }})} {}

    /// Whether there is one.
    [[nodiscard]] explicit operator bool() const noexcept { return model_ != nullptr; }
    [[nodiscard]] const std::shared_ptr<const detail::initializer_model>& model() const noexcept {
        return model_;
    }

private:
    std::shared_ptr<const detail::initializer_model> model_;
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/initializers/initializer_model.hpp>
#endif
