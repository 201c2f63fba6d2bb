// See error.hpp.
#pragma once

#include <varscope/base/error.hpp>

#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE std::string to_string(const std::source_location& place) {
    std::string_view file = place.file_name();
    file.remove_prefix(file.find_last_of("/\\") + 1); // npos + 1 is 0
    return std::string(file) + ':' + std::to_string(place.line());
}

VARSCOPE_INLINE error::error(error_kind kind, const std::string& text, error_facts facts)
    : std::runtime_error(text)
    , kind_{kind}
    , facts_{std::move(facts)} {}

} // namespace varscope::inline VARSCOPE_ABI
