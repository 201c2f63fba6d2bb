/// \file
/// Names that are made unique by a suffix: `w`, `w_1`, `w_2`, ...
#pragma once

#include <varscope/names/detail/name_entry.hpp>
#include <varscope/names/detail/name_event.hpp>
#include <varscope/names/detail/name_replay.hpp>
#include <varscope/names/detail/name_table.hpp>
#include <varscope/names/digest.hpp>
#include <varscope/names/name.hpp>
#include <varscope/names/name_owners.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// The table of names that ops and name scopes of one graph have taken.
///
/// Letter case does not count, unless the table is made so. A name is given as the digest (with
/// letters as the table compares them) of the scope it stands in and its text there; the answer is
/// the number of the suffix `_k` that makes it unique, 0 for none. Only names that somebody asked
/// for have an entry: after c requests for `x`, all of `x`, `x_1`, ..., `x_(c-1)` are taken, and
/// the counter c stands for them. A variable whose key is its op's name needs no entry: it is asked
/// of the owners.
///
/// The names in a name scope that was opened again (`x_1`) are not entered one by one. They are
/// known as a sequence of steps, which scopes of one name mostly share: by the thread that is in
/// the scope, and then by the entry of `x`. They are entered when somebody asks for a path through
/// the scope (`x_1/y`), whichever thread is in it then.
///
/// Safe from any thread. Cost: a request for a name that is known is one look-up and one atomic
/// exchange, however often it was asked for; once a name `x_k` was asked for by that text, requests
/// for `x` take a lock, as do ops called as a scope is that was opened again. A step in a scope
/// opened again is one atomic exchange. Follows tf.Graph.unique_name (TensorFlow 1.15).
class unique_names {
public:
    /// \param owners  of names that need no entry here; null: none.
    explicit unique_names(detail::letter_case letters = detail::letter_case::folded,
        const detail::name_owners* owners = nullptr) noexcept
        : table_{letters, owners}
        , owners_{owners} {}

    [[nodiscard]] detail::letter_case letters() const noexcept { return table_.letters(); }

    /// Takes `name`, or the first of `name_1`, `name_2`, ... that is free, and returns its number.
    ///
    /// \param scope  digest of the enclosing name scope.
    /// \param name   the rest of the full name; may hold '/'.
    /// \param where  remembered for the first who takes it, as is `taker`.
    [[nodiscard]] std::uint32_t take(const detail::digest& scope, const detail::hashed_name& hashed,
        const std::source_location& where = {}, name_taker taker = name_taker::op);

    [[nodiscard]] std::uint32_t take(const detail::digest& scope, std::string_view name,
        const std::source_location& where = {}, name_taker taker = name_taker::op) {
        return take(scope, detail::hashed_name(name), where, taker);
    }

    /// One component of a path that ends in a number.
    struct numbered {
        detail::digest scope; // that it stands in
        detail::suffixed_name name;
        detail::digest path; // its own
    };

    /// Calls `insert` if nobody has the name of this path, for it to add a variable to the store that
    /// `holds_own_name`. The path was mentioned, and is written as the table compares letters.
    /// \param last  its last component, if that ends in a number.
    template <class Insert>
    void if_free(const detail::digest& path, const std::optional<numbered>& last, Insert&& insert) {
        const std::scoped_lock lock(mutex_);
        if (table_.find(path) != nullptr) { return; }
        if (last && table_.mark_base(last->scope, last->name)) { return; }
        std::forward<Insert>(insert)();
    }

    /// \name Scopes opened again
    /// \{

    /// What a thread is in; one for each thread, as long as it opens scopes here.
    [[nodiscard]] std::shared_ptr<detail::open_again> add_thread();

    /// A name that a scope got.
    struct opened_scope {
        std::uint32_t number;
        detail::name_entry* entry; // null if it was not known
        bool is_in_table;          // or else what is named in it is known by the thread
    };
    /// Takes `name` for a name scope.
    [[nodiscard]] opened_scope open_scope(detail::open_again& thread, const detail::digest& scope,
        const detail::hashed_name& name, const std::source_location& where);
    /// The same for a name that was asked for, by a thread that keeps no journal: its number, or 0
    /// if that takes a closer look, and nothing happened. In the table, unless the thread has a
    /// base then.
    [[nodiscard, gnu::always_inline]] std::uint32_t open_known(
        detail::open_again& thread, detail::name_entry& known) {
        if (thread.base.load(relaxed) != nullptr) { return 0; }
        std::uint64_t before = known.state.load(relaxed);
        if (before < table::one_request || (before & table::is_irregular) != 0) { return 0; }
        begin(thread, known); // first, so that whoever sees the request sees this
        while (!known.state.compare_exchange_weak(
            before, before + table::one_request, std::memory_order_acq_rel, relaxed)) {
            if (before < table::one_request || (before & table::is_irregular) != 0) {
                thread.base.store(nullptr, std::memory_order_release);
                return 0;
            }
        }
        const auto number = static_cast<std::uint32_t>(before / table::one_request);
        thread.number.store(number, std::memory_order_release);
        if (number < known.mentioned_end.load(relaxed)) [[unlikely]] { keep_in_table(thread); }
        return number;
    }

    /// The step that follows what the thread named so far, which it does now; null if names are in
    /// the table from here on: then `enter` is to be called.
    /// \param likely  what it was last time, or null.
    [[nodiscard]] const detail::name_event* do_step(detail::open_again& thread,
        detail::name_step step, const detail::hashed_name& name, const std::source_location& where,
        const detail::name_event* likely = nullptr);
    /// The same if it is known without a look-up; null, and nothing happened, if it is not.
    [[nodiscard, gnu::always_inline]] static const detail::name_event* do_likely_step(
        detail::open_again& thread, detail::name_step step, const detail::digest& hash,
        const detail::name_event* likely) noexcept {
        const detail::name_event* const before = thread.last.load(std::memory_order_acquire);
        if (before == nullptr) [[unlikely]] { return nullptr; }
        const detail::name_event* const next = find_likely(*before, step, hash, likely);
        return next != nullptr && is_done(thread, before, *next) ? next : nullptr;
    }

    /// After the scope was left.
    void close_scope(detail::open_again& thread);
    /// The same if it needs no lock; else false, and nothing happened.
    [[nodiscard, gnu::always_inline]] static bool is_closed(detail::open_again& thread) noexcept {
        const detail::name_event* const named = thread.last.load(std::memory_order_acquire);
        const detail::name_entry& base = *thread.base.load(relaxed);
        if (named == nullptr || !base.scopes.is(thread.number.load(relaxed), named)) {
            return false;
        }
        thread.base.store(nullptr, std::memory_order_release);
        return true;
    }

    /// The same without memory: what was named in it is forgotten.
    static void forget(detail::open_again& thread) noexcept;

    /// Enters what the thread named in the scope, whose path is `id`; from here on it is in the
    /// table. Nothing to do if another thread did.
    void enter(detail::open_again& thread, const detail::digest& id);

    /// Before names are asked for below `path`, as seen from `scope`: enters those in scopes that
    /// were opened again, and has them in the table from here on.
    void mention_path(detail::digest scope, std::string_view path);

    /// `mention_path` for one component.
    void mention(const numbered& component);
    /// \}

    /// Where `name` was first asked for, if it was.
    [[nodiscard]] std::optional<std::source_location> first_taken(
        const detail::digest& scope, std::string_view name);

    /// Who has `name`, if it is taken: also if nobody asked for it by that text.
    [[nodiscard]] std::optional<name_taker> taker_of(
        const detail::digest& scope, std::string_view name);

    /// The number that `take` would return now.
    [[nodiscard]] std::uint32_t peek(const detail::digest& scope, std::string_view name);

    /// What this thread takes from now on, so that it can be given back. One at a time.
    class journal : public detail::name_journal {
    public:
        explicit journal(unique_names& names) : name_journal(names.table_), names_{names} {}

        /// Gives back what was taken after the first `size` changes, but for names that another
        /// thread took once more: those stay taken.
        void rewind(std::size_t size) noexcept;

    private:
        unique_names& names_;
    };

    /// Entries held, and steps in scopes opened again, for measuring.
    [[nodiscard]] std::size_t entry_count() const;
    [[nodiscard]] std::size_t event_count() const noexcept { return events_.size(); }

private:
    static constexpr auto relaxed = std::memory_order_relaxed;

    using entry = detail::name_entry;
    using table = detail::name_table;

    /// Whether a name was taken by this text. The lock is held.
    [[nodiscard]] bool is_asked_for(const detail::digest& id);

    /// Takes a name for what is not a scope opened again. The lock is held.
    std::uint32_t take_in_table(const detail::digest& id, const detail::digest& scope,
        std::string_view name, const std::source_location& where, name_taker taker);

    void mention_path_of(const detail::digest& scope, std::string_view name);

    /// The thread is about to open a scope `base`.
    [[gnu::always_inline]] void begin(detail::open_again& thread, entry& base) noexcept {
        thread.openings.store(thread.openings.load(relaxed) + 1, relaxed);
        thread.number.store(0, relaxed);
        thread.last.store(&events_.begin(), std::memory_order_release);
        thread.base.store(&base, std::memory_order_release);
    }
    /// The scope that the thread just opened is one of those that are kept in the table.
    void keep_in_table(detail::open_again& thread);

    /// What was named in such a scope, if a thread is in it, and is not known by the thread from
    /// here on; null if there is none. The lock is held, the request for the scope was counted.
    [[nodiscard]] const detail::name_event* take_over(const entry& base, std::uint32_t number);

    /// Enters the names below scope `id`. The lock is held.
    void enter_names(const detail::digest& id, const detail::name_event& last);

    [[nodiscard, gnu::always_inline]] static const detail::name_event* find_likely(
        const detail::name_event& before, detail::name_step step, const detail::digest& hash,
        const detail::name_event* likely) noexcept {
        if (step == detail::name_step::close) {
            return before.closed.load(std::memory_order_acquire);
        }
        if (likely != nullptr && likely->before == &before && likely->is(step, hash)) {
            return likely;
        }
        const detail::name_event* const next = before.next.load(std::memory_order_acquire);
        return next != nullptr && next->is(step, hash) ? next : nullptr;
    }
    [[nodiscard]] const detail::name_event* find_step(detail::open_again& thread,
        const detail::name_event& before, detail::name_step step, const detail::hashed_name& name,
        const std::source_location& where);

    /// Makes `next` what the thread named last, unless another thread took over what was before.
    [[nodiscard, gnu::always_inline]] static bool is_done(detail::open_again& thread,
        const detail::name_event* before, const detail::name_event& next) noexcept {
        return thread.last.compare_exchange_strong(
            before, &next, std::memory_order_acq_rel, relaxed);
    }

    mutable std::mutex mutex_; // guards all below, but for what is said to be safe beside changes
    detail::name_table table_;
    const detail::name_owners* owners_;
    detail::name_events events_;
    std::vector<std::shared_ptr<detail::open_again>> threads_;
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/names/impl/unique_names.ipp>
#endif
