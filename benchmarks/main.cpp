/// \file
/// Prints what things cost, ours beside others'.

#include "table.hpp"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace {

constexpr const char* help =
    R"(usage: varscope_benchmarks [OPTION...]

  --json=FILE  writes the table there too
  --quick      each once and small, and none that is "large": shows that they run, and no more
  --rounds WORKLOAD WHO N  runs, and measures nothing: for tools that count
  --overhead WORKLOAD WHO N  the same for that which does not count

and the options of Google Benchmark; its file is in JSON always. What takes long or gigabytes has
"large" in its name: leave it out with --benchmark_filter=-large.

)";

void print_help() {
    std::fputs(help, stdout);
    benchmark::PrintDefaultHelp();
}

[[nodiscard]] bench::table filled(const bench::settings& said) {
    bench::table t(said);
    bench::add_look_up(t);
    bench::add_instructions(t);
    bench::add_static_names(t);
    bench::add_names(t);
    bench::add_calls(t);
    bench::add_threads(t);
    bench::add_create(t);
    bench::add_initial_values(t);
    bench::add_expressions(t);
    bench::add_records(t);
    bench::add_bundle(t);
    return t;
}

/// What follows the `=` of an option, if the word is that option.
[[nodiscard]] std::optional<std::string> value_of(const std::string& option, const char* word) {
    const std::string text = word;
    if (!text.starts_with(option + '=')) { return std::nullopt; }
    return text.substr(option.size() + 1);
}

[[nodiscard]] int run(int count, char** words) {
    bench::settings said;
    // Beside this one, which may be the one with LibTorch.
    said.counted = std::filesystem::path(words[0]).parent_path() / "varscope_benchmarks";
    std::vector<std::string> others;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--quick") {
            said.is_quick = true;
        } else if ((word == "--rounds" || word == "--overhead") && i + 3 < count) {
            const auto what =
                word == "--rounds" ? bench::table::part::all : bench::table::part::overhead;
            const bool was_found = filled(said).run_once(
                words[i + 1], words[i + 2], std::stoul(words[i + 3]), what);
            return was_found ? 0 : 1;
        } else if (const auto table = value_of("--json", words[i])) {
            said.json = *table;
        } else if (const auto figures = value_of("--benchmark_out", words[i])) {
            said.out = *figures;
        } else {
            said.has_repetitions =
                said.has_repetitions || word.starts_with("--benchmark_repetitions=");
            others.push_back(word);
        }
    }
    // What is said later holds. The sides of a row take turns, so that what disturbs the machine
    // for a while disturbs all; each turn takes some milliseconds, so that the clock does not
    // count.
    std::vector<std::string> all{words[0], "--benchmark_enable_random_interleaving=true",
        "--benchmark_min_time=0.03",
        std::string("--benchmark_repetitions=") + (said.is_quick ? "1" : "11")};
    all.insert(all.end(), others.begin(), others.end());
    std::vector<char*> pointers;
    for (std::string& word : all) { pointers.push_back(word.data()); }
    int rest = static_cast<int>(pointers.size());
    benchmark::Initialize(&rest, pointers.data(), print_help);
    if (benchmark::ReportUnrecognizedArguments(rest, pointers.data())) { return 2; }
    return filled(said).run() ? 0 : 1;
}

} // namespace

int main(int count, char** words) {
    try {
        return run(count, words);
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 1;
    }
}
