// See unique_names.hpp.
#pragma once

#include <varscope/names/unique_names.hpp>

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
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE std::uint32_t unique_names::take(const detail::digest& scope,
    const detail::hashed_name& hashed, const std::source_location& where, name_taker taker) {
    const std::string_view name = hashed.text;
    if (!hashed.exact.is_component) { mention_path_of(scope, name); }
    const detail::digest id = detail::extend(scope, hashed, letters());
    if (entry* const known = table_.find(id)) {
        if (const auto number = table_.take_regular(*known)) { return *number; }
    }
    const std::scoped_lock lock(mutex_);
    return take_in_table(id, scope, name, where, taker);
}

VARSCOPE_INLINE std::shared_ptr<detail::open_again> unique_names::add_thread() {
    auto added = std::make_shared<detail::open_again>();
    const std::scoped_lock lock(mutex_);
    std::erase_if(threads_, [](const auto& thread) { return thread.use_count() == 1; });
    threads_.push_back(added);
    return added;
}

VARSCOPE_INLINE unique_names::opened_scope unique_names::open_scope(detail::open_again& thread,
    const detail::digest& scope, const detail::hashed_name& name,
    const std::source_location& where) {
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

VARSCOPE_INLINE const detail::name_event* unique_names::do_step(detail::open_again& thread,
    detail::name_step step, const detail::hashed_name& name, const std::source_location& where,
    const detail::name_event* likely) {
    const detail::name_event* const before = thread.last.load(std::memory_order_acquire);
    if (before == nullptr) { return nullptr; }
    const detail::name_event* next = find_likely(*before, step, name.exact.hash, likely);
    if (next == nullptr) { next = find_step(thread, *before, step, name, where); }
    return next != nullptr && is_done(thread, before, *next) ? next : nullptr;
}

VARSCOPE_INLINE void unique_names::close_scope(detail::open_again& thread) {
    if (is_closed(thread)) { return; }
    const std::scoped_lock lock(mutex_);
    if (const detail::name_event* const named = thread.last.load(relaxed)) {
        table_.record(*thread.base.load(relaxed), thread.number.load(relaxed), named);
    }
    thread.base.store(nullptr, std::memory_order_release);
}

VARSCOPE_INLINE void unique_names::forget(detail::open_again& thread) noexcept {
    thread.last.store(nullptr, relaxed);
    thread.base.store(nullptr, std::memory_order_release);
}

VARSCOPE_INLINE void unique_names::enter(detail::open_again& thread, const detail::digest& id) {
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

VARSCOPE_INLINE void unique_names::mention_path(detail::digest scope, std::string_view path) {
    for (;;) {
        const std::size_t slash = path.find('/');
        const std::string_view component = path.substr(0, slash);
        const detail::digest next = table_.below(scope, component);
        if (const auto parts = detail::split_suffix(component)) { mention({scope, *parts, next}); }
        if (slash == std::string_view::npos) { return; }
        scope = next;
        path.remove_prefix(slash + 1);
    }
}

VARSCOPE_INLINE void unique_names::mention(const numbered& component) {
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

VARSCOPE_INLINE std::optional<std::source_location> unique_names::first_taken(
    const detail::digest& scope, std::string_view name) {
    mention_path_of(scope, name);
    const std::scoped_lock lock(mutex_);
    const entry* const known = table_.look_up(detail::extend(scope, name, letters()));
    if (known == nullptr || table::requests(*known) == 0) { return std::nullopt; }
    return known->where;
}

VARSCOPE_INLINE std::optional<name_taker> unique_names::taker_of(
    const detail::digest& scope, std::string_view name) {
    mention_path_of(scope, name);
    const std::scoped_lock lock(mutex_);
    const entry* const known = table_.look_up(detail::extend(scope, name, letters()));
    if (known != nullptr && table::requests(*known) > 0) { return table::first_taker(*known); }
    return table_.is_counted(scope, name) ? std::optional(name_taker::suffix) : std::nullopt;
}

VARSCOPE_INLINE std::uint32_t unique_names::peek(
    const detail::digest& scope, std::string_view name) {
    mention_path_of(scope, name);
    const std::scoped_lock lock(mutex_);
    return table_.peek(scope, name);
}

VARSCOPE_INLINE void unique_names::journal::rewind(std::size_t size) noexcept {
    const std::scoped_lock lock(names_.mutex_);
    name_journal::rewind(size);
}

VARSCOPE_INLINE std::size_t unique_names::entry_count() const {
    const std::scoped_lock lock(mutex_);
    return table_.size();
}

VARSCOPE_INLINE bool unique_names::is_asked_for(const detail::digest& id) {
    const entry* const known = table_.look_up(id);
    return known != nullptr && table::requests(*known) > 0 &&
        table::first_taker(*known) != name_taker::suffix;
}

VARSCOPE_INLINE std::uint32_t unique_names::take_in_table(const detail::digest& id,
    const detail::digest& scope, std::string_view name, const std::source_location& where,
    name_taker taker) {
    const table::taken_name taken = table_.take(id, scope, name, where, taker);
    table_.record_new(*taken.owner, taken.number, table_.in_table());
    return taken.number;
}

VARSCOPE_INLINE void unique_names::mention_path_of(
    const detail::digest& scope, std::string_view name) {
    const std::size_t slash = name.rfind('/');
    if (slash != std::string_view::npos) { mention_path(scope, name.substr(0, slash)); }
}

[[gnu::noinline]] VARSCOPE_INLINE void unique_names::keep_in_table(detail::open_again& thread) {
    const std::scoped_lock lock(mutex_);
    entry& base = *thread.base.load(relaxed);
    thread.last.store(nullptr, relaxed);
    thread.base.store(nullptr, std::memory_order_release);
    table_.record_new(base, thread.number.load(relaxed), table_.in_table());
}

VARSCOPE_INLINE const detail::name_event* unique_names::take_over(
    const entry& base, std::uint32_t number) {
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
            thread->last.compare_exchange_strong(none, named, std::memory_order_acq_rel, relaxed);
        }
    }
    return nullptr;
}

VARSCOPE_INLINE void unique_names::enter_names(
    const detail::digest& id, const detail::name_event& last) {
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

VARSCOPE_INLINE const detail::name_event* unique_names::find_step(detail::open_again& thread,
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
