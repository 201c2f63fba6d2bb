/// \file
/// How much memory the program holds.
#pragma once

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <cstddef>

namespace bench {

/// Bytes taken from malloc and not given back, with what malloc itself needs for each block. 0
/// where the C library does not tell.
[[nodiscard]] inline std::size_t bytes_in_use() {
#if defined __GLIBC__ && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

/// What was taken since then for each variable of four floats, beyond those.
[[nodiscard]] inline double bytes_each(std::size_t before, std::size_t variables) {
    constexpr double elements = 4 * sizeof(float);
    return (static_cast<double>(bytes_in_use()) - static_cast<double>(before)) /
        static_cast<double>(variables) -
        elements;
}

} // namespace bench
