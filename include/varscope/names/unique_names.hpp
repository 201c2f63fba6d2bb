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
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <thread>
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
        const std::source_location& where = {}, name_taker taker = name_taker::op) {
        const std::string_view name = hashed.text;
        if (!hashed.exact.is_component) { mention_path_of(scope, name); }
        const detail::digest id = detail::extend(scope, hashed, letters());
        if (entry* const known = table_.find(id)) {
            if (const auto number = table_.take_regular(*known)) { return *number; }
        }
        const std::scoped_lock lock(mutex_);
        return take_in_table(id, scope, name, where, taker);
    }

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

    /// Calls `add` if nobody has the name of this path, for it to add a variable to the store that
    /// `holds_own_name`. The path was mentioned, and is written as the table compares letters.
    /// \param last  its last component, if that ends in a number.
    template <class Add>
    void if_free(const detail::digest& path, const std::optional<numbered>& last, Add&& add) {
        const std::scoped_lock lock(mutex_);
        if (table_.find(path) != nullptr) { return; }
        if (last && table_.mark_base(last->scope, last->name)) { return; }
        std::forward<Add>(add)();
    }

    /// \name Scopes opened again
    /// \{

    /// What a thread is in; one for each thread, as long as it opens scopes here.
    [[nodiscard]] std::shared_ptr<detail::open_again> add_thread() {
        auto added = std::make_shared<detail::open_again>();
        const std::scoped_lock lock(mutex_);
        std::erase_if(threads_, [](const auto& thread) { return thread.use_count() == 1; });
        threads_.push_back(added);
        return added;
    }

    /// A name that a scope got.
    struct opened_scope {
        std::uint32_t number;
        detail::name_entry* entry; // null if it was not known
        bool is_in_table;          // or else what is named in it is known by the thread
    };
    /// Takes `name` for a name scope.
    [[nodiscard]] opened_scope open_scope(detail::open_again& thread, const detail::digest& scope,
        const detail::hashed_name& name, const std::source_location& where) {
        if (!name.exact.is_component) { mention_path_of(scope, name.text); }
        const detail::digest id = detail::extend(scope, name, letters());
        entry* const known = table_.find(id);
        if (known != nullptr && !table_.has_journal() && thread.base.load(relaxed) == nullptr) {
            if (const auto number = open_known(thread, *known); number != 0) {
                return {number, known, thread.base.load(relaxed) == nullptr};
            }
            const std::scoped_lock lock(mutex_);
            const detail::name_table::taken_name taken =
                table_.take(id, scope, name.text, where, name_taker::name_scope);
            const bool is_in_table = taken.number == 0 || !taken.is_counted ||
                taken.number < known->mentioned_end.load(relaxed);
            if (is_in_table) {
                table_.record_new(*known, taken.number, table_.in_table());
            } else {
                begin(thread, *known);
                thread.number.store(taken.number, std::memory_order_release);
            }
            return {taken.number, known, is_in_table};
        }
        return {take(scope, name, where, name_taker::name_scope), known, true};
    }
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
        const detail::name_event* likely = nullptr) {
        const detail::name_event* const before = thread.last.load(std::memory_order_acquire);
        if (before == nullptr) { return nullptr; }
        const detail::name_event* next = find_likely(*before, step, name.exact.hash, likely);
        if (next == nullptr) { next = find_step(thread, *before, step, name, where); }
        return next != nullptr && is_done(thread, before, *next) ? next : nullptr;
    }
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
    void close_scope(detail::open_again& thread) {
        if (is_closed(thread)) { return; }
        const std::scoped_lock lock(mutex_);
        if (const detail::name_event* const named = thread.last.load(relaxed)) {
            table_.record(*thread.base.load(relaxed), thread.number.load(relaxed), named);
        }
        thread.base.store(nullptr, std::memory_order_release);
    }
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
    static void forget(detail::open_again& thread) noexcept {
        thread.last.store(nullptr, relaxed);
        thread.base.store(nullptr, std::memory_order_release);
    }

    /// Enters what the thread named in the scope, whose path is `id`; from here on it is in the
    /// table. Nothing to do if another thread did.
    void enter(detail::open_again& thread, const detail::digest& id) {
        const std::scoped_lock lock(mutex_);
        entry* const base = thread.base.load(relaxed);
        if (base == nullptr) { return; }
        if (const detail::name_event* const named = thread.last.load(relaxed)) {
            table_.record(*base, thread.number.load(relaxed), table_.in_table());
            enter_names(id, *named);
            thread.last.store(nullptr, relaxed);
        }
        thread.base.store(nullptr, std::memory_order_release);
    }

    /// Before names are asked for below `path`, as seen from `scope`: enters those in scopes that
    /// were opened again, and has them in the table from here on.
    void mention_path(detail::digest scope, std::string_view path) {
        for (;;) {
            const std::size_t slash = path.find('/');
            const std::string_view component = path.substr(0, slash);
            const detail::digest next = table_.below(scope, component);
            if (const auto parts = detail::split_suffix(component)) {
                mention({scope, *parts, next});
            }
            if (slash == std::string_view::npos) { return; }
            scope = next;
            path.remove_prefix(slash + 1);
        }
    }

    /// `mention_path` for one component.
    void mention(const numbered& component) {
        const auto& [scope, parts, id] = component;
        if (parts.number >= std::numeric_limits<std::uint32_t>::max()) { return; }
        const auto number = static_cast<std::uint32_t>(parts.number);
        const detail::digest base = table_.below(scope, parts.base);
        entry* known = table_.find(base);
        const auto was_opened_again = [&] { // or may be, without finding that it was mentioned
            return known->state.fetch_or(0, std::memory_order_acq_rel) / table::one_request > 1;
        };
        if (known != nullptr && number < known->mentioned_end.load(std::memory_order_acquire) &&
            known->scopes.is_uniform() && !was_opened_again()) {
            return;
        }
        const std::scoped_lock lock(mutex_);
        known = &table_.look_up_or_add(base);
        // Requests that are not counted yet find this.
        if (number >= known->mentioned_end.load(relaxed)) {
            known->mentioned_end.store(number + 1, std::memory_order_release);
        }
        known->state.fetch_or(0, std::memory_order_acq_rel);
        if (!table::has_given(*known, number)) { return; }
        // The others are known by their threads, or recorded.
        const detail::name_event* named = take_over(*known, number);
        if (named == nullptr) {
            named = is_asked_for(id) ? table_.in_table() : known->scopes.at(number);
        }
        if (named == table_.in_table()) { return; }
        table_.record(*known, number, table_.in_table());
        enter_names(id, *named);
    }
    /// \}

    /// Where `name` was first asked for, if it was.
    [[nodiscard]] std::optional<std::source_location> first_taken(
        const detail::digest& scope, std::string_view name) {
        mention_path_of(scope, name);
        const std::scoped_lock lock(mutex_);
        const entry* const known = table_.look_up(detail::extend(scope, name, letters()));
        if (known == nullptr || table::requests(*known) == 0) { return std::nullopt; }
        return known->where;
    }

    /// Who has `name`, if it is taken: also if nobody asked for it by that text.
    [[nodiscard]] std::optional<name_taker> taker_of(
        const detail::digest& scope, std::string_view name) {
        mention_path_of(scope, name);
        const std::scoped_lock lock(mutex_);
        const entry* const known = table_.look_up(detail::extend(scope, name, letters()));
        if (known != nullptr && table::requests(*known) > 0) { return table::first_taker(*known); }
        return table_.is_counted(scope, name) ? std::optional(name_taker::suffix) : std::nullopt;
    }

    /// The number that `take` would return now.
    [[nodiscard]] std::uint32_t peek(const detail::digest& scope, std::string_view name) {
        mention_path_of(scope, name);
        const std::scoped_lock lock(mutex_);
        return table_.peek(scope, name);
    }

    /// What this thread takes from now on, so that it can be given back. One at a time.
    class journal : public detail::name_journal {
    public:
        explicit journal(unique_names& names) : name_journal(names.table_), names_{names} {}

        /// Gives back what was taken after the first `size` changes, but for names that another
        /// thread took once more: those stay taken.
        void rewind(std::size_t size) noexcept {
            const std::scoped_lock lock(names_.mutex_);
            name_journal::rewind(size);
        }

    private:
        unique_names& names_;
    };

    /// Entries held, and steps in scopes opened again, for measuring.
    [[nodiscard]] std::size_t entry_count() const {
        const std::scoped_lock lock(mutex_);
        return table_.size();
    }
    [[nodiscard]] std::size_t event_count() const noexcept { return events_.size(); }

private:
    static constexpr auto relaxed = std::memory_order_relaxed;

    using entry = detail::name_entry;
    using table = detail::name_table;

    /// Whether a name was taken by this text. The lock is held.
    [[nodiscard]] bool is_asked_for(const detail::digest& id) {
        const entry* const known = table_.look_up(id);
        return known != nullptr && table::requests(*known) > 0 &&
            table::first_taker(*known) != name_taker::suffix;
    }

    /// Takes a name for what is not a scope opened again. The lock is held.
    std::uint32_t take_in_table(const detail::digest& id, const detail::digest& scope,
        std::string_view name, const std::source_location& where, name_taker taker) {
        const table::taken_name taken = table_.take(id, scope, name, where, taker);
        table_.record_new(*taken.owner, taken.number, table_.in_table());
        return taken.number;
    }

    void mention_path_of(const detail::digest& scope, std::string_view name) {
        const std::size_t slash = name.rfind('/');
        if (slash != std::string_view::npos) { mention_path(scope, name.substr(0, slash)); }
    }

    /// The thread is about to open a scope `base`.
    [[gnu::always_inline]] void begin(detail::open_again& thread, entry& base) noexcept {
        thread.openings.store(thread.openings.load(relaxed) + 1, relaxed);
        thread.number.store(0, relaxed);
        thread.last.store(&events_.begin(), std::memory_order_release);
        thread.base.store(&base, std::memory_order_release);
    }
    /// The scope that the thread just opened is one of those that are kept in the table.
    [[gnu::noinline]] void keep_in_table(detail::open_again& thread) {
        const std::scoped_lock lock(mutex_);
        entry& base = *thread.base.load(relaxed);
        thread.last.store(nullptr, relaxed);
        thread.base.store(nullptr, std::memory_order_release);
        table_.record_new(base, thread.number.load(relaxed), table_.in_table());
    }

    /// What was named in such a scope, if a thread is in it, and is not known by the thread from
    /// here on; null if there is none. The lock is held, the request for the scope was counted.
    [[nodiscard]] const detail::name_event* take_over(const entry& base, std::uint32_t number) {
        for (const auto& thread : threads_) {
            for (;;) {
                const std::uint64_t opening = thread->openings.load(std::memory_order_acquire);
                if (thread->base.load(std::memory_order_acquire) != &base) { break; }
                const std::uint32_t found = thread->number.load(std::memory_order_acquire);
                if (found == 0) { // for some instructions
                    std::this_thread::yield();
                    continue;
                }
                if (found != number) { break; }
                const detail::name_event* const named =
                    thread->last.exchange(nullptr, std::memory_order_acq_rel);
                if (thread->openings.load(std::memory_order_acquire) == opening) { return named; }
                // Left meanwhile, and what was found is named in a later scope: that gets it back.
                const detail::name_event* none = nullptr;
                thread->last.compare_exchange_strong(
                    none, named, std::memory_order_acq_rel, relaxed);
            }
        }
        return nullptr;
    }

    /// Enters the names below scope `id`. The lock is held.
    void enter_names(const detail::digest& id, const detail::name_event& last) {
        const detail::name_journal::pause pause(table_); // they were taken before
        std::vector<const detail::name_event*> steps;
        for (const detail::name_event* e = &last; e->before != nullptr; e = e->before) {
            steps.push_back(e);
        }
        std::vector<detail::digest> scopes{id};
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            const detail::name_event& e = **step;
            if (e.step == detail::name_step::close) {
                scopes.pop_back();
                continue;
            }
            const detail::digest& in = scopes.back();
            const bool is_scope = e.step == detail::name_step::open;
            const std::uint32_t number =
                take_in_table(detail::extend(in, e.name, letters()), in, e.name, e.where,
                    is_scope                                   ? name_taker::name_scope
                        : e.step == detail::name_step::reserve ? name_taker::reserved
                                                               : name_taker::op);
            if (!is_scope) { continue; }
            std::string unique;
            detail::append_suffixed(unique, e.name, number);
            scopes.push_back(detail::extend(in, unique, letters()));
        }
    }

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

inline const detail::name_event* unique_names::find_step(detail::open_again& thread,
    const detail::name_event& before, detail::name_step step, const detail::hashed_name& name,
    const std::source_location& where) {
    using detail::name_step;
    const detail::digest& hash = name.exact.hash;
    const detail::name_event* found = events_.find(before, step, hash);
    if (found == nullptr) {
        const std::scoped_lock lock(mutex_);
        found = events_.find(before, step, hash);
        if (found == nullptr) {
            if (!events_.has_room(before, owners_ == nullptr ? 0 : owners_->owner_count())) {
                return nullptr;
            }
            if (thread.replay == nullptr) {
                thread.replay = std::make_shared<detail::name_replay>(letters());
            }
            detail::name_replay& replay = *thread.replay;
            std::uint32_t number = 0;
            if (step == name_step::close) {
                replay.go_to(before);
            } else {
                number = replay.take(before, name);
            }
            found = &events_.insert(before, step, name.text, hash, number, where);
            replay.follow(*found);
        }
    }
    (step == name_step::close ? before.closed : before.next)
        .store(found, std::memory_order_release);
    return found;
}

} // namespace varscope::inline VARSCOPE_ABI
