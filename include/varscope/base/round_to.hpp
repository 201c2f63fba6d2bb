/// \file
/// Numbers as elements.
#pragma once

#include <varscope/base/dtype.hpp>

#include <concepts>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI::detail {

template <class T>
concept floating_element =
    std::same_as<T, float16> || std::same_as<T, bfloat16> || std::floating_point<T>;

template <floating_element T>
[[nodiscard]] constexpr T round_to(double value) noexcept {
    if constexpr (std::floating_point<T>) {
        return static_cast<T>(value);
    } else {
        return T{static_cast<float>(value)};
    }
}

} // namespace varscope::inline VARSCOPE_ABI::detail
