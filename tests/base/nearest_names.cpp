#include <varscope/base/nearest_names.hpp>

#include "catch.hpp"

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
    CHECK(nearest_names(names, "kernel", 9) == strings{"kernel", "far/kernel", "kernels", "kernal"});
    CHECK(nearest_names(names, "kernel", 2) == strings{"kernel", "far/kernel"});
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

TEST_CASE("a name in another scope comes before those with other letters, and one of the same last name behind", "[nearest_names]") {
    using strings = std::vector<std::string>;
    CHECK(nearest_names(strings{"a/kernels", "a/bias", "a/kernal", "a/kernel_2"}, "a/kernel", 3) == strings{"a/kernels", "a/kernal", "a/kernel_2"});
    CHECK(nearest_names(strings{"another/tower/altogether/kernel", "tower/kernal"}, "tower/kernel", 3) ==
        strings{"tower/kernal", "another/tower/altogether/kernel"});
    CHECK(nearest_names(strings{"b", "c", "model/a"}, "a", 3) == strings{"model/a", "b", "c"});
    CHECK(nearest_names(strings{"b/v", "w/v"}, "model/w/v", 2) == strings{"w/v", "b/v"});
    CHECK(nearest_names(strings{"model/bias", "xmodel/kernel"}, "model/kernel", 1) == strings{"xmodel/kernel"});
    CHECK(nearest_names(strings{"encoder/layer/bias"}, "w", 3).empty());
}

TEST_CASE("of many names those that begin and end most alike are compared", "[nearest_names]") {
    using strings = std::vector<std::string>;
    strings names;
    for (int i = 0; i < 5'000; ++i) { names.push_back("model/encoder/layer_" + std::to_string(i) + "/query/kernel"); }
    for (int i = 0; i < 5'000; ++i) { names.push_back("model/encoder/layer_" + std::to_string(i) + "/query/bias"); }
    CHECK(nearest_names(names, "bert/encoder/layer_4321/query/kernel", 1) == strings{"model/encoder/layer_4321/query/kernel"});
    CHECK(nearest_names(names, "layer_4321/query/bias", 1) == strings{"model/encoder/layer_4321/query/bias"});
    CHECK(nearest_names(names, "model/encoder/layer_4321/qury/kernel", 2) ==
        strings{"model/encoder/layer_4321/query/kernel", "model/encoder/layer_421/query/kernel"});
    CHECK(nearest_names(names, "model/encoder/layer_4321/query/kernle", 1) == strings{"model/encoder/layer_4321/query/kernel"});
    CHECK(nearest_names(names, "something/else", 3).empty());
}

TEST_CASE("distances above a limit are only known to be above it", "[nearest_names]") {
    CHECK(edit_distance("kitten", "sitting", 3) == 3);
    CHECK(edit_distance("kitten", "sitting", 2) > 2);
    CHECK(edit_distance("abcdefgh", "hgfedcba", 1) > 1);
    CHECK(edit_distance("scope_number_one/kernel", "scope_number_two/kernel") == 3);
    CHECK(edit_distance("aab", "ab") == 1); // what is alike at both ends is counted once
}

TEST_CASE("the nearest names are one line of a message, or none", "[nearest_names]") {
    CHECK(nearest_line({"a", "b/c"}) == "\n  nearest: 'a', 'b/c'");
    CHECK(nearest_line({"a"}, "; nearest there: ") == "; nearest there: 'a'");
    CHECK(nearest_line({}).empty());
}
