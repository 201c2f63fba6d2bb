/// \file
/// What tells the places apart that ask for a literal name.
#pragma once

#include <varscope/version.hpp>

#include <atomic>
#include <cstdint>

namespace varscope::inline VARSCOPE_ABI::detail {

/// A number for each place that asks, the same in every graph; 0 until it asked for the first time.
/// Its address tells places apart: shared libraries may count each for themselves.
using literal_number = std::atomic<std::uint32_t>;

} // namespace varscope::inline VARSCOPE_ABI::detail
