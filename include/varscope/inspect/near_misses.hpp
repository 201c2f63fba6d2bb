/// \file
/// A warning where a new variable was perhaps meant to be shared.
#pragma once

#include <varscope/graph/graph.hpp>
#include <varscope/graph/near_miss_watch.hpp>
#include <varscope/scope/current_graph.hpp>

#include <string>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

/// One fact per line.
[[nodiscard]] std::string to_string(const near_miss_report& r);

/// Writes the report on standard error.
void log_near_miss(const near_miss_report& r);
/// \throws near_miss  the variable is not created.
[[noreturn]] void refuse_near_miss(const near_miss_report& r);

/// From here on, `handler` is told of each variable that get-or-create (`vs::auto_reuse`) is about
/// to create in the graph although one exists that was perhaps meant: one or two letters away,
/// beside it and of the same shape and element type, or the same name and shape where a scope `x_1`
/// stands for `x`. Names that differ in digits alone do not count.
///
/// \param handler  `log_near_miss`, `refuse_near_miss`, or a function of one's own; null: nobody,
/// as
///                 in a new graph. Called while the graph's lock is held, and must not set another
///                 handler; its exceptions pass on, and the variable is not created.
/// Safe from any thread. Cost: none without a handler; with one, each creation under auto_reuse
/// looks at the variables beside it.
void watch_near_misses(graph& g, near_miss_handler handler);
inline void watch_near_misses(near_miss_handler handler) {
    watch_near_misses(current_graph(), std::move(handler));
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/inspect/impl/near_misses.ipp>
#endif
