/// \file
/// varscope_replay FILE [--time N]: answers the scope programs of a conformance file, one line a program.

#include "machine.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct arguments {
    std::string file;
    int repeats = 0; // 0: answer instead of timing
};

std::optional<arguments> parse(const std::vector<std::string_view>& words) {
    arguments result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--time" && i + 1 < words.size()) {
            const std::string_view n = words[++i];
            const auto [end, failure] = std::from_chars(n.data(), n.data() + n.size(), result.repeats);
            if (failure != std::errc() || end != n.data() + n.size() || result.repeats < 1) { return std::nullopt; }
        } else if (result.file.empty() && (words[i] == "-" || !words[i].starts_with('-'))) {
            result.file = words[i];
        } else {
            return std::nullopt;
        }
    }
    return result.file.empty() ? std::nullopt : std::optional(result);
}

std::vector<nlohmann::json> read_programs(std::istream& in, const std::string& name) {
    std::vector<nlohmann::json> programs;
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        if (line.empty()) { continue; }
        try {
            programs.push_back(nlohmann::json::parse(line));
        } catch (const nlohmann::json::exception& e) {
            throw std::runtime_error(name + ':' + std::to_string(number) + ": " + e.what());
        }
    }
    return programs;
}

int run(const arguments& options) {
    std::vector<nlohmann::json> programs;
    if (options.file == "-") {
        programs = read_programs(std::cin, "standard input");
    } else {
        std::ifstream in(options.file);
        if (!in) { throw std::runtime_error("cannot open " + options.file); }
        programs = read_programs(in, options.file);
    }
    if (options.repeats == 0) {
        for (const auto& program : programs) {
            std::cout << nlohmann::json{{"id", program["id"]}, {"answers", replay::machine().run(program["steps"])}}.dump() << '\n';
        }
        return std::cout.flush() ? 0 : 1;
    }
    std::size_t steps = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < options.repeats; ++i) {
        for (const auto& program : programs) { steps += replay::machine().run(program["steps"]).size(); }
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const std::size_t runs = programs.size() * static_cast<std::size_t>(options.repeats);
    std::printf("%zu programs, %zu steps in %.4f s: %.0f steps per second, %.4f s per 1000 programs\n", runs, steps, seconds.count(),
                static_cast<double>(steps) / seconds.count(), seconds.count() / static_cast<double>(runs) * 1000);
    return 0;
}

} // namespace

int main(int count, char** words) {
    const auto options = parse({words + 1, words + count});
    if (!options) {
        std::cerr << "usage: varscope_replay FILE [--time N]\n"
                     "  FILE: scope programs, one JSON object a line ('-': standard input); prints their answers\n"
                     "  --time N: runs the file N times instead, and prints steps per second\n";
        return 2;
    }
    try {
        return run(*options);
    } catch (const std::exception& e) {
        std::cerr << "varscope_replay: " << e.what() << '\n';
        return 1;
    }
}
