// See normal_quantile.hpp.
#pragma once

#include <varscope/random/detail/normal_quantile.hpp>

#include <cmath>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE double normal_quantile_tail(double q) noexcept {
    const double p = 0.5 - (q < 0 ? -q : q);
    const double r = std::sqrt(-exact_log(p));
    const double z = r <= 5.0 ? near_quantile(r) : far_quantile(r);
    return q < 0 ? -z : z;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
