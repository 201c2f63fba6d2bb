#include <varscope/scope/detail/small_text.hpp>

#include "catch.hpp"

#include <string>

using varscope::detail::small_text;

TEST_CASE("a small text keeps every length, with and without allocation", "[small_text]") {
    for (std::size_t size : {0U, 1U, 55U, 56U, 57U, 1000U}) {
        std::string original(size, 'x');
        const small_text text(original);
        original.assign(size, 'y');
        CHECK(text.view() == std::string(size, 'x'));
    }
}

TEST_CASE("a small text takes over a new text, longer or shorter than the old one", "[small_text]") {
    small_text text;
    CHECK(text.view().empty());
    text.assign(std::string(100, 'a'));
    text.assign("short");
    CHECK(text.view() == "short");
    text.assign(std::string(57, 'b'));
    CHECK(text.view() == std::string(57, 'b'));
}
