#include <varscope/detail/name_history.hpp>

#include <varscope/unique_names.hpp>

#include "catch.hpp"

#include <cstddef>
#include <map>
#include <random>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using varscope::unique_names;
using varscope::detail::digest;
using varscope::detail::hash_component;
using varscope::detail::hashed_name;
using varscope::detail::name_histories;
using varscope::detail::name_history;

constexpr std::size_t many = 100'000; // variables

/// `before` followed by a scope `name` with `inside` in it, as a graph with so many variables adds it.
const name_history* add(name_histories& all, const name_history* before, const std::string& name, const name_history* inside = nullptr,
    std::size_t variables = many) {
    const digest hash = hash_component(name).hash;
    const digest id = name_histories::id_of(before, hash, inside);
    return all.insert(id, before, name, hash.low, inside, std::source_location::current(), variables);
}

std::string numbered(std::size_t i) { return "n" + std::to_string(i); }

/// A history of `length` scopes, of which the first `different` have different names and all others that of the first;
/// null if any was refused.
const name_history* add_row(name_histories& all, std::size_t length, std::size_t different, std::size_t variables = many) {
    const name_history* last = nullptr;
    for (std::size_t i = 0; i < length; ++i) {
        last = add(all, last, numbered(i < different ? i : 0), nullptr, variables);
        if (last == nullptr) { return nullptr; }
    }
    return last;
}

/// Histories made at random, and their texts: `a(b()a())`.
class random_histories {
public:
    explicit random_histories(unsigned seed) : engine_{seed} {}

    std::pair<std::string, const name_history*> make(int depth) {
        std::string text;
        const name_history* last = nullptr;
        for (auto left = engine_() % 4; left > 0; --left) {
            const std::string name(1, "abc"[engine_() % 3]);
            const auto [inner, inside] = depth == 0 ? std::pair<std::string, const name_history*>{} : make(depth - 1);
            last = names_.extend_history(last, hashed_name(name), inside, std::source_location::current());
            text += name + '(' + inner + ')';
        }
        return {text, last};
    }

private:
    std::mt19937 engine_;
    unique_names names_;
};

} // namespace

TEST_CASE("a history tells what was opened last, what before it and what in it", "[name_history]") {
    name_histories all;
    const auto here = std::source_location::current();
    const name_history* const a = add(all, nullptr, "a");
    const digest hash = hash_component("b").hash;
    const digest id = name_histories::id_of(a, hash, a);
    std::string text = "b";
    const name_history* const b = all.insert(id, a, text, hash.low, a, here, 0);
    text = "?"; // it keeps its own copy
    REQUIRE(b != nullptr);
    CHECK(b->id == id);
    CHECK(b->before == a);
    CHECK(b->inside == a);
    CHECK(b->name == "b");
    CHECK(b->where.line() == here.line());
    CHECK(a->length == 1);
    CHECK(b->length == 2);
    CHECK(b->adds(hash.low, a));
    CHECK_FALSE(b->adds(hash.low, nullptr));
    CHECK_FALSE(b->adds(hash_component("a").hash.low, a));
}

TEST_CASE("a history is found by its digest once it was inserted", "[name_history]") {
    name_histories all;
    const digest id = name_histories::id_of(nullptr, hash_component("a").hash, nullptr);
    CHECK(all.find(id) == nullptr);
    const name_history* const a = add(all, nullptr, "a");
    CHECK(a != nullptr);
    CHECK(all.find(id) == a);
}

TEST_CASE("histories of another order, name or depth have other digests", "[name_history]") {
    name_histories all;
    const auto id = [](const name_history* before, std::string_view name, const name_history* inside) {
        return name_histories::id_of(before, hash_component(name).hash, inside);
    };
    const name_history* const a = add(all, nullptr, "a");
    const name_history* const b = add(all, nullptr, "b");
    CHECK(id(nullptr, "a", nullptr) == a->id);
    CHECK_FALSE(a->id == b->id);
    CHECK_FALSE(id(a, "b", nullptr) == id(b, "a", nullptr));
    CHECK_FALSE(id(a, "b", nullptr) == id(nullptr, "b", a));
    CHECK_FALSE(id(a, "a", nullptr) == id(nullptr, "a", a));
    CHECK_FALSE(id(a, "b", a) == id(a, "b", b));
    CHECK_FALSE(id(a, "b", a) == id(a, "b", nullptr));
}

TEST_CASE("equal histories are one object and others are not, in thousands of random ones", "[name_history]") {
    random_histories all(1);
    std::map<std::string, const name_history*> by_text;
    std::map<const name_history*, std::string> by_address;
    std::size_t again = 0;
    for (int i = 0; i < 5000; ++i) {
        const auto [text, made] = all.make(2);
        INFO(text);
        REQUIRE((made == nullptr) == text.empty());
        const bool is_new = by_text.try_emplace(text, made).second;
        again += is_new ? 0 : 1;
        REQUIRE(by_text[text] == made);
        REQUIRE(by_address.try_emplace(made, text).first->second == text);
    }
    CHECK(again > 500);
    CHECK(by_text.size() > 500);
}

TEST_CASE("a history is as long as the graph's variables allow, and no longer", "[name_history]") {
    for (const std::size_t variables : {0U, 3U}) {
        name_histories all;
        const std::size_t longest = name_histories::max_length(variables);
        CHECK(longest == 500 + variables);
        const name_history* const last = add_row(all, longest, longest, variables);
        REQUIRE(last != nullptr);
        CHECK(last->length == longest);
        CHECK(add(all, last, "more", nullptr, variables) == nullptr);
        CHECK(add(all, last, "more", nullptr, variables + 1) != nullptr);
    }
}

TEST_CASE("what was refused is not found", "[name_history]") {
    name_histories all;
    const name_history* const last = add_row(all, 500, 500, 0);
    REQUIRE(last != nullptr);
    CHECK(add(all, last, "more", nullptr, 0) == nullptr);
    CHECK(all.find(name_histories::id_of(last, hash_component("more").hash, nullptr)) == nullptr);
}

TEST_CASE("there are as many histories as the graph's variables allow, and no more", "[name_history]") {
    name_histories all;
    for (std::size_t i = 0; i < name_histories::max_count(0); ++i) {
        if (add(all, nullptr, numbered(i), nullptr, 0) == nullptr) { FAIL("the history number " << i << " was refused"); }
    }
    CHECK(add(all, nullptr, "more", nullptr, 0) == nullptr);
    CHECK(add(all, nullptr, "one", nullptr, 1) != nullptr);
    CHECK(add(all, nullptr, "two", nullptr, 1) != nullptr);
    CHECK(add(all, nullptr, "three", nullptr, 1) == nullptr);
}

TEST_CASE("a history in which less than half of the names are different ones ends at a power of two from 512 on", "[name_history]") {
    for (const std::size_t length : {512U, 1024U, 2048U}) {
        INFO(length);
        {
            name_histories all;
            const name_history* const half = add_row(all, length - 1, length / 2);
            REQUIRE(half != nullptr);
            CHECK(add(all, half, numbered(0)) != nullptr);
        }
        name_histories all;
        const name_history* const less = add_row(all, length - 1, length / 2 - 1);
        REQUIRE(less != nullptr);
        CHECK(add(all, less, numbered(0)) == nullptr);
        CHECK(add(all, less, "different") == nullptr);
    }
}

TEST_CASE("a loop over one name is a history until it is 511 long", "[name_history]") {
    name_histories all;
    const name_history* const last = add_row(all, 511, 1);
    REQUIRE(last != nullptr);
    CHECK(last->length == 511);
    CHECK(add(all, last, numbered(0)) == nullptr);
}

TEST_CASE("names may repeat more between two powers of two", "[name_history]") {
    name_histories all;
    CHECK(add_row(all, 1023, 300) != nullptr);
}

TEST_CASE("thousands of different names are one history in a graph with many variables", "[name_history]") {
    name_histories all;
    const name_history* const last = add_row(all, 20'000, 20'000);
    REQUIRE(last != nullptr);
    CHECK(last->length == 20'000);
    std::set<std::string_view> names;
    for (const name_history* h = last; h != nullptr; h = h->before) { names.insert(h->name); }
    CHECK(names.size() == 20'000);
}
