/// \file
/// Runs the benchmarks, then prints each workload of ours beside its peer's.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

/// Passes everything on to the console, and keeps the medians of "WORKLOAD/WHO". A peer's counter
/// "target" is what the ratio of our time to its own is to be at most.
class comparing_reporter : public benchmark::ConsoleReporter {
public:
    void ReportRuns(const std::vector<Run>& runs) override {
        ConsoleReporter::ReportRuns(runs);
        for (const Run& run : runs) {
            const bool is_median =
                run.run_type == Run::RT_Aggregate && run.aggregate_name == "median";
            if (!is_median && run.repetitions > 1) { continue; }
            const std::string name =
                run.run_name.function_name; // without Google Benchmark's own additions
            const std::size_t slash = name.rfind('/');
            if (slash != std::string::npos) {
                const auto target = run.counters.find("target");
                results_.push_back({name.substr(0, slash), name.substr(slash + 1),
                    run.GetAdjustedRealTime(),
                    target == run.counters.end() ? std::nullopt
                                                 : std::optional(target->second.value)});
            }
        }
    }

    void Finalize() override {
        ConsoleReporter::Finalize();
        std::printf(
            "\n%-46s %14s   %-26s %14s %8s %8s\n", "median time, ns", "varscope", "peer", "", "ratio",
            "target");
        for (const result& ours : results_) {
            if (ours.who != "varscope") { continue; }
            for (const result& peer : results_) {
                if (peer.workload != ours.workload || peer.who == "varscope") { continue; }
                const double ratio = ours.time / peer.time;
                std::printf("%-46s %14.1f   %-26s %14.1f %8.2f", ours.workload.c_str(), ours.time,
                    peer.who.c_str(), peer.time, ratio);
                if (peer.target) {
                    std::printf(" %8.2f  %s", *peer.target,
                        ratio <= *peer.target ? "met" : "not met");
                }
                std::printf("\n");
            }
        }
    }

private:
    struct result {
        std::string workload;
        std::string who;
        double time;
        std::optional<double> target;
    };
    std::vector<result> results_;
};

} // namespace

int main(int count, char** words) {
    benchmark::Initialize(&count, words);
    if (benchmark::ReportUnrecognizedArguments(count, words)) { return 2; }
    comparing_reporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
    benchmark::Shutdown();
}
