/// \file
/// What was named in the scopes that one name was given.
#pragma once

#include <varscope/names/detail/name_event.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// What was named in the scopes `x`, `x_1`, `x_2`, ... that one name `x` was given, by their
/// numbers.
///
/// One content is the usual one: it holds for all numbers from some number on of which nothing else
/// is recorded, those still to come too. The others are recorded by number, as runs where they come
/// regularly: so a program that does the same again and again, also by turns, needs no more memory.
/// What holds for a number is recorded once and never taken back, unless the number itself is.
///
/// Changes, and all but `is` and `is_uniform`, exclude each other.
class scope_contents {
    struct record {
        std::uint32_t number;
        const name_event* content;
    };
    using records = std::vector<record>; // in order

    /// `first`, `first + stride`, ..., `last`.
    struct run {
        std::uint32_t first;
        std::uint32_t last;
        std::uint32_t stride;
        const name_event* content;

        [[nodiscard]] bool has(std::uint32_t number) const noexcept {
            return number >= first && number <= last && (number - first) % stride == 0;
        }
    };

    struct details {
        records earlier; // what was usual before: each from its number on to the next one's
        std::vector<run> runs;
        records others; // that no run has, or that differ from their run
        // What was recorded last, how often without another between, and from where on.
        const name_event* last = nullptr;
        std::uint32_t last_from = 0;
        std::size_t repeated = 0;
        std::size_t repeated_to_be_usual = 1;
    };

public:
    /// What few names need, kept as long as their contents.
    using details_list = std::vector<std::unique_ptr<details>>;

    /// \param usual  holds for all numbers so far.
    explicit scope_contents(const name_event* usual) noexcept : usual_{usual} {}

    /// Whether this is what holds for a number of which nothing was recorded by itself. Safe beside
    /// changes, for who counted the request that got the number by an operation that acquires.
    [[nodiscard]] bool is(std::uint32_t number, const name_event* content) const noexcept {
        return usual_.load(std::memory_order_acquire) == content &&
            first_.load(std::memory_order_acquire) <= number;
    }
    /// Whether nothing was ever recorded. Safe beside changes.
    [[nodiscard]] bool is_uniform() const noexcept {
        return details_.load(std::memory_order_acquire) == nullptr;
    }

    [[nodiscard]] const name_event* at(std::uint32_t number) const;

    /// Records what one of the scopes holds.
    /// \param count  returns how many requests were counted so far, by an operation that acquires
    ///               and releases on the counter.
    template <class Count>
    void set(std::uint32_t number, const name_event* content, details_list& kept, Count&& count) {
        if (at(number) == content) { return; }
        details& d = with_details(kept);
        d.earlier.reserve(d.earlier.size() + 1);
        add(d, number, content);
        if (content != d.last) {
            d.last = content;
            d.last_from = number;
            d.repeated = 0;
        }
        if (++d.repeated < d.repeated_to_be_usual) { return; }
        // Or the usual content came between, which is not recorded.
        const bool is_dense =
            number >= d.last_from && number - d.last_from < d.repeated + d.repeated / 4;
        d.repeated = 0;
        d.last = nullptr;
        if (!is_dense) { return; }
        // Each change takes twice as long as the one before, so that there are few.
        d.repeated_to_be_usual = std::max<std::size_t>(2 * d.repeated_to_be_usual, 64);
        d.earlier.push_back(
            {first_.load(std::memory_order_relaxed), usual_.load(std::memory_order_relaxed)});
        // Requests are counted before `count`, and are left as they are; or after it, and then find
        // that nothing is usual, or what is from here on.
        usual_.store(nullptr, std::memory_order_relaxed);
        first_.store(
            static_cast<std::uint32_t>(std::forward<Count>(count)()), std::memory_order_release);
        usual_.store(content, std::memory_order_release);
    }

    /// Forgets what was recorded of the numbers from `number` on: they were given back.
    void forget_from(std::uint32_t number) noexcept;

    /// Records held, for measuring.
    [[nodiscard]] std::size_t size() const noexcept;

private:
    // Both are looked at one after the other.
    static constexpr std::size_t max_runs = 64;
    static constexpr std::size_t max_looks = 64; // for a number to make a run with

    details& with_details(details_list& kept);

    [[nodiscard]] static bool is_in_run(const details& d, std::uint32_t number) noexcept;
    /// A record that can become part of a run: not one that differs from its run.
    [[nodiscard]] static records::iterator find(
        details& d, std::uint32_t number, const name_event* content);

    static void add(details& d, std::uint32_t number, const name_event* content);

    /// Lengthens a run, or makes one of this number and two others in equal steps.
    [[nodiscard]] static bool is_added_to_run(
        details& d, std::uint32_t number, const name_event* content);

    std::atomic<const name_event*> usual_;   // null: about to change
    std::atomic<std::uint32_t> first_{0};    // from here on it is usual
    std::atomic<details*> details_{nullptr}; // mostly none
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/names/impl/scope_contents.ipp>
#endif
