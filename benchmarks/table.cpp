/// \file
/// Has Google Benchmark measure rows, and prints and writes them.

#include "table.hpp"

#include <benchmark/benchmark.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <utility>

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

/// The distance of the quartiles from the median on average, as a part of it.
[[nodiscard]] double spread_of(const std::vector<double>& all) {
    auto sorted = all;
    std::ranges::sort(sorted);
    const auto at = [&](std::size_t quarters) {
        return sorted[(sorted.size() - 1) * quarters / 4];
    };
    return at(2) == 0 ? 0 : (at(3) - at(1)) / 2 / std::abs(at(2));
}

/// One side of a row, as Google Benchmark runs it. What it needs is made when it is first run, and
/// shared by all repetitions.
class side {
public:
    side(const row& of, const std::string& who, const measurement& how)
        : of_{of}
        , name_{of.workload + '/' + who}
        , how_{how} {}

    /// It stays where it is until Google Benchmark has run it.
    void enter(const settings& said) {
        if (!how_.timed && !how_.sampled) { return; }
        auto* const entered = benchmark::RegisterBenchmark(
            name_.c_str(), [this](benchmark::State& state) { run(state); });
        entered->Unit(benchmark::kNanosecond);
        entered->ComputeStatistics("spread", spread_of, benchmark::kPercentage);
        if (is_time()) {
            entered->UseManualTime();
        } else {
            entered->UseRealTime();
        }
        if (how_.sampled || said.is_quick) { entered->Iterations(1); }
        const bool is_own =
            of_.repetitions == 1 || (of_.repetitions && !said.has_repetitions && !said.is_quick);
        if (is_own) { entered->Repetitions(static_cast<int>(*of_.repetitions)); }
    }

    /// Takes what was measured, if it was of this side.
    void take(const benchmark::BenchmarkReporter::Run& run) {
        if (run.run_name.function_name != name_ || run.error_occurred) { return; }
        const bool is_single = run.run_type == benchmark::BenchmarkReporter::Run::RT_Iteration;
        const double figure = is_time()
            ? (run.aggregate_unit == benchmark::kPercentage ? run.real_accumulated_time
                                                            : run.GetAdjustedRealTime())
            : run.counters.at(of_.unit).value;
        if (is_single) { ++repetitions_; }
        if (is_single ? run.repetitions == 1 : run.aggregate_name == "median") { median_ = figure; }
        if (!is_single && run.aggregate_name == "spread") { spread_ = figure; }
    }

    /// None: it was not measured.
    [[nodiscard]] std::optional<double> median() const noexcept { return median_; }
    [[nodiscard]] double spread() const noexcept { return spread_; }
    [[nodiscard]] std::size_t repetitions() const noexcept { return repetitions_; }

private:
    [[nodiscard]] bool is_time() const { return of_.unit == "ns"; }

    void run(benchmark::State& state) {
        if (!timed_.run && !sample_) {
            if (how_.timed) {
                timed_ = how_.timed();
            } else {
                sample_ = how_.sampled();
            }
        }
        if (timed_.run) {
            time(state);
        } else if (sample_) {
            for (auto _ : state) {
                const double figure = sample_();
                if (is_time()) {
                    state.SetIterationTime(figure * 1e-9);
                } else {
                    state.counters[of_.unit] = figure;
                }
            }
        } else {
            state.SkipWithError("what it needs is not there");
        }
    }

    void time(benchmark::State& state) const {
        const auto took = [](const std::function<void(std::size_t)>& work, std::size_t rounds) {
            const double start = thread_seconds();
            work(rounds);
            return thread_seconds() - start;
        };
        const auto wanted = static_cast<std::size_t>(state.max_iterations);
        const std::size_t rounds = (wanted + timed_.per_round - 1) / timed_.per_round;
        const auto operations = static_cast<benchmark::IterationCount>(rounds * timed_.per_round);
        while (state.KeepRunningBatch(operations)) {
            const double all = took(timed_.run, rounds);
            state.SetIterationTime(timed_.overhead ? all - took(timed_.overhead, rounds) : all);
        }
    }

    const row& of_;
    std::string name_;
    const measurement& how_;
    operation timed_;
    std::function<double()> sample_;
    std::optional<double> median_;
    double spread_ = 0;
    std::size_t repetitions_ = 0;
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
    const side& ours;
    const peer* beside = nullptr;
    const side* theirs = nullptr;

    [[nodiscard]] bool is_higher_better() const { return of.better == better::higher; }
    [[nodiscard]] std::optional<double> ratio() const {
        if (theirs == nullptr || !ours.median() || theirs->median().value_or(0) == 0) {
            return std::nullopt;
        }
        return *ours.median() / *theirs->median();
    }
    /// Of a limit of ours itself the peer is for comparison only.
    [[nodiscard]] bool is_of_ratio() const { return beside != nullptr && beside->target; }
    [[nodiscard]] std::optional<double> target() const {
        return is_of_ratio() ? beside->target : of.limit;
    }
    [[nodiscard]] std::optional<bool> is_met() const {
        const std::optional<double> found = is_of_ratio() ? ratio() : ours.median();
        if (!target() || !found) { return std::nullopt; }
        return is_higher_better() ? *found >= *target() : *found <= *target();
    }

    void print() const {
        std::string goal;
        if (target()) {
            goal = std::string(is_of_ratio() ? "" : "ours ") +
                (is_higher_better() ? ">= " : "<= ") + text(*target());
        }
        std::printf("%-58s %12s %-12s %4s  %-30s %12s %4s %9s %16s  %s\n", of.workload.c_str(),
            figure(ours).c_str(), of.unit.c_str(), spread(ours).c_str(),
            beside == nullptr ? "" : beside->name.c_str(),
            theirs == nullptr ? "" : figure(*theirs).c_str(),
            theirs == nullptr ? "" : spread(*theirs).c_str(), ratio() ? text(*ratio()).c_str() : "",
            goal.c_str(),
            !is_met()       ? ""
                : *is_met() ? "met"
                            : "not met");
        std::fflush(stdout);
    }

    void write(std::ostream& out) const {
        const auto write_side = [&](const side& s) {
            if (!s.median()) {
                out << "null";
                return;
            }
            out << "{\"median\": " << *s.median() << ", \"spread\": " << s.spread()
                << ", \"repetitions\": " << s.repetitions() << '}';
        };
        out << "{\"workload\": " << quoted(of.workload) << ", \"unit\": " << quoted(of.unit)
            << ", \"better\": " << (is_higher_better() ? "\"higher\"" : "\"lower\"")
            << ", \"ours\": ";
        write_side(ours);
        if (beside != nullptr) {
            out << ", \"peer\": " << quoted(beside->name) << ", \"theirs\": ";
            write_side(*theirs);
        }
        if (ratio()) { out << ", \"ratio\": " << *ratio(); }
        if (target()) { out << ", \"target\": " << *target(); }
        if (is_met()) { out << ", \"met\": " << (*is_met() ? "true" : "false"); }
        out << '}';
    }

private:
    [[nodiscard]] static std::string figure(const side& s) {
        return s.median() ? text(*s.median()) : "not there";
    }
    [[nodiscard]] static std::string spread(const side& s) {
        return s.median() ? std::to_string(std::lround(s.spread() * 100)) + '%' : "";
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

/// Hands figures to the sides of the row that is measured. The rows are runs of Google Benchmark of
/// their own, so that each has freed what it needed before the next; its file has them all.
class collector final : public benchmark::BenchmarkReporter {
public:
    explicit collector(const std::string& file) {
        SetErrorStream(&complaints_);
        if (file.empty()) { return; }
        out_.open(file);
        if (!out_) { throw std::runtime_error("cannot write " + file); }
        json_.SetOutputStream(&out_);
        json_.SetErrorStream(&out_);
    }

    void look_for(std::vector<side>& sides) noexcept { sides_ = &sides; }
    /// Whether anything was measured.
    [[nodiscard]] bool has_begun() const noexcept { return has_begun_; }
    /// What Google Benchmark had to say of the last row.
    [[nodiscard]] std::string complaint() {
        return std::exchange(complaints_, std::ostringstream()).str();
    }
    void finish() {
        if (out_.is_open() && has_begun_) { json_.Finalize(); }
    }

    bool ReportContext(const Context& context) override {
        if (!has_begun_ && out_.is_open()) { json_.ReportContext(context); }
        has_begun_ = true;
        return true;
    }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            for (side& s : *sides_) { s.take(run); }
        }
        if (out_.is_open()) { json_.ReportRuns(runs); }
    }

private:
    std::ostringstream complaints_;
    std::ofstream out_;
    benchmark::JSONReporter json_;
    std::vector<side>* sides_ = nullptr;
    bool has_begun_ = false;
};

} // namespace

double thread_seconds() { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }
double wall_seconds() { return seconds_of(CLOCK_MONOTONIC); }

bool table::run() const {
    const std::string made = std::string(compiler) + ", " VARSCOPE_BENCHMARK_FLAGS;
    benchmark::AddCustomContext("processor", processor());
    benchmark::AddCustomContext("compiled", made);
    all_cores::stay_on_one();
    collector measured(said_.out);
    std::ostringstream lines;
    std::string complaint;
    bool has_any = false;
    for (const row& r : rows_) {
        if (said_.is_quick && r.workload.find("large") != std::string::npos) { continue; }
        const all_cores used{r.uses_all_cores};
        std::vector<side> sides{{r, "varscope", r.ours}};
        for (const peer& p : r.peers) { sides.emplace_back(r, p.name, p.how); }
        for (side& s : sides) { s.enter(said_); }
        measured.look_for(sides);
        const bool is_first = !measured.has_begun();
        const bool is_selected = benchmark::RunSpecifiedBenchmarks(&measured) > 0;
        benchmark::ClearRegisteredBenchmarks();
        complaint = measured.complaint();
        has_any = has_any || is_selected;
        if (!is_selected || !measured.has_begun()) { continue; }
        if (is_first) {
            std::printf("%s; %s; medians, and beside them half the distance of the quartiles\n\n"
                        "%-58s %12s %-12s %4s  %-30s %12s %4s %9s %16s\n",
                processor().c_str(), made.c_str(), "workload", "varscope", "", "", "peer", "", "",
                "ratio", "target");
        }
        const auto show = [&](const line& l) {
            l.print();
            l.write(lines << (lines.view().empty() ? "\n" : ",\n"));
        };
        if (r.peers.empty()) { show({r, sides[0]}); }
        for (std::size_t i = 0; i < r.peers.size(); ++i) {
            show({r, sides[0], &r.peers[i], &sides[i + 1]});
        }
    }
    measured.finish();
    if (!has_any) { std::fputs(complaint.c_str(), stderr); }
    if (!said_.json.empty() && measured.has_begun()) {
        std::ofstream out(said_.json);
        out << "{\"processor\": " << quoted(processor()) << ", \"compiled\": " << quoted(made)
            << ", \"rows\": [" << lines.view() << "\n]}\n";
        if (!out.flush()) { throw std::runtime_error("cannot write " + said_.json); }
    }
    return has_any;
}

bool table::run_once(
    const std::string& workload, const std::string& who, std::size_t rounds, part what) const {
    const auto run = [&](const measurement& m) {
        const operation o = m.timed();
        const auto& work = what == part::all ? o.run : o.overhead;
        if (work) { work(rounds); }
        return true;
    };
    for (const row& r : rows_) {
        if (r.workload != workload) { continue; }
        if (who == "varscope") { return run(r.ours); }
        for (const peer& p : r.peers) {
            if (p.name == who && p.how.timed) { return run(p.how); }
        }
    }
    return false;
}

} // namespace bench
