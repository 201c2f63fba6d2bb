// See variance_scaling.hpp.
#pragma once

#include <varscope/initializers/rule.hpp>
#include <varscope/initializers/variance_scaling.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace varscope::inline VARSCOPE_ABI::detail {

[[nodiscard]] constexpr op_list scaling_ops(scaling_distribution d) noexcept {
    return d == scaling_distribution::uniform           ? op_list(uniform_ops)
        : d == scaling_distribution::untruncated_normal ? op_list(normal_ops)
                                                        : op_list(truncated_normal_ops);
}

VARSCOPE_INLINE fans fans_of(const shape& s) noexcept {
    if (s.rank() == 0) { return {1, 1}; }
    if (s.rank() == 1) { return {static_cast<double>(s[0]), static_cast<double>(s[0])}; }
    double window = 1;
    for (std::size_t axis = 0; axis + 2 < s.rank(); ++axis) {
        window *= static_cast<double>(s[axis]);
    }
    return {static_cast<double>(s[s.rank() - 2]) * window,
        static_cast<double>(s[s.rank() - 1]) * window};
}

VARSCOPE_INLINE double fan_count(const shape& s, fan_mode mode) noexcept {
    const auto [in, out] = fans_of(s);
    const double n = mode == fan_mode::fan_in ? in
        : mode == fan_mode::fan_out           ? out
                                              : (in + out) / 2;
    return std::max(1.0, n);
}

VARSCOPE_INLINE initializer make_variance_scaling(
    const char* name, const variance_scaling_options& options) {
    const rule_name rule{name, scaling_ops(options.distribution)};
    return make_floating_rule(rule, options.seed, [=](const fill_target& t) {
        const double n = fan_count(t.full_shape, options.mode);
        const double stddev = std::sqrt(options.scale / n);
        // The standard deviation of a standard normal distribution that is cut off at 2.
        constexpr double of_truncated = 0.87962566103423978;
        switch (options.distribution) {
        case scaling_distribution::truncated_normal:
            fill_truncated_normal(
                t.type, t.data, 0, t.count, t.stream(), 0, stddev / of_truncated, t.threads);
            break;
        case scaling_distribution::untruncated_normal:
            fill_normal(t.type, t.data, 0, t.count, t.stream(), 0, stddev, t.threads);
            break;
        case scaling_distribution::uniform: {
            const double limit = std::sqrt(3 * options.scale / n);
            fill_between(t, -limit, limit);
        }
        }
    });
}

VARSCOPE_INLINE initializer make_contrib_variance_scaling(
    const char* name, const contrib_variance_scaling_options& options) {
    const rule_name rule{
        name, options.uniform ? op_list(uniform_ops) : op_list(truncated_normal_ops)};
    return make_floating_rule(rule, options.seed, [=](const fill_target& t) {
        const double n = fan_count(t.full_shape, options.mode);
        if (options.uniform) {
            const double limit = std::sqrt(3 * options.factor / n);
            fill_between(t, -limit, limit);
        } else {
            fill_truncated_normal(t.type, t.data, 0, t.count, t.stream(), 0,
                std::sqrt(1.3 * options.factor / n), t.threads);
        }
    });
}

VARSCOPE_INLINE initializer make_variance_scaling(
    const char* name, const initializer_rule::parameters& p) {
    return make_variance_scaling(name,
        variance_scaling_options{p.numbers[0], static_cast<fan_mode>(p.choices[0]),
            static_cast<scaling_distribution>(p.choices[1]), p.seed});
}

VARSCOPE_INLINE initializer make_contrib_variance_scaling(
    const char* name, const initializer_rule::parameters& p) {
    return make_contrib_variance_scaling(name,
        contrib_variance_scaling_options{
            p.numbers[0], static_cast<fan_mode>(p.choices[0]), p.choices[1] != 0, p.seed});
}

VARSCOPE_INLINE initializer make_uniform_unit_scaling(const initializer_rule::parameters& p) {
    return make_floating_rule({"uniform_unit_scaling", uniform_ops}, p.seed,
        [factor = p.numbers[0]](const fill_target& t) {
            double n = 1;
            for (std::size_t axis = 0; axis + 1 < t.full_shape.rank(); ++axis) {
                n *= static_cast<double>(t.full_shape[axis]);
            }
            const double limit = std::sqrt(3 / std::max(1.0, n)) * std::abs(factor);
            fill_between(t, -limit, limit);
        });
}

} // namespace varscope::inline VARSCOPE_ABI::detail
