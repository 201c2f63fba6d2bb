/// \file
/// GPT-2 scope by scope: its variables, and its forward pass over one sequence.
///
/// Follows src/model.py of github.com/openai/gpt-2, without `past` (keys and values kept from an
/// earlier call). TensorFlow makes the variables when the graph is built and reads them when it is
/// run; here one function does both. Without tokens there is nothing to compute: `model(h, {})`
/// makes the variables and reads none.
#pragma once

#include "numerics.hpp"
#include "rule.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace models::gpt2 {

struct hparams {
    std::size_t n_vocab;
    std::size_t n_ctx;
    std::size_t n_embd;
    std::size_t n_head;
    std::size_t n_layer;
};

/// Each row brought to mean 0 and variance 1, then scaled by g and shifted by b.
inline matrix norm(matrix x, vs::name_arg scope) {
    vs::variable_scope s{scope};
    const std::size_t n_state = x.shape(1);
    const auto g = get_variable<1>("g", {n_state}, constant(1));
    const auto b = get_variable<1>("b", {n_state}, constant(0));
    for (const auto row : rows(x)) {
        standardise(row, 1e-5);
        for (std::size_t i = 0; i < n_state; ++i) { row[i] = row[i] * g(i) + b(i); }
    }
    return x;
}

/// A convolution of window 1: x w + b for each row.
inline matrix conv1d(const matrix& x, vs::name_arg scope, std::size_t nf) {
    vs::variable_scope s{scope};
    const std::size_t nx = x.shape(1);
    const auto w = get_variable<3>("w", {std::size_t{1}, nx, nf}, random_normal(0.02));
    const auto b = get_variable<1>("b", {nf}, constant(0));
    matrix y = matrix::from_shape({x.shape(0), nf});
    for (const auto row : rows(y)) { std::copy_n(b.data(), nf, row.begin()); }
    add_product(x, w, y);
    return y;
}

/// Attention of each position to itself and those before it, in n_head parts of the width.
inline matrix attn(const matrix& x, vs::name_arg scope, std::size_t n_state, const hparams& h) {
    if (n_state % h.n_head != 0) {
        throw std::invalid_argument("n_embd (" + std::to_string(n_state) +
            ") is not a multiple of n_head (" + std::to_string(h.n_head) + ")");
    }
    vs::variable_scope s{scope};
    const matrix c = conv1d(x, "c_attn", 3 * n_state); // query, key and value, side by side
    const std::size_t size = n_state / h.n_head;
    const float scale = 1 / std::sqrt(static_cast<float>(size));
    matrix a({x.shape(0), n_state}, 0.F);
    std::vector<float> weights(x.shape(0));
    for (std::size_t head = 0; head < n_state; head += size) {
        for (std::size_t i = 0; i < x.shape(0); ++i) {
            // Later positions are masked: model.py subtracts 1e10 there, and softmax makes it 0.
            const std::span<float> seen(weights.data(), i + 1);
            for (std::size_t j = 0; j <= i; ++j) {
                seen[j] = scale * dot(&c(i, head), &c(j, n_state + head), size);
            }
            softmax(seen);
            for (std::size_t j = 0; j <= i; ++j) {
                add_scaled(seen[j], &c(j, 2 * n_state + head), size, &a(i, head));
            }
        }
    }
    return conv1d(a, "c_proj", n_state);
}

inline matrix mlp(const matrix& x, vs::name_arg scope, std::size_t n_state) {
    vs::variable_scope s{scope};
    const std::size_t nx = x.shape(1);
    matrix h = conv1d(x, "c_fc", n_state);
    gelu({h.data(), h.size()});
    return conv1d(h, "c_proj", nx);
}

inline matrix block(matrix x, vs::name_arg scope, const hparams& h) {
    vs::variable_scope s{scope};
    const std::size_t nx = x.shape(1);
    x += attn(norm(x, "ln_1"), "attn", nx, h);
    x += mlp(norm(x, "ln_2"), "mlp", nx * 4);
    return x;
}

/// The logits (tokens, n_vocab) of what follows each of the tokens.
///
/// \param reuse  vs::reuse to share the variables of an earlier call.
/// \throws std::invalid_argument  n_head does not divide n_embd; too many tokens, or one that is
/// not in the vocabulary.
inline matrix model(const hparams& h, std::span<const std::size_t> tokens,
    vs::name_arg scope = "model", vs::reuse_mode reuse = vs::reuse_mode::inherit) {
    if (tokens.size() > h.n_ctx) {
        throw std::invalid_argument(std::to_string(tokens.size()) +
            " tokens are more than n_ctx (" + std::to_string(h.n_ctx) + ")");
    }
    for (const std::size_t token : tokens) {
        if (token >= h.n_vocab) {
            throw std::invalid_argument("token " + std::to_string(token) +
                " is not below n_vocab (" + std::to_string(h.n_vocab) + ")");
        }
    }
    vs::variable_scope s{scope, reuse};
    const auto wpe = get_variable<2>("wpe", {h.n_ctx, h.n_embd}, random_normal(0.01));
    const auto wte = get_variable<2>("wte", {h.n_vocab, h.n_embd}, random_normal(0.02));
    matrix x = matrix::from_shape({tokens.size(), h.n_embd});
    for (std::size_t position = 0; position < tokens.size(); ++position) {
        for (std::size_t i = 0; i < h.n_embd; ++i) {
            x(position, i) = wte(tokens[position], i) + wpe(position, i);
        }
    }
    for (std::size_t layer = 0; layer < h.n_layer; ++layer) {
        x = block(std::move(x), "h" + std::to_string(layer), h);
    }
    x = norm(std::move(x), "ln_f");

    matrix logits = matrix::from_shape({tokens.size(), h.n_vocab});
    for (std::size_t token = 0; token < (tokens.empty() ? 0 : h.n_vocab); ++token) {
        for (std::size_t position = 0; position < tokens.size(); ++position) {
            logits(position, token) = dot(&x(position, 0), &wte(token, 0), h.n_embd);
        }
    }
    return logits;
}

} // namespace models::gpt2
