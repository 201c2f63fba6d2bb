// See check_parameter.hpp.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/initializers/check_parameter.hpp>

#include <cstdio>
#include <source_location>
#include <string>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void throw_bad_parameter(const char* rule, const char* parameter, double value,
    const char* wanted, const std::source_location& where) {
    char number[32]; // NOLINT(modernize-avoid-c-arrays): for snprintf
    (void)std::snprintf(number, sizeof number, "%g", value);
    throw bad_parameter(std::string(rule) + " cannot have " + parameter + ' ' + number +
            "\n  requested at " + to_string(where) + "\n  give a finite number" + wanted,
        {rule, where});
}

} // namespace varscope::inline VARSCOPE_ABI::detail
