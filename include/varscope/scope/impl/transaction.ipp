// See transaction.hpp.
#pragma once

#include <varscope/graph/graph_state.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/transaction.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>

namespace varscope::inline VARSCOPE_ABI {

struct transaction::state {
    explicit state(detail::thread_scopes& thread)
        : of{*thread.owner}
        , tree{thread.tree}
        , home{thread.home}
        , lock{of.creation()}
        , is_outermost{of.state().names_journal == nullptr} {
        if (const detail::name_link* const names = thread.innermost->names) {
            enter_names(*names); // what was named before is not taken back
        }
        auto& journal = of.state().names_journal;
        if (is_outermost) { journal = std::make_unique<unique_names::journal>(of.names()); }
        names_taken = journal->size();
        of_graph = of.set_mark();
        of_tree = tree.set_mark();
    }

    graph& of;
    detail::scope_tree& tree;
    std::uint64_t home;
    std::unique_lock<detail::observed_mutex> lock;
    bool is_outermost;
    std::size_t names_taken = 0;
    graph::mark of_graph{};
    detail::scope_tree::mark of_tree{};
};

VARSCOPE_INLINE transaction::transaction(detail::thread_scopes& thread)
    : state_{std::make_unique<state>(thread)} {}

VARSCOPE_INLINE transaction::~transaction() {
    if (state_ == nullptr) { return; }
    (void)detail::leave_in(state_->home, "vs::transaction");
    if (std::uncaught_exceptions() > exceptions_) {
        rollback();
    } else {
        commit();
    }
}

VARSCOPE_INLINE void transaction::commit() noexcept {
    if (state_ == nullptr) { return; }
    state_->of.drop(state_->of_graph);
    state_->tree.drop(state_->of_tree);
    end();
}

VARSCOPE_INLINE void transaction::rollback() noexcept {
    if (state_ == nullptr) { return; }
    state_->of.state().names_journal->rewind(state_->names_taken);
    state_->of.rewind(state_->of_graph);
    state_->tree.rewind(state_->of_tree);
    end();
}

VARSCOPE_INLINE void transaction::end() noexcept {
    if (state_->is_outermost) { state_->of.state().names_journal.reset(); }
    state_.reset();
}

} // namespace varscope::inline VARSCOPE_ABI
