/// \file
/// The variables of BERT with its heads for pre-training, scope by scope.
///
/// Follows modeling.py and run_pretraining.py of github.com/google-research/bert. Variables depend
/// on the width of what they are applied to and on nothing else of it, so here a tensor is a
/// number: the length of its last axis.
#pragma once

#include "rule.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>

namespace models::bert {

/// BertConfig, as far as variables depend on it.
struct config {
    std::size_t vocab_size;
    std::size_t type_vocab_size;
    std::size_t max_position_embeddings;
    std::size_t hidden_size;
    std::size_t num_hidden_layers;
    std::size_t num_attention_heads;
    std::size_t intermediate_size;
    double initializer_range;
};

using width = std::size_t;

/// tf.layers.dense
inline width dense(
    width input, width units, const config& c, vs::name_arg name = vs::name_arg(vs::no_name)) {
    vs::variable_scope s{name, {.default_name = "dense"}};
    get_variable<2>("kernel", {input, units}, truncated_normal(c.initializer_range));
    get_variable<1>("bias", {units}, zeros());
    return units;
}

/// tf.contrib.layers.layer_norm over the last axis
inline width layer_norm(width input) {
    vs::variable_scope s{"LayerNorm"};
    get_variable<1>("beta", {input}, zeros());
    get_variable<1>("gamma", {input}, ones());
    return input;
}

inline width embedding_lookup(const config& c) {
    get_variable<2>(
        "word_embeddings", {c.vocab_size, c.hidden_size}, truncated_normal(c.initializer_range));
    return c.hidden_size;
}

inline width embedding_postprocessor(width input, const config& c) {
    const rule normal = truncated_normal(c.initializer_range);
    get_variable<2>("token_type_embeddings", {c.type_vocab_size, input}, normal);
    get_variable<2>("position_embeddings", {c.max_position_embeddings, input}, normal);
    return layer_norm(input);
}

inline width attention_layer(width from, width to, const config& c) {
    const width heads = c.hidden_size; // num_attention_heads of size_per_head, side by side
    dense(from, heads, c, "query");
    dense(to, heads, c, "key");
    return dense(to, heads, c, "value");
}

inline width transformer_model(width input, const config& c) {
    if (c.hidden_size % c.num_attention_heads != 0) {
        throw std::invalid_argument("the hidden size (" + std::to_string(c.hidden_size) +
            ") is not a multiple of the number of attention heads (" +
            std::to_string(c.num_attention_heads) + ")");
    }
    width previous = input;
    for (std::size_t index = 0; index < c.num_hidden_layers; ++index) {
        vs::variable_scope layer{"layer_" + std::to_string(index)};
        const width attention = [&] {
            vs::variable_scope s{"attention"};
            const width heads = [&] {
                vs::variable_scope self{"self"};
                return attention_layer(previous, previous, c);
            }();
            vs::variable_scope output{"output"};
            return layer_norm(dense(heads, c.hidden_size, c));
        }();
        const width intermediate = [&] {
            vs::variable_scope s{"intermediate"};
            return dense(attention, c.intermediate_size, c);
        }();
        vs::variable_scope output{"output"};
        previous = layer_norm(dense(intermediate, c.hidden_size, c));
    }
    return previous;
}

/// BertModel: what comes out of the encoder.
inline width model(const config& c) {
    vs::variable_scope bert{vs::no_name, {.default_name = "bert"}};
    const width embedded = [&] {
        vs::variable_scope s{"embeddings"};
        return embedding_postprocessor(embedding_lookup(c), c);
    }();
    const width encoded = [&] {
        vs::variable_scope s{"encoder"};
        return transformer_model(embedded, c);
    }();
    vs::variable_scope pooler{"pooler"};
    return dense(encoded, c.hidden_size, c);
}

inline void get_masked_lm_output(width input, const config& c) {
    vs::variable_scope predictions{"cls/predictions"};
    {
        vs::variable_scope transform{"transform"};
        layer_norm(dense(input, c.hidden_size, c));
    }
    get_variable<1>("output_bias", {c.vocab_size}, zeros()); // the weights are word_embeddings
}

inline void get_next_sentence_output(width pooled, const config& c) {
    vs::variable_scope s{"cls/seq_relationship"};
    get_variable<2>(
        "output_weights", {std::size_t{2}, pooled}, truncated_normal(c.initializer_range));
    get_variable<1>("output_bias", {2}, zeros());
}

/// The model function of run_pretraining.py.
inline void pretraining(const config& c) {
    const width encoded = model(c);
    get_masked_lm_output(encoded, c);
    get_next_sentence_output(encoded, c);
}

} // namespace models::bert
