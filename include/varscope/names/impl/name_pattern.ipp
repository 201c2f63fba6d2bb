// See name_pattern.hpp.
#pragma once

#include <varscope/names/name_pattern.hpp>

#include <regex>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE name_pattern::name_pattern(
    std::string_view pattern, const std::source_location& where)
    : text_{pattern}
    , where_{where} {
    if (pattern.find_first_of(R"(.^$*+?()[]{}|\)") == std::string_view::npos) { return; }
    try {
        expression_.emplace(text_, std::regex::ECMAScript | std::regex::optimize);
    } catch (const std::regex_error& e) { refuse(e); }
}

VARSCOPE_INLINE bool name_pattern::matches_start_of(std::string_view name) const {
    return expression_ ? search(*expression_, name, std::regex_constants::match_continuous)
                       : name.starts_with(text_);
}

VARSCOPE_INLINE bool name_pattern::is_found_in(std::string_view name) const {
    return expression_ ? search(*expression_, name, std::regex_constants::match_default)
                       : name.find(text_) != std::string_view::npos;
}

VARSCOPE_INLINE bool name_pattern::search(const std::regex& expression, std::string_view name,
    std::regex_constants::match_flag_type how) const {
    try {
        return std::regex_search(name.begin(), name.end(), expression, how);
    } catch (const std::regex_error& e) { refuse(e); }
}

VARSCOPE_INLINE void name_pattern::refuse(const std::regex_error& e) const {
    throw invalid_pattern("pattern '" + text_ + "' cannot be used: " + reason(e.code()) +
            "\n  asked for at " + to_string(where_) +
            "\n  patterns are ECMAScript regular expressions, put '\\' before a special "
            "character that stands for itself",
        {text_, where_});
}

VARSCOPE_INLINE std::string name_pattern::reason(std::regex_constants::error_type code) {
    using namespace std::regex_constants;
    return code == error_complexity || code == error_stack || code == error_space
        ? "it is too complex"
        : "it is no regular expression";
}

} // namespace varscope::inline VARSCOPE_ABI::detail
