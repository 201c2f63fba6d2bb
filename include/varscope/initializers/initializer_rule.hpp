/// \file
/// Rules for the first value of a variable, as values that are known while compiling.
#pragma once

#include <varscope/base/shape.hpp>
#include <varscope/initializers/initializer.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI {

/// What the rules of initializers.hpp, variance_scaling.hpp and orthogonal.hpp return for
/// parameters that are numbers: which rule, and the numbers.
///
/// A literal type that owns nothing, of 72 bytes, so that it can stand in a constant expression
/// such as a schema; there a bad parameter does not compile. Converts to an `initializer` wherever
/// one is wanted. Without an argument it is none. Not for values: a number or an array is an
/// `initializer`.
class initializer_rule {
public:
    /// What any of the rules needs. The function that makes a rule says what each of them means.
    struct parameters {
        std::array<double, 2> numbers = {};
        std::array<std::int64_t, 2> integers = {};
        std::optional<std::uint64_t> seed = {};
        std::array<std::uint8_t, 4> choices = {};
    };
    /// Makes the initializer of these parameters, which were checked.
    using maker = initializer (*)(const parameters&);

    constexpr initializer_rule() noexcept = default;
    /// \pre make is not null.
    constexpr initializer_rule(maker make, const parameters& p) noexcept
        : make_{make}
        , p_{p}
        , is_given_{true} {}

    /// A rule of the user's own: a lambda without captures that is called with the shape and
    /// returns an xtensor expression of it.
    template <class Function>
        requires(std::is_empty_v<Function> && std::default_initializable<Function> &&
            std::invocable<const Function&, const shape&> && !detail::makes_rule<Function>)
    constexpr initializer_rule(Function) noexcept // NOLINT(google-explicit-constructor): an option
        : initializer_rule([](const parameters&) { return initializer(Function{}); }, {}) {}

    /// The rule itself for its defaults: `vs::zeros`.
    template <detail::makes_rule Make>
        requires(std::same_as<std::invoke_result_t<const Make&>, initializer_rule>)
    constexpr initializer_rule(const Make& make) // NOLINT(google-explicit-constructor): an option
        : initializer_rule(make()) {}

    /// Whether there is one.
    [[nodiscard]] explicit constexpr operator bool() const noexcept { return is_given_; }
    /// The initializer, or none. Cost: one allocation, and none if the rule has no parameters
    /// (zeros, ones, glorot_uniform without a seed).
    operator initializer() const;

private:
    maker make_ = nullptr;
    parameters p_;
    // Whether there is a maker. GCC 12 with -fsanitize=undefined compares no function with null in
    // a constant expression, so that operator bool could not stand in one.
    bool is_given_ = false;
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/initializers/impl/initializer_rule.ipp>
#endif
