#include <varscope/schema/path.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/op/ops.hpp>

#include "catch.hpp"

#include <boost/hana/string.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace vs = varscope;
using namespace varscope::literals;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view text_of_path = "a/b";
constexpr auto hana_kernel = BOOST_HANA_STRING("kernel");
constexpr auto hana_dense_kernel = BOOST_HANA_STRING("dense/kernel");

struct own_name {};

} // namespace

template <>
struct varscope::static_name_text<own_name> {
    static constexpr std::string_view value = "own/name";
};

TEST_CASE("a literal is a text as a template argument", "[path]") {
    STATIC_CHECK(vs::literal("tower").view() == "tower");
    STATIC_CHECK(vs::literal("").view().empty());
    STATIC_CHECK(vs::literal("a") == vs::literal("a"));
    STATIC_CHECK_FALSE(vs::literal("a") == vs::literal("ab"));
    STATIC_CHECK(vs::literal("a/b"_path).view() == "a/b");
    STATIC_CHECK(vs::literal(hana_kernel).view() == "kernel");
    STATIC_CHECK(std::same_as<vs::path<"a">, vs::path<"a"_path>>);
    STATIC_CHECK(vs::literal("tower").text[5] == '\0');
}

TEST_CASE("paths of one text are one empty type, however they are written", "[path]") {
    STATIC_CHECK(std::is_empty_v<vs::path<"a/b">>);
    STATIC_CHECK(std::same_as<decltype("a/b"_path), vs::path<"a/b">>);
    STATIC_CHECK_FALSE(std::same_as<decltype("a/b"_path), vs::path<"a/c">>);
    STATIC_CHECK(std::same_as<decltype(""_path), vs::path<>>);
    STATIC_CHECK(vs::static_name<vs::path<"a">>);
    STATIC_CHECK(vs::static_name<decltype(hana_kernel)>);
    STATIC_CHECK_FALSE(vs::static_name<std::string_view>);
    STATIC_CHECK_FALSE(vs::static_name<const char*>);
    STATIC_CHECK(vs::static_text<vs::path<"a/b">> == "a/b");
    STATIC_CHECK(vs::static_text<const decltype(hana_kernel)&> == "kernel");
}

TEST_CASE("a path has components, a parent and a leaf", "[path]") {
    constexpr auto p = "tower/dense_1/kernel"_path;
    STATIC_CHECK(p.depth == 3);
    STATIC_CHECK(p.view() == "tower/dense_1/kernel");
    STATIC_CHECK(std::string_view(p) == "tower/dense_1/kernel");
    STATIC_CHECK(p.components.size() == 3);
    STATIC_CHECK(p.components[0] == "tower");
    STATIC_CHECK(p.components[1] == "dense_1");
    STATIC_CHECK(p.components[2] == "kernel");
    STATIC_CHECK(std::same_as<decltype(p.parent()), vs::path<"tower/dense_1">>);
    STATIC_CHECK(std::same_as<decltype(p.leaf()), vs::path<"kernel">>);
    STATIC_CHECK(std::same_as<decltype(p.component<0>()), vs::path<"tower">>);
    STATIC_CHECK(std::same_as<decltype(p.component<1>()), vs::path<"dense_1">>);
    STATIC_CHECK(std::same_as<decltype("a"_path.parent()), vs::path<>>);
    STATIC_CHECK(std::same_as<decltype("a"_path.leaf()), vs::path<"a">>);
}

TEST_CASE("the root has no components, and is its own parent and leaf", "[path]") {
    constexpr vs::path<> root;
    STATIC_CHECK(root.depth == 0);
    STATIC_CHECK(root.components.empty());
    STATIC_CHECK(root.view().empty());
    STATIC_CHECK(std::same_as<decltype(root.parent()), vs::path<>>);
    STATIC_CHECK(std::same_as<decltype(root.leaf()), vs::path<>>);
    std::size_t calls = 0;
    root.for_each([&](auto) { ++calls; });
    CHECK(calls == 0);
}

TEST_CASE("the components of a path are gone through as paths, the outermost first", "[path]") {
    std::vector<std::string> seen;
    "a/bc/d"_path.for_each([&](auto component) {
        STATIC_CHECK(component.depth == 1);
        seen.emplace_back(component.view());
    });
    CHECK(seen == std::vector<std::string>{"a", "bc", "d"});
    STATIC_CHECK([] {
        std::size_t letters = 0;
        "a/bc/d"_path.for_each([&](auto component) { letters += component.view().size(); });
        return letters;
    }() == 4);
}

TEST_CASE("paths are joined by whole components", "[path]") {
    STATIC_CHECK(std::same_as<decltype("a"_path / "b"_path), vs::path<"a/b">>);
    STATIC_CHECK(std::same_as<decltype("a/b"_path / "c/d"_path), vs::path<"a/b/c/d">>);
    STATIC_CHECK(std::same_as<decltype(vs::path<>{} / "b"_path), vs::path<"b">>);
    STATIC_CHECK(std::same_as<decltype("a"_path / vs::path<>{}), vs::path<"a">>);
    STATIC_CHECK(std::same_as<decltype(vs::path<>{} / vs::path<>{}), vs::path<>>);
    STATIC_CHECK(std::same_as<decltype("a"_path / hana_kernel), vs::path<"a/kernel">>);
    STATIC_CHECK(std::same_as<decltype(hana_kernel / "a"_path), vs::path<"kernel/a">>);
    STATIC_CHECK(std::same_as<decltype("a"_path / own_name{}), vs::path<"a/own/name">>);
    STATIC_CHECK(("a"_path / hana_dense_kernel).depth == 3);
}

TEST_CASE("paths are compared with paths and with texts", "[path]") {
    STATIC_CHECK("a/b"_path == "a/b"_path);
    STATIC_CHECK("a/b"_path != "a/c"_path);
    STATIC_CHECK("a/b"_path != "a"_path);
    STATIC_CHECK("a/b"_path == "a/b"sv);
    STATIC_CHECK("a/b"sv == "a/b"_path);
    STATIC_CHECK("a/b"_path == "a/b");
    STATIC_CHECK("a/b" == "a/b"_path);
    STATIC_CHECK("a/b"_path != "a/b/");
    STATIC_CHECK("kernel"_path == hana_kernel);
    STATIC_CHECK("kernels"_path != hana_kernel);
    CHECK("a/b"_path == std::string("a/b"));
    CHECK(std::string("a") != "a/b"_path);
}

TEST_CASE("a path begins with whole components only", "[path]") {
    constexpr auto p = "a/bc/d"_path;
    STATIC_CHECK(p.starts_with(""));
    STATIC_CHECK(p.starts_with("a"));
    STATIC_CHECK(p.starts_with("a/bc"));
    STATIC_CHECK(p.starts_with("a/bc/d"));
    STATIC_CHECK(p.starts_with("a/bc"_path));
    STATIC_CHECK_FALSE(p.starts_with("a/"));
    STATIC_CHECK_FALSE(p.starts_with("a/b"));
    STATIC_CHECK_FALSE(p.starts_with("bc"));
    STATIC_CHECK_FALSE(p.starts_with("a/bc/d/e"));
    STATIC_CHECK(vs::path<>::starts_with(""));
    STATIC_CHECK_FALSE(vs::path<>::starts_with("a"));
}

TEST_CASE("what is below a prefix of a path is a path", "[path]") {
    constexpr auto p = "a/bc/d"_path;
    STATIC_CHECK(std::same_as<decltype(p.below<"">()), vs::path<"a/bc/d">>);
    STATIC_CHECK(std::same_as<decltype(p.below<"a">()), vs::path<"bc/d">>);
    STATIC_CHECK(std::same_as<decltype(p.below<"a/bc"_path>()), vs::path<"d">>);
    STATIC_CHECK(std::same_as<decltype(p.below<"a/bc/d">()), vs::path<>>);
}

TEST_CASE("a path becomes a hana string, and comes from one", "[path]") {
    STATIC_CHECK(std::same_as<decltype("ab"_path.to_hana()), boost::hana::string<'a', 'b'>>);
    STATIC_CHECK(std::same_as<decltype(vs::path<>::to_hana()), boost::hana::string<>>);
    STATIC_CHECK(std::same_as<decltype(vs::make_path(hana_dense_kernel)), vs::path<"dense/kernel">>);
    STATIC_CHECK(vs::make_path("dense/kernel"_path.to_hana()) == "dense/kernel");
    STATIC_CHECK(std::same_as<decltype(vs::make_path(boost::hana::string<>{})), vs::path<>>);
    STATIC_CHECK(std::same_as<decltype(vs::make_path("a"_path)), vs::path<"a">>);
}

TEST_CASE("a path comes from a constant text, and from a name type of one's own", "[path]") {
    STATIC_CHECK(std::same_as<decltype(vs::make_path<text_of_path>()), vs::path<"a/b">>);
    STATIC_CHECK(std::same_as<decltype(vs::make_path(own_name{})), vs::path<"own/name">>);
    STATIC_CHECK(std::same_as<vs::path_of_name<own_name>, vs::path<"own/name">>);
    STATIC_CHECK(std::same_as<vs::path_of_name<const vs::path<"a">&>, vs::path<"a">>);
}

TEST_CASE("a path stands wherever a name is wanted, and so does a hana string", "[path]") {
    const auto program = [](vs::graph& g, const auto& dense, const auto& kernel, const auto& scope) {
        const vs::as_default in(g);
        std::vector<std::string> names;
        {
            const vs::name_scope n{dense};
            names.emplace_back(vs::variable<float, 1>({1.F}, kernel).op_name());
            names.emplace_back(vs::constant(1.F, kernel).name());
            names.emplace_back(vs::make_op({.type = "Add"}, kernel).name());
        }
        const vs::variable_scope s{scope, vs::auto_reuse};
        names.emplace_back(vs::get_variable<float, 1>(kernel, {2}).key());
        names.emplace_back(vs::get_variable(kernel, {2}).name());
        names.emplace_back(vs::get_local_variable<float>(dense, {2}).name());
        names.push_back(vs::get_variable_scope().name());
        return names;
    };
    vs::graph by_path;
    vs::graph by_hana;
    vs::graph by_text;
    const auto expected = program(by_text, "dense", "kernel", "t/u");
    CHECK(expected[0] == "dense/kernel");
    CHECK(program(by_path, "dense"_path, "kernel"_path, "t/u"_path) == expected);
    CHECK(program(by_hana, BOOST_HANA_STRING("dense"), hana_kernel, BOOST_HANA_STRING("t/u")) == expected);
}

TEST_CASE("the place of a name is where the path is written", "[path]") {
    vs::graph g;
    const unsigned line = __LINE__ + 1;
    const auto v = vs::get_variable<float, 1>(g, "v"_path, {2});
    CHECK(v.defined_at().line() == line);
}
