/// \file
/// Which mutant of the library runs: the number in the environment variable VARSCOPE_MUTANT; none without it. Copied
/// beside the mutated headers by tests/mutants/mutate.py, and part of no build but that of tests/mutants/run.
#pragma once

#include <cstdlib>
#include <type_traits>

[[nodiscard]] inline int varscope_chosen_mutant() noexcept {
    static const int chosen = [] {
        const char* const text = std::getenv("VARSCOPE_MUTANT");
        return text == nullptr ? 0 : std::atoi(text);
    }();
    return chosen;
}

/// While compiling, no mutant runs.
[[nodiscard]] constexpr bool varscope_mutant(int number) noexcept {
    return !std::is_constant_evaluated() && varscope_chosen_mutant() == number;
}
