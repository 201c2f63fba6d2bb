/// \file
/// How often each variable scope was opened, from which default scope names are made.
#pragma once

#include <varscope/detail/arena.hpp>
#include <varscope/detail/digest.hpp>
#include <varscope/detail/flat_table.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::detail {

/// Counts the openings of variable scopes, for one thread in one graph.
///
/// Leaving a scope that was opened by its name sets the counts of all scopes below it to zero;
/// leaving one that was opened through a scope object puts all counts back to what they were just
/// after entering it. The scopes form a tree by their paths; only its branches with a count above
/// zero are linked, so both cost no more than the openings did. Follows _VariableScopeStore
/// (TensorFlow 1.15). Not thread-safe.
class scope_counts {
public:
    struct scope {
        digest id;
        scope* parent;
        std::uint32_t count = 0;
        std::uint64_t saved_for = 0; // the mark for which the journal has this scope's state
        std::uint32_t next_suffix =
            1;                  // this path with _1, ..., _(next_suffix - 1) is known to be taken
        bool is_linked = false; // in the list of its parent
        scope* first_linked =
            nullptr; // children with a count above zero, or with such a descendant
        scope* next_linked = nullptr;
    };

    scope_counts() { root_ = memory_.create<scope>(root_digest, nullptr); }

    [[nodiscard]] scope& root() noexcept { return *root_; }

    /// The scope `name` (one or more components) below `parent`.
    [[nodiscard]] scope& below(scope& parent, std::string_view name) {
        return below(parent, hashed_name(name));
    }
    [[nodiscard]] scope& below(scope& parent, const hashed_name& hashed) {
        const digest id = extend(parent.id, hashed);
        if (scope* const known = scopes_.find(id)) { return *known; }
        std::string_view name = hashed.text;
        scope* at = &parent;
        for (;;) {
            const std::size_t slash = name.find('/');
            const digest next = extend(at->id, name.substr(0, slash));
            scope* child = scopes_.find(next);
            if (child == nullptr) {
                child = memory_.create<scope>(next, at);
                scopes_.insert(*child);
            }
            at = child;
            if (slash == std::string_view::npos) { return *at; }
            name.remove_prefix(slash + 1);
        }
    }

    void open(scope& opened) {
        save(opened);
        ++opened.count;
        link(opened);
    }

    /// After a scope opened by name was left.
    void close(scope& left) noexcept {
        for (scope* child = left.first_linked; child != nullptr;) {
            close(*child);
            save(*child);
            child->count = 0;
            child->next_suffix = 1;
            child->is_linked = false;
            scope* const next = child->next_linked;
            child->next_linked = nullptr;
            child = next;
        }
        left.first_linked = nullptr;
    }

    /// A state to come back to.
    struct mark {
        std::size_t changes;
        std::uint64_t outer;
    };

    /// Begins to remember changes, so that `rewind` can take them back. Calls nest.
    [[nodiscard]] mark set_mark() noexcept {
        const mark here{journal_.size(), current_mark_};
        current_mark_ = ++last_mark_;
        return here;
    }
    void rewind(const mark& to) noexcept {
        for (std::size_t i = journal_.size(); i > to.changes; --i) {
            const change& c = journal_[i - 1];
            c.where->count = c.count;
            c.where->next_suffix = c.next_suffix;
            c.where->saved_for = c.saved_for;
        }
        // A scope whose count is zero again may stay linked, which does no harm; one that has a
        // count again must be.
        for (std::size_t i = to.changes; i < journal_.size(); ++i) {
            if (journal_[i].where->count > 0) { link(*journal_[i].where); }
        }
        journal_.resize(to.changes);
        current_mark_ = to.outer;
    }

    /// Keeps what changed since.
    void drop(const mark& to) noexcept {
        if (to.outer == 0) { journal_.resize(to.changes); }
        current_mark_ = to.outer;
    }

    /// `name`, or the first of `name_1`, `name_2`, ... that is not open now; 0 stands for no
    /// suffix.
    [[nodiscard]] std::uint32_t first_free(scope& parent, std::string_view name) {
        scope& base = below(parent, name);
        if (base.count == 0) { return 0; }
        std::string candidate(name);
        candidate += '_';
        const std::size_t size = candidate.size();
        std::uint32_t suffix = base.next_suffix;
        for (;; ++suffix) {
            candidate.resize(size);
            candidate += std::to_string(suffix);
            if (below(parent, candidate).count == 0) { break; }
        }
        if (suffix != base.next_suffix) {
            save(base);
            base.next_suffix = suffix;
        }
        return suffix;
    }

private:
    struct change {
        scope* where;
        std::uint32_t count;
        std::uint32_t next_suffix;
        std::uint64_t saved_for;
    };

    // Once for each scope and mark, so that the journal does not grow with the number of openings.
    void save(scope& s) {
        if (s.saved_for == current_mark_) { return; }
        journal_.push_back({&s, s.count, s.next_suffix, s.saved_for});
        s.saved_for = current_mark_;
    }

    static void link(scope& s) noexcept {
        for (scope* at = &s; at->parent != nullptr && !at->is_linked; at = at->parent) {
            at->is_linked = true;
            at->next_linked = at->parent->first_linked;
            at->parent->first_linked = at;
        }
    }

    arena memory_;
    flat_table<scope> scopes_;
    scope* root_;
    std::vector<change> journal_;
    std::uint64_t current_mark_ = 0; // 0: nothing to come back to
    std::uint64_t last_mark_ = 0;
};

} // namespace varscope::detail
