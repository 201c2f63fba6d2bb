#include <varscope/detail/nearest_names.hpp>

#include "../catch.hpp"

#include <string>
#include <string_view>
#include <vector>

using varscope::detail::edit_distance;
using varscope::detail::nearest_line;
using varscope::detail::nearest_names;

// Messages at compile time need it too.
static_assert(edit_distance("kernle", "kernel") == 1);
static_assert(edit_distance("", "kernel") == 6);

TEST_CASE("the edit distance counts inserted, deleted, replaced and swapped letters", "[nearest_names]") {
    CHECK(edit_distance("kernel", "kernel") == 0);
    CHECK(edit_distance("kernel", "kerne") == 1);
    CHECK(edit_distance("kernel", "kernels") == 1);
    CHECK(edit_distance("kernel", "kernal") == 1);
    CHECK(edit_distance("kernel", "kernle") == 1);
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("abc", "") == 3);
    CHECK(edit_distance("kitten", "sitting") == 3); // Levenshtein's textbook example
}

TEST_CASE("the nearest of any range of names come first, of equal ones the earlier", "[nearest_names]") {
    const std::string_view names[] = {"far/kernel", "bias", "kernels", "kernal", "kernel"};
    using strings = std::vector<std::string>;
    CHECK(nearest_names(names, "kernel", 9) == strings{"kernel", "kernels", "kernal", "far/kernel"});
    CHECK(nearest_names(names, "kernel", 2) == strings{"kernel", "kernels"});
    CHECK(nearest_names(strings{"a", "b"}, "c", 3) == strings{"a", "b"}); // one letter may always differ
    CHECK(nearest_names(strings{"bias"}, "kernel", 3).empty());
    CHECK(nearest_names(strings(), "kernel", 3).empty());
}

TEST_CASE("of very many names only the first are looked at", "[nearest_names]") {
    std::vector<std::string> names(20'000, "bias");
    names.emplace_back("kernel");
    CHECK(nearest_names(names, "kernel", 3).empty());
    names[19'999] = "kernel";
    CHECK(nearest_names(names, "kernel", 3).size() == 1);
}

TEST_CASE("the nearest names are one line of a message, or none", "[nearest_names]") {
    CHECK(nearest_line({"a", "b/c"}) == "\n  nearest: 'a', 'b/c'");
    CHECK(nearest_line({"a"}, "; nearest there: ") == "; nearest there: 'a'");
    CHECK(nearest_line({}).empty());
}
