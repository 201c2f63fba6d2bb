#include <varscope/names/digest.hpp>

#include "catch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace varscope::detail;

digest of(std::string_view path, letter_case letters = letter_case::exact) { return extend(root_digest, path, letters); }
digest then(const digest& parent, std::string_view name, letter_case letters = letter_case::exact) {
    return extend(parent, name, letters);
}

// Every kind of character, in an order in which '/' and capitals fall on each place of a word of eight.
constexpr std::string_view sample = "aB/c.D_e/F-gH>iJkLmNoP/qRsTuVwXyZ/01@2[3{";

constexpr std::size_t longest = 40;
constexpr auto digests_of_compiler = [] {
    std::array<std::array<digest, 2>, longest + 1> all{};
    for (std::size_t size = 0; size <= longest; ++size) {
        all[size] = {extend(root_digest, sample.substr(0, size), letter_case::exact),
                     extend(root_digest, sample.substr(0, size), letter_case::folded)};
    }
    return all;
}();

std::string lower(std::string text) {
    for (char& c : text) { c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
    return text;
}

} // namespace

TEST_CASE("a path has one digest, however it is cut at its slashes", "[digest]") {
    CHECK(of("a/b") == then(of("a"), "b"));
    CHECK(of("a/b/c") == then(of("a"), "b/c"));
    CHECK(of("a/b/c") == then(of("a/b"), "c"));
    CHECK(of("first_long_component/second_long_component") == then(of("first_long_component"), "second_long_component"));
}

TEST_CASE("empty components of a path count", "[digest]") {
    CHECK(of("a//v") == then(then(of("a"), ""), "v"));
    CHECK(of("a//v") == then(of("a/"), "v"));
    CHECK(of("a//v") == then(of("a"), "/v"));
    CHECK_FALSE(of("a//v") == of("a/v"));
    CHECK_FALSE(of("a/") == of("a"));
    CHECK_FALSE(of("") == root_digest);
}

TEST_CASE("the order of components counts", "[digest]") {
    CHECK_FALSE(of("a/b") == of("b/a"));
    CHECK_FALSE(of("ab") == of("a/b"));
}

TEST_CASE("letter case counts unless folding is asked for", "[digest]") {
    CHECK_FALSE(of("Tower/Kernel") == of("tower/kernel"));
    CHECK(of("Tower/Kernel", letter_case::folded) == of("tower/kernel", letter_case::folded));
    CHECK(of("tower/kernel", letter_case::folded) == of("tower/kernel", letter_case::exact));
}

TEST_CASE("folding changes the letters A to Z and nothing else", "[digest]") {
    std::string wrong;
    for (int c = 0; c < 256; ++c) {
        for (const std::size_t place : {0U, 5U, 9U}) {
            std::string text(10, '.');
            text[place] = static_cast<char>(c);
            if (!(of(text, letter_case::folded) == of(lower(text), letter_case::exact))) { wrong += static_cast<char>(c); }
        }
    }
    CHECK(wrong.empty());
}

TEST_CASE("compiler and program work out the same digest for every length", "[digest]") {
    for (std::size_t size = 0; size <= longest; ++size) {
        INFO(size);
        const std::string text(sample.substr(0, size)); // at another address, and not a constant
        CHECK(of(text) == digests_of_compiler[size][0]);
        CHECK(of(text, letter_case::folded) == digests_of_compiler[size][1]);
    }
}

TEST_CASE("a digest does not depend on what stands behind the text or on its address", "[digest]") {
    std::string wrong;
    for (std::size_t size = 0; size <= longest; ++size) {
        for (std::size_t offset = 0; offset < 8; ++offset) {
            std::string text(offset, 'x');
            text += sample.substr(0, size);
            text += "yyyyyyyy";
            if (!(of(std::string_view(text).substr(offset, size)) == digests_of_compiler[size][0])) { wrong += text + ' '; }
        }
    }
    CHECK(wrong.empty());
}

TEST_CASE("a name hashed once gives the digest of its text below any parent", "[digest]") {
    for (const std::string_view name : {"kernel", "Kernel", "a/B/c", ""}) {
        const hashed_name hashed(name);
        for (const auto letters : {letter_case::exact, letter_case::folded}) {
            CHECK(extend(of("scope"), hashed, letters) == then(of("scope"), name, letters));
        }
    }
}

TEST_CASE("a slash is noticed on every place of a name", "[digest]") {
    for (std::size_t size = 1; size <= 20; ++size) {
        CHECK(hash_component(std::string(size, 'a'), false).is_component);
        for (std::size_t place = 0; place < size; ++place) {
            std::string text(size, '0'); // the character after '/'
            text[place] = '/';
            CHECK_FALSE(hash_component(text, false).is_component);
        }
    }
}

TEST_CASE("half a million paths have as many digests, also in each half and in the bits that tables use", "[digest]") {
    std::set<std::pair<std::uint64_t, std::uint64_t>> whole;
    std::set<std::uint64_t> low;
    std::set<std::uint64_t> high;
    std::set<std::string> paths;
    std::mt19937_64 engine(1);
    const std::string_view characters = "ab01/_";
    for (int i = 0; i < 300'000; ++i) {
        std::string path;
        for (auto size = 1 + engine() % 24; size > 0; --size) { path += characters[engine() % characters.size()]; }
        paths.insert(path);
    }
    for (int i = 0; i < 200'000; ++i) { paths.insert("layer_" + std::to_string(i / 10) + "/kernel_" + std::to_string(i % 10)); }
    for (const auto& path : paths) {
        const digest id = of(path);
        whole.emplace(id.low, id.high);
        low.insert(id.low);
        high.insert(id.high);
    }
    CHECK(whole.size() == paths.size());
    CHECK(low.size() == paths.size());
    CHECK(high.size() == paths.size());
}
