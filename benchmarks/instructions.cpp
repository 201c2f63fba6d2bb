/// \file
/// How many instructions an operation takes, counted by valgrind, where times are too noisy.

#include "table.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace bench {

namespace {

[[nodiscard]] std::string quoted(const std::string& word) { return '\'' + word + '\''; }

/// What a command prints.
[[nodiscard]] std::string output_of(const std::string& command) {
    std::FILE* const pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) { throw std::runtime_error("cannot run " + command); }
    std::string text;
    std::array<char, 4096> buffer{};
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        text.append(buffer.data(), size);
    }
    if (pclose(pipe) != 0) { text.clear(); }
    return text;
}

[[nodiscard]] bool has_valgrind() { return !output_of("valgrind --version 2>/dev/null").empty(); }

/// Instructions of the program when it runs so many rounds.
/// \param what  "--rounds" or "--overhead".
[[nodiscard]] double count(const std::string& program, const std::string& what,
    const std::string& workload, const std::string& who, std::size_t rounds) {
    const std::string command =
        "valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null " +
        quoted(program) + ' ' + what + ' ' + quoted(workload) + ' ' + quoted(who) + ' ' +
        std::to_string(rounds) + " 2>&1";
    const std::string text = output_of(command);
    std::size_t at = text.find("I   refs:");
    if (at == std::string::npos) { at = text.find("I refs:"); }
    if (at == std::string::npos) { throw std::runtime_error("nothing counted: " + command); }
    std::string digits;
    for (at = text.find(':', at) + 1; at < text.size() && text[at] != '\n'; ++at) {
        if (text[at] >= '0' && text[at] <= '9') { digits += text[at]; }
    }
    return std::stod(digits);
}

/// Instructions of each operation that another row times: the difference of two runs, over that of
/// their rounds. What does not count in that row does not count here.
[[nodiscard]] measurement instructions(
    const table& t, const std::string& workload, const std::string& who, std::size_t per_round) {
    return {.sampled = [=, program = t.said().counted]() -> std::function<double()> {
        if (!has_valgrind()) { return nullptr; }
        return [=] {
            constexpr std::size_t few = 4096; // tables that the first rounds fill have grown
            constexpr std::size_t many = 3 * few;
            double more = 0;
            for (const std::size_t operations : {few, many}) {
                const std::size_t rounds = operations / per_round;
                const double all = count(program, "--rounds", workload, who, rounds) -
                    count(program, "--overhead", workload, who, rounds);
                more = all - more;
            }
            return more / static_cast<double>(many - few);
        };
    }};
}

} // namespace

void add_instructions(table& t) {
    if (t.said().is_quick) { return; } // valgrind takes seconds for each
    const auto add = [&](const std::string& of, std::size_t per_round, double limit) {
        t.add({.workload = of + ": instructions",
            .unit = "instructions",
            .ours = instructions(t, of, "varscope", per_round),
            .peers = {{"naive", instructions(t, of, "naive", per_round)}},
            .limit = limit,
            .repetitions = 1});
    };
    add("two scopes and get, literal names, 10k, hot", 32, 450);
    add("two scopes and get, run-time names, 10k, hot", 1, 650);
}

} // namespace bench
