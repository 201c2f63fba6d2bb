/// \file
/// Where the first value of a variable comes from.
#pragma once

#include <varscope/base/array_value.hpp>
#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/random/random_fill.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
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
    // Which random numbers: those of a variable's name and a graph's seed, or, without a name,
    // those of a seed of their own.
    std::uint64_t seed;
    std::optional<std::string_view> name;
    unsigned threads = 1; // that a rule may fill it in; 0: as many as the machine runs at once

    /// Cost: a pass over the name; most rules need no random numbers.
    [[nodiscard]] random_stream stream() const noexcept {
        return {seed, name ? stream_of(*name) : 0};
    }
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
    /// form::by_shape: why it makes nothing of this shape or, if it cannot make the type either, of
    /// this type; to follow a colon in a message. Nothing if it makes them, or if `can_make` says
    /// all. Every dimension is known.
    [[nodiscard]] virtual std::optional<std::string> refuses(const shape&, dtype) const {
        return std::nullopt;
    }
    /// form::by_shape: writes the elements of a shape and type that it does not refuse. \throws
    /// what the user's own function throws, wrong_result
    virtual void fill(const fill_target& target) const = 0;
    /// form::tensor: what is known of the value.
    [[nodiscard]] virtual dtype type() const { throw std::logic_error("has no type of its own"); }
    [[nodiscard]] virtual shape value_shape() const {
        throw std::logic_error("has no shape of its own");
    }
    /// Names of the ops that TensorFlow makes for this many elements, below
    /// `<variable>/Initializer`. Those inside an op's name scope ("zeros/Const") come after that
    /// op.
    [[nodiscard]] virtual std::span<const char* const> hidden_ops(
        std::size_t size, dtype type) const noexcept = 0;
    /// The other forms: the value.
    [[nodiscard]] virtual array_value value() const {
        throw std::logic_error("this initializer has no value of its own");
    }

private:
    form form_;
};

/// What TensorFlow makes of an array that it is given.
inline constexpr std::array array_op{"initial_value"};

/// A function of the user's.
/// \tparam Function  writes the elements of a `fill_target`.
template <class Function>
class by_shape_model final : public initializer_model {
public:
    explicit by_shape_model(Function function)
        : initializer_model(form::by_shape)
        , function_{std::move(function)} {}
    [[nodiscard]] bool is_pure() const noexcept override { return false; }
    void fill(const fill_target& target) const override { function_(target); }
    [[nodiscard]] std::span<const char* const> hidden_ops(
        std::size_t, dtype) const noexcept override {
        return array_op;
    }

private:
    Function function_;
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
    [[nodiscard]] std::span<const char* const> hidden_ops(
        std::size_t, dtype) const noexcept override {
        return array_op; // it is what a function returned
    }

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
    [[nodiscard]] std::span<const char* const> hidden_ops(
        std::size_t, dtype) const noexcept override {
        return array_op;
    }

private:
    Function function_;
};

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
        : model_{std::make_shared<detail::value_model>(array_value(value))} {}

    template <class E>
        requires(detail::array_expression<E> && !detail::knows_its_tensor<E>)
    initializer(
        const E& value) // NOLINT(google-explicit-constructor): `.initializer = xt::eye<float>(3)`
        : model_{std::make_shared<detail::value_model>(array_value(value))} {}

    /// The value that `value` has when the variable gets it.
    initializer(const tensor& value); // NOLINT(google-explicit-constructor): as above; tensor.hpp
    initializer(const any_variable& value); // NOLINT(google-explicit-constructor): as above

    /// The same for a named op and for a variable.
    template <class E>
        requires(detail::knows_its_tensor<E>)
    initializer(const E& value) // NOLINT(google-explicit-constructor): as above
        : initializer(value.as_tensor()) {}

    initializer(array_value value) // NOLINT(google-explicit-constructor): as above
        : model_{std::make_shared<detail::value_model>(std::move(value))} {}

    template <detail::makes_rule Make>
    initializer(const Make& make) // NOLINT(google-explicit-constructor): `.initializer = vs::zeros`
        : initializer(static_cast<initializer>(make())) {}

    template <class Function>
        requires(std::invocable<const Function&> && !detail::array_expression<Function> &&
            !detail::makes_rule<Function>)
    initializer(Function
            function) // NOLINT(google-explicit-constructor): `.initializer = [] { return ...; }`
        : model_{std::make_shared<detail::function_model<Function>>(std::move(function))} {}

    template <class Function>
        requires(std::invocable<const Function&, const shape&> &&
            !detail::array_expression<Function> && !detail::makes_rule<Function>)
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
        model_ = std::make_shared<detail::by_shape_model<decltype(fill)>>(std::move(fill));
    }

    /// Whether there is one.
    [[nodiscard]] explicit operator bool() const noexcept { return model_ != nullptr; }
    [[nodiscard]] const std::shared_ptr<const detail::initializer_model>& model() const noexcept {
        return model_;
    }

private:
    std::shared_ptr<const detail::initializer_model> model_;
};

} // namespace varscope::inline VARSCOPE_ABI
