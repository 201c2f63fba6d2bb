#include "catch.hpp"

#include <varscope/graph/graph_state.hpp>
#include <varscope/scope/transaction.hpp>
#include <varscope/variable/collection_queries.hpp>
#include <varscope/varscope.hpp>

#include <atomic>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;

namespace {

/// Everything of a graph that a program can see.
std::string listing(vs::graph& g) {
    std::string text;
    for (const auto* v : g.store().all()) { text += "key " + std::string(v->key()) + '\n'; }
    for (const auto* v : g.store().wholes()) { text += "whole " + std::string(v->key()) + '\n'; }
    for (const auto& n : g.nodes()) { text += "op " + std::string(n.name()) + '\n'; }
    for (const auto& key : vs::get_all_collection_keys(g)) {
        text += key + ':';
        for (const auto& item : vs::get_collection(g, key)) { text += ' ' + std::string(item.name()); }
        text += '\n';
    }
    return text;
}

/// What the next names would be, for names that the programs below use.
std::string next_names(vs::graph& g) {
    std::string text;
    for (const char* scope : {"", "a", "a/b", "a_1", "b"}) {
        const vs::name_scope in(g, *scope == '\0' ? std::string() : std::string(scope) + '/');
        for (const char* name : {"a", "b", "v", "v_1", "v_2", "a_1", "w", "Add", "Assign", "part_0"}) {
            text += vs::unique_name(g, name, vs::name_use::ask) + ' ';
        }
    }
    return text;
}

/// Makes things at random, by names that clash often.
void make_something(std::mt19937& random, int depth = 0) {
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    const std::vector<std::string> names{"a", "b", "v", "v_1", "v_2", "a_1", "w"};
    const std::string name = names[static_cast<std::size_t>(pick(7))];
    switch (pick(depth > 3 ? 7 : 10)) {
    case 0: (void)vs::get_variable(name, {2}, {.reuse = vs::auto_reuse}); break;
    case 1: (void)vs::make_variable(name, {.initializer = 1.F}); break;
    case 2: (void)vs::make_op({.type = "Add"}, name); break;
    case 3: (void)vs::unique_name(name); break;
    case 4: vs::add_to_collection("mine", vs::make_op({.type = "Add"})); break;
    case 5:
        (void)vs::get_variable(name + "p", {4}, {.reuse = vs::auto_reuse, .partitioner = vs::fixed_size_partitioner(2)});
        break;
    case 6: vs::clear_collection("mine"); break;
    case 7: {
        const vs::name_scope in(pick(4) == 0 ? name + '/' : name);
        make_something(random, depth + 1);
        make_something(random, depth + 1);
        break;
    }
    case 8: {
        const vs::variable_scope in(name, vs::auto_reuse);
        make_something(random, depth + 1);
        make_something(random, depth + 1);
        break;
    }
    default: {
        const vs::variable_scope in(vs::no_name, {.default_name = "d"});
        make_something(random, depth + 1);
    }
    }
}

} // namespace

TEST_CASE("an exception that passes a transaction leaves nothing behind", "[transaction]") {
    vs::graph g({.record_ops = true});
    const vs::as_default in(g);
    (void)vs::get_variable("kept", {1});
    const auto before = listing(g);
    try {
        const vs::transaction all_or_nothing;
        const vs::variable_scope scope("layer");
        (void)vs::get_variable("kernel", {2}, {.collections = std::vector<std::string>{"mine"}});
        (void)vs::get_variable("parts", {4}, {.partitioner = vs::fixed_size_partitioner(2)});
        (void)vs::make_variable("w", {.initializer = 1.F});
        throw std::runtime_error("the file is gone");
    } catch (const std::runtime_error&) {}
    CHECK(listing(g) == before);
    CHECK_FALSE(vs::find_variable("layer/kernel"));
    CHECK_FALSE(vs::find_variable("layer/parts"));

    const vs::variable_scope again("layer");
    CHECK(again.original_name_scope() == "layer/");
    CHECK(vs::get_variable("kernel", {3}).name() == "layer/kernel:0");
    CHECK(vs::make_variable("w", {.initializer = 1.F}).name() == "layer/w:0");
}

TEST_CASE("a transaction that ends well keeps what was made", "[transaction]") {
    vs::graph g({.record_ops = true});
    const vs::as_default in(g);
    {
        const vs::transaction t;
        (void)vs::get_variable("v", {1});
    }
    CHECK(vs::find_variable("v"));
    CHECK(vs::unique_name("v", vs::name_use::ask) == "v_1");
}

TEST_CASE("a transaction can be taken back without an exception, and kept although one passes", "[transaction]") {
    vs::graph g({.record_ops = true});
    const vs::as_default in(g);
    {
        vs::transaction t;
        (void)vs::get_variable("gone", {1});
        t.rollback();
        (void)vs::get_variable("after", {1});
    }
    CHECK_FALSE(vs::find_variable("gone"));
    CHECK(vs::find_variable("after"));
    try {
        vs::transaction t;
        (void)vs::get_variable("kept", {1});
        t.commit();
        throw 1;
    } catch (int) {}
    CHECK(vs::find_variable("kept"));
}

TEST_CASE("an inner transaction is taken back with the outer one", "[transaction]") {
    vs::graph g({.record_ops = true});
    const vs::as_default in(g);
    try {
        const vs::transaction outer;
        (void)vs::get_variable("a", {1});
        try {
            const vs::transaction inner;
            (void)vs::get_variable("b", {1});
            throw 1;
        } catch (int) {}
        CHECK(vs::find_variable("a"));
        CHECK_FALSE(vs::find_variable("b"));
        {
            const vs::transaction inner;
            (void)vs::get_variable("c", {1});
        }
        throw 2;
    } catch (int) {}
    CHECK(listing(g) == listing(*std::make_unique<vs::graph>()));
}

TEST_CASE("a transaction inside the handling of another exception ends well", "[transaction]") {
    vs::graph g({.record_ops = true});
    struct makes_at_exit {
        vs::graph& g;
        ~makes_at_exit() {
            const vs::transaction t(g);
            (void)vs::get_variable(g, "v", {1});
        }
    };
    try {
        const makes_at_exit made{g};
        throw 1;
    } catch (int) {}
    CHECK(vs::find_variable(g, "v"));
}

TEST_CASE("default names start again where they stood before the transaction", "[transaction]") {
    vs::graph g({.record_ops = true});
    const vs::as_default in(g);
    const auto opened = [] {
        const vs::variable_scope s(vs::no_name, {.default_name = "d"});
        return s.name();
    };
    CHECK(opened() == "d");
    try {
        const vs::transaction t;
        CHECK(opened() == "d_1");
        CHECK(opened() == "d_2");
        throw 1;
    } catch (int) {}
    CHECK(opened() == "d_1");
}

TEST_CASE("handles of what was taken back stay valid", "[transaction]") {
    vs::graph g({.record_ops = true});
    const vs::as_default in(g);
    std::optional<vs::variable<float, 1>> orphan;
    try {
        const vs::transaction t;
        orphan.emplace(vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()}));
        throw 1;
    } catch (int) {}
    CHECK((*orphan)(1) == 1.F);
    CHECK_FALSE(orphan->is(vs::get_variable<float, 1>("v", {2})));
}

TEST_CASE("hidden ops that were shown in a transaction are hidden again", "[transaction]") {
    vs::graph g({.record_ops = true});
    const vs::as_default in(g);
    (void)vs::make_variable("v", {.initializer = 1.F});
    try {
        const vs::transaction t;
        const vs::name_scope below("v/");
        CHECK(vs::make_op({.type = "Const"}, "Assign").name() == "v/Assign_1:0");
        throw 1;
    } catch (int) {}
    const vs::name_scope below("v/");
    CHECK(vs::make_op({.type = "Const"}, "Assign").name() == "v/Assign_1:0");
    CHECK(vs::make_op({.type = "Const"}, "read").name() == "v/read_1:0");
}

TEST_CASE("whatever was made at random is taken back, names and all", "[transaction]") {
    for (unsigned seed = 0; seed < 300; ++seed) {
        std::mt19937 random(seed);
        vs::graph g({.initialization = vs::initialization::deferred});
        const vs::as_default in(g);
        for (int i = 0; i < 6; ++i) { make_something(random); }
        const auto before = listing(g);
        const auto names = next_names(g);
        try {
            const vs::transaction t;
            for (int i = 0; i < 12; ++i) { make_something(random); }
            throw 1;
        } catch (int) {}
        INFO("seed " << seed);
        REQUIRE(listing(g) == before);
        REQUIRE(next_names(g) == names);

        // What comes after is what would have come without it.
        vs::graph plain({.initialization = vs::initialization::deferred});
        std::mt19937 same(seed);
        {
            const vs::as_default there(plain);
            for (int i = 0; i < 6; ++i) { make_something(same); }
        }
        std::mt19937 next(seed + 1);
        std::mt19937 next_too(seed + 1);
        for (int i = 0; i < 6; ++i) { make_something(next); }
        {
            const vs::as_default there(plain);
            for (int i = 0; i < 6; ++i) { make_something(next_too); }
        }
        REQUIRE(listing(g) == listing(plain));
    }
}

TEST_CASE("a listing notices one name more", "[transaction]") { // the helpers above can fail
    vs::graph g({.record_ops = true});
    const vs::as_default in(g);
    const auto before = listing(g);
    const auto names = next_names(g);
    (void)vs::unique_name("v");
    CHECK(listing(g) == before);
    CHECK(next_names(g) != names);
    (void)vs::make_op({.type = "Add"});
    CHECK(listing(g) != before);
}

TEST_CASE("other threads read and share while a transaction is open", "[transaction][threads]") {
    vs::graph g({.record_ops = true});
    (void)vs::get_variable(g, "shared", {4});
    std::atomic<bool> is_done = false;
    std::atomic<int> found = 0;
    std::thread reader([&] {
        while (!is_done) {
            found += vs::find_variable(g, "shared") ? 1 : 0;
            (void)vs::find_variable(g, "v7");
            const vs::name_scope own(g, "reader");
        }
    });
    for (int i = 0; i < 200; ++i) {
        try {
            const vs::transaction t(g);
            for (int k = 0; k < 20; ++k) { (void)vs::get_variable(g, "v" + std::to_string(k), {2}); }
            throw 1;
        } catch (int) {}
    }
    is_done = true;
    reader.join();
    CHECK(g.store().size() == 1);
    CHECK(found > 0);
}

TEST_CASE("a typed handle that a scope remembers is forgotten when it is taken back", "[transaction]") {
    vs::graph g({.record_ops = true});
    const vs::variable_scope s(g, "s", vs::auto_reuse);
    const auto get = [] { return vs::any_variable(vs::get_variable<float, 1>("v", {1})); };
    for (int i = 0; i < 2; ++i) {
        try {
            const vs::transaction all;
            const auto v = get();
            CHECK(get().is(v));
            CHECK(vs::find_variable("s/v")->is(v));
            throw std::runtime_error("no");
        } catch (const std::runtime_error&) {}
        CHECK_FALSE(vs::find_variable("s/v").has_value());
        CHECK(vs::unique_name(g, "v", vs::name_use::ask) == "s/v");
    }
    const auto v = get();
    CHECK(vs::find_variable("s/v")->is(v));
    CHECK(v.name() == "s/v:0");
    CHECK(get().is(v));
}

TEST_CASE("what a literal found is forgotten when it is taken back", "[transaction]") {
    vs::graph g({.record_ops = true});
    vs::detail::literal_number early{0}, late{0};
    const auto here = vs::detail::root_digest;
    std::optional<vs::any_variable> v;
    try {
        const vs::transaction all(g);
        v = vs::get_variable(g, "v", {1});
        g.remember(early, here, v->node());
        CHECK(g.literals().find(early, here) == &v->node());
        throw std::runtime_error("no");
    } catch (const std::runtime_error&) {}
    CHECK(g.literals().find(early, here) == nullptr);
    g.remember(late, here, v->node()); // by who looked it up before
    CHECK(g.literals().find(late, here) == nullptr);
}

TEST_CASE("once a transaction is committed others need not wait", "[transaction][threads]") {
    vs::graph g({.record_ops = true});
    vs::transaction all(g);
    const auto is_held = [&] {
        bool is = false;
        std::thread([&] { is = !std::unique_lock(g.creation(), std::try_to_lock).owns_lock(); }).join();
        return is;
    };
    CHECK(is_held());
    all.commit();
    CHECK_FALSE(is_held());
    all.commit(); // has ended
    all.rollback();
    CHECK_FALSE(is_held());
}
