#include <models/gpt2.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace vs = varscope;
namespace gpt2 = models::gpt2;
using models::matrix;

namespace {

constexpr gpt2::hparams small{.n_vocab = 50, .n_ctx = 16, .n_embd = 12, .n_head = 3, .n_layer = 2};
constexpr double tolerance = 1e-4;

/// A graph with the variables of `small`, without values.
struct gpt2_graph {
    gpt2_graph() { gpt2::model(small, {}); }
    vs::graph graph{{.initialization = vs::initialization::deferred}};
    vs::as_default guard{graph};
};

/// Gives every variable random values, large enough that each part of the model shows in the result.
void give_weights(unsigned seed) {
    std::mt19937 engine{seed};
    for (const auto& v : vs::global_variables()) {
        vs::variable<float> handle(v);
        vs::variable<float>::temporary_type values(handle.shape());
        for (float& value : values) { value = (static_cast<float>(engine() % 2001) - 1000) / 1500; }
        handle = values;
    }
}

std::vector<std::size_t> some_tokens(std::size_t count, unsigned seed = 3) {
    std::mt19937 engine{seed};
    std::vector<std::size_t> tokens(count);
    for (auto& token : tokens) { token = engine() % small.n_vocab; }
    return tokens;
}

matrix share(const std::vector<std::size_t>& tokens) { return gpt2::model(small, tokens, "model", vs::reuse); }

/// GPT-2 in double, one number at a time: no scopes, no xtensor, weights by their full names.
/// Radford et al. 2019; the equations are those of src/model.py.
class reference {
public:
    using vector = std::vector<double>;

    explicit reference(const gpt2::hparams& h) : h_{h} {}

    /// The logits of each position, (tokens, n_vocab).
    std::vector<vector> operator()(const std::vector<std::size_t>& tokens) const {
        const vector wte = weights("model/wte");
        const vector wpe = weights("model/wpe");
        std::vector<vector> h;
        for (std::size_t p = 0; p < tokens.size(); ++p) {
            vector sum(h_.n_embd);
            for (std::size_t i = 0; i < h_.n_embd; ++i) { sum[i] = wte[tokens[p] * h_.n_embd + i] + wpe[p * h_.n_embd + i]; }
            h.push_back(sum);
        }
        for (std::size_t layer = 0; layer < h_.n_layer; ++layer) {
            const std::string at = "model/h" + std::to_string(layer);
            std::vector<vector> qkv;
            for (const auto& x : h) { qkv.push_back(linear(normal(x, at + "/ln_1"), at + "/attn/c_attn")); }
            for (std::size_t p = 0; p < h.size(); ++p) { add(h[p], linear(attention(qkv, p), at + "/attn/c_proj")); }
            for (auto& x : h) {
                vector inner = linear(normal(x, at + "/ln_2"), at + "/mlp/c_fc");
                for (double& v : inner) { v = 0.5 * v * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (v + 0.044715 * std::pow(v, 3)))); }
                add(x, linear(inner, at + "/mlp/c_proj"));
            }
        }
        std::vector<vector> logits;
        for (const auto& x : h) {
            const vector last = normal(x, "model/ln_f");
            vector row(h_.n_vocab, 0);
            for (std::size_t token = 0; token < h_.n_vocab; ++token) {
                for (std::size_t i = 0; i < h_.n_embd; ++i) { row[token] += last[i] * wte[token * h_.n_embd + i]; }
            }
            logits.push_back(row);
        }
        return logits;
    }

private:
    static vector weights(const std::string& key) {
        const auto found = vs::find_variable(key);
        if (!found) { throw std::logic_error(key + " is no variable"); }
        const auto* const first = static_cast<const float*>(found->data());
        return {first, first + found->size()};
    }
    static void add(vector& x, const vector& y) {
        for (std::size_t i = 0; i < x.size(); ++i) { x[i] += y.at(i); }
    }
    static vector normal(vector x, const std::string& scope) {
        const vector g = weights(scope + "/g");
        const vector b = weights(scope + "/b");
        const auto n = static_cast<double>(x.size());
        double mean = 0;
        for (const double v : x) { mean += v / n; }
        double variance = 0;
        for (const double v : x) { variance += (v - mean) * (v - mean) / n; }
        for (std::size_t i = 0; i < x.size(); ++i) { x[i] = (x[i] - mean) / std::sqrt(variance + 1e-5) * g.at(i) + b.at(i); }
        return x;
    }
    static vector linear(const vector& x, const std::string& scope) {
        const vector w = weights(scope + "/w");
        vector y = weights(scope + "/b");
        for (std::size_t j = 0; j < y.size(); ++j) {
            for (std::size_t i = 0; i < x.size(); ++i) { y[j] += x[i] * w.at(i * y.size() + j); }
        }
        return y;
    }
    /// What position `to` takes from all positions, those after it masked.
    vector attention(const std::vector<vector>& qkv, std::size_t to) const {
        const std::size_t n = h_.n_embd;
        const std::size_t size = n / h_.n_head;
        vector result(n, 0);
        for (std::size_t head = 0; head < h_.n_head; ++head) {
            vector score(qkv.size(), 0);
            for (std::size_t from = 0; from < qkv.size(); ++from) {
                for (std::size_t i = head * size; i < (head + 1) * size; ++i) { score[from] += qkv[to][i] * qkv[from][n + i]; }
                score[from] /= std::sqrt(static_cast<double>(size));
                const double mask = from <= to ? 1 : 0;
                score[from] = score[from] * mask - 1e10 * (1 - mask);
            }
            const double largest = *std::max_element(score.begin(), score.end());
            double sum = 0;
            for (double& s : score) { sum += s = std::exp(s - largest); }
            for (std::size_t from = 0; from < qkv.size(); ++from) {
                for (std::size_t i = head * size; i < (head + 1) * size; ++i) { result[i] += score[from] / sum * qkv[from][2 * n + i]; }
            }
        }
        return result;
    }

    gpt2::hparams h_;
};

/// The largest difference of two results; infinity if they are not of one shape, or not numbers.
double distance(const matrix& actual, const std::vector<std::vector<double>>& expected) {
    if (actual.shape(0) != expected.size()) { return HUGE_VAL; }
    double largest = 0;
    for (std::size_t p = 0; p < expected.size(); ++p) {
        if (actual.shape(1) != expected[p].size()) { return HUGE_VAL; }
        for (std::size_t i = 0; i < expected[p].size(); ++i) {
            const double difference = std::abs(static_cast<double>(actual(p, i)) - expected[p][i]);
            if (std::isnan(difference)) { return HUGE_VAL; }
            largest = std::max(largest, difference);
        }
    }
    return largest;
}

} // namespace

TEST_CASE("GPT-2 without tokens makes its variables and reads none", "[models]") {
    const gpt2_graph g;
    const auto variables = vs::global_variables();
    CHECK(variables.size() == 2 + 12 * small.n_layer + 2);
    CHECK(std::ranges::none_of(variables, &vs::listed_variable::is_initialized));
    CHECK(variables.front().name() == "model/wpe:0");
    CHECK(variables.back().name() == "model/ln_f/b:0");
}

TEST_CASE("GPT-2 computes what a plain program computes from the same weights", "[models]") {
    const gpt2_graph g;
    for (const unsigned seed : {1U, 2U}) {
        give_weights(seed);
        for (const std::size_t length : {1U, 2U, 3U, 7U, 8U, 9U, 16U}) {
            const auto tokens = some_tokens(length, seed);
            const matrix logits = share(tokens);
            CAPTURE(seed, length);
            CHECK(distance(logits, reference(small)(tokens)) < tolerance);
        }
    }
}

TEST_CASE("GPT-2 on its initial weights computes what a plain program computes", "[models]") {
    const gpt2_graph g;
    vs::session().run(vs::global_variables_initializer());
    const auto tokens = some_tokens(5);
    CHECK(distance(share(tokens), reference(small)(tokens)) < tolerance);
}

TEST_CASE("the comparison with a plain program notices every variable of GPT-2", "[models]") {
    const gpt2_graph g;
    give_weights(1);
    const auto tokens = some_tokens(small.n_ctx);
    const auto expected = reference(small)(tokens);
    REQUIRE(distance(share(tokens), expected) < tolerance);
    for (const auto& v : vs::global_variables()) {
        // The last one counts: for wpe as all positions are used, for wte in a logit, for c_attn as a value's.
        float& element = static_cast<float*>(v.data())[v.size() - 1];
        const float before = element;
        element += 1;
        CAPTURE(v.key());
        CHECK_FALSE(distance(share(tokens), expected) < tolerance);
        element = before;
    }
    CHECK(distance(share(tokens), expected) < tolerance);
    CHECK_FALSE(distance(share(some_tokens(3)), expected) < tolerance);
}

TEST_CASE("a second GPT-2 that reuses creates no variable", "[models]") {
    const gpt2_graph g;
    give_weights(1);
    const auto before = vs::global_variables();
    (void)share(some_tokens(3));
    (void)share({});
    const auto after = vs::global_variables();
    REQUIRE(after.size() == before.size());
    for (std::size_t i = 0; i < before.size(); ++i) { CHECK(after[i].is(before[i])); }
}

TEST_CASE("a second GPT-2 is refused without reuse, and has variables of its own in another scope", "[models]") {
    const gpt2_graph g;
    const std::size_t before = vs::global_variables().size();
    CHECK_THROWS_AS(gpt2::model(small, {}), vs::already_exists);
    CHECK(vs::global_variables().size() == before);
    gpt2::model(small, {}, "second");
    CHECK(vs::global_variables().size() == 2 * before);
    CHECK_THROWS_AS(gpt2::model(small, {}, "third", vs::reuse), vs::does_not_exist);
}

TEST_CASE("GPT-2 before its weights have values says so", "[models]") {
    const gpt2_graph g;
    CHECK_THROWS_AS(share({1}), vs::uninitialized);
}

TEST_CASE("GPT-2 refuses what does not fit its sizes", "[models]") {
    const gpt2_graph g;
    give_weights(1);
    CHECK_THROWS_AS(share({small.n_vocab}), std::invalid_argument);
    CHECK_THROWS_AS(share(some_tokens(small.n_ctx + 1)), std::invalid_argument);
    gpt2::hparams odd = small;
    odd.n_head = 5;
    CHECK_THROWS_AS(gpt2::model(odd, {}, "odd"), std::invalid_argument);
}

TEST_CASE("the largest GPT-2 has 580 variables of 1.5 billion elements, none with a value", "[models]") {
    vs::graph g{{.initialization = vs::initialization::deferred}};
    const vs::as_default in_force{g};
    constexpr gpt2::hparams h{.n_vocab = 50257, .n_ctx = 1024, .n_embd = 1600, .n_head = 25, .n_layer = 48};
    gpt2::model(h, {});
    std::size_t elements = 0;
    const auto variables = vs::global_variables();
    for (const auto& v : variables) { elements += v.size(); }
    CHECK(variables.size() == 580);
    CHECK(std::ranges::none_of(variables, &vs::listed_variable::is_initialized));
    CHECK(elements == (h.n_vocab + h.n_ctx + 2 + h.n_layer * (12 * h.n_embd + 13)) * h.n_embd);
    CHECK(elements == 1'557'611'200);
}
