/// \file
/// Noticing what is used after its graph.
#pragma once

#include <varscope/version.hpp>

#include <atomic>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

[[nodiscard]] std::atomic<bool>& watches_dead_graphs() noexcept;

} // namespace detail

/// From here on, the use of a handle after its graph ends the program (std::abort), and says on
/// standard error which variable it is, where it was created, and where its graph was made. The
/// environment variable VARSCOPE_WATCH_DEAD_GRAPHS=1 does so for a whole program.
///
/// Noticed is what needs the graph or the elements: reading, writing and initialising them, alone
/// or in expressions, `value()`, `data()` and `graph()`. Names, shapes and element types are still
/// answered; iterators, views with pointers of their own and pointers to elements are not noticed.
/// A graph that ends while it is in force in this thread, or has scopes open in it there, ends the
/// program too.
///
/// For looking for a mistake: what a graph knows of its variables (not their elements) is kept for
/// good when it ends. Free where it is off: only the end of a graph asks. Safe from any thread.
/// There is no way back. A shared library with hidden visibility has a switch of its own.
inline void watch_dead_graphs() noexcept { detail::watches_dead_graphs().store(true); }

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/dead_graphs.ipp>
#endif
