/// \file
/// The variables of BERT-Small with both of its pre-training heads, as a schema.
///
/// Follows modeling.py and run_pretraining.py of github.com/google-research/bert; the list beside
/// this file has them one by one.
#pragma once

#include <varscope/initializers/initializers.hpp>
#include <varscope/schema/schema.hpp>

#include <cstddef>
#include <cstdint>

namespace model_schemas {

namespace bert {

namespace vs = varscope;

inline constexpr std::int64_t tokens = 30522;
inline constexpr std::int64_t token_types = 2;
inline constexpr std::int64_t positions = 512;
inline constexpr std::int64_t width = 512;
inline constexpr std::int64_t inner_width = 2048;
inline constexpr std::size_t layers = 4;

template <std::int64_t... Dimensions>
constexpr auto weights(const char* name) {
    return vs::var<float, Dimensions...>(name, {.initializer = vs::truncated_normal(0, 0.02)});
}
template <std::int64_t Width>
constexpr auto bias(const char* name) {
    return vs::var<float, Width>(name, {.initializer = vs::zeros()});
}
template <std::int64_t In, std::int64_t Out>
constexpr auto dense(const char* name) {
    return vs::scope(name, weights<In, Out>("kernel"), bias<Out>("bias"));
}
constexpr auto norm() {
    return vs::scope("LayerNorm", vs::var<float, width>("beta", {.initializer = vs::zeros()}),
        vs::var<float, width>("gamma", {.initializer = vs::ones()}));
}

constexpr auto embeddings() {
    return vs::scope("embeddings", weights<tokens, width>("word_embeddings"),
        weights<token_types, width>("token_type_embeddings"),
        weights<positions, width>("position_embeddings"), norm());
}
constexpr auto layer() {
    return vs::group(vs::scope("attention",
                         vs::scope("self", dense<width, width>("query"), dense<width, width>("key"),
                             dense<width, width>("value")),
                         vs::scope("output", dense<width, width>("dense"), norm())),
        vs::scope("intermediate", dense<width, inner_width>("dense")),
        vs::scope("output", dense<inner_width, width>("dense"), norm()));
}
constexpr auto heads() {
    return vs::scope("cls",
        vs::scope("predictions", vs::scope("transform", dense<width, width>("dense"), norm()),
            bias<tokens>("output_bias")),
        vs::scope("seq_relationship", weights<2, width>("output_weights"), bias<2>("output_bias")));
}

} // namespace bert

struct bert_small {
    static constexpr auto layout = varscope::group(
        varscope::scope("bert", bert::embeddings(),
            varscope::scope("encoder", varscope::repeat<bert::layers>("layer_", bert::layer())),
            varscope::scope("pooler", bert::dense<bert::width, bert::width>("dense"))),
        bert::heads());
};

static_assert(varscope::schema<bert_small>::variable_count == 78);
static_assert(varscope::schema<bert_small>::parameter_count == 29'058'876);

} // namespace model_schemas
