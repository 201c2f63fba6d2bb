#include <varscope/scope/scope_tree.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

using varscope::detail::scope_node;
using varscope::detail::scope_tree;

/// _VariableScopeStore and _get_unique_variable_scope (TensorFlow 1.15), line by line. What counts 0 is not kept.
class reference_counts {
public:
    using counts = std::map<std::string, int>;

    static std::string join(const std::string& scope, const std::string& name) { return scope.empty() ? name : scope + '/' + name; }

    void open(const std::string& path) { ++counts_[path]; }
    void close(const std::string& path) {
        const std::string start = path + '/';
        std::erase_if(counts_, [&](const auto& count) { return count.first.starts_with(start); });
    }
    [[nodiscard]] counts copy() const { return counts_; }
    void restore(counts saved) { counts_ = std::move(saved); }
    [[nodiscard]] std::string first_free(const std::string& scope, const std::string& name) const {
        std::string candidate = name;
        for (int i = 1; counts_.contains(join(scope, candidate)); ++i) { candidate = name + '_' + std::to_string(i); }
        return candidate;
    }

private:
    counts counts_;
};

std::string with(const std::string& name, std::uint32_t suffix) { return suffix == 0 ? name : name + '_' + std::to_string(suffix); }

/// Runs one random program through both; returns what they made of the default names. Gives back all scopes that are not
/// open, once in a while.
class comparison {
public:
    explicit comparison(unsigned seed) : engine_{seed} {}

    void run() { block("", counts_.root(), 0); }
    std::string got;
    std::string expected;
    std::size_t given_back = 0;

private:
    void block(const std::string& path, scope_node& at, int depth) {
        open_.push_back(&at);
        const auto steps = 1 + engine_() % 5;
        for (unsigned step = 0; step < steps; ++step) {
            if (engine_() % 3 == 0 && !counts_.has_mark()) {
                counts_.give_back([&](const auto& need) {
                    for (scope_node* s : open_) { need(*s); }
                });
                given_back += counts_.times();
            }
            std::string name = names_[engine_() % names_.size()];
            switch (engine_() % 4) {
            case 0: { // a default name
                const std::string answer = reference_.first_free(path, name);
                const std::uint32_t suffix = counts_.first_free(at, name);
                got += with(name, suffix) + ' ';
                expected += answer + ' ';
                by_name(path, at, answer, depth);
                break;
            }
            case 1: // a name
                by_name(path, at, name, depth);
                break;
            case 2: { // an object, from the root
                const std::string full = objects_[engine_() % objects_.size()];
                scope_node& opened = full.empty() ? counts_.root() : counts_.below(counts_.root(), full);
                counts_.open(opened);
                reference_.open(full);
                const auto mark = counts_.set_mark();
                const auto saved = reference_.copy();
                if (depth < 6) { block(full, opened, depth + 1); }
                counts_.rewind(mark);
                reference_.restore(saved);
                break;
            }
            default: { // only asked
                got += with(name, counts_.first_free(at, name)) + ' ';
                expected += reference_.first_free(path, name) + ' ';
            }
            }
        }
        open_.pop_back();
    }

    void by_name(const std::string& path, scope_node& at, const std::string& name, int depth) {
        const std::string full = reference_counts::join(path, name);
        scope_node& opened = counts_.below(at, name);
        counts_.open(opened);
        reference_.open(full);
        if (depth < 6) { block(full, opened, depth + 1); }
        counts_.close(opened);
        reference_.close(full);
    }

    std::mt19937 engine_;
    scope_tree counts_;
    reference_counts reference_;
    std::vector<scope_node*> open_;
    const std::vector<std::string> names_{"d", "d_1", "e", "d/e", "e/d", "a"};
    const std::vector<std::string> objects_{"", "d", "a", "a/d", "d/e", "d_1/d", "e/d_1"};
};

} // namespace

TEST_CASE("openings of a scope make its name taken for default names", "[scope_tree]") {
    scope_tree counts;
    CHECK(counts.first_free(counts.root(), "d") == 0);
    counts.open(counts.below(counts.root(), "d"));
    CHECK(counts.first_free(counts.root(), "d") == 1);
    counts.open(counts.below(counts.root(), "d_2"));
    CHECK(counts.first_free(counts.root(), "d") == 1);
    counts.open(counts.below(counts.root(), "d_1"));
    CHECK(counts.first_free(counts.root(), "d") == 3);
}

TEST_CASE("leaving a scope by name frees the names of all scopes below it, and not its own", "[scope_tree]") {
    scope_tree counts;
    auto& a = counts.below(counts.root(), "a");
    counts.open(a);
    counts.open(counts.below(a, "d"));
    counts.open(counts.below(a, "b/c/d"));
    counts.close(a);
    CHECK(counts.first_free(a, "d") == 0);
    CHECK(counts.first_free(counts.below(a, "b/c"), "d") == 0);
    CHECK(counts.first_free(counts.root(), "a") == 1);
}

TEST_CASE("rewinding restores the counts as they were at the mark, also after scopes below were left", "[scope_tree]") {
    scope_tree counts;
    auto& a = counts.below(counts.root(), "a");
    counts.open(a);
    counts.open(counts.below(a, "d"));
    const auto mark = counts.set_mark();
    counts.open(counts.below(a, "d_1"));
    counts.close(a);
    CHECK(counts.first_free(a, "d") == 0);
    counts.rewind(mark);
    CHECK(counts.first_free(a, "d") == 1);
}

TEST_CASE("a scope is one object, however its path is cut", "[scope_tree]") {
    scope_tree counts;
    CHECK(&counts.below(counts.root(), "a/b") == &counts.below(counts.below(counts.root(), "a"), "b"));
    CHECK(&counts.below(counts.root(), "a//b") != &counts.below(counts.root(), "a/b"));
}

TEST_CASE("thousands of random programs get the default names of TensorFlow's scope store", "[scope_tree]") {
    std::size_t given_back = 0;
    for (unsigned seed = 1; seed <= 3000; ++seed) {
        comparison c(seed);
        c.run();
        INFO("seed " << seed);
        REQUIRE(c.got == c.expected);
        given_back += c.given_back;
    }
    CHECK(given_back > 3000);
}

TEST_CASE("of scopes that were given back only a time each is kept", "[scope_tree]") { // the tree grew for ever
    scope_tree counts;
    std::size_t most = 0;
    for (int i = 0; i < 100'000; ++i) {
        if (counts.is_large()) {
            counts.give_back([](const auto&) {});
        }
        auto& s = counts.below(counts.root(), "request_" + std::to_string(i));
        counts.open(s);
        counts.close(s);
        most = std::max(most, counts.size());
    }
    CHECK(most <= 4096);
    CHECK(counts.times() <= 100'000);
    CHECK(counts.times() > 90'000);
    CHECK(counts.first_free(counts.root(), "request_7") == 1);
    CHECK(counts.first_free(counts.root(), "request_100000") == 0);
}

TEST_CASE("what was opened below a scope that was given back is free once that was left", "[scope_tree]") {
    scope_tree counts;
    counts.open(counts.below(counts.root(), "a/b"));
    counts.open(counts.below(counts.root(), "a/b/c"));
    counts.give_back([](const auto&) {});
    CHECK(counts.first_free(counts.below(counts.root(), "a/b"), "c") == 1);
    auto& a = counts.below(counts.root(), "a");
    counts.open(a);
    counts.close(a);
    counts.give_back([](const auto&) {});
    CHECK(counts.first_free(counts.below(counts.root(), "a"), "b") == 0);
    CHECK(counts.first_free(counts.below(counts.root(), "a/b"), "c") == 0);
}
