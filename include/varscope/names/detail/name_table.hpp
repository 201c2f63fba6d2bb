/// \file
/// The names that were taken, and TensorFlow's rule by which a name is made unique.
#pragma once

#include <varscope/base/arena.hpp>
#include <varscope/names/detail/name_entry.hpp>
#include <varscope/names/detail/name_event.hpp>
#include <varscope/names/detail/scope_contents.hpp>
#include <varscope/names/digest.hpp>
#include <varscope/names/flat_table.hpp>
#include <varscope/names/name.hpp>
#include <varscope/names/name_owners.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// What a name was taken for.
enum class name_taker : std::uint8_t {
    op,
    name_scope,
    reserved, ///< by `unique_name`
    suffix,   ///< a request for a shorter name, which got this one by a suffix
};

namespace detail {

class name_journal;

/// The names that were taken, each with the number of requests for it. Of no lock, and nothing of
/// threads but what can be asked beside changes: `find`, `take_regular`, `has_journal`. All else
/// excludes each other. Knows paths by their digests only. Follows tf.Graph.unique_name.
class name_table {
public:
    using entry = name_entry;

    name_table(letter_case letters, const name_owners* owners) noexcept
        : letters_{letters}
        , owners_{owners} {}
    name_table(const name_table&) = delete;
    name_table& operator=(const name_table&) = delete;
    name_table(name_table&&) = delete;
    name_table& operator=(name_table&&) = delete;
    ~name_table() = default;

    [[nodiscard]] letter_case letters() const noexcept { return letters_; }
    /// The hash of a component, letter case as the table compares it.
    [[nodiscard]] digest hash_of(std::string_view component) const noexcept {
        return hash_component(component, letters_ == letter_case::folded).hash;
    }
    [[nodiscard]] digest below(const digest& scope, std::string_view component) const noexcept {
        return extend_by_component(scope, hash_of(component));
    }
    /// How many there are.
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

    // The state of an entry: the number of requests, the first taker in two bits, and two bits that
    // tell requests to take the lock. All in one word, so that a request sees either such a bit or,
    // for whoever sets the bit, is seen in the count.
    static constexpr std::uint64_t is_irregular = 1; // `x_k` was asked for by that text
    static constexpr std::uint64_t one_taker = 2;
    static constexpr std::uint64_t is_opened_again = 8; // something is recorded of scopes `x_k`
    static constexpr std::uint64_t one_request = 16;

    [[nodiscard]] static std::uint64_t requests(const entry& e) noexcept {
        return e.state.load(std::memory_order_relaxed) / one_request;
    }
    [[nodiscard]] static name_taker first_taker(const entry& e) noexcept {
        return static_cast<name_taker>(e.state.load(std::memory_order_relaxed) / one_taker % 4);
    }

    /// The entry of a path, if it has one.
    [[nodiscard, gnu::always_inline]] entry* find(const digest& id) const noexcept {
        return entries_.find(id);
    }
    /// The entry of a path that somebody has, had or mentioned.
    [[nodiscard]] entry* look_up(const digest& id);
    entry& look_up_or_add(const digest& id);

    /// Takes `scope/name`, or that with a suffix, from the counter of the name alone. Nothing, if
    /// it has none, is irregular, or something is recorded of scopes that have it: then it is to be
    /// taken under a lock, so that those look for a free suffix in the order of their counts.
    [[nodiscard]] std::optional<std::uint32_t> take_regular(entry& known);

    struct taken_name {
        std::uint32_t number; // of the suffix; 0: none
        entry* owner;         // the name that was asked for
        bool is_counted;      // by that; or else the result is an entry of its own
    };
    /// Takes any name.
    /// \param id  of `scope/name`.
    taken_name take(const digest& id, const digest& scope, std::string_view name,
        const std::source_location& where, name_taker taker);

    /// The number that `take` would return now.
    [[nodiscard]] std::uint32_t peek(const digest& scope, std::string_view name);

    /// Whether `name` is an `x_k` that the counter of `x` stands for.
    [[nodiscard]] bool is_counted(const digest& scope, std::string_view name);
    /// Whether `x_number` was given to a request for `x`, and has no entry for that.
    [[nodiscard]] static bool has_given(const entry& base, std::uint64_t number) noexcept {
        return numbers_given(base) > number;
    }
    /// All numbers below this one are given to requests, or asked for by themselves.
    [[nodiscard]] static std::uint64_t numbers_given(const entry& base) noexcept {
        return std::max<std::uint64_t>(requests(base), base.taken_end);
    }

    /// Before `name` gets a first request of its own: if it reads `x_k`, x's counter alone no
    /// longer tells which suffixes are free. Returns whether that counter stood for `name` already.
    bool mark_base(const digest& scope, std::string_view name);
    bool mark_base(const digest& scope, const suffixed_name& name);

    /// Stands for what is named in a scope that is in the table.
    [[nodiscard]] const name_event* in_table() const noexcept { return &in_table_; }
    /// Records what is named in a scope that was just opened; gives its name back if that fails.
    void record_new(entry& base, std::uint32_t number, const name_event* named);
    /// Records what is named in a scope.
    void record(entry& base, std::uint32_t number, const name_event* named);

    /// Whether some thread keeps a journal.
    [[nodiscard]] bool has_journal() const noexcept;
    /// That of this thread, or null.
    [[nodiscard]] name_journal* journal() const noexcept;
    /// From here on it is this thread's; null: nobody keeps one.
    void set_journal(name_journal* journal) noexcept;
    /// Takes a request back, unless there were more than these since.
    static void give_back(entry& e, std::uint64_t after) noexcept;

private:
    static constexpr std::uint64_t bits_of(name_taker taker) noexcept {
        return static_cast<std::uint64_t>(taker) * one_taker;
    }

    entry& add(const digest& id, std::uint64_t state, const std::source_location& where);

    static void set_taker(entry& e, name_taker taker, const std::source_location& where) noexcept;

    /// Counts a request. \returns the number of those before.
    std::uint64_t count(entry& e);
    /// What may fail once a request was counted.
    template <class Function>
    static std::invoke_result_t<Function> or_give_back(
        entry& e, std::uint64_t after, Function&& function) {
        try {
            return std::forward<Function>(function)();
        } catch (...) {
            give_back(e, after);
            throw;
        }
    }
    /// Notes in this thread's journal that an entry now stands for `after` requests.
    void note(entry& e, std::uint64_t after);

    /// The first k from `start` on such that `name_k` is free.
    [[nodiscard]] std::uint32_t first_free(
        const entry& of, const digest& scope, std::string_view name, std::uint64_t start);

    /// Enters `name_number`, which `first_free` found, as a name of its own.
    void enter_suffixed(const digest& scope, std::string_view name, std::uint64_t number);

    letter_case letters_;
    const name_owners* owners_; // of names that have no entry
    std::atomic<std::thread::id> journal_owner_{};
    name_journal* journal_ = nullptr; // only its owner looks at this
    arena memory_;
    flat_table<entry> entries_;
    const name_event in_table_{};
    scope_contents::details_list contents_;
};

/// What one thread took since a moment, so that it can be given back. There is one at a time in a
/// table.
class name_journal {
public:
    explicit name_journal(name_table& table) : table_{table} { table_.set_journal(this); }
    name_journal(const name_journal&) = delete;
    name_journal& operator=(const name_journal&) = delete;
    name_journal(name_journal&&) = delete;
    name_journal& operator=(name_journal&&) = delete;
    ~name_journal() { table_.set_journal(nullptr); }

    [[nodiscard]] std::size_t size() const noexcept { return changes_.size(); }
    void note(name_entry& e, std::uint64_t requests) {
        if (!is_paused_) { changes_.push_back({&e, requests}); }
    }
    /// Gives back what was taken after the first `size` changes, but for names that another thread
    /// took once more: those stay taken.
    void rewind(std::size_t size) noexcept;

    /// Has this thread's journal, if it keeps one, note nothing until the end of the block.
    class pause {
    public:
        explicit pause(const name_table& table) noexcept
            : paused_{table.journal()}
            , was_paused_{paused_ != nullptr && std::exchange(paused_->is_paused_, true)} {}
        pause(const pause&) = delete;
        pause& operator=(const pause&) = delete;
        pause(pause&&) = delete;
        pause& operator=(pause&&) = delete;
        ~pause() {
            if (paused_ != nullptr) { paused_->is_paused_ = was_paused_; }
        }

    private:
        name_journal* paused_;
        bool was_paused_;
    };

private:
    struct change {
        name_entry* where;
        std::uint64_t requests; // after it
    };
    name_table& table_;
    std::vector<change> changes_;
    bool is_paused_ = false;
};

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/names/impl/name_table.ipp>
#endif
