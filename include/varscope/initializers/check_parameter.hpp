/// \file
/// Checks of the parameters of rules.
#pragma once

#include <varscope/version.hpp>

#include <source_location>

namespace varscope::inline VARSCOPE_ABI::detail {

[[noreturn]] void throw_bad_parameter(const char* rule, const char* parameter, double value,
    const char* wanted, const std::source_location& where);

/// Not infinite, not a NaN; std::isfinite is no constant expression before C++23.
[[nodiscard]] constexpr bool is_finite(double value) noexcept { return __builtin_isfinite(value); }

/// Throws bad_parameter unless `is_good`.
constexpr void check_parameter(bool is_good, const char* rule, const char* parameter, double value,
    const char* wanted, const std::source_location& where) {
    if (!is_good) { throw_bad_parameter(rule, parameter, value, wanted, where); }
}
constexpr void check_finite(
    const char* rule, const char* parameter, double value, const std::source_location& where) {
    check_parameter(is_finite(value), rule, parameter, value, "", where);
}
constexpr void check_not_negative(
    const char* rule, const char* parameter, double value, const std::source_location& where) {
    check_parameter(
        is_finite(value) && value >= 0, rule, parameter, value, " that is not negative", where);
}
constexpr void check_positive(
    const char* rule, const char* parameter, double value, const std::source_location& where) {
    check_parameter(is_finite(value) && value > 0, rule, parameter, value, " above 0", where);
}

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/initializers/impl/check_parameter.ipp>
#endif
