#include <varscope/scope/ambient.hpp>
#include <varscope/variable/detail/plain_creation.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using varscope::unique_names;
using varscope::detail::digest;
using varscope::detail::key_survey;
using varscope::detail::scope_node;
using varscope::detail::scope_tree;
using varscope::detail::survey;

using components = std::vector<std::string_view>;

components split(std::string_view key) {
    components parts;
    for (;;) {
        const std::size_t slash = key.find('/');
        parts.push_back(key.substr(0, slash));
        if (slash == std::string_view::npos) { return parts; }
        key.remove_prefix(slash + 1);
    }
}

/// What the parts of the library tell of a key that look at one thing each.
struct slow_survey {
    digest id{};
    bool is_plain = false;
    std::vector<unique_names::numbered> numbered; // but for the last component
    std::optional<unique_names::numbered> last;
};

slow_survey survey_slowly(const scope_node& scope, std::string_view key) {
    namespace detail = varscope::detail;
    slow_survey result;
    const components parts = split(key);
    const bool is_legal = scope.parent == nullptr ? !detail::illegal_position(key) : !detail::illegal_position_nested(key);
    digest id = scope.id;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const digest in = id;
        id = extend(id, parts[i]);
        const auto numbered = detail::split_suffix(parts[i]);
        if (!numbered) { continue; }
        if (i + 1 == parts.size()) {
            result.last = {in, *numbered, id};
        } else {
            result.numbered.push_back({in, *numbered, id});
        }
    }
    result.id = extend(scope.id, key);
    result.is_plain = is_legal && !key.ends_with('/') && result.numbered.size() <= 6 &&
        std::ranges::none_of(key, [](char c) { return c >= 'A' && c <= 'Z'; }) && std::ranges::none_of(parts, detail::begins_hidden_word);
    return result;
}

bool is_same(const unique_names::numbered& a, const unique_names::numbered& b) {
    return a.scope == b.scope && a.path == b.path && a.name.base == b.name.base && a.name.number == b.name.number;
}

/// What differs between the two surveys; empty if nothing.
std::string difference(const scope_node& scope, std::string_view text) {
    const std::vector<char> bytes(text.begin(), text.end()); // nothing behind the last one
    const std::string_view key(bytes.data(), bytes.size());
    const key_survey got = survey(scope, key);
    const slow_survey right = survey_slowly(scope, key);
    const std::size_t count = std::min(right.numbered.size(), got.numbered.size());
    if (got.id != right.id) { return "the digest"; }
    if (got.is_plain != right.is_plain) { return right.is_plain ? "plain, and not seen" : "not plain, and not seen"; }
    if (got.numbered_count != count) { return "how many components are numbered"; }
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_same(got.numbered[i], right.numbered[i])) { return "the numbered component " + std::to_string(i); }
    }
    if (got.last.has_value() != right.last.has_value()) { return "whether the last component is numbered"; }
    if (got.last && !is_same(*got.last, *right.last)) { return "the last component"; }
    return {};
}

/// Scopes at the root and deeper.
struct scopes {
    scope_tree tree;
    std::vector<const scope_node*> all{
        &tree.root(), &tree.below(tree.root(), "a"), &tree.below(tree.root(), "a/b"), &tree.below(tree.root(), "layer_with_a_long_name_1/x_2")};
};

/// Adds up what `difference` finds for a key in all scopes.
std::string difference(const scopes& in, std::string_view key) {
    std::string found;
    for (const scope_node* scope : in.all) {
        const std::string one = difference(*scope, key);
        if (!one.empty()) { found += "in '" + std::string(scope->view()) + "': " + one + "; "; }
    }
    return found;
}

/// A key of this size, of pieces that mean something and bytes that do not.
std::string random_key(std::mt19937& engine, std::size_t size) {
    static const std::vector<std::string> pieces{"a", "x", "kernel", "_", "_1", "_12", "_0", "_01", "x_1", "y_23", "/", "/", "/", "/", "//", "-", ".", ">", "0",
        "9", "assign", "Assign", "read", "READ", "initial", "initia", "_123456789012345678", "_1234567890123456789", "a_long_name_of_a_layer"};
    static const std::string_view bytes = "/0:9@AZ[_`az{-.>,=? \x7f\x80\xaf\xb0\xdf\xe1\xff";
    const bool is_wild = engine() % 4 == 0;
    std::string key;
    while (key.size() < size) {
        switch (is_wild ? engine() % 8 : 2) {
        case 0: key += bytes[engine() % bytes.size()]; break;
        case 1: key += static_cast<char>(engine() % 256); break;
        default: key += pieces[engine() % pieces.size()];
        }
    }
    key.resize(size);
    return key;
}

std::string repeat(std::string_view piece, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) { text += piece; }
    return text;
}

} // namespace

TEST_CASE("a key of plain components is plain, and its digest is that of its path", "[plain_creation]") {
    scopes in;
    const auto& a = *in.all[1];
    const key_survey found = survey(a, "layer_1/w/kernel_23");
    CHECK(found.is_plain);
    CHECK(found.id == extend(varscope::detail::root_digest, "a/layer_1/w/kernel_23"));
    REQUIRE(found.numbered_count == 1);
    CHECK(found.numbered[0].scope == a.id);
    CHECK(found.numbered[0].path == extend(a.id, "layer_1"));
    CHECK(found.numbered[0].name.base == "layer");
    CHECK(found.numbered[0].name.number == 1);
    REQUIRE(found.last.has_value());
    CHECK(found.last->scope == extend(a.id, "layer_1/w"));
    CHECK(found.last->path == found.id);
    CHECK(found.last->name.base == "kernel");
    CHECK(found.last->name.number == 23);
}

TEST_CASE("keys that the long way treats in a way of its own are not plain", "[plain_creation]") {
    scopes in;
    for (const char* key : {"Kernel", "kerneL", "a/Kernel", "a/", "kernel/", "a b", "a/b:0", "\xc3\xa4", "a/assign", "read", "a/initializer", "initial_value/a"}) {
        INFO(key);
        for (const scope_node* scope : in.all) { CHECK_FALSE(survey(*scope, key).is_plain); }
    }
}

TEST_CASE("what may come first in a key depends on whether a scope is before it", "[plain_creation]") {
    scopes in;
    for (const char* key : {"_a", "-a", "/a", ">a", "_", "//a"}) {
        INFO(key);
        CHECK_FALSE(survey(*in.all[0], key).is_plain);
        CHECK(survey(*in.all[1], key).is_plain);
    }
    for (const char* key : {".a", "0a", "a//b"}) {
        INFO(key);
        CHECK(survey(*in.all[0], key).is_plain);
        CHECK(survey(*in.all[1], key).is_plain);
    }
}

TEST_CASE("six numbered components before the last one are plain, and seven are not", "[plain_creation]") {
    scopes in;
    for (const std::string last : {"v", "v_9"}) {
        const key_survey six = survey(*in.all[0], repeat("a_1/", 6) + last);
        CHECK(six.is_plain);
        CHECK(six.numbered_count == 6);
        const key_survey seven = survey(*in.all[0], repeat("a_1/", 7) + last);
        CHECK_FALSE(seven.is_plain);
        CHECK(seven.numbered_count == 6);
        CHECK(seven.last.has_value() == (last == "v_9"));
    }
}

TEST_CASE("every byte at every place of a key is seen", "[plain_creation]") {
    scopes in;
    for (std::size_t size = 1; size <= 26; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string key(size, 'a');
                key[at] = static_cast<char>(byte);
                const std::string found = difference(in, key);
                if (!found.empty()) { FAIL("byte " << byte << " at " << at << " of " << size << ": " << found); }
            }
        }
    }
}

TEST_CASE("every cut of a key into components is seen", "[plain_creation]") {
    scopes in;
    for (const char filler : {'a', '1', '_'}) {
        for (std::size_t size = 1; size <= 18; ++size) {
            for (unsigned slashes = 0; slashes < 1U << std::min<std::size_t>(size, 10); ++slashes) {
                std::string key(size, filler);
                for (std::size_t i = 0; i < size; ++i) { // those of a long key at its end
                    if (size - i <= 10 && (slashes >> (size - 1 - i) & 1U) != 0) { key[i] = '/'; }
                }
                const std::string found = difference(in, key);
                if (!found.empty()) { FAIL(key << ": " << found); }
            }
        }
    }
}

TEST_CASE("a key is surveyed as the slow parts of the library do, for many random keys", "[plain_creation]") {
    scopes in;
    std::mt19937 engine(1);
    std::size_t plain = 0;
    std::size_t others = 0;
    std::size_t crowded = 0; // with more numbered components than there is room for
    for (int i = 0; i < 200'000; ++i) {
        const std::string key = random_key(engine, 1 + engine() % 40);
        const std::string found = difference(in, key);
        if (!found.empty()) { FAIL("'" << key << "' " << found); }
        const slow_survey right = survey_slowly(*in.all[1], key);
        ++(right.is_plain ? plain : others);
        crowded += right.numbered.size() > 6 ? 1 : 0;
    }
    for (int i = 0; i < 2000; ++i) { // many numbered ones
        std::string key;
        for (auto left = 4 + engine() % 5; left > 0; --left) { key += std::string(1 + engine() % 14, 'a') + (engine() % 8 == 0 ? "" : "_7") + '/'; }
        key += engine() % 2 == 0 ? "v" : "v_1";
        const std::string found = difference(in, key);
        if (!found.empty()) { FAIL("'" << key << "' " << found); }
        crowded += survey_slowly(*in.all[1], key).numbered.size() > 6 ? 1 : 0;
    }
    CHECK(plain > 10'000);
    CHECK(others > 10'000);
    CHECK(crowded > 100);
}

TEST_CASE("the comparison with the slow parts notices what differs", "[plain_creation]") {
    scopes in;
    const auto& root = *in.all[0];
    const slow_survey right = survey_slowly(root, "x_1/y_2");
    CHECK(right.is_plain);
    REQUIRE(right.numbered.size() == 1);
    REQUIRE(right.last.has_value());
    CHECK_FALSE(is_same(right.numbered[0], *right.last));
    CHECK_FALSE(right.id == survey_slowly(root, "x_1/y_3").id);
    CHECK_FALSE(right.id == survey_slowly(*in.all[1], "x_1/y_2").id);
    CHECK_FALSE(survey_slowly(root, "_x").is_plain);
    CHECK(survey_slowly(*in.all[1], "_x").is_plain);
}
