/// \file
/// Measuring rows, and printing and writing them.

#include "table.hpp"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <ostream>
#include <regex>
#include <stdexcept>

namespace bench {

namespace {

[[nodiscard]] double seconds_of(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Keeps the thread on the core that it is on; until the end of the block, not.
class all_cores {
public:
    static void stay_on_one() {
        sched_getaffinity(0, sizeof all, &all);
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<std::size_t>(std::max(sched_getcpu(), 0)), &one);
        sched_setaffinity(0, sizeof one, &one);
    }
    explicit all_cores(bool is_wanted) : is_wanted_{is_wanted} {
        if (is_wanted_) { sched_setaffinity(0, sizeof all, &all); }
    }
    all_cores(const all_cores&) = delete;
    all_cores& operator=(const all_cores&) = delete;
    ~all_cores() {
        if (is_wanted_) { stay_on_one(); }
    }

private:
    inline static cpu_set_t all{};
    bool is_wanted_;
};

/// Times an operation in rounds of at least some milliseconds, so that the clock does not count.
[[nodiscard]] std::function<double()> timer(operation timed, bool is_quick) {
    const auto time = [](const std::function<void(std::size_t)>& run, std::size_t rounds) {
        const double start = thread_seconds();
        run(rounds);
        return thread_seconds() - start;
    };
    std::size_t rounds = 1;
    constexpr double least = 0.03;
    for (double took = 0; !is_quick;) {
        took = time(timed.run, rounds);
        if (took >= least) { break; }
        rounds = took < least / 10
            ? rounds * 10
            : static_cast<std::size_t>(std::ceil(static_cast<double>(rounds) * 1.1 * least / took));
    }
    return [=, timed = std::move(timed)] {
        double took = time(timed.run, rounds);
        if (timed.overhead) { took -= time(timed.overhead, rounds); }
        return took * 1e9 / static_cast<double>(rounds * timed.per_round);
    };
}

[[nodiscard]] std::function<double()> start(const measurement& how, bool is_quick) {
    if (how.timed) { return timer(how.timed(), is_quick); }
    return how.sampled ? how.sampled() : nullptr;
}

/// A column of figures of one side.
struct figures {
    std::vector<double> all;

    [[nodiscard]] double at(double part) const {
        auto sorted = all;
        std::ranges::sort(sorted);
        return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
    }
    [[nodiscard]] double median() const { return at(0.5); }
    /// Half of the distance between the quartiles, as a part of the median.
    [[nodiscard]] double spread() const {
        return median() == 0 ? 0 : (at(0.75) - at(0.25)) / 2 / std::abs(median());
    }
};

[[nodiscard]] std::string text(double value) {
    std::array<char, 32> buffer{};
    const double size = std::abs(value);
    const int digits = size == 0 || size >= 1000 ? 0 : size >= 100 ? 1 : size >= 0.1 ? 2 : 6;
    std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
    return buffer.data();
}

[[nodiscard]] std::string quoted(const std::string& s) {
    std::string result = "\"";
    for (const char c : s) {
        result += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    }
    return result + '"';
}

/// A line of the table: ours and one peer.
struct line {
    const row& of;
    const figures& ours;
    const peer* beside = nullptr;
    const figures* theirs = nullptr; // null: it is not there

    [[nodiscard]] bool is_higher_better() const { return of.better == better::higher; }
    [[nodiscard]] std::optional<double> ratio() const {
        if (theirs == nullptr || theirs->median() == 0) { return std::nullopt; }
        return ours.median() / theirs->median();
    }
    [[nodiscard]] std::optional<double> target() const {
        return beside != nullptr && beside->target ? beside->target : of.limit;
    }
    /// Of a limit of ours itself the peer is for comparison only.
    [[nodiscard]] std::optional<bool> is_met() const {
        const bool is_ratio = beside != nullptr && beside->target;
        const std::optional<double> found = is_ratio ? ratio() : ours.median();
        if (!target() || !found) { return std::nullopt; }
        return is_higher_better() ? *found >= *target() : *found <= *target();
    }

    void print() const {
        std::string goal;
        if (target()) {
            const bool is_ratio = beside != nullptr && beside->target;
            goal = std::string(is_ratio ? "" : "ours ") + (is_higher_better() ? ">= " : "<= ") +
                text(*target());
        }
        const std::string name = beside == nullptr ? "" : beside->name;
        const bool is_there = beside == nullptr || theirs != nullptr;
        std::printf("%-58s %12s %-12s %3.0f%%  %-30s %12s %4s %9s %16s  %s\n", of.workload.c_str(),
            text(ours.median()).c_str(), of.unit.c_str(), ours.spread() * 100,
            (is_there ? name : name + " (not there)").c_str(),
            theirs == nullptr ? "" : text(theirs->median()).c_str(),
            theirs == nullptr ? ""
                              : (std::to_string(std::lround(theirs->spread() * 100)) + '%').c_str(),
            ratio() ? text(*ratio()).c_str() : "", goal.c_str(),
            !is_met()       ? ""
                : *is_met() ? "met"
                            : "not met");
        std::fflush(stdout);
    }

    void write(std::ostream& out) const {
        const auto write_figures = [&](const figures& f) {
            out << "{\"median\": " << f.median() << ", \"least\": " << f.at(0)
                << ", \"most\": " << f.at(1) << '}';
        };
        out << "{\"workload\": " << quoted(of.workload) << ", \"unit\": " << quoted(of.unit)
            << ", \"better\": " << (is_higher_better() ? "\"higher\"" : "\"lower\"")
            << ", \"repetitions\": " << ours.all.size() << ", \"ours\": ";
        write_figures(ours);
        if (beside != nullptr) {
            out << ", \"peer\": " << quoted(beside->name) << ", \"theirs\": ";
            if (theirs == nullptr) {
                out << "null";
            } else {
                write_figures(*theirs);
            }
        }
        if (ratio()) { out << ", \"ratio\": " << *ratio(); }
        if (target()) { out << ", \"target\": " << *target(); }
        if (is_met()) { out << ", \"met\": " << (*is_met() ? "true" : "false"); }
        out << '}';
    }
};

[[nodiscard]] std::string processor() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string entry; std::getline(file, entry);) {
        if (entry.starts_with("model name")) { return entry.substr(entry.find(':') + 2); }
    }
    return "unknown processor";
}

#if defined __clang__
constexpr const char* compiler = "clang " __clang_version__;
#else
constexpr const char* compiler = "g++ " __VERSION__;
#endif

} // namespace

double thread_seconds() { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }
double wall_seconds() { return seconds_of(CLOCK_MONOTONIC); }

bool table::run() const {
    const std::regex filter(said_.filter);
    const std::string made = std::string(compiler) + ", " VARSCOPE_BENCHMARK_FLAGS;
    std::string lines;
    bool has_any = false;
    if (!said_.only_lists) {
        std::printf("%s; %s; medians, and beside them half the distance of the quartiles\n\n"
                    "%-58s %12s %-12s %4s  %-30s %12s %4s %9s %16s\n",
            processor().c_str(), made.c_str(), "workload", "varscope", "", "", "peer", "", "",
            "ratio", "target");
    }
    all_cores::stay_on_one();
    std::ofstream out;
    if (!said_.json.empty()) {
        out.open(said_.json);
        out << "{\"processor\": " << quoted(processor()) << ", \"compiled\": " << quoted(made)
            << ", \"rows\": [";
    }
    for (const row& r : rows_) {
        const bool is_large = r.workload.find("large") != std::string::npos;
        if (!std::regex_search(r.workload, filter) ||
            (is_large && (said_.is_quick || !said_.is_large))) {
            continue;
        }
        if (said_.only_lists) {
            has_any = true;
            std::printf("%s\n", r.workload.c_str());
            continue;
        }
        const all_cores used{r.uses_all_cores};
        std::vector<measurement> sides{r.ours};
        for (const peer& p : r.peers) { sides.push_back(p.how); }
        std::vector<std::function<double()>> samplers;
        for (const measurement& how : sides) { samplers.push_back(start(how, said_.is_quick)); }
        if (!samplers.front()) { // what it needs is missing
            std::printf("%-58s %12s\n", r.workload.c_str(), "not there");
            continue;
        }
        // In turns, so that what disturbs the machine for a while disturbs all sides.
        std::vector<figures> found(sides.size());
        const std::size_t repetitions = said_.is_quick ? 1
            : r.repetitions == 1                       ? 1
                                                       : said_.repetitions.value_or(r.repetitions);
        for (std::size_t i = 0; i < repetitions; ++i) {
            for (std::size_t side = 0; side < sides.size(); ++side) {
                if (samplers[side]) { found[side].all.push_back(samplers[side]()); }
            }
        }
        const auto show = [&](const line& l) {
            l.print();
            if (out.is_open()) {
                out << (has_any ? ",\n" : "\n");
                l.write(out);
            }
            has_any = true;
        };
        if (r.peers.empty()) { show({r, found[0]}); }
        for (std::size_t i = 0; i < r.peers.size(); ++i) {
            show({r, found[0], &r.peers[i], samplers[i + 1] ? &found[i + 1] : nullptr});
        }
    }
    if (out.is_open()) {
        out << "\n]}\n";
        if (!out.flush()) { throw std::runtime_error("cannot write " + said_.json); }
    }
    return has_any;
}

bool table::run_once(
    const std::string& workload, const std::string& who, std::size_t rounds) const {
    for (const row& r : rows_) {
        if (r.workload != workload) { continue; }
        if (who == "varscope") {
            r.ours.timed().run(rounds);
            return true;
        }
        for (const peer& p : r.peers) {
            if (p.name == who && p.how.timed) {
                p.how.timed().run(rounds);
                return true;
            }
        }
    }
    return false;
}

} // namespace bench
