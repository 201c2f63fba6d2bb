/// \file
/// varscope_models FAMILY CONFIG.json [--forward TOKENS]: makes the variables of BERT or GPT-2 and
/// lists them.
///
/// The list has the fields of tests/models/README.md. It is read from the graph, whose
/// initialisation is deferred: no element takes memory. What the graph cannot know: `source` is the
/// program that the code follows, `model` is the name of CONFIG.json, and `published_size` is what
/// CONFIG.json itself says, or null; `config` is repeated as it is given.
///
/// With --forward the list is not printed, but what GPT-2 makes of the tokens with its initial
/// weights, which depend on the graph's seed (0) alone.

#include "config.hpp"
#include "list.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using models::json;
namespace vs = varscope;

struct arguments {
    std::string_view family;
    std::string file;
    std::vector<std::size_t> tokens = {}; // empty: print the list
};

/// "15496,995"; empty if it is anything else.
std::vector<std::size_t> parse_tokens(std::string_view text) {
    std::vector<std::size_t> tokens;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (true) {
        const auto [after, failure] = std::from_chars(at, end, tokens.emplace_back());
        if (failure != std::errc()) { return {}; }
        if (after == end) { return tokens; }
        if (*after != ',') { return {}; }
        at = after + 1;
    }
}

std::optional<arguments> parse(const std::vector<std::string_view>& words) {
    if (words.size() != 2 && (words.size() != 4 || words[2] != "--forward")) { return {}; }
    arguments result{.family = words[0], .file = std::string(words[1])};
    if (result.family != "bert" && result.family != "gpt2") { return {}; }
    if (words.size() == 4) {
        result.tokens = parse_tokens(words[3]);
        if (result.family != "gpt2" || result.tokens.empty()) { return {}; }
    }
    return result;
}

/// Makes the variables in the graph in force.
models::program make_bert(const json& config) {
    const auto c = models::read_bert(config);
    models::bert::pretraining(c);
    return {.source = "github.com/google-research/bert modeling.py + run_pretraining.py @ "
                      "eedf5716ce1268e56f0a50264a88cafad334ac61",
        .groups = {{"bert", "encoder"}, {"cls/predictions", "cls_predictions"},
            {"cls/seq_relationship", "cls_seq_relationship"}},
        .rules = {models::truncated_normal(c.initializer_range), models::zeros(), models::ones()}};
}

models::program make_gpt2(const json& config) {
    models::gpt2::model(models::read_gpt2(config), {});
    return {.source = "github.com/openai/gpt-2 src/model.py @ "
                      "9b63575ef42771a015060c964af2c3da4cf7c8ab",
        .groups = {{"model", "model"}},
        .rules = {models::random_normal(0.01), models::random_normal(0.02), models::constant(0),
            models::constant(1)}};
}

/// What the model says after the last token.
json forward(const json& config, const std::vector<std::size_t>& tokens) {
    vs::session().run(vs::global_variables_initializer());
    const auto logits = models::gpt2::model(models::read_gpt2(config), tokens, "model", vs::reuse);
    const std::vector<float> last(&logits(tokens.size() - 1, 0), logits.data() + logits.size());
    const auto largest = std::ranges::max_element(last);
    return {{"tokens", tokens}, {"logits_shape", vs::shape(logits.shape())},
        {"last",
            {{"argmax", largest - last.begin()}, {"max", *largest},
                {"first",
                    std::vector(last.begin(),
                        last.begin() + std::min(last.end() - last.begin(), std::ptrdiff_t{5}))}}}};
}

void run(const arguments& options) {
    const json file = models::read_json(options.file);
    const bool is_list = file.is_object() && file.contains("config");
    const json& config = is_list ? file["config"] : file;

    vs::graph g{{.initialization = vs::initialization::deferred}};
    vs::as_default in_force{g};
    const auto program = options.family == "bert" ? make_bert(config) : make_gpt2(config);

    if (!options.tokens.empty()) {
        std::cout << forward(config, options.tokens).dump(1) << '\n';
        return;
    }
    const bool is_published = is_list && file.contains("published_size");
    json list{{"format", "tf1-variable-list"}, {"format_version", 1},
        {"model", std::filesystem::path(options.file).stem().string()}, {"family", options.family},
        {"source", program.source}, {"config", config},
        {"published_size", is_published ? file["published_size"] : json()}};
    list.update(models::list_variables(g, program));
    std::cout << models::to_text(std::move(list));
}

} // namespace

int main(int count, char** words) {
    const auto options = parse({words + 1, words + count});
    if (!options) {
        std::cerr << "usage: varscope_models FAMILY CONFIG.json [--forward TOKENS]\n"
                     "  FAMILY: bert or gpt2\n"
                     "  CONFIG.json: its hyper-parameters, or a list of variables that has them as "
                     "\"config\"\n"
                     "  --forward TOKENS: runs gpt2 on tokens, e.g. 15496,995, with its initial "
                     "weights\n";
        return 2;
    }
    try {
        run(*options);
        return std::cout.flush() ? 0 : 1;
    } catch (const std::exception& e) {
        std::cerr << "varscope_models: " << options->file << ": " << e.what() << '\n';
        return 1;
    }
}
