#include "catch.hpp"

#include <varscope/inspect/near_misses.hpp>
#include <varscope/scope/transaction.hpp>
#include <varscope/varscope.hpp>

#include <string>
#include <vector>

namespace vs = varscope;

namespace {

/// A graph whose near misses are collected: "name ~ existing".
struct watched {
    vs::graph graph;
    vs::as_default in{graph};
    std::vector<std::string> told;
    watched() {
        vs::watch_near_misses([this](const vs::near_miss_report& r) { told.push_back(r.name + " ~ " + r.existing); });
    }
};

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("a new name one or two letters away from a sibling of the same shape is told", "[near_misses]") {
    watched w;
    const vs::variable_scope s("layer", vs::auto_reuse);
    (void)vs::get_variable("kernel", {2, 3});
    CHECK(w.told.empty());
    (void)vs::get_variable("kernle", {2, 3});
    CHECK(w.told == strings{"layer/kernle ~ layer/kernel"});
    (void)vs::get_variable("krnel", {2, 3});
    CHECK(w.told.size() == 2);
    (void)vs::get_variable("kernel", {2, 3}); // shared
    CHECK(w.told.size() == 2);
}

TEST_CASE("another shape, type, scope or a name far away is no near miss", "[near_misses]") {
    watched w;
    {
        const vs::variable_scope s("layer", vs::auto_reuse);
        (void)vs::get_variable("kernel", {2, 3});
        (void)vs::get_variable("kernal", {2, 4});
        (void)vs::get_variable<double>("kernil", {2, 3});
        (void)vs::get_variable("bias", {2, 3});
        (void)vs::get_variable("k", {2, 3});
        (void)vs::get_variable("q", {2, 3});
    }
    const vs::variable_scope s("other", vs::auto_reuse);
    (void)vs::get_variable("kernel", {2, 3});
    CHECK(w.told.empty());
}

TEST_CASE("names that differ in digits alone are no near misses", "[near_misses]") {
    watched w;
    const vs::variable_scope s("net", vs::auto_reuse);
    for (const char* name : {"kernel_1", "kernel_2", "kernel_12", "w1x", "w2x"}) { (void)vs::get_variable(name, {2}); }
    CHECK(w.told.empty());
}

TEST_CASE("a new variable in x_1 where x has the same leaf and shape is told", "[near_misses]") {
    watched w;
    const auto ask = [](const char* scope, const vs::shape& shape) {
        const vs::variable_scope s(scope, vs::auto_reuse);
        (void)vs::get_variable("kernel", shape);
    };
    ask("dense", {2});
    ask("dense_1", {2});
    CHECK(w.told == strings{"dense_1/kernel ~ dense/kernel"});
    ask("dense_2", {3});
    CHECK(w.told.size() == 1);
    ask("tower_1/dense", {2});
    CHECK(w.told.size() == 1);
    ask("tower/dense", {2});
    ask("tower_1/dense", {2}); // known by now
    CHECK(w.told.size() == 1);
    ask("tower_2/dense", {2});
    CHECK(w.told.back() == "tower_2/dense/kernel ~ tower/dense/kernel");
}

TEST_CASE("only get-or-create looks for near misses", "[near_misses]") {
    watched w;
    (void)vs::get_variable("kernel", {2});
    (void)vs::get_variable("kernal", {2});
    CHECK(w.told.empty());
}

TEST_CASE("a near miss that is an error creates nothing and takes no name", "[near_misses]") {
    vs::graph g;
    const vs::as_default in(g);
    vs::watch_near_misses(vs::refuse_near_miss);
    const vs::variable_scope s("a", vs::auto_reuse);
    (void)vs::get_variable("kernel", {2});
    try {
        (void)vs::get_variable("kernal", {2});
        FAIL("did not throw");
    } catch (const vs::near_miss& e) {
        const std::string text = e.what();
        CHECK(text.starts_with("variable 'a/kernal' is new, and nearly called like 'a/kernel' beside it\n"
                               "  requested at near_misses.cpp:"));
        CHECK(text.find("'a/kernel' was created at near_misses.cpp:") != std::string::npos);
        CHECK(text.find("with shape (2,)") != std::string::npos);
    }
    CHECK(g.store().size() == 1);
    CHECK(vs::unique_name("kernal", vs::name_use::ask) == "a/kernal");
    vs::watch_near_misses(nullptr);
    CHECK(vs::get_variable("kernal", {2}).name() == "a/kernal:0");
}

TEST_CASE("what a transaction took back is no neighbour", "[near_misses]") {
    watched w;
    const vs::variable_scope s("a", vs::auto_reuse);
    (void)vs::get_variable("first", {2});
    try {
        const vs::transaction t;
        (void)vs::get_variable("kernel", {2});
        (void)vs::get_variable("weights", {2});
        throw 1;
    } catch (int) {}
    (void)vs::get_variable("second", {2});
    (void)vs::get_variable("kernal", {2});
    CHECK(w.told.empty());
    (void)vs::get_variable("kernol", {2});
    CHECK(w.told == strings{"a/kernol ~ a/kernal"});
}
