/// \file
/// Blocks that leave nothing behind when an exception passes.
#pragma once

#include <varscope/graph/graph.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/scope_tree.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>

namespace varscope::inline VARSCOPE_ABI {

/// Until the end of the block, everything made in a graph is made together: if an exception leaves
/// the block, the graph is as it was before.
///
/// Taken back are variables and ops, their keys and names, entries in collections, the names of
/// scopes and the counts behind default names. Not taken back: values given to variables that were
/// there before; handles of what was taken back stay valid, but nothing leads to it any more.
/// Transactions nest; an inner one that ended well is taken back with the outer one.
///
/// Belongs to the thread that made it; must be left in reverse order. Other threads may look up and
/// read meanwhile, and may come upon what is taken back later; before they create in the graph they
/// wait for the end. A name that another thread took once more meanwhile stays taken. Cost: a lock
/// and a few allocations; to take back, a few hash look-ups for each variable, op and name.
class transaction {
public:
    [[nodiscard("name the guard: it ends at once")]] transaction()
        : transaction(detail::current_scopes()) {}
    [[nodiscard("name the guard: it ends at once")]] explicit transaction(graph& g)
        : transaction(detail::scopes_in(g)) {}
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;
    transaction(transaction&&) = delete;
    transaction& operator=(transaction&&) = delete;
    ~transaction() {
        if (!is_open_) { return; }
        (void)detail::leave_in(home_, "vs::transaction");
        if (std::uncaught_exceptions() > exceptions_) {
            rollback();
        } else {
            commit();
        }
    }
    static void* operator new(std::size_t) = delete;

    /// Keeps what was made, and ends the transaction.
    void commit() noexcept {
        graph_.drop(graph_mark_);
        tree_.drop(tree_mark_);
        end();
    }

    /// Takes back what was made, and ends the transaction. Scopes that were opened in it must have
    /// been left.
    void rollback() noexcept {
        graph_.names_journal()->rewind(names_);
        graph_.rewind(graph_mark_);
        tree_.rewind(tree_mark_);
        end();
    }

private:
    explicit transaction(detail::thread_scopes& thread)
        : graph_{*thread.owner}
        , tree_{thread.tree}
        , home_{thread.home}
        , lock_{graph_.creation()} {
        auto& journal = graph_.names_journal();
        is_outermost_ = journal == nullptr;
        if (const detail::name_link* const names = thread.innermost->names) {
            enter_names(*names); // what was named before is not taken back
        }
        if (is_outermost_) { journal = std::make_unique<unique_names::journal>(graph_.names()); }
        names_ = journal->size();
        graph_mark_ = graph_.set_mark();
        tree_mark_ = tree_.set_mark();
    }

    void end() noexcept {
        if (is_outermost_) { graph_.names_journal().reset(); }
        is_open_ = false;
        lock_.unlock();
    }

    graph& graph_;
    detail::scope_tree& tree_;
    std::uint64_t home_;
    std::unique_lock<detail::observed_mutex> lock_;
    int exceptions_ = std::uncaught_exceptions();
    bool is_outermost_ = false;
    bool is_open_ = true;
    std::size_t names_ = 0; // taken before
    graph::mark graph_mark_{};
    detail::scope_tree::mark tree_mark_{};
};

} // namespace varscope::inline VARSCOPE_ABI
