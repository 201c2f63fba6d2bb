#include <varscope/scope/capture.hpp>
#include <varscope/names/name_link.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/scope/transaction.hpp>
#include <varscope/scope/variable_scope.hpp>

#include "catch.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <random>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;

namespace {

/// Names as tf.Graph.unique_name gives them, each at once.
class eager_names {
public:
    std::string take(const std::string& path) { return find(path, true); }
    std::string peek(const std::string& path) { return find(path, false); }

private:
    std::string find(std::string path, bool is_taken) {
        std::string key = folded(path);
        const auto known = in_use_.find(key);
        int i = known == in_use_.end() ? 0 : known->second;
        if (is_taken) { in_use_[key] = i + 1; }
        if (i == 0) { return path; }
        const std::string base = key;
        while (in_use_.contains(key)) { key = base + '_' + std::to_string(i++); }
        if (is_taken) { in_use_[key] = 1; }
        return path + '_' + std::to_string(i - 1);
    }
    static std::string folded(std::string text) {
        for (char& c : text) { c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
        return text;
    }

    std::map<std::string, int> in_use_;
};

/// Runs one random program of nested scopes in a graph, and with names that are given at once.
class comparison {
public:
    explicit comparison(unsigned seed) : engine_{seed} {}

    void run() {
        const vs::as_default in_force(graph_);
        block("", 0);
        for (const std::string& path : asked_) { compare(vs::unique_name(path, vs::name_use::ask), eager_.peek(path)); }
    }
    std::string got;
    std::string expected;

private:
    void compare(const std::string& answer, const std::string& right) {
        got += answer + ' ';
        expected += right + ' ';
    }
    unsigned pick(std::size_t count) { return static_cast<unsigned>(engine_() % count); }
    static std::string join(const std::string& scope, const std::string& name) { return scope.empty() ? name : scope + '/' + name; }

    void block(const std::string& path, int depth) {
        const unsigned steps = 1 + pick(5);
        for (unsigned step = 0; step < steps; ++step) {
            const std::string name = names_[pick(names_.size())];
            switch (pick(12)) {
            case 0: // what everybody can see
                compare(vs::get_name_scope(), path);
                break;
            case 1: // an op
                compare(vs::unique_name(name), eager_.take(join(path, name)));
                break;
            case 2: // exactly a scope there may be
                if (depth < 5) {
                    const std::string exact = asked_[pick(asked_.size())];
                    const vs::name_scope in(exact + '/');
                    block(exact, depth + 1);
                }
                break;
            case 3: { // a variable has its key for a name, from the root
                const std::string key = asked_[pick(asked_.size())] + '/' + vs_[variables_ % vs_.size()] + std::to_string(variables_);
                ++variables_;
                const vs::any_variable made = vs::get_variable(vs::scope_at("", vs::auto_reuse), key, {1});
                compare(std::string(made.op_name()), eager_.take(key));
                break;
            }
            case 4: { // the same, several times
                const unsigned times = 1 + pick(4);
                for (unsigned i = 0; i < times; ++i) { scope(path, name, depth); }
                break;
            }
            default: scope(path, name, depth);
            }
        }
    }

    void scope(const std::string& path, const std::string& name, int depth) {
        if (depth >= 5) { return; }
        if (pick(2) == 0) {
            const vs::name_scope in(name);
            const std::string inner = eager_.take(join(path, name));
            if (pick(6) == 0) { compare(in.name(), inner + '/'); }
            if (pick(3) > 0) { block(inner, depth + 1); }
        } else {
            const vs::variable_scope in(name, vs::auto_reuse);
            const std::string inner = eager_.take(join(path, name));
            if (pick(6) == 0) { compare(in.original_name_scope(), inner + '/'); }
            if (pick(3) > 0) { block(inner, depth + 1); }
        }
    }

    std::mt19937 engine_;
    vs::graph graph_;
    eager_names eager_;
    std::size_t variables_ = 0;
    const std::vector<std::string> vs_{"v", "w"};
    const std::vector<std::string> names_{"x", "x", "y", "y", "z", "X", "x_1", "x/y", "y_1"};
    const std::vector<std::string> asked_{"x", "x_1", "x_2", "y", "y_1", "x/y", "x/y_1", "x_1/y", "x_1/y_1", "x_2/y", "x_1/x", "x_1/x_1/y", "x_1_1",
                                          "y_1/x_1", "y/x_1/y", "z_1/x", "z_2", "x_1/y/z_1"};
};

} // namespace

TEST_CASE("thousands of random programs get the names that are given at once, though most are worked out later", "[name_link]") {
    for (unsigned seed = 1; seed <= 6000; ++seed) {
        comparison c(seed);
        c.run();
        INFO("seed " << seed);
        REQUIRE(c.got == c.expected);
    }
}

namespace {

/// A name scope of this name, and one in it.
void open_both(const char* name, const char* inner) {
    const vs::name_scope outer(name);
    const vs::name_scope inside(inner);
}

} // namespace

TEST_CASE("a name asked for in a scope of the fourth opening counts what was opened there, as it was in those before", "[name_link]") {
    vs::graph g;
    const vs::as_default in_force(g);
    const auto open_inner = [] { const vs::variable_scope y{"y", {.initializer = vs::zeros()}}; };
    for (int i = 0; i < 3; ++i) {
        const vs::variable_scope x{"x"};
        open_inner();
    }
    const vs::variable_scope x{"x"};
    open_inner();
    CHECK(vs::unique_name("y") == "x_3/y_1");
    CHECK(vs::unique_name("y") == "x_3/y_2");
}

// The open scope was taken to hold what the one before it held.
TEST_CASE("a variable whose scope has the path of an open name scope takes no names in that", "[name_link]") {
    vs::graph g;
    const vs::as_default in_force(g);
    { const vs::name_scope x("x"); }
    open_both("x", "y");
    const vs::variable_scope path{"x_2", {.auxiliary_name_scope = false}};
    const vs::name_scope x("x");
    CHECK(vs::get_variable<float, 1>("v", {2}).op_name() == "x_2/v");
    CHECK(vs::unique_name("y") == "x_2/y");
}

TEST_CASE("a path through a scope that is open around a resumed one has the names that were opened there, and no others", "[name_link]") {
    vs::graph g;
    const vs::as_default in_force(g);
    const vs::captured_scope root = vs::capture();
    { const vs::name_scope x("x"); }
    open_both("x", "y");
    const vs::name_scope x("x");
    { const vs::name_scope z("z"); }
    const vs::resume at_root(root);
    CHECK(vs::unique_name("x_2/y") == "x_2/y");
    CHECK(vs::unique_name("x_2/z") == "x_2/z_1");
}

// It was taken to hold what the scopes opened before it held.
TEST_CASE("an op called as a scope that was opened again holds nothing", "[name_link]") {
    vs::graph g;
    const vs::as_default in_force(g);
    { const vs::name_scope x("x"); }
    open_both("x", "y");
    CHECK(vs::unique_name("x") == "x_2");
    CHECK(vs::unique_name("x_2/y") == "x_2/y");
    CHECK(vs::unique_name("x_1/y") == "x_1/y_1");
}

TEST_CASE("a name asked for by its text holds nothing, although scopes before and after it were opened again", "[name_link]") {
    vs::graph g;
    const vs::as_default in_force(g);
    { const vs::name_scope x("x"); }
    open_both("x", "y");
    CHECK(vs::unique_name("x_4") == "x_4");
    for (int i = 0; i < 3; ++i) { open_both("x", "y"); } // x_2, x_3, x_5
    CHECK(vs::unique_name("x_4/y") == "x_4/y");
    CHECK(vs::unique_name("x_3/y") == "x_3/y_1");
    CHECK(vs::unique_name("x_5/y") == "x_5/y_1");
}

TEST_CASE("names in a scope left while a later one was taken back are entered once", "[name_link][threads]") {
    vs::graph g;
    const vs::as_default in_force(g);
    { const vs::name_scope x("x"); }
    open_both("x", "y");
    std::binary_semaphore is_open(0);
    std::binary_semaphore is_taken(0);
    std::thread other([&] {
        const vs::name_scope x(g, "x");
        { const vs::name_scope z("z"); }
        is_open.release();
        is_taken.acquire();
    });
    is_open.acquire();
    {
        vs::transaction block;
        { const vs::name_scope later("x"); }
        is_taken.release();
        other.join();
        block.rollback();
    }
    CHECK(vs::unique_name("x_2/z") == "x_2/z_1");
    CHECK(vs::unique_name("x_2/z") == "x_2/z_2");
    CHECK(vs::unique_name("x_2/y") == "x_2/y");
}
