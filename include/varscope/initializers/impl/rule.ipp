// See rule.hpp.
#pragma once

#include <varscope/initializers/rule.hpp>

#include <cstdint>
#include <optional>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE fill_target with_seed(
    fill_target target, std::optional<std::uint64_t> seed) noexcept {
    if (seed) {
        target.seed = *seed;
        target.name.reset();
    }
    return target;
}

VARSCOPE_INLINE void fill_between(const fill_target& t, double low, double high) noexcept {
    if (low < high) {
        fill_uniform(t.type, t.data, 0, t.count, t.stream(), low, high, t.threads);
    } else {
        fill_normal(t.type, t.data, 0, t.count, t.stream(), low, 0, t.threads);
    }
}

} // namespace varscope::inline VARSCOPE_ABI::detail
