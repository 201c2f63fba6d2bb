/// \file
/// Whether a name is shared or created.
#pragma once

#include <varscope/version.hpp>

#include <cstdint>

namespace varscope::inline VARSCOPE_ABI {

/// What `get_variable` does with a name that is known, and with one that is not.
enum class reuse_mode : std::uint8_t {
    inherit,    ///< not said (TensorFlow's None): as the enclosing scope
    reuse,      ///< share only: an unknown name is an error (True)
    auto_reuse, ///< share what is known and create what is not (tf.AUTO_REUSE)
    create,     ///< create only: a known name is an error (False of a call; what holds at the root)
};
inline constexpr reuse_mode reuse = reuse_mode::reuse;
inline constexpr reuse_mode auto_reuse = reuse_mode::auto_reuse;

} // namespace varscope::inline VARSCOPE_ABI
