/// \file
/// Blocks that leave nothing behind when an exception passes.
#pragma once

#include <varscope/graph/graph.hpp>
#include <varscope/scope/current_graph.hpp>

#include <cstddef>
#include <exception>
#include <memory>

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
    ~transaction();
    static void* operator new(std::size_t) = delete;

    /// Keeps what was made, and ends the transaction. Does nothing once that has ended.
    void commit() noexcept;

    /// Takes back what was made, and ends the transaction. Scopes that were opened in it must have
    /// been left. Does nothing once the transaction has ended.
    void rollback() noexcept;

private:
    explicit transaction(detail::thread_scopes& thread);

    void end() noexcept;

    struct state; // to come back to
    std::unique_ptr<state> state_;
    int exceptions_ = std::uncaught_exceptions();
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/transaction.ipp>
#endif
