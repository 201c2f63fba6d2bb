/// \file
/// Regular expressions for names.
#pragma once

#include <varscope/base/error.hpp>

#include <optional>
#include <regex>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

/// A regular expression (ECMAScript's, as <regex> has it), compiled once, that names are compared
/// with.
///
/// Python's own extensions, such as `\A` and `(?i)`, are errors. The only header that includes
/// <regex>, which is slow to compile: whoever includes this one is asked for by its own header.
/// Immutable, so safe from any thread. A pattern without special characters is compared as text.
class name_pattern {
public:
    /// \param where  of the user's code that wrote the pattern, for messages.
    /// \throws invalid_pattern  it is no regular expression.
    explicit name_pattern(std::string_view pattern, const std::source_location& where);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    /// Whether the name begins with what the pattern describes (Python's re.match): "a" fits "a/w",
    /// "ab" and "a_1".
    /// \throws invalid_pattern  to compare it takes too much memory.
    [[nodiscard]] bool matches_start_of(std::string_view name) const;

    /// Whether what the pattern describes stands anywhere in the name (Python's re.search).
    /// \throws invalid_pattern  to compare it takes too much memory.
    [[nodiscard]] bool is_found_in(std::string_view name) const;

private:
    [[nodiscard]] bool search(const std::regex& expression, std::string_view name,
        std::regex_constants::match_flag_type how) const;

    [[noreturn]] void refuse(const std::regex_error& e) const;

    // Not what(): it differs between standard libraries, as the finer codes do.
    [[nodiscard]] static std::string reason(std::regex_constants::error_type code);

    std::string text_;
    std::source_location where_;
    std::optional<std::regex> expression_; // none: plain text
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/names/impl/name_pattern.ipp>
#endif
