#include <varscope/schema/schema.hpp>

#include <varscope/initializers/initializers.hpp>

#include "catch.hpp"

#include <boost/hana/string.hpp>

#include <algorithm>
#include <array>
#include <complex>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vs = varscope;
using namespace varscope::literals;

namespace {

constexpr auto hana_bias = BOOST_HANA_STRING("bias");

struct dense {
    static constexpr auto layout = vs::group(vs::var<float, 3, 2>("kernel"), vs::var<float, 2>(hana_bias, {.initializer = vs::zeros(), .trainable = false}));
};
struct tower {
    static constexpr auto layout = vs::scope("tower"_path,
        vs::scope("first", dense::layout), vs::scope("second", dense::layout), vs::var<std::int64_t>("step"_path));
};
struct mixed {
    static constexpr auto layout = vs::group(vs::var<bool>("a"), vs::var<std::int16_t, 3>("b"), vs::var<std::complex<double>, 2>("c"),
        vs::var<bool, 3>("d"), vs::var<float, 0, 4>("e"), vs::var<double>("f"), vs::var<vs::bfloat16>("g"));
};
struct nothing {
    static constexpr auto layout = vs::scope("empty", vs::scope("emptier"));
};
struct scope_twice {
    static constexpr auto layout = vs::group(vs::scope("s", vs::var<float>("a")), vs::scope("s", vs::var<float>("b")));
};
struct long_names {
    static constexpr auto layout = vs::group(vs::var<float>("a/b/c"), vs::scope("x/y", vs::var<float>("z/w")), vs::var<float>("a/b"));
};
struct repeated {
    static constexpr auto layout = vs::group(vs::repeat<12>("layer_", dense::layout, vs::scope("norm", vs::var<float, 2>("scale"))),
        vs::repeat<1>("only", vs::var<float>("v")), vs::repeat<2>("outer/", vs::repeat<2>("in", vs::var<float>("v"))));
};
struct deep {
    static constexpr auto layout = vs::scope("a", vs::scope("b", vs::scope("c", vs::scope("d", vs::scope("e", vs::scope("f", vs::scope("g", vs::var<float>("h"))))))));
};
struct many {
    static constexpr auto layout = vs::repeat<100>("layer_", vs::var<float, 64, 64>("kernel"), vs::var<float, 64>("bias"), vs::var<float>("scale"));
};
struct eight_axes {
    static constexpr auto layout = vs::var<float, 1, 2, 3, 4, 5, 6, 7, 8>("v");
};

template <class S>
constexpr bool has_names(std::initializer_list<std::string_view> names) {
    return std::ranges::equal(vs::schema<S>::names, names);
}

} // namespace

TEST_CASE("a schema knows the full names of its variables, in the order of declaration", "[schema]") {
    STATIC_CHECK(vs::schema<tower>::variable_count == 5);
    STATIC_CHECK(has_names<tower>(
        {"tower/first/kernel", "tower/first/bias", "tower/second/kernel", "tower/second/bias", "tower/step"}));
    STATIC_CHECK(has_names<deep>({"a/b/c/d/e/f/g/h"}));
    STATIC_CHECK(has_names<scope_twice>({"s/a", "s/b"}));
    STATIC_CHECK(has_names<long_names>({"a/b/c", "x/y/z/w", "a/b"}));
}

TEST_CASE("a variable of a schema says what it was declared with", "[schema]") {
    constexpr const auto& v = vs::schema<tower>::variables[3];
    STATIC_CHECK(v.name == "tower/second/bias");
    STATIC_CHECK(v.dtype == vs::dtype::float32);
    STATIC_CHECK(v.dimensions.size() == 1);
    STATIC_CHECK(v.dimensions[0] == 2);
    STATIC_CHECK(v.size == 2);
    STATIC_CHECK(v.bytes() == 8);
    CHECK(v.options().initializer); // GCC 12 asks no function pointer while compiling under -fsanitize=undefined
    STATIC_CHECK_FALSE(v.options().trainable);
    CHECK(v.shape() == vs::shape{2});
    constexpr const auto& step = vs::schema<tower>::variables[4];
    STATIC_CHECK(step.dtype == vs::dtype::int64);
    STATIC_CHECK(step.dimensions.empty());
    STATIC_CHECK(step.size == 1);
    STATIC_CHECK_FALSE(step.options().initializer);
    STATIC_CHECK(step.options().trainable);
    CHECK(step.shape() == vs::shape{});
    STATIC_CHECK(vs::schema<eight_axes>::variables[0].size == 40320);
    STATIC_CHECK(vs::schema<eight_axes>::variables[0].dimensions[7] == 8);
}

TEST_CASE("elements and bytes of a schema are counted", "[schema]") {
    STATIC_CHECK(vs::schema<tower>::parameter_count == 2 * (6 + 2) + 1);
    STATIC_CHECK(vs::schema<tower>::byte_count == 16 * 4 + 8);
    STATIC_CHECK(vs::schema<tower>::block_bytes == 72);
    STATIC_CHECK(vs::schema<dense>::byte_count == vs::schema<dense>::block_bytes);
    STATIC_CHECK(vs::schema<many>::variable_count == 300);
    STATIC_CHECK(vs::schema<many>::parameter_count == 100 * (64 * 64 + 64 + 1));
    STATIC_CHECK(vs::schema<many>::names[299] == "layer_99/scale");
    STATIC_CHECK(vs::schema<many>::contains("layer_57/bias"));
    STATIC_CHECK_FALSE(vs::schema<many>::contains("layer_100/bias"));
}

TEST_CASE("each variable of mixed types stands at a multiple of its element's size", "[schema]") {
    using s = vs::schema<mixed>;
    std::vector<std::size_t> offsets;
    for (const auto& v : s::variables) {
        CHECK(v.offset % size_of(v.dtype) == 0);
        offsets.push_back(v.offset);
    }
    CHECK(offsets == std::vector<std::size_t>{0, 2, 16, 48, 52, 56, 64});
    STATIC_CHECK(s::block_bytes == 66);
    STATIC_CHECK(s::byte_count == 1 + 6 + 32 + 3 + 0 + 8 + 2);
    STATIC_CHECK(s::parameter_count == 1 + 3 + 2 + 3 + 0 + 1 + 1);
}

TEST_CASE("a schema may have no variables", "[schema]") {
    using s = vs::schema<nothing>;
    STATIC_CHECK(s::variable_count == 0);
    STATIC_CHECK(s::variables.empty());
    STATIC_CHECK(s::names.empty());
    STATIC_CHECK(s::parameter_count == 0);
    STATIC_CHECK(s::byte_count == 0);
    STATIC_CHECK(s::block_bytes == 0);
    STATIC_CHECK_FALSE(s::contains("empty"));
    STATIC_CHECK(s::find("empty/emptier").kind == vs::detail::schema_kind::scope);
}

TEST_CASE("a path of a schema leads to a variable, a scope or nothing", "[schema]") {
    using s = vs::schema<tower>;
    using kind = vs::detail::schema_kind;
    STATIC_CHECK(s::contains("tower/first/kernel"));
    STATIC_CHECK(s::contains("tower/first/kernel"_path));
    STATIC_CHECK_FALSE(s::contains("tower/first"));
    STATIC_CHECK_FALSE(s::contains("first/kernel"));
    STATIC_CHECK_FALSE(s::contains(""));
    STATIC_CHECK_FALSE(s::contains("tower/first/kernel/"));
    STATIC_CHECK(s::find("tower/second/kernel").index == 2);
    STATIC_CHECK(s::find("tower/second").kind == kind::scope);
    STATIC_CHECK(s::find("Tower").kind == kind::nothing); // letter case counts
    STATIC_CHECK(vs::schema<long_names>::contains("x/y/z/w"));
    STATIC_CHECK(vs::schema<long_names>::find("x/y").kind == kind::scope);
    CHECK(s::contains(std::string("tower/step")));
    for (const auto name : vs::schema<many>::names) { CHECK(vs::schema<many>::contains(name)); }
}

TEST_CASE("repeated scopes are numbered from 0", "[schema]") {
    using s = vs::schema<repeated>;
    STATIC_CHECK(s::variable_count == 12 * 3 + 1 + 4);
    for (int i = 0; i < 12; ++i) {
        const std::string layer = "layer_" + std::to_string(i);
        CHECK(s::names[static_cast<std::size_t>(3 * i)] == layer + "/kernel");
        CHECK(s::names[static_cast<std::size_t>(3 * i) + 2] == layer + "/norm/scale");
    }
    STATIC_CHECK(s::names[36] == "only0/v");
    STATIC_CHECK(s::names[37] == "outer/0/in0/v");
    STATIC_CHECK(s::names[40] == "outer/1/in1/v");
}

TEST_CASE("a schema is data of a few bytes for each variable", "[schema]") {
    STATIC_CHECK(std::is_trivially_copyable_v<vs::schema_variable>);
    STATIC_CHECK(std::is_trivially_copyable_v<vs::var_options>);
    STATIC_CHECK(sizeof(vs::schema_variable) <= 72);
}
