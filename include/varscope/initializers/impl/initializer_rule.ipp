// See initializer_rule.hpp.
#pragma once

#include <varscope/initializers/initializer_rule.hpp>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE initializer_rule::operator initializer()
    const { // NOLINT(google-explicit-constructor): it is one
    return is_given_ ? make_(p_) : initializer();
}

} // namespace varscope::inline VARSCOPE_ABI
