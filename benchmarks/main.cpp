/// \file
/// Runs the benchmarks, then prints each workload of ours beside its peer's.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace {

/// Passes everything on to the console, and keeps the medians of "WORKLOAD/WHO".
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
                results_.push_back(
                    {name.substr(0, slash), name.substr(slash + 1), run.GetAdjustedRealTime()});
            }
        }
    }

    void Finalize() override {
        ConsoleReporter::Finalize();
        std::printf(
            "\n%-42s %14s   %-26s %14s %8s\n", "median time, ns", "varscope", "peer", "", "ratio");
        for (const result& ours : results_) {
            if (ours.who != "varscope") { continue; }
            for (const result& peer : results_) {
                if (peer.workload == ours.workload && peer.who != "varscope") {
                    std::printf("%-42s %14.1f   %-26s %14.1f %8.2f\n", ours.workload.c_str(),
                        ours.time, peer.who.c_str(), peer.time, ours.time / peer.time);
                }
            }
        }
    }

private:
    struct result {
        std::string workload;
        std::string who;
        double time;
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
