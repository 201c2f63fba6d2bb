/// \file
/// Prints what things cost, ours beside others'.

#include "table.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>

namespace {

constexpr const char* help =
    R"(usage: varscope_benchmarks [OPTION...] [FILTER]

FILTER: a regular expression; only workloads that it is found in are measured.

  --no-large       without those that take long or gigabytes; they have "large" in their names
  --repetitions N  of each figure
  --json FILE      writes the table there too
  --list           prints the workloads, and measures nothing
  --quick          each once and small: shows that they run, and no more
  --rounds WORKLOAD WHO N  runs, and measures nothing: for tools that count
)";

[[nodiscard]] bench::table filled(const bench::settings& said) {
    bench::table t(said);
    bench::add_look_up(t);
    bench::add_instructions(t);
    bench::add_static_names(t);
    bench::add_names(t);
    bench::add_threads(t);
    bench::add_create(t);
    bench::add_initial_values(t);
    bench::add_expressions(t);
    bench::add_records(t);
    bench::add_bundle(t);
    return t;
}

[[nodiscard]] int run(int count, char** words) {
    bench::settings said;
    // Beside this one, which may be the one with LibTorch.
    said.counted = std::filesystem::path(words[0]).parent_path() / "varscope_benchmarks";
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--help") {
            std::fputs(help, stdout);
            return 0;
        }
        if (word == "--quick") {
            said.is_quick = true;
        } else if (word == "--no-large") {
            said.is_large = false;
        } else if (word == "--list") {
            said.only_lists = true;
        } else if (word == "--json" && i + 1 < count) {
            said.json = words[++i];
        } else if (word == "--repetitions" && i + 1 < count) {
            said.repetitions = std::stoul(words[++i]);
        } else if (word == "--rounds" && i + 3 < count) {
            return filled(said).run_once(words[i + 1], words[i + 2], std::stoul(words[i + 3])) ? 0
                                                                                               : 1;
        } else if (!word.starts_with("--") && said.filter.empty()) {
            said.filter = word;
        } else {
            std::fprintf(stderr, "not understood: %s\n%s", words[i], help);
            return 2;
        }
    }
    if (!filled(said).run()) {
        std::fprintf(stderr, "no workload is selected\n");
        return 1;
    }
    return 0;
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
