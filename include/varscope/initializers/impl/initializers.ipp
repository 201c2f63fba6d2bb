// See initializers.hpp.
#pragma once

#include <varscope/initializers/initializer_model.hpp>
#include <varscope/initializers/initializers.hpp>
#include <varscope/initializers/rule.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace varscope::inline VARSCOPE_ABI::detail {

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
    [[nodiscard]] std::optional<std::string> refuses(const shape& s, dtype type) const override;
    void fill(const fill_target& target) const override;
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
    void fill(const fill_target& target) const override;
    [[nodiscard]] op_list hidden_ops(std::size_t size, dtype) const noexcept override {
        return filling(zeros_ops, size);
    }
};

/// Uniform numbers between whole limits.
class whole_uniform_model final : public initializer_model {
public:
    whole_uniform_model(std::int64_t low, std::int64_t high, std::optional<std::uint64_t> seed)
        : initializer_model(form::by_shape)
        , low_{low}
        , high_{high}
        , seed_{seed} {}
    [[nodiscard]] bool can_make(dtype type) const noexcept override;
    [[nodiscard]] std::optional<std::string> refuses(const shape&, dtype type) const override;
    void fill(const fill_target& target) const override;
    [[nodiscard]] op_list hidden_ops(std::size_t, dtype type) const noexcept override;

private:
    std::int64_t low_;
    std::int64_t high_;
    std::optional<std::uint64_t> seed_;
};

VARSCOPE_INLINE std::optional<std::string> constant_model::refuses(
    const shape& s, dtype type) const {
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
    if (value_.size() == 0 && count > 0) { return "constant_initializer has no element to repeat"; }
    return std::nullopt;
}

VARSCOPE_INLINE void constant_model::fill(const fill_target& target) const {
    if (target.count == 0) { return; }
    value_.write_converted(target.type, target.data);
    visit_dtype(target.type, [&]<class T>(std::type_identity<T>) {
        T* const rest = static_cast<T*>(target.data) + value_.size();
        std::uninitialized_fill_n(rest, target.count - value_.size(), rest[-1]);
    });
}

VARSCOPE_INLINE void zeros_model::fill(const fill_target& target) const {
    std::memset(target.data, 0, target.count * size_of(target.type));
}

VARSCOPE_INLINE bool whole_uniform_model::can_make(dtype type) const noexcept {
    return visit_dtype(type, [&]<class T>(std::type_identity<T>) {
        if constexpr (std::integral<T> && !std::same_as<T, bool>) {
            return low_ < high_ && std::in_range<T>(low_) && std::in_range<T>(high_ - 1);
        } else {
            return floating_element<T>;
        }
    });
}

VARSCOPE_INLINE std::optional<std::string> whole_uniform_model::refuses(
    const shape&, dtype type) const {
    if (can_make(type)) { return std::nullopt; }
    if (!is_integer(type)) { return "random_uniform makes numbers only"; }
    const std::string range = '[' + std::to_string(low_) + ", " + std::to_string(high_) + ')';
    return low_ < high_ ? "it has not all numbers of " + range : range + " has no integers";
}

VARSCOPE_INLINE void whole_uniform_model::fill(const fill_target& target) const {
    const fill_target t = with_seed(target, seed_);
    if (is_integer(t.type)) {
        fill_uniform_integer(t.type, t.data, 0, t.count, t.stream(), low_, high_, t.threads);
    } else {
        fill_between(t, static_cast<double>(low_), static_cast<double>(high_));
    }
}

VARSCOPE_INLINE op_list whole_uniform_model::hidden_ops(std::size_t, dtype type) const noexcept {
    const op_list all(uniform_ops);
    return is_integer(type) ? all.first(uniform_integer_ops) : all;
}

VARSCOPE_INLINE initializer make_constant(array_value value, constant_options options) {
    return initializer(std::make_shared<constant_model>(std::move(value), options));
}
VARSCOPE_INLINE initializer make_zeros(const initializer_rule::parameters&) {
    static const initializer shared(std::make_shared<zeros_model>());
    return shared;
}
VARSCOPE_INLINE initializer make_ones(const initializer_rule::parameters&) {
    // The one plain value that converts to every type.
    static const initializer shared(
        std::make_shared<constant_model>(single_value(true), constant_options{}, ones_ops));
    return shared;
}
VARSCOPE_INLINE initializer make_random_uniform(const initializer_rule::parameters& p) {
    return make_floating_rule({"random_uniform of limits that are not integers", uniform_ops},
        p.seed,
        [limits = p.numbers](const fill_target& t) { fill_between(t, limits[0], limits[1]); });
}
VARSCOPE_INLINE initializer make_whole_uniform(const initializer_rule::parameters& p) {
    return initializer(std::make_shared<whole_uniform_model>(p.integers[0], p.integers[1], p.seed));
}
VARSCOPE_INLINE initializer make_random_normal(const initializer_rule::parameters& p) {
    return make_floating_rule(
        {"random_normal", normal_ops}, p.seed, [moments = p.numbers](const fill_target& t) {
            fill_normal(t.type, t.data, 0, t.count, t.stream(), moments[0], moments[1], t.threads);
        });
}
VARSCOPE_INLINE initializer make_truncated_normal(const initializer_rule::parameters& p) {
    return make_floating_rule({"truncated_normal", truncated_normal_ops}, p.seed,
        [moments = p.numbers](const fill_target& t) {
            fill_truncated_normal(
                t.type, t.data, 0, t.count, t.stream(), moments[0], moments[1], t.threads);
        });
}

} // namespace varscope::inline VARSCOPE_ABI::detail
