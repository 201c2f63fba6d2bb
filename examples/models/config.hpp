/// \file
/// The hyper-parameters of a model, from a file.
#pragma once

#include "bert.hpp"
#include "gpt2.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>

namespace models {

using json = nlohmann::ordered_json; // keeps keys in their order

/// A JSON object whose members are asked for by key.
///
/// \throws std::runtime_error  from each function: the key is missing, or its value is not as
/// asked.
class config_reader {
public:
    explicit config_reader(const json& object) : object_{object} {
        if (!object.is_object()) { throw std::runtime_error("the configuration is not an object"); }
    }

    /// From 1 to what fits in 31 bits, as a dimension in TensorFlow's programs does.
    [[nodiscard]] std::size_t count(const char* key) const {
        const json& value = at(key);
        if (!value.is_number_integer()) { refuse(key, "an integer"); }
        constexpr std::uint64_t most = std::numeric_limits<std::int32_t>::max();
        // The parser makes what is not negative unsigned.
        const auto number = value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
        if (number < 1 || number > most) { refuse(key, "from 1 to " + std::to_string(most)); }
        return number;
    }
    [[nodiscard]] double positive(const char* key) const {
        const json& value = at(key);
        if (!value.is_number() || !(value.get<double>() > 0)) { refuse(key, "a positive number"); }
        return value.get<double>();
    }
    template <std::size_t N>
    void one_of(const char* key, const std::array<const char*, N>& choices) const {
        const json& value = at(key);
        std::string text;
        for (const char* choice : choices) {
            if (value == choice) { return; }
            text += (text.empty() ? "" : ", ") + std::string(choice);
        }
        refuse(key, "one of " + text);
    }

private:
    [[nodiscard]] const json& at(const char* key) const {
        const auto found = object_.find(key);
        if (found == object_.end()) {
            throw std::runtime_error("the configuration has no '" + std::string(key) + "'");
        }
        return *found;
    }
    [[noreturn]] void refuse(const char* key, const std::string& wanted) const {
        throw std::runtime_error("'" + std::string(key) + "' is " + object_[key].dump() +
            " in the configuration, and should be " + wanted);
    }

    const json& object_;
};

[[nodiscard]] inline bert::config read_bert(const json& object) {
    const config_reader read(object);
    // Which one makes no difference to the variables.
    read.one_of("hidden_act", std::array{"gelu", "relu", "tanh", "linear"});
    return {.vocab_size = read.count("vocab_size"),
        .type_vocab_size = read.count("type_vocab_size"),
        .max_position_embeddings = read.count("max_position_embeddings"),
        .hidden_size = read.count("hidden_size"),
        .num_hidden_layers = read.count("num_hidden_layers"),
        .num_attention_heads = read.count("num_attention_heads"),
        .intermediate_size = read.count("intermediate_size"),
        .initializer_range = read.positive("initializer_range")};
}

[[nodiscard]] inline gpt2::hparams read_gpt2(const json& object) {
    const config_reader read(object);
    return {.n_vocab = read.count("n_vocab"),
        .n_ctx = read.count("n_ctx"),
        .n_embd = read.count("n_embd"),
        .n_head = read.count("n_head"),
        .n_layer = read.count("n_layer")};
}

/// \throws std::runtime_error, nlohmann::json::exception  not a file of JSON.
[[nodiscard]] inline json read_json(const std::string& path) {
    std::ifstream in(path);
    if (!in) { throw std::runtime_error("cannot open it"); }
    return json::parse(in);
}

} // namespace models
