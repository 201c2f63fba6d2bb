#include <varscope/names/name_pattern.hpp>

#include "catch.hpp"
#include "thrown.hpp"

#include <source_location>
#include <string_view>

using varscope::detail::name_pattern;

namespace {

name_pattern pattern(std::string_view text,
    const std::source_location& where = std::source_location::current()) {
    return name_pattern(text, where);
}

} // namespace

TEST_CASE("a pattern fits the beginning of a name, or any part of it", "[name_pattern]") {
    struct sample {
        const char* pattern;
        bool starts, is_found;
    };
    for (const auto& [text, starts, is_found] : {sample{"", true, true}, {"tower", true, true},
             {"tower_1/w:0", true, true}, {"tower_1/w:0x", false, false}, {"w", false, true},
             {"t.wer", true, true}, {"t.er", false, false}, {".*w:", true, true},
             {"w|tower", true, true}, {"w$", false, false}, {":0$", false, true},
             {"^w", false, false}, {"^tower_[0-9]+/", true, true}, {"tower_[2-9]", false, false},
             {R"(tower_\d/w)", true, true}, {R"(tower\.)", false, false}, {"/w|^w", false, true},
             {"a*", true, true}}) {
        INFO(text);
        CHECK(pattern(text).matches_start_of("tower_1/w:0") == starts);
        CHECK(pattern(text).is_found_in("tower_1/w:0") == is_found);
    }
    CHECK(pattern("a*").matches_start_of(""));
    CHECK(pattern("a").text() == "a");
}

TEST_CASE("a pattern can be used again, and copied", "[name_pattern]") {
    const name_pattern a = pattern("a+b");
    const name_pattern copy = a;
    CHECK(a.matches_start_of("aab"));
    CHECK_FALSE(a.matches_start_of("cab"));
    CHECK(copy.is_found_in("cab"));
}

TEST_CASE("what is no regular expression is refused", "[name_pattern]") {
    CHECK(thrown<varscope::invalid_pattern>([] { (void)pattern("(a"); }) ==
        "pattern '(a' cannot be used: it is no regular expression\n  asked for at "
        "name_pattern.cpp:here\n  patterns are ECMAScript regular expressions, put '\\' before a "
        "special character that stands for itself");
    for (const char* const text : {"*a", "a[b-a]", "a)", "[a", "a{2", "a{x}", "a\\", "+", "a(?i)", "(?P<n>a)"}) {
        INFO(text);
        CHECK_THROWS_AS(pattern(text), varscope::invalid_pattern);
    }
}
