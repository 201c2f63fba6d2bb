/// \file
/// The table of what things cost: a row for each workload, ours beside its peers. Each side of a
/// row is a benchmark of Google Benchmark's, "workload/varscope" or "workload/<peer>".
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench {

/// Has `value` worked out, though nothing looks at it.
template <class T>
inline void keep(const T& value) {
    asm volatile("" : : "r"(&value) : "memory");
}

/// The processor time of this thread in seconds: what another process takes of a core is not in it.
[[nodiscard]] double thread_seconds();
/// Time as it goes by, in seconds: for work of several threads, and for files.
[[nodiscard]] double wall_seconds();

/// What is timed: `run(rounds)` does `per_round` operations in each round. Where a round has to do
/// something that is not to count, `overhead(rounds)` does that alone, and its time is taken off.
struct operation {
    std::function<void(std::size_t)> run;
    std::function<void(std::size_t)> overhead = {};
    std::size_t per_round = 1;
};

/// How a figure comes about: the function is called before anything is measured, if the row is
/// selected, and what it returns, with all it holds, lives until the row is done. Neither, or an
/// empty function returned: the peer is not there.
struct measurement {
    /// ns of processor time for each; Google Benchmark says how many rounds.
    std::function<operation()> timed = {};
    /// A figure in the row's unit for each repetition; one that is no time is a counter.
    std::function<std::function<double()>()> sampled = {};
};

struct peer {
    std::string name;
    measurement how;
    std::optional<double> target = {}; ///< of the ratio, ours to the peer's
};

/// Which figures are the good ones.
enum class better { lower, higher };

struct row {
    std::string workload; ///< with "large" in it where it takes long or much memory
    std::string unit = "ns";
    bench::better better = better::lower;
    measurement ours;
    std::vector<peer> peers = {};
    std::optional<double> limit = {}; ///< of our figure itself, where the target is no ratio
    /// Where they are not those of the command line's default: at least 5, or 1 of what is the same
    /// each time.
    std::optional<std::size_t> repetitions = {};
    bool uses_all_cores = false;
};

/// What the command line says beside Google Benchmark's own options.
struct settings {
    std::string json = {};        ///< the file to write the table to
    std::string out = {};         ///< the file to write Google Benchmark's figures to
    std::string counted = {};     ///< the program to count instructions of
    bool has_repetitions = false; ///< so many of every row, instead of its own
    bool is_quick = false; ///< each once and small, and none that is large: does it run at all?
};

class table {
public:
    explicit table(const settings& said) : said_{said} {}

    [[nodiscard]] const settings& said() const noexcept { return said_; }
    /// How many of something a workload is to have.
    [[nodiscard]] std::size_t size(std::size_t full) const noexcept {
        return said_.is_quick ? (full < 64 ? full : 64) : full;
    }

    void add(row added) { rows_.push_back(std::move(added)); }

    /// Measures, prints and writes what is selected; returns whether there was anything.
    [[nodiscard]] bool run() const;
    /// What of an operation.
    enum class part { all, overhead };
    /// Runs so many rounds of what a row times, and does not measure. `who` is "varscope" or a
    /// peer.
    [[nodiscard]] bool run_once(const std::string& workload, const std::string& who,
        std::size_t rounds, part what) const;

private:
    settings said_;
    std::vector<row> rows_;
};

/// \name The rows
/// In the order of the table.
/// \{
void add_look_up(table& t);
void add_instructions(table& t);
void add_static_names(table& t);
void add_names(table& t);
void add_calls(table& t);
void add_threads(table& t);
void add_create(table& t);
void add_initial_values(table& t);
void add_expressions(table& t);
void add_records(table& t);
void add_bundle(table& t);
/// \}

} // namespace bench
