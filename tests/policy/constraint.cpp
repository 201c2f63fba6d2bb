#include <varscope/policy/constraint.hpp>

#include <varscope/variable/get_variable.hpp>

#include "catch.hpp"
#include "graph_state.hpp"

#include <memory>
#include <string>

namespace vs = varscope;

namespace {

const auto halve = [](const vs::any_variable& v) {
    vs::variable<float> values(v);
    values *= 0.5f;
};

} // namespace

TEST_CASE("a constraint is empty, a name, or a name and a function", "[constraint]") {
    CHECK_FALSE(static_cast<bool>(vs::constraint()));
    CHECK(vs::constraint().name().empty());
    const std::string text = "from a string";
    CHECK(vs::constraint(text).name() == "from a string");
    CHECK(vs::constraint("norm").name() == "norm");
    CHECK(static_cast<bool>(vs::constraint(std::string_view("norm"))));
    CHECK(vs::constraint("norm", halve).name() == "norm");
}

TEST_CASE("a constraint's function writes to the variable, and one without a function does nothing", "[constraint]") {
    fresh f;
    const auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()});
    vs::constraint()(v);
    vs::constraint("by name")(v);
    CHECK(v(0) == 1.f);
    const vs::constraint c("halve", halve);
    const vs::constraint copy = c;
    copy(v);
    c(v);
    CHECK(v(1) == 0.25f);
}

TEST_CASE("a variable tells its constraint, and an assignment does not apply it", "[constraint]") {
    fresh f;
    auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones(), .constraint = vs::constraint("halve", halve)});
    const vs::any_variable any = v;
    CHECK(any.constraint().name() == "halve");
    v = xt::xtensor<float, 1>{8.f, 8.f};
    CHECK(v(0) == 8.f);
    any.constraint()(any);
    CHECK(v(0) == 4.f);
    CHECK_FALSE(static_cast<bool>(vs::get_variable("w", {1}).constraint()));
    CHECK(vs::make_variable("x", {.initializer = 1.f, .constraint = "named"}).constraint().name() == "named");
}

TEST_CASE("a shared variable keeps the constraint it was created with", "[constraint]") {
    fresh f;
    vs::variable_scope s{"s", vs::auto_reuse};
    (void)vs::get_variable("v", {1}, {.constraint = "first"});
    CHECK(vs::get_variable("v", {1}, {.constraint = "second"}).constraint().name() == "first");
    (void)vs::get_variable("w", {1});
    CHECK_FALSE(static_cast<bool>(vs::get_variable("w", {1}, {.constraint = "late"}).constraint()));
}

TEST_CASE("a scope's constraint holds for its own variables, not for those of inner or later scopes", "[constraint]") { // rule 20
    fresh f;
    vs::variable_scope s{"s", {.constraint = "scope"}};
    CHECK(vs::get_variable_scope().constraint().name() == "scope");
    CHECK(vs::get_variable("v", {1}).constraint().name() == "scope");
    CHECK(vs::get_variable("w", {1}, {.constraint = "call"}).constraint().name() == "call");
    const auto kept = s.handle();
    {
        vs::variable_scope inner{"inner"};
        CHECK_FALSE(static_cast<bool>(vs::get_variable("v", {1}).constraint()));
    }
    {
        vs::variable_scope again{kept};
        CHECK_FALSE(static_cast<bool>(vs::get_variable("x", {1}).constraint()));
    }
    vs::variable_scope other{kept, {.constraint = "other"}};
    CHECK(vs::get_variable("y", {1}).constraint().name() == "other");
    CHECK(kept.constraint().name() == "scope");
}

TEST_CASE("the whole of a variable that is cut and its parts have the constraint", "[constraint]") {
    fresh f;
    const auto v = vs::get_variable("v", {4}, {.partitioner = vs::fixed_size_partitioner(2), .constraint = "norm"});
    CHECK(v.constraint().name() == "norm");
    CHECK(v.parts().at(1).constraint().name() == "norm");
}

TEST_CASE("what a constraint's function holds lives as long as the variable's graph", "[constraint]") {
    std::weak_ptr<int> watched;
    {
        fresh f;
        {
            const auto held = std::make_shared<int>(0);
            watched = held;
            (void)vs::get_variable("v", {1}, {.constraint = vs::constraint("c", [held](const vs::any_variable&) { ++*held; })});
        }
        const auto v = *vs::find_variable("v");
        v.constraint()(v);
        CHECK(*watched.lock() == 1);
    }
    CHECK(watched.expired());
}
