// Large schemas stay within what compilers do without being told, Clang's million steps among it.
#include <varscope/schema/bound.hpp>

#include "catch.hpp"

#include <string>

namespace vs = varscope;

namespace {

struct large {
    static constexpr auto layer = vs::group(
        vs::scope("attention_of_several_heads_beside_each_other", vs::var<float, 2, 2>("kernel_of_what_is_asked_for_in_each_of_them"),
            vs::var<float, 2>("bias_of_what_is_asked_for_in_each_of_them")),
        vs::scope("output", vs::var<float, 2, 2>("dense/of_the_first_layer/kernel"), vs::var<float, 2>("dense/of_the_first_layer/bias"),
            vs::var<float>("gamma"), vs::var<float>("beta"), vs::var<std::int64_t>("step"), vs::var<double>("scale")));
    static constexpr auto layout = vs::scope("model", vs::repeat<625>("layer_", layer));
};
using schema = vs::schema<large>;

} // namespace

TEST_CASE("a schema of 5,000 variables with long names is worked out while compiling, and bound", "[schema]") {
    STATIC_CHECK(schema::variable_count == 5'000);
    STATIC_CHECK(schema::parameter_count == 625 * (4 + 2 + 4 + 2 + 4));
    STATIC_CHECK(schema::names[4'993] == "model/layer_624/attention_of_several_heads_beside_each_other/bias_of_what_is_asked_for_in_each_of_them");
    STATIC_CHECK(schema::variables[4'999].name == "model/layer_624/output/scale");
    vs::graph g;
    const vs::bound<large> m{g, {.storage = vs::storage::contiguous}};
    CHECK(m.size() == 5'000);
    CHECK(m.block().size() == schema::block_bytes);
    m.get<"model/layer_400/output/gamma">()() = 3.F;
    CHECK(m.scope<"model/layer_400">().get<"output/gamma">().op_name() == "model/layer_400/output/gamma");
    CHECK(static_cast<const float*>(m[400 * 8 + 4].data())[0] == 3.F);
}
