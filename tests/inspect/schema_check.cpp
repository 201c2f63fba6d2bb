#include <varscope/graph/graph_state.hpp>
#include <varscope/inspect/schema_check.hpp>
#include <varscope/policy/partitioner.hpp>
#include <varscope/schema/bound.hpp>
#include <varscope/varscope.hpp>

#include "catch.hpp"

#include <string>
#include <vector>

namespace vs = varscope;
using vs::dtype;
using vs::described_variable;
using list = std::vector<described_variable>;

namespace {

struct tower {
    static constexpr auto layout = vs::scope("tower", vs::var<float, 4, 3>("kernel"),
        vs::var<float, 3>("bias"), vs::repeat<2>("cell_", vs::var<int>("steps")));
};
const list tower_list{{"tower/kernel", dtype::float32, {4, 3}}, {"tower/bias", dtype::float32, {3}},
    {"tower/cell_0/steps", dtype::int32, {}}, {"tower/cell_1/steps", dtype::int32, {}}};

struct kernel {
    static constexpr auto layout = vs::var<float, 4, 3>("tower/kernel");
};

/// A schema of more variables than a text tells.
struct many {
    static constexpr auto layout = vs::repeat<25>("v", vs::var<float>("x"));
};

list changed(std::size_t index, const described_variable& to) {
    list all = tower_list;
    all[index] = to;
    return all;
}
std::vector<std::string> names(const list& variables) {
    std::vector<std::string> all;
    for (const described_variable& v : variables) { all.push_back(v.name); }
    return all;
}
using strings = std::vector<std::string>;

} // namespace

TEST_CASE("a list of what a schema declares differs in nothing, whatever its order", "[schema_check]") {
    CHECK(vs::check_schema<tower>(tower_list).is_empty());
    const list reversed(tower_list.rbegin(), tower_list.rend());
    const vs::schema_difference difference = vs::check_schema<tower>(reversed);
    CHECK(difference.is_empty());
    CHECK(to_string(difference) == "nothing differs");
}

TEST_CASE("what is declared and not listed is missing, in the order of declaration", "[schema_check]") {
    const vs::schema_difference difference = vs::check_schema<tower>(list{tower_list[2]});
    REQUIRE(difference.missing.size() == 3);
    CHECK(difference.missing[0].declared.name == "tower/kernel");
    CHECK(difference.missing[0].declared.dtype == dtype::float32);
    CHECK(difference.missing[0].declared.shape == vs::shape{4, 3});
    CHECK(difference.missing[0].nearest.empty());
    CHECK(difference.missing[2].declared.name == "tower/cell_1/steps");
    CHECK(difference.extra.empty());
    CHECK(difference.different.empty());
    CHECK(to_string(difference) == "missing: 'tower/kernel' (4, 3) float32\n"
                                   "missing: 'tower/bias' (3,) float32\n"
                                   "missing: 'tower/cell_1/steps' () int32");
}

TEST_CASE("a missing variable is told with the extra one that is spelled most like it", "[schema_check]") {
    const auto difference = vs::check_schema<tower>(changed(0, {"tower/kernle", dtype::float32, {4, 3}}));
    CHECK(to_string(difference) == "missing: 'tower/kernel' (4, 3) float32; nearest: 'tower/kernle'\n"
                                   "extra: 'tower/kernle' (4, 3) float32");
}

TEST_CASE("what is listed and not declared is extra, in the order of the list", "[schema_check]") {
    list all = tower_list;
    all.insert(all.begin(), {"step", dtype::int64, {}});
    all.push_back({"tower", dtype::float32, {}});
    all.push_back({"names", {}, {2}, "string"});
    const vs::schema_difference difference = vs::check_schema<tower>(all);
    CHECK(difference.missing.empty());
    CHECK(names(difference.extra) == strings{"step", "tower", "names"});
    CHECK(to_string(difference) == "extra: 'step' () int64\n"
                                   "extra: 'tower' () float32\n"
                                   "extra: 'names' (2,) string");
}

TEST_CASE("what is listed again is extra", "[schema_check]") {
    list all = tower_list;
    all.push_back(tower_list[1]);
    all.push_back(tower_list[1]);
    CHECK(names(vs::check_schema<tower>(all).extra) == strings{"tower/bias", "tower/bias"});
}

TEST_CASE("a variable of another shape, rank or element type is different", "[schema_check]") {
    const described_variable others[] = {{"tower/bias", dtype::float32, {4}}, {"tower/bias", dtype::float32, {3, 1}},
        {"tower/bias", dtype::float32, {}}, {"tower/bias", dtype::float64, {3}}, {"tower/bias", {}, {3}, "string"},
        {"tower/bias", dtype::float32, vs::any_shape}, {"tower/bias", dtype::float32, {vs::unknown_dimension}}};
    for (const described_variable& other : others) {
        CAPTURE(other.shape, other.type_name);
        const auto difference = vs::check_schema<tower>(changed(1, other));
        CHECK(difference.missing.empty());
        CHECK(difference.extra.empty());
        REQUIRE(difference.different.size() == 1);
        CHECK(difference.different[0].declared.shape == vs::shape{3});
        CHECK(difference.different[0].found.shape == other.shape);
        CHECK(difference.different[0].found.dtype == other.dtype);
    }
    CHECK(to_string(vs::check_schema<tower>(changed(1, others[0]))) ==
        "different: 'tower/bias' is declared as (3,) float32 and is (4,) float32");
    CHECK(to_string(vs::check_schema<tower>(changed(1, others[4]))) ==
        "different: 'tower/bias' is declared as (3,) float32 and is (3,) string");
}

TEST_CASE("a schema is compared below the scope that it is expected in, and nothing outside of it", "[schema_check]") {
    list all{{"models", dtype::float32, {}}, {"models_1/tower/kernel", dtype::float32, {}}};
    for (described_variable v : tower_list) {
        v.name.insert(0, "models/");
        all.push_back(v);
    }
    const vs::schema_difference same = vs::check_schema<tower>(all, "models");
    CHECK(same.is_empty());
    CHECK(same.outside == 2);
    CHECK(to_string(same) == "nothing differs\nnot compared: 2 outside of the scope");

    all[2].name += "s";
    CHECK(to_string(vs::check_schema<tower>(all, vs::path<"models">{})) ==
        "missing: 'models/tower/kernel' (4, 3) float32; nearest: 'models/tower/kernels'\n"
        "extra: 'models/tower/kernels' (4, 3) float32\n"
        "not compared: 2 outside of the scope");
    CHECK(vs::check_schema<tower>(all).missing.size() == 4);
    CHECK(vs::check_schema<tower>(all).outside == 0);
}

TEST_CASE("of many differences of a kind a text tells the first, and how many more", "[schema_check]") {
    const std::string text = to_string(vs::check_schema<many>(tower_list));
    CHECK(text.starts_with("missing: 'v0/x' () float32\n"));
    CHECK(text.find("missing: 'v19/x' () float32\nmissing: 5 more\nextra: 'tower/kernel'") != std::string::npos);
}

TEST_CASE("a schema that was bound differs in nothing from its graph", "[schema_check]") {
    vs::graph g;
    CHECK(vs::check_schema<tower>(g).missing.size() == 4);
    const vs::bound<tower> model{g};
    CHECK(vs::check_schema<tower>(g).is_empty());
    const vs::as_default guard{g};
    CHECK(vs::check_schema<tower>().is_empty());
    {
        vs::variable_scope second{"second"};
        const vs::bound<tower> again{second};
    }
    CHECK(vs::check_schema<tower>(g).extra.size() == 4);
    CHECK(vs::check_schema<tower>(g, "second").is_empty());
    CHECK(vs::check_schema<tower>(g, "second").outside == 4);
}

TEST_CASE("a graph's variables that cannot be shared by name are not compared", "[schema_check]") {
    vs::graph g;
    const vs::as_default guard{g};
    const vs::bound<tower> model{g};
    const vs::variable<float, 0> unshared{1.F, "loose"};
    CHECK(vs::check_schema<tower>(g).is_empty());
    (void)vs::get_variable<float, 0>("shared", vs::shape());
    CHECK(names(vs::check_schema<tower>(g).extra) == strings{"shared"});
}

TEST_CASE("a variable that is cut into parts is compared as the whole", "[schema_check]") {
    vs::graph g;
    const vs::as_default guard{g};
    {
        vs::variable_scope cut{"tower", {.partitioner = vs::fixed_size_partitioner(2)}};
        (void)vs::get_variable<float>("kernel", {4, 3});
    }
    REQUIRE(g.store().size() == 2);
    CHECK(to_string(vs::check_schema<kernel>(g)) == "nothing differs");
}
