// See shape.hpp.
#pragma once

#include <varscope/base/shape.hpp>

#include <string>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE std::string to_string(const shape& s) {
    if (!s.has_rank()) { return "<unknown>"; }
    std::string text = "(";
    for (const auto dimension : s) {
        if (text.size() > 1) { text += ", "; }
        text += dimension == unknown_dimension ? std::string("?") : std::to_string(dimension);
    }
    if (s.rank() == 1) { text += ','; }
    return text += ')';
}

} // namespace varscope::inline VARSCOPE_ABI
