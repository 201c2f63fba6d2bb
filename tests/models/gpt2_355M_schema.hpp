/// \file
/// The variables of GPT-2 with 355 million parameters, as a schema.
///
/// Follows src/model.py of github.com/openai/gpt-2; the list beside this file has them one by one.
#pragma once

#include <varscope/initializers/initializers.hpp>
#include <varscope/schema/schema.hpp>

#include <cstddef>
#include <cstdint>

namespace model_schemas {

namespace gpt2 {

namespace vs = varscope;

inline constexpr std::int64_t tokens = 50257;
inline constexpr std::int64_t positions = 1024;
inline constexpr std::int64_t width = 1024;
inline constexpr std::size_t layers = 24;

constexpr auto norm(const char* name) {
    return vs::scope(name, vs::var<float, width>("g", {.initializer = vs::constant_initializer(1)}),
        vs::var<float, width>("b", {.initializer = vs::constant_initializer(0)}));
}
template <std::int64_t In, std::int64_t Out>
constexpr auto conv1d(const char* name) {
    return vs::scope(name,
        vs::var<float, 1, In, Out>("w", {.initializer = vs::random_normal(0, 0.02)}),
        vs::var<float, Out>("b", {.initializer = vs::constant_initializer(0)}));
}
constexpr auto block() {
    return vs::group(norm("ln_1"),
        vs::scope("attn", conv1d<width, 3 * width>("c_attn"), conv1d<width, width>("c_proj")),
        norm("ln_2"),
        vs::scope("mlp", conv1d<width, 4 * width>("c_fc"), conv1d<4 * width, width>("c_proj")));
}

} // namespace gpt2

struct gpt2_355M {
    static constexpr auto layout = varscope::scope("model",
        varscope::var<float, gpt2::positions, gpt2::width>(
            "wpe", {.initializer = varscope::random_normal(0, 0.01)}),
        varscope::var<float, gpt2::tokens, gpt2::width>(
            "wte", {.initializer = varscope::random_normal(0, 0.02)}),
        varscope::repeat<gpt2::layers>("h", gpt2::block()), gpt2::norm("ln_f"));
};

static_assert(varscope::schema<gpt2_355M>::variable_count == 292);
static_assert(varscope::schema<gpt2_355M>::parameter_count == 354'823'168);

} // namespace model_schemas
