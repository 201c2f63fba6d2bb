/// \file
/// What is known of a name that somebody asked for.
#pragma once

#include <varscope/detail/digest.hpp>
#include <varscope/detail/name_history.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <source_location>
#include <vector>

namespace varscope::detail {

/// What was named in the scopes `x`, `x_1`, `x_2`, ... that one name `x` was given: histories by
/// the numbers of the scopes, in runs of equal ones. Most names have two runs: x itself, whose
/// names are in the table, and all others. Changes exclude each other.
class scope_histories {
public:
    /// What few names have.
    struct exceptions {
        struct run {
            std::uint32_t first;
            const name_history* inside;
        };
        std::vector<run> runs;   // before the last one, by their numbers
        std::vector<run> others; // single numbers, which override the runs; in order too
        std::uint32_t end = std::numeric_limits<std::uint32_t>::max(); // from here on: in the table
    };

    /// Whether `set` would change nothing. Safe beside it.
    [[nodiscard]] bool is(std::uint32_t number, const name_history* inside) const noexcept {
        return latest_.load(std::memory_order_seq_cst) == inside &&
            first_.load(std::memory_order_relaxed) <= number &&
            alone_end_.load(std::memory_order_relaxed) <= number;
    }
    /// Whether nothing was ever told. Safe beside changes.
    [[nodiscard]] bool is_initial() const noexcept {
        return exceptions_.load(std::memory_order_acquire) == nullptr &&
            is(0, name_history::in_table());
    }
    [[nodiscard]] const name_history* at(std::uint32_t number) const noexcept {
        const exceptions* const e = exceptions_;
        if (e != nullptr) {
            if (number >= e->end) { return name_history::in_table(); }
            if (const run* const alone = find_alone(number)) { return alone->inside; }
        }
        if (number >= first_) { return latest_; }
        if (e != nullptr) {
            const auto later = std::ranges::upper_bound(e->runs, number, {}, first_of);
            if (later != e->runs.begin()) { return std::prev(later)->inside; }
        }
        return name_history::in_table();
    }
    /// Where exceptions are kept, as long as this.
    using exception_list = std::vector<std::unique_ptr<exceptions>>;
    /// Tells what is in one of the scopes.
    /// \param requests  for the name, counted now. Scopes that came after `number` may have been told
    ///                  already, or not yet: what holds for this one is not said of them.
    template <class Requests>
    void set(std::uint32_t number, const name_history* inside, exception_list& kept,
        Requests&& requests) {
        if (exceptions_ != nullptr && number >= with_exceptions(kept).end) { return; }
        if (at(number) == inside) { return; }
        if (run* const alone = find_alone(number)) {
            alone->inside = inside;
            return;
        }
        if (number > first_ && requests() <= std::uint64_t{number} + 1) {
            const std::uint32_t first = first_;
            const name_history* const before = latest_;
            const bool is_run = first > 0 || before != name_history::in_table();
            if (is_run) { with_exceptions(kept).runs.push_back({first, before}); }
            // A scope that is opened from here on is seen in the count, or sees what is told here.
            first_ = number;
            latest_.store(inside, std::memory_order_seq_cst);
            if (requests() <= std::uint64_t{number} + 1) { return; }
            first_ = first;
            latest_.store(before, std::memory_order_seq_cst);
            if (is_run) { with_exceptions(kept).runs.pop_back(); }
        }
        auto& others = with_exceptions(kept).others;
        others.insert(std::ranges::lower_bound(others, number, {}, first_of), {number, inside});
        alone_end_ = std::max<std::uint32_t>(alone_end_, number + 1);
    }
    /// From here on all are in the table.
    void end_at(std::uint32_t number, exception_list& kept) {
        auto& e = with_exceptions(kept);
        e.end = std::min(e.end, number);
    }
    /// Forgets the scopes from `number` on: they were given back.
    void forget_from(std::uint32_t number) noexcept {
        exceptions* const e = exceptions_;
        while (first_ >= number && first_ > 0) {
            const bool has_more = e != nullptr && !e->runs.empty();
            first_ = has_more ? e->runs.back().first : 0;
            latest_ = has_more ? e->runs.back().inside : name_history::in_table();
            if (has_more) { e->runs.pop_back(); }
        }
        if (e != nullptr) {
            std::erase_if(e->others, [&](const auto& other) { return other.first >= number; });
        }
    }

private:
    using run = exceptions::run;
    static constexpr auto first_of = &run::first;

    /// What was told of this scope alone, or null.
    [[nodiscard]] run* find_alone(std::uint32_t number) const {
        exceptions* const e = exceptions_;
        if (e == nullptr) { return nullptr; }
        const auto found = std::ranges::lower_bound(e->others, number, {}, first_of);
        return found != e->others.end() && found->first == number ? &*found : nullptr;
    }

    exceptions& with_exceptions(exception_list& kept) {
        exceptions* e = exceptions_;
        if (e == nullptr) {
            e = kept.emplace_back(std::make_unique<exceptions>()).get();
            exceptions_.store(e, std::memory_order_release);
        }
        return *e;
    }

    // The last run, which has no end.
    std::atomic<const name_history*> latest_{name_history::in_table()};
    std::atomic<exceptions*> exceptions_{nullptr};
    std::atomic<std::uint32_t> first_{0};
    std::atomic<std::uint32_t> alone_end_{0}; // beyond the last one that was told alone
};

/// A name that somebody asked for.
struct name_entry {
    digest id;
    std::atomic<std::uint64_t> state;
    std::source_location where; // of the first request
    scope_histories scopes{};   // of this name
};

} // namespace varscope::detail
