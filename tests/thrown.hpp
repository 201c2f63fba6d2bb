/// \file
/// What an error says, as a text to compare whole.
#pragma once

#include <source_location>
#include <string>

/// What the `Error` says that `function` throws; other errors pass. The line of the call stands as
/// "here", so that expected texts need not count lines, which compilers do differently inside of
/// macros.
template <class Error, class Function>
std::string thrown(
    Function&& function, const std::source_location& where = std::source_location::current()) {
    std::string text = "nothing";
    try {
        function();
    } catch (const Error& e) { text = e.what(); }
    const std::string line = "cpp:" + std::to_string(where.line());
    for (std::size_t at = 0; (at = text.find(line, at)) != std::string::npos; at += 8) {
        const std::size_t end = at + line.size();
        if (end == text.size() || text[end] < '0' || text[end] > '9') {
            text.replace(at + 4, line.size() - 4, "here");
        }
    }
    return text;
}
