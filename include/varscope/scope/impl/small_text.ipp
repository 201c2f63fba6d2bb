// See small_text.hpp.
#pragma once

#include <varscope/scope/detail/small_text.hpp>

#include <cstring>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void small_text::assign(std::string_view text) {
    char* to = inline_.data();
    if (text.size() > inline_.size()) {
        heap_ = std::make_unique<char[]>(text.size());
        to = heap_.get();
    } else {
        heap_.reset();
    }
    if (!text.empty()) { std::memcpy(to, text.data(), text.size()); }
    size_ = text.size();
}

} // namespace varscope::inline VARSCOPE_ABI::detail
