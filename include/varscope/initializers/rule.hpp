/// \file
/// What rules for the first value share: an explicit seed, floating types only.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/error.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/initializers/check_parameter.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/initializers/initializer_model.hpp>
#include <varscope/initializers/initializer_rule.hpp>
#include <varscope/random/random_fill.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace varscope::inline VARSCOPE_ABI::detail {

/// With an explicit seed, that alone decides the numbers. May never change.
[[nodiscard]] fill_target with_seed(fill_target target, std::optional<std::uint64_t> seed) noexcept;

/// The ops that TensorFlow makes for its rules; see `initializer_model::hidden_ops`. Follows
/// python/ops/array_ops.py and random_ops.py (TensorFlow 1.15).
using op_list = std::span<const char* const>;
inline constexpr std::array zeros_ops{"zeros", "zeros/shape_as_tensor", "zeros/Const"};
inline constexpr std::array ones_ops{"ones", "ones/shape_as_tensor", "ones/Const"};
inline constexpr std::array constant_ops{"Const"};
inline constexpr std::array uniform_ops{"random_uniform", "random_uniform/shape",
    "random_uniform/min", "random_uniform/max", "random_uniform/RandomUniform",
    "random_uniform/sub", "random_uniform/mul"};
inline constexpr std::size_t uniform_integer_ops = 4; // the first of them
inline constexpr std::array normal_ops{"random_normal", "random_normal/shape", "random_normal/mean",
    "random_normal/stddev", "random_normal/RandomStandardNormal", "random_normal/mul"};
inline constexpr std::array truncated_normal_ops{"truncated_normal", "truncated_normal/shape",
    "truncated_normal/mean", "truncated_normal/stddev", "truncated_normal/TruncatedNormal",
    "truncated_normal/mul"};

/// Of the ops that fill with one value: few elements are one constant.
[[nodiscard]] constexpr op_list filling(op_list all, std::size_t size) noexcept {
    return size < 1000 ? all.first(1) : all;
}

/// What a rule is called in messages, and the ops that TensorFlow makes for it.
struct rule_name {
    rule_name(const char* name,
        op_list ops = {}) noexcept // NOLINT(google-explicit-constructor): most are a text only
        : text{name}
        , hidden_ops{ops} {}
    const char* text;
    op_list hidden_ops;
};

/// A rule that makes floating types only.
/// \tparam Fill  writes the elements of a `fill_target`, by its arguments alone.
template <class Fill>
class floating_rule final : public initializer_model {
public:
    /// What is wrong with a shape, if anything.
    using shape_check = std::optional<std::string> (*)(const shape&);

    floating_rule(rule_name name, std::optional<std::uint64_t> seed, shape_check check, Fill fill)
        : initializer_model(form::by_shape)
        , name_{name}
        , seed_{seed}
        , check_{check}
        , fill_{std::move(fill)} {}
    [[nodiscard]] bool can_make(dtype type) const noexcept override { return is_floating(type); }
    [[nodiscard]] std::optional<std::string> refuses(const shape& s, dtype type) const override {
        if (!is_floating(type)) { return std::string(name_.text) + " makes floating types only"; }
        return check_ != nullptr ? check_(s) : std::nullopt;
    }
    void fill(const fill_target& target) const override { fill_(with_seed(target, seed_)); }
    [[nodiscard]] op_list hidden_ops(std::size_t, dtype) const noexcept override {
        return name_.hidden_ops;
    }

private:
    rule_name name_;
    std::optional<std::uint64_t> seed_;
    shape_check check_;
    Fill fill_;
};

template <class Fill>
[[nodiscard]] initializer make_floating_rule(rule_name name, std::optional<std::uint64_t> seed,
    Fill fill, typename floating_rule<Fill>::shape_check check = nullptr) {
    return initializer(std::make_shared<floating_rule<Fill>>(name, seed, check, std::move(fill)));
}

/// Uniform in [low, high) or, if there is nothing in between, all `low`. A floating type.
void fill_between(const fill_target& t, double low, double high) noexcept;

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/initializers/impl/rule.ipp>
#endif
