/// \file
/// Names that are made unique by a suffix: `w`, `w_1`, `w_2`, ...
#pragma once

#include <varscope/detail/arena.hpp>
#include <varscope/detail/digest.hpp>
#include <varscope/detail/flat_table.hpp>
#include <varscope/detail/name_entry.hpp>
#include <varscope/detail/name_history.hpp>
#include <varscope/name.hpp>
#include <varscope/variable_store.hpp>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace varscope {

/// What a name was taken for.
enum class name_taker : std::uint8_t {
    op,
    name_scope,
    reserved, ///< by `unique_name`
    suffix,   ///< a request for a shorter name, which got this one by a suffix
};

/// The table of names that ops and name scopes of one graph have taken.
///
/// Letter case does not count, unless the table is made so. A name is given as the digest (with
/// letters as the table compares them) of the scope it stands in and its text there;
/// the answer is the number of the suffix `_k` that makes it unique, 0 for none. Only names that
/// somebody asked for have an entry: after c requests for `x`, all of `x`, `x_1`, ..., `x_(c-1)`
/// are taken, and the counter c stands for them.
///
/// A variable whose key is its op's name needs no entry: it is found in the store.
/// The names in a name scope that was opened again (`x_1`) are not entered one by one, but told by
/// a history of what was opened in it, which scopes of one name mostly share. They are entered when
/// somebody names an op there, or asks for a path through such a scope (`x_1/y`).
///
/// Safe from any thread. Cost: a request for a name that is known is one look-up and one atomic
/// exchange, however often it was asked for; once a name `x_k` was asked for by that text, requests
/// for `x` take a lock. Follows tf.Graph.unique_name (TensorFlow 1.15).
class unique_names {
public:
    /// \param store  of variables, some of which stand for their names.
    explicit unique_names(detail::letter_case letters = detail::letter_case::folded,
        const variable_store* store = nullptr) noexcept
        : letters_{letters}
        , store_{store} {}

    [[nodiscard]] detail::letter_case letters() const noexcept { return letters_; }

    /// Takes `name`, or the first of `name_1`, `name_2`, ... that is free, and returns its number.
    ///
    /// \param scope  digest of the enclosing name scope.
    /// \param name   the rest of the full name; may hold '/'.
    /// \param where  remembered for the first who takes it, as is `taker`.
    [[nodiscard]] std::uint32_t take(const detail::digest& scope, const detail::hashed_name& hashed,
        const std::source_location& where = {}, name_taker taker = name_taker::op) {
        const std::string_view name = hashed.text;
        if (!hashed.exact.is_component) { enter_path_of(scope, name); }
        const detail::digest id = detail::extend(scope, hashed, letters_);
        if (entry* const known = entries_.find(id)) {
            const std::uint32_t number = take_known(*known, scope, name, where, taker);
            if (!known->scopes.is(number, detail::name_history::in_table())) {
                set_inside(*known, number, detail::name_history::in_table());
            }
            return number;
        }
        return take_unknown(id, scope, name, where, taker);
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
    /// `holds_own_name`. The path was entered, and is written as the table compares letters.
    /// \param last  its last component, if that ends in a number.
    template <class Add>
    void if_free(const detail::digest& path, const std::optional<numbered>& last, Add&& add) {
        const std::scoped_lock lock(mutex_);
        if (entries_.find(path) != nullptr) { return; }
        if (last && mark_base(last->scope, last->name)) { return; }
        std::forward<Add>(add)();
    }

    /// A name that a scope got.
    struct opened_scope {
        std::uint32_t number;
        detail::name_entry* entry; // null if it was not known
        bool is_in_table;          // or else nothing was named in it so far, by anybody
    };
    /// Takes `name`, one component, for a name scope. Unless the answer says `is_in_table`,
    /// `close_scope` is to tell what was opened in it, or `enter_scope` to enter that.
    [[nodiscard]] opened_scope open_scope(const detail::digest& scope,
        const detail::hashed_name& name, const std::source_location& where) {
        entry* const known = entries_.find(detail::extend(scope, name, letters_));
        const std::uint32_t number = known == nullptr ? 0 : open_scope_again(*known);
        if (number != 0) { return {number, known, false}; }
        return {take(scope, name, where, name_taker::name_scope), known, true};
    }
    /// The same for a name that is known and was not passed: its number, or 0 if that takes a
    /// closer look. What is named in the scope is not in the table.
    [[nodiscard, gnu::always_inline]] std::uint32_t open_scope_again(
        detail::name_entry& known) noexcept {
        if (journal_owner_.load(std::memory_order_relaxed) != std::thread::id()) { return 0; }
        std::uint64_t before = known.state.load(std::memory_order_relaxed);
        while (before >= one_request && (before & (is_irregular | is_passed)) == 0) {
            if (known.state.compare_exchange_weak(before, before + one_request,
                    std::memory_order_seq_cst, std::memory_order_relaxed)) {
                return static_cast<std::uint32_t>(before / one_request);
            }
        }
        return 0;
    }

    /// After a scope was left that is not in the table, and in which `inside` was opened. False if
    /// somebody asked for a path through such a scope meanwhile: then `enter_scope` is to enter
    /// that.
    [[nodiscard]] bool close_scope(
        detail::name_entry& opened, std::uint32_t number, const detail::name_history* inside) {
        if (is_told(opened, number, inside)) { return true; }
        const std::scoped_lock lock(mutex_);
        if ((opened.state.load(std::memory_order_relaxed) & is_passed) != 0) { return false; }
        set_inside_locked(opened, number, inside);
        return true;
    }
    /// Whether `close_scope` would have nothing to do.
    [[nodiscard]] static bool is_told(const detail::name_entry& opened, std::uint32_t number,
        const detail::name_history* inside) noexcept {
        return opened.scopes.is(number, inside);
    }

    /// Enters the names in such a scope, whose path is `id`.
    void enter_scope(detail::name_entry& opened, std::uint32_t number, const detail::digest& id,
        const detail::name_history* inside) {
        set_inside(opened, number, detail::name_history::in_table());
        enter(id, inside);
    }

    /// The history `before` followed by a scope `name`, one component, with `inside` in it; null if
    /// it would be too long.
    [[nodiscard]] const detail::name_history* extend_history(const detail::name_history* before,
        const detail::hashed_name& name, const detail::name_history* inside,
        const std::source_location& where) {
        const detail::digest id = detail::name_histories::id_of(before, hash_of(name.text), inside);
        if (const detail::name_history* const known = histories_.find(id)) { return known; }
        const std::scoped_lock lock(mutex_);
        if (const detail::name_history* const known = histories_.find(id)) { return known; }
        return histories_.insert(id, before, name.text, name.exact.hash.low, inside, where,
            store_ == nullptr ? 0 : store_->size());
    }

    /// Enters the names below scope `id` that `inside` tells of.
    void enter(const detail::digest& id, const detail::name_history* inside) {
        const journal_pause pause(*this); // they were taken before
        std::vector<const detail::name_history*> steps;
        for (; inside != nullptr; inside = inside->before) { steps.push_back(inside); }
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            const detail::name_history& s = **step;
            const opened_scope opened = open_scope(id, detail::hashed_name(s.name), s.where);
            if (!opened.is_in_table && close_scope(*opened.entry, opened.number, s.inside)) {
                continue;
            }
            std::string unique;
            detail::append_suffixed(unique, s.name, opened.number);
            const detail::digest inner = detail::extend(id, unique, letters_);
            if (opened.is_in_table) {
                enter(inner, s.inside);
            } else {
                enter_scope(*opened.entry, opened.number, inner, s.inside);
            }
        }
    }

    /// Before names are asked for below `path`, as seen from `scope`: enters those that are only
    /// told by histories so far, and has scopes on the way enter theirs from here on.
    void enter_path(detail::digest scope, std::string_view path) {
        for (;;) {
            const std::size_t slash = path.find('/');
            const std::string_view component = path.substr(0, slash);
            const detail::digest next = detail::extend_by_component(scope, hash_of(component));
            if (const auto parts = detail::split_suffix(component)) {
                enter_numbered({scope, *parts, next});
            }
            if (slash == std::string_view::npos) { return; }
            scope = next;
            path.remove_prefix(slash + 1);
        }
    }

    /// `enter_path` for one component.
    void enter_numbered(const numbered& component) {
        const auto& [scope, parts, id] = component;
        const detail::digest base = detail::extend_by_component(scope, hash_of(parts.base));
        entry* known = entries_.find(base);
        if (known != nullptr && (known->state.load(std::memory_order_acquire) & is_passed) != 0 &&
            known->scopes.is_initial()) {
            return;
        }
        const detail::name_history* inside = nullptr;
        {
            const std::scoped_lock lock(mutex_);
            known = look_up(base);
            if (known == nullptr) { known = &add(base, 0, {}); }
            const std::uint64_t before =
                known->state.fetch_or(is_passed, std::memory_order_acq_rel);
            if ((before & is_passed) == 0) { end_histories(*known, before / one_request); }
            if (parts.number > std::numeric_limits<std::uint32_t>::max()) { return; }
            const auto number = static_cast<std::uint32_t>(parts.number);
            inside = known->scopes.at(number);
            set_inside_locked(*known, number, detail::name_history::in_table());
        }
        if (inside != detail::name_history::in_table()) { enter(id, inside); }
    }

    /// Where `name` was first asked for, if it was.
    [[nodiscard]] std::optional<std::source_location> first_taken(
        const detail::digest& scope, std::string_view name) {
        enter_path_of(scope, name);
        const std::scoped_lock lock(mutex_);
        const entry* const known = look_up(detail::extend(scope, name, letters_));
        if (known == nullptr || requests(*known) == 0) { return std::nullopt; }
        return known->where;
    }

    /// Who has `name`, if it is taken: also if nobody asked for it by that text.
    [[nodiscard]] std::optional<name_taker> taker_of(
        const detail::digest& scope, std::string_view name) {
        enter_path_of(scope, name);
        const std::scoped_lock lock(mutex_);
        const entry* const known = look_up(detail::extend(scope, name, letters_));
        if (known != nullptr && requests(*known) > 0) {
            return static_cast<name_taker>(
                known->state.load(std::memory_order_relaxed) / one_taker % 4);
        }
        return is_counted(scope, name) ? std::optional(name_taker::suffix) : std::nullopt;
    }

    /// The number that `take` would return now.
    [[nodiscard]] std::uint32_t peek(const detail::digest& scope, std::string_view name) {
        enter_path_of(scope, name);
        const std::scoped_lock lock(mutex_);
        const detail::digest id = detail::extend(scope, name, letters_);
        const entry* const known = look_up(id);
        std::uint64_t count = known == nullptr ? 0 : requests(*known);
        if (count == 0 && is_counted(scope, name)) { count = 1; }
        return count == 0 ? 0 : first_free(scope, name, count);
    }

    /// What was taken since a moment, so that it can be given back. Belongs to one thread, which
    /// makes sure that there is one at a time.
    class journal {
    public:
        explicit journal(unique_names& names) : names_{names} {
            names_.journal_ = this;
            names_.journal_owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
        }
        journal(const journal&) = delete;
        journal& operator=(const journal&) = delete;
        journal(journal&&) = delete;
        journal& operator=(journal&&) = delete;
        ~journal() { names_.journal_owner_.store({}, std::memory_order_relaxed); }

        [[nodiscard]] std::size_t size() const noexcept { return changes_.size(); }

        /// Gives back what this thread took after the first `size` changes, but for names that
        /// another thread took once more: those stay taken.
        void rewind(std::size_t size) noexcept {
            while (changes_.size() > size) {
                names_.give_back(
                    *static_cast<entry*>(changes_.back().where), changes_.back().requests);
                changes_.pop_back();
            }
        }

    private:
        friend class unique_names;
        struct change {
            void* where;
            std::uint64_t requests; // after it
        };
        unique_names& names_;
        std::vector<change> changes_;
        bool is_paused_ = false;
    };

    /// Entries held, for measuring.
    [[nodiscard]] std::size_t entry_count() const {
        const std::scoped_lock lock(mutex_);
        return entries_.size();
    }

private:
    // The number of requests, and a bit that is set once a name `x_k` was asked for by that text:
    // then x's counter alone no longer tells which suffixes are free. Both in one word, so that a
    // request sees either the bit or, for whoever sets the bit, is seen in the count. Between them
    // the first taker, in two bits; and a bit that is set once somebody asked for a path through a
    // scope `x_k`: then x's scopes enter their names.
    static constexpr std::uint64_t is_irregular = 1;
    static constexpr std::uint64_t one_taker = 2;
    static constexpr std::uint64_t is_passed = 8;
    static constexpr std::uint64_t one_request = 16;

    /// Has this thread's journal, if there is one, write nothing down until the end of the block.
    class journal_pause {
    public:
        explicit journal_pause(unique_names& names) noexcept
            : paused_{names.journal_owner_.load(std::memory_order_relaxed) ==
                          std::this_thread::get_id()
                      ? names.journal_
                      : nullptr}
            , was_paused_{paused_ != nullptr && std::exchange(paused_->is_paused_, true)} {}
        journal_pause(const journal_pause&) = delete;
        journal_pause& operator=(const journal_pause&) = delete;
        journal_pause(journal_pause&&) = delete;
        journal_pause& operator=(journal_pause&&) = delete;
        ~journal_pause() {
            if (paused_ != nullptr) { paused_->is_paused_ = was_paused_; }
        }

    private:
        journal* paused_;
        bool was_paused_;
    };

    using entry = detail::name_entry;

    static std::uint64_t requests(const entry& e) noexcept {
        return e.state.load(std::memory_order_relaxed) / one_request;
    }

    static constexpr std::uint64_t bits_of(name_taker taker) noexcept {
        return static_cast<std::uint64_t>(taker) * one_taker;
    }

    /// The entry of a path that somebody has, or had. The lock is held.
    [[nodiscard]] entry* look_up(const detail::digest& id) {
        if (entry* const known = entries_.find(id)) { return known; }
        const detail::variable_node* const v = store_ == nullptr ? nullptr : store_->find(id);
        if (v == nullptr || !v->holds_own_name) { return nullptr; }
        return &add(id, one_request | bits_of(name_taker::op), v->defined_at);
    }

    entry& add(const detail::digest& id, std::uint64_t state, const std::source_location& where) {
        entry& added = *memory_.create<entry>(id, state, where);
        entries_.insert(added);
        return added;
    }

    /// For an entry that is there already, and so far or again stands for no request. The lock is
    /// held.
    static void set_taker(entry& e, name_taker taker, const std::source_location& where) noexcept {
        e.state.fetch_and(
            ~bits_of(name_taker::suffix), std::memory_order_relaxed); // all bits of it
        e.state.fetch_or(bits_of(taker), std::memory_order_relaxed);
        e.where = where;
    }

    /// Whether `name` is an `x_k` that the counter of `x` stands for.
    [[nodiscard]] bool is_counted(const detail::digest& scope, std::string_view name) {
        const auto parts = detail::split_suffix(name);
        if (!parts) { return false; }
        const entry* const base = look_up(detail::extend(scope, parts->base, letters_));
        return base != nullptr && requests(*base) > parts->number;
    }

    /// Remembers that an entry now stands for `after` requests. Called after the change: if there
    /// is no memory to remember it, the name stays taken.
    void note(entry& e, std::uint64_t after) {
        const std::thread::id owner = journal_owner_.load(std::memory_order_relaxed);
        if (owner != std::thread::id() && owner == std::this_thread::get_id()) {
            if (!journal_->is_paused_) { journal_->changes_.push_back({&e, after}); }
        }
    }

    void give_back(entry& e, std::uint64_t after) noexcept {
        const std::scoped_lock lock(mutex_);
        std::uint64_t now = e.state.load(std::memory_order_relaxed);
        while (now / one_request == after) {
            // At none, the counter of another name may stand for this one: to be looked at.
            const std::uint64_t less = (now - one_request) | (after == 1 ? is_irregular : 0);
            if (e.state.compare_exchange_weak(now, less, std::memory_order_relaxed)) {
                e.scopes.forget_from(static_cast<std::uint32_t>(after - 1));
                return;
            }
        }
    }

    /// The first k from `start` on such that `name_k` is free.
    [[nodiscard]] std::uint32_t first_free(
        const detail::digest& scope, std::string_view name, std::uint64_t start) {
        std::string candidate(name);
        candidate += '_';
        const std::size_t base = candidate.size();
        for (std::uint64_t k = start;; ++k) {
            std::array<char, 20> digits{};
            const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), k);
            candidate.resize(base);
            candidate.append(digits.data(), end.ptr);
            const entry* const taken = look_up(detail::extend(scope, candidate, letters_));
            if (taken == nullptr || requests(*taken) == 0) { return static_cast<std::uint32_t>(k); }
        }
    }

    /// Enters `name_number`, which `first_free` found beyond what the counter of `name` stands for.
    void enter_suffixed(const detail::digest& scope, std::string_view name, std::uint64_t number) {
        std::string full(name);
        full += '_';
        full += std::to_string(number);
        const detail::digest id = detail::extend(scope, full, letters_);
        if (entry* const placeholder = look_up(id)) {
            set_taker(*placeholder, name_taker::suffix, {});
            note(*placeholder,
                placeholder->state.fetch_add(one_request, std::memory_order_relaxed) / one_request +
                    1);
        } else {
            note(add(id, one_request | bits_of(name_taker::suffix), {}), 1);
        }
    }

    std::uint32_t take_known(entry& known, const detail::digest& scope, std::string_view name,
        const std::source_location& where, name_taker taker) {
        if (const auto number = take_regular(known)) { return *number; }
        const std::scoped_lock lock(mutex_);
        return take_irregular(known, scope, name, where, taker);
    }

    std::uint32_t take_unknown(const detail::digest& id, const detail::digest& scope,
        std::string_view name, const std::source_location& where, name_taker taker) {
        const std::scoped_lock lock(mutex_);
        if (entry* const known = look_up(id)) { // another thread was faster, or a variable has it
            const auto regular = take_regular(*known);
            const std::uint32_t number =
                regular ? *regular : take_irregular(*known, scope, name, where, taker);
            set_inside_locked(*known, number, detail::name_history::in_table());
            return number;
        }
        const bool is_taken = mark_base(scope, name);
        entry& added = add(id,
            is_taken ? 2 * one_request | bits_of(name_taker::suffix) : one_request | bits_of(taker),
            where);
        if (is_taken) { note(added, 1); } // gives back both
        note(added, is_taken ? 2 : 1);
        return is_taken ? first_free(scope, name, 1) : 0;
    }

    /// Before `name` gets a first request of its own: if it reads `x_k`, x's counter alone no
    /// longer tells which suffixes are free. Returns whether that counter stood for `name` already.
    /// Marks first, then looks at the count.
    bool mark_base(const detail::digest& scope, std::string_view name) {
        const auto parts = detail::split_suffix(name);
        return parts && mark_base(scope, *parts);
    }
    bool mark_base(const detail::digest& scope, const detail::suffixed_name& name) {
        const detail::digest id = detail::extend(scope, name.base, letters_);
        entry* base = look_up(id);
        if (base == nullptr) { base = &add(id, is_irregular, {}); }
        const std::uint64_t before =
            base->state.fetch_or(is_irregular, std::memory_order_relaxed) / one_request;
        end_histories(*base, before);
        return before > name.number;
    }

    [[nodiscard]] detail::digest hash_of(std::string_view component) const noexcept {
        return detail::hash_component(component, letters_ == detail::letter_case::folded).hash;
    }

    void enter_path_of(const detail::digest& scope, std::string_view name) {
        const std::size_t slash = name.rfind('/');
        if (slash != std::string_view::npos) { enter_path(scope, name.substr(0, slash)); }
    }

    /// From here on the scopes of this name are in the table. The lock is held.
    void end_histories(entry& e, std::uint64_t requests) {
        if (requests < 2) { return; } // none was opened again
        e.scopes.end_at(static_cast<std::uint32_t>(requests), exceptions_);
    }

    void set_inside(entry& e, std::uint32_t number, const detail::name_history* inside) {
        const std::scoped_lock lock(mutex_);
        set_inside_locked(e, number, inside);
    }
    void set_inside_locked(entry& e, std::uint32_t number, const detail::name_history* inside) {
        e.scopes.set(number, inside, exceptions_,
            [&] { return e.state.load(std::memory_order_seq_cst) / one_request; });
    }

    /// Answers from the counter alone, unless the name is irregular or nobody has it. Never counts
    /// a request that it does not answer: irregular ones are counted under the lock, so that they
    /// look for a free suffix in the order of their counts.
    std::optional<std::uint32_t> take_regular(entry& known) {
        std::uint64_t before = known.state.load(std::memory_order_relaxed);
        while (before >= one_request && (before & is_irregular) == 0) {
            if (known.state.compare_exchange_weak(
                    before, before + one_request, std::memory_order_relaxed)) {
                note(known, before / one_request + 1);
                return static_cast<std::uint32_t>(before / one_request);
            }
        }
        return std::nullopt;
    }

    /// The lock is held.
    std::uint32_t take_irregular(entry& known, const detail::digest& scope, std::string_view name,
        const std::source_location& where, name_taker taker) {
        const auto count = [&] {
            const std::uint64_t before =
                known.state.fetch_add(one_request, std::memory_order_relaxed) / one_request;
            note(known, before + 1);
            return before;
        };
        std::uint64_t before = count();
        if (before == 0) { // an entry that so far only carried the mark
            const bool is_taken = mark_base(scope, name);
            set_taker(known, is_taken ? name_taker::suffix : taker, where);
            if (!is_taken) { return 0; }
            before = count();
        }
        const std::uint32_t number = first_free(scope, name, before);
        if (number != before) {
            enter_suffixed(scope, name, number);
        } // else the counter stands for it
        return number;
    }

    detail::letter_case letters_;
    const variable_store* store_;
    std::atomic<std::thread::id> journal_owner_{}; // none: nobody keeps a journal ...
    journal* journal_ = nullptr;                   // ... only its owner looks at this
    mutable std::mutex mutex_;                     // held to add entries
    detail::arena memory_;
    detail::flat_table<entry> entries_;
    detail::name_histories histories_;
    detail::scope_histories::exception_list exceptions_;
};

} // namespace varscope
