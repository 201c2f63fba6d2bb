/// \file
/// A model that is called again and again.

#include <varscope/varscope.hpp>

#include "memory.hpp"
#include "table.hpp"

#include <xtensor/xtensor.hpp>

#include <algorithm>
#include <barrier>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace bench {

namespace {

namespace vs = varscope;

/// Twenty layers, each a scope with two variables and three ops.
class model {
public:
    model() {
        for (int i = 0; i < 20; ++i) { names_.push_back("layer_" + std::to_string(i)); }
    }

    void call() const {
        const vs::variable_scope all{"model", vs::auto_reuse};
        for (const std::string& name : names_) {
            const vs::variable_scope layer{name};
            const auto kernel = vs::get_variable<float, 1>("kernel", {4});
            const auto bias = vs::get_variable<float, 1>("bias", {4});
            const auto y = vs::relu(vs::add(vs::multiply(kernel, 2.F), bias));
            keep(y);
        }
    }

private:
    std::vector<std::string> names_;
};

/// As many calls as a thread does before it looks how much memory there is.
constexpr std::size_t batch = 1000;
/// Growth that leaves no doubt, and the machine its memory: no more calls than until there.
constexpr double much = 256 * 1024 * 1024;

/// Bytes that are there after so many calls by each thread, and not after the first thousand.
[[nodiscard]] measurement growth(std::size_t calls, std::size_t threads) {
    const std::size_t first = std::min(batch, calls / 2);
    return {.sampled = [=] {
        return [=] {
            return bytes_more([&](const auto& begin, const auto& end) {
                vs::graph g({.record_ops = false});
                const model m;
                // All threads go on together, and live until the end: what ends gives memory back.
                std::size_t done = first;
                double before = 0;
                const auto after_batch = [&]() noexcept {
                    if (before == 0) {
                        before = bytes_resident_now();
                        begin();
                    } else if (done >= calls || bytes_resident_now() - before > much) {
                        end();
                    }
                    done += batch;
                };
                std::barrier together(static_cast<std::ptrdiff_t>(threads), after_batch);
                const auto work = [&] {
                    const vs::as_default in{g};
                    keep(bytes_resident_now()); // what looking takes is no growth
                    for (std::size_t next = first;; next = batch) {
                        for (std::size_t i = 0; i < next; ++i) { m.call(); }
                        together.arrive_and_wait();
                    }
                };
                std::vector<std::thread> others;
                for (std::size_t i = 1; i < threads; ++i) { others.emplace_back(work); }
                work();
            });
        };
    }};
}

} // namespace

void add_calls(table& t) {
    const std::size_t calls = t.said().is_quick ? 4 * batch : 1'000'000;
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
        t.add({.workload = "a model of 20 layers called a million times" +
                (threads == 1 ? std::string() : ", 2 threads") + ": memory",
            .unit = "bytes",
            .ours = growth(calls, threads),
            .limit = 0,
            .repetitions = 1,
            .uses_all_cores = threads > 1});
    }
}

} // namespace bench
