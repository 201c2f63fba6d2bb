// See scope_context.hpp.
#pragma once

#include <varscope/scope/scope_context.hpp>

#include <string_view>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE void scope_context::keep_default_name(std::string_view name) {
    default_name_ = name;
    options_.default_name = default_name_;
}

} // namespace varscope::inline VARSCOPE_ABI
