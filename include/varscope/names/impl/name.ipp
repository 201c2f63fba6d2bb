// See name.hpp.
#pragma once

#include <varscope/names/name.hpp>

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void throw_invalid_name(std::string_view what, std::string_view name,
    std::size_t position, const std::source_location& where) {
    std::string text = std::string(what) + " name '" + std::string(name) + "' is not legal\n  ";
    if (name.empty()) {
        text += "it is empty";
    } else {
        const char c = name[position];
        text += position == 0 && is_name_character(c) ? "it begins with '" : "it holds '";
        text += c >= ' ' && c < '\x7f' ? std::string(1, c)
                                       : "\\x" + std::string(1, "0123456789abcdef"[(c >> 4) & 15]) +
                "0123456789abcdef"[c & 15];
        text += "' at position " + std::to_string(position);
    }
    text += "\n  asked for at " + to_string(where) +
        "\n  letters, digits and '.' may come first; '_', '-', '/' and '>' may follow";
    throw invalid_name(text, {std::string(name), where}, position);
}

VARSCOPE_INLINE std::string join(std::string_view scope, std::string_view name) {
    std::string joined;
    joined.reserve(scope.size() + 1 + name.size());
    joined += scope;
    if (!scope.empty()) { joined += '/'; }
    return joined += name;
}

VARSCOPE_INLINE void append_suffixed(
    std::string& path, std::string_view name, std::uint32_t suffix) {
    path += name;
    if (suffix > 0) {
        path += '_';
        path += std::to_string(suffix);
    }
}

} // namespace varscope::inline VARSCOPE_ABI::detail
