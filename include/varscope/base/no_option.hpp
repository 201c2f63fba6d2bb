/// \file
/// The type of an option where it cannot count.
#pragma once

#include <varscope/version.hpp>

namespace varscope::inline VARSCOPE_ABI {

/// Stands for an option that cannot count in a call: giving it does not compile.
struct no_option {
    no_option() = default;
    template <class T>
    constexpr no_option(const T&) noexcept { // NOLINT(google-explicit-constructor): to be refused
        static_assert(sizeof(T) == 0,
            "varscope: this option cannot count in this call: leave it out; the type of the "
            "options says which do");
    }
};

} // namespace varscope::inline VARSCOPE_ABI
