#include <varscope/names/unique_names.hpp>

#include "catch.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace {

using varscope::unique_names;
using varscope::detail::root_digest;

using strings = std::vector<std::string>;

std::string with(std::string name, std::uint32_t suffix) { return suffix == 0 ? name : name + '_' + std::to_string(suffix); }

/// The names that these requests get, one after the other.
strings take_all(unique_names& names, const strings& requests) {
    strings answers;
    for (const auto& name : requests) { answers.push_back(with(name, names.take(root_digest, name))); }
    return answers;
}
strings take_all(const strings& requests) {
    unique_names names;
    return take_all(names, requests);
}

/// tf.Graph.unique_name (TensorFlow 1.15), line by line.
class reference_names {
public:
    std::string unique_name(std::string name, bool is_taken) {
        std::string key;
        for (const char c : name) { key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
        const auto known = in_use_.find(key);
        int i = known == in_use_.end() ? 0 : known->second;
        if (is_taken) { in_use_[key] = i + 1; }
        if (i > 0) {
            const std::string base = key;
            while (in_use_.contains(key)) { key = base + '_' + std::to_string(i++); }
            if (is_taken) { in_use_[key] = 1; }
            name += '_' + std::to_string(i - 1);
        }
        return name;
    }

private:
    std::map<std::string, int> in_use_;
};

} // namespace

TEST_CASE("a name asked for again gets the next number", "[names]") {
    CHECK(take_all({"v", "v", "v", "w", "v"}) == strings{"v", "v_1", "v_2", "w", "v_3"});
}

TEST_CASE("the search for a suffix starts at the name's own counter and skips taken names", "[names]") {
    CHECK(take_all({"v_1", "v", "v", "v_1", "v"}) == strings{"v_1", "v", "v_2", "v_1_1", "v_3"});
}

TEST_CASE("a name that a suffix made counts as asked for once", "[names]") {
    CHECK(take_all({"v", "v", "v_1", "v_1", "v"}) == strings{"v", "v_1", "v_1_1", "v_1_2", "v_2"});
}

TEST_CASE("uniqueness ignores letter case, and the answer keeps it", "[names]") {
    CHECK(take_all({"V", "v", "V", "v_1", "V_2"}) == strings{"V", "v_1", "V_2", "v_1_1", "V_2_1"});
}

TEST_CASE("only the full name is taken, not the scopes in it", "[names]") {
    CHECK(take_all({"a/b", "a", "a/b", "b"}) == strings{"a/b", "a", "a/b_1", "b"});
}

TEST_CASE("a name is the same whether asked for below its scope or as a whole", "[names]") {
    unique_names names;
    const auto scope = extend(root_digest, "a");
    CHECK(names.take(scope, "v") == 0);
    CHECK(names.take(root_digest, "a/v") == 1);
    CHECK(names.take(root_digest, "a/v_1") == 1);
    CHECK(names.take(scope, "v") == 2);
}

TEST_CASE("what looks like a suffix but is never made counts as a name of its own", "[names]") {
    CHECK(take_all({"v", "v_01", "v", "v_0", "v", "_1", ""}) == strings{"v", "v_01", "v_1", "v_0", "v_2", "_1", ""});
}

TEST_CASE("peek tells what take would, and takes nothing", "[names]") {
    unique_names names;
    CHECK(names.peek(root_digest, "v") == 0);
    (void)take_all(names, {"v", "v", "v_3"});
    const auto entries = names.entry_count();
    for (const auto& [name, number] : std::map<std::string, std::uint32_t>{{"v", 2}, {"V", 2}, {"v_1", 1}, {"v_2", 0}, {"v_3", 1}, {"w", 0}}) {
        INFO(name);
        CHECK(names.peek(root_digest, name) == number);
        CHECK(names.peek(root_digest, name) == number);
    }
    CHECK(names.entry_count() == entries);
    CHECK(names.take(root_digest, "v") == 2);
    CHECK(names.peek(root_digest, "v") == 4);
    CHECK(names.take(root_digest, "v") == 4);
}

TEST_CASE("thousands of random programs are answered as tf.Graph.unique_name does", "[names]") {
    std::mt19937 engine(20'200'101);
    const strings words{"v", "V", "v_1", "v_2", "v_3", "V_1", "v_1_1", "v_1_2", "v_2_1", "v_10", "a/v", "a/v_1", "A/v_2", "v_", "v_0", "v__1", "_1", ""};
    for (int program = 0; program < 5000; ++program) {
        unique_names names;
        reference_names reference;
        std::string log;
        std::string expected;
        const std::size_t vocabulary = 2 + engine() % (words.size() - 1);
        for (int step = 0; step < 30; ++step) {
            const std::string& name = words[engine() % vocabulary];
            const bool is_taken = engine() % 4 != 0;
            const auto number = is_taken ? names.take(root_digest, name) : names.peek(root_digest, name);
            log += with(name, number) + ' ';
            expected += reference.unique_name(name, is_taken) + ' ';
        }
        REQUIRE(log == expected);
    }
}

TEST_CASE("the comparison with the reference notices a name that is off by one", "[names]") {
    reference_names reference;
    (void)reference.unique_name("v_1", true);
    (void)reference.unique_name("v", true);
    CHECK(reference.unique_name("v", true) != "v_1"); // what a plain counter would say
}

TEST_CASE("a name asked for a million times keeps one entry", "[names]") {
    unique_names names;
    for (std::uint32_t i = 0; i < 1'000'000; ++i) {
        if (names.take(root_digest, "v") != i) { FAIL("the request number " << i << " got another suffix"); }
    }
    CHECK(names.entry_count() == 1);
}

TEST_CASE("a name keeps few entries also after one of its suffixes was asked for by text", "[names]") {
    unique_names names;
    (void)take_all(names, {"v", "v", "v_1"});
    for (std::uint32_t i = 2; i < 100'000; ++i) {
        if (names.take(root_digest, "v") != i) { FAIL("the request number " << i << " got another suffix"); }
    }
    CHECK(names.entry_count() == 2); // v and v_1
}

TEST_CASE("the table tells what each name was taken for", "[unique_names]") {
    using varscope::name_taker;
    unique_names names;
    const auto taker = [&](std::string_view name) { return names.taker_of(root_digest, name); };
    CHECK(taker("v") == std::nullopt);
    (void)names.take(root_digest, "v", {}, name_taker::name_scope);
    CHECK(taker("v") == name_taker::name_scope);
    CHECK(taker("V") == name_taker::name_scope);
    CHECK(taker("v_1") == std::nullopt);
    (void)names.take(root_digest, "v", {}, name_taker::reserved); // v_1
    CHECK(taker("v") == name_taker::name_scope);
    CHECK(taker("v_1") == name_taker::suffix);
    (void)names.take(root_digest, "v_1"); // v_1_1
    CHECK(taker("v_1") == name_taker::suffix);
    CHECK(taker("v_1_1") == name_taker::suffix);
    (void)names.take(root_digest, "w_1", {}, name_taker::reserved);
    CHECK(taker("w") == std::nullopt);
    CHECK(taker("w_1") == name_taker::reserved);
    (void)names.take(root_digest, "w", {}, name_taker::name_scope);
    CHECK(taker("w") == name_taker::name_scope);
    (void)names.take(root_digest, "w"); // w_2
    CHECK(taker("w_1") == name_taker::reserved);
    CHECK(taker("w_2") == name_taker::suffix);
    CHECK(names.take(root_digest, "w_2") == 1);
    CHECK(taker("w_2") == name_taker::suffix);
}

TEST_CASE("a name whose base has a mark only is remembered with its place", "[unique_names]") { // had none
    unique_names names;
    (void)names.take(root_digest, "v_1");
    CHECK(names.first_taken(root_digest, "v") == std::nullopt);
    const auto here = std::source_location::current();
    (void)names.take(root_digest, "v", here, varscope::name_taker::reserved);
    CHECK(names.first_taken(root_digest, "v")->line() == here.line());
}

TEST_CASE("a name that was given back is remembered for the next who takes it", "[unique_names]") {
    using varscope::name_taker;
    unique_names names;
    {
        unique_names::journal journal{names};
        (void)names.take(root_digest, "v", {}, name_taker::name_scope);
        journal.rewind(0);
    }
    CHECK(names.taker_of(root_digest, "v") == std::nullopt);
    const auto here = std::source_location::current();
    CHECK(names.take(root_digest, "v", here, name_taker::reserved) == 0);
    CHECK(names.taker_of(root_digest, "v") == name_taker::reserved);
    CHECK(names.first_taken(root_digest, "v")->line() == here.line());
}
