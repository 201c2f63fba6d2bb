#include <varscope/names/name.hpp>

#include "catch.hpp"

#include <cstddef>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace varscope::detail;
using varscope::name_arg;
using varscope::no_name;

name_arg pass(name_arg name) { return name; }
template <class... Rest> std::source_location place_beside(name_arg name, Rest&&...) { return name.where(); }
name_arg pass_default(int, name_arg name = no_name) { return name; }

using parts = std::optional<std::pair<std::string_view, std::uint64_t>>;
parts split(std::string_view name) {
    const auto found = split_suffix(name);
    return found ? parts({found->base, found->number}) : parts();
}

} // namespace

TEST_CASE("letters, digits and a dot may come first in a name, and '_', '-', '/' and '>' may only follow", "[name]") {
    const std::string first = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.";
    const std::string later = "_-/>";
    std::string wrong;
    for (int c = 0; c < 256; ++c) {
        const char character = static_cast<char>(c);
        const bool is_first = first.find(character) != std::string::npos;
        const bool is_later = is_first || later.find(character) != std::string::npos;
        const std::string alone(1, character);
        const std::string behind = "a" + alone;
        const bool is_right = illegal_position(alone) == (is_first ? std::nullopt : std::optional<std::size_t>(0)) &&
                              illegal_position(behind) == (is_later ? std::nullopt : std::optional<std::size_t>(1)) &&
                              illegal_position_nested(alone) == (is_later ? std::nullopt : std::optional<std::size_t>(0));
        if (!is_right) { wrong += character; }
    }
    CHECK(wrong.empty());
}

TEST_CASE("the position of an illegal character is that of the first one", "[name]") {
    CHECK(illegal_position("ab c d") == 2);
    CHECK(illegal_position_nested("_ab$") == 3);
}

TEST_CASE("an empty name is illegal at the root and no matter inside a scope", "[name]") {
    CHECK(illegal_position("") == 0);
    CHECK(illegal_position_nested("") == std::nullopt);
}

TEST_CASE("an illegal name is reported whole, with the character, its position and the caller's place", "[name]") {
    const name_arg name("a b");
    const std::string expected = "op name 'a b' is not legal\n"
                                 "  it holds ' ' at position 1\n"
                                 "  asked for at " + varscope::to_string(name.where()) + "\n"
                                 "  letters, digits and '.' may come first; '_', '-', '/' and '>' may follow";
    try {
        throw_invalid_name("op", name.text(), 1, name.where());
    } catch (const varscope::invalid_name& e) {
        CHECK(e.what() == expected);
        CHECK(e.kind() == varscope::error_kind::invalid_name);
        CHECK(e.name() == "a b");
        CHECK(e.position() == 1);
        CHECK(e.asked_at().line() == name.where().line());
    }
}

TEST_CASE("a character that cannot be printed is reported by its number", "[name]") {
    using Catch::Matchers::ContainsSubstring;
    using Catch::Matchers::MessageMatches;
    CHECK_THROWS_MATCHES(throw_invalid_name("op", "a\xe9", 1, {}), varscope::invalid_name, MessageMatches(ContainsSubstring("holds '\\xe9'")));
    CHECK_THROWS_MATCHES(throw_invalid_name("op", "a\t", 1, {}), varscope::invalid_name, MessageMatches(ContainsSubstring("holds '\\x09'")));
}

TEST_CASE("a name that begins with a character for later is told so", "[name]") {
    using Catch::Matchers::ContainsSubstring;
    using Catch::Matchers::MessageMatches;
    CHECK_THROWS_MATCHES(throw_invalid_name("op", "_a", 0, {}), varscope::invalid_name, MessageMatches(ContainsSubstring("begins with '_'")));
}

TEST_CASE("a name argument knows the line of the call it is written in", "[name]") {
    const std::string text = "w";
    const auto here = std::source_location::current().line();
    CHECK(pass("w").where().line() == here + 1);
    CHECK(pass(text).where().line() == here + 2);
    CHECK(pass(std::string_view(text)).where().line() == here + 3);
    CHECK(place_beside("w", 1, 2.0).line() == here + 4);
    CHECK(pass_default(1).where().line() == here + 5);
    CHECK(pass(no_name).where().line() == here + 6);
}

TEST_CASE("a name argument knows the file of the call it is written in", "[name]") {
    CHECK(std::string_view(pass("w").where().file_name()).ends_with("name.cpp"));
}

TEST_CASE("a name argument that is passed on keeps its place", "[name]") {
    const name_arg name("w");
    CHECK(pass(name).where().line() == name.where().line());
}

TEST_CASE("a name that is not given differs from an empty one", "[name]") {
    CHECK_FALSE(pass(no_name).is_given());
    CHECK(pass(no_name).text().empty());
    CHECK(pass("").is_given());
}

TEST_CASE("names are joined by one '/', and none at the root", "[name]") {
    CHECK(join("", "v") == "v");
    CHECK(join("a/b", "v") == "a/b/v");
    CHECK(join("a/", "v") == "a//v");
    CHECK(join("a", "") == "a/");
}

TEST_CASE("a suffix is a number without leading zero after the last '_'", "[name]") {
    CHECK(split("v_1") == parts({"v", 1}));
    CHECK(split("v_1_20") == parts({"v_1", 20}));
    CHECK(split("a/_3") == parts({"a/", 3}));
    CHECK(split("_3") == parts({"", 3}));
    CHECK(split("v__3") == parts({"v_", 3}));
}

TEST_CASE("what only looks like a suffix is none", "[name]") {
    for (const char* name : {"", "v", "1", "12", "v1", "v_", "v_0", "v_01", "v_1a", "v_-1", "v_1/", "_"}) {
        INFO(name);
        CHECK(split(name) == parts());
    }
}

TEST_CASE("a suffix has at most 18 digits, which no counter reaches", "[name]") {
    CHECK(split("v_999999999999999999") == parts({"v", 999999999999999999U}));
    CHECK(split("v_1000000000000000000") == parts());
    CHECK(split("v_99999999999999999999999999") == parts());
}
