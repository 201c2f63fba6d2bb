/// \file
/// varscope_schema FILE [--name NAME]: writes a header that declares the variables of a model.
///
/// FILE is a list in JSON, with the fields of tests/models/README.md, or a TensorFlow checkpoint.
/// The header goes to standard output. It declares `struct NAME`, whose `layout` has the variables
/// in the file's order, but for scopes of one content that are called `x0`, `x1` and so on: they
/// are written once, as a repetition. A checkpoint lists its tensors by name, and knows neither
/// their initializers nor which of them are trained.
///
/// Ends with 0; with 1 after an error, which is told on standard error; with 2 after wrong usage.

#include "read.hpp"
#include "write.hpp"

#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct arguments {
    std::string file;
    std::string name; // empty: the model's
};

std::optional<arguments> parse(const std::vector<std::string_view>& words) {
    arguments result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--name" && result.name.empty() && i + 1 < words.size()) {
            result.name = words[++i];
            if (!schema_tool::is_struct_name(result.name)) { return {}; }
        } else if (result.file.empty() && !words[i].starts_with('-')) {
            result.file = words[i];
        } else {
            return {};
        }
    }
    if (result.file.empty()) { return {}; }
    return result;
}

} // namespace

int main(int count, char** words) {
    const auto options = parse({words + 1, words + count});
    if (!options) {
        std::cerr
            << "usage: varscope_schema FILE [--name NAME]\n"
               "  FILE: a list of variables in JSON (\"format\": \"tf1-variable-list\"), or a "
               "TensorFlow checkpoint,\n"
               "        e.g. folder/model.ckpt-100\n"
               "  --name NAME: of the struct, an identifier of C++ that is no keyword; "
               "default: that of the model\n";
        return 2;
    }
    try {
        const auto list = schema_tool::read_list(options->file);
        std::cout << schema_tool::write_header(
            list, options->name.empty() ? schema_tool::struct_name_of(list.name) : options->name);
        if (!std::cout.flush()) { throw std::runtime_error("the header cannot be written"); }
        return 0;
    } catch (const std::exception& e) {
        std::cerr << "varscope_schema: " << options->file << ": " << e.what() << '\n';
        return 1;
    }
}
