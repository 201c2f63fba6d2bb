/// \file
/// The default graph, and the graph and scopes that are in force in this thread.
#pragma once

#include <varscope/graph/graph.hpp>

#include <cstddef>
#include <cstdint>
#include <source_location>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

struct thread_scopes;

/// The scopes of this thread in `g`.
[[nodiscard]] thread_scopes& scopes_in(graph& g);
/// The scopes of this thread in the graph that is in force.
[[nodiscard]] thread_scopes& current_scopes();

} // namespace detail

/// The graph that is used where no other one is in force. Made at first use, and not destroyed at
/// the end of the program, so that handles in static objects stay valid. Safe from any thread.
[[nodiscard]] graph& default_graph();

/// The graph in force in this thread: that of the innermost guard, else the default one
/// (tf.get_default_graph). Safe from any thread.
[[nodiscard]] graph& current_graph();

/// Makes `g` the graph in force in this thread, with the scopes that are open in it, until the end
/// of the block. Belongs to the thread that made it; must be left in reverse order. Follows
/// tf.Graph.as_default.
class as_default {
public:
    [[nodiscard("name the guard: it ends at once")]] explicit as_default(graph& g);
    as_default(const as_default&) = delete;
    as_default& operator=(const as_default&) = delete;
    as_default(as_default&&) = delete;
    as_default& operator=(as_default&&) = delete;
    ~as_default();
    static void* operator new(std::size_t) = delete;

private:
    detail::thread_scopes* before_;
    std::uint64_t home_ = 0; // the thread's number
};

/// Replaces the default graph by a new one.
///
/// Destroys the old one: its handles, tensors and scope objects must not be used any more, and no
/// other thread may use it; from then on all threads use the new one. A name scope or creator scope
/// that this thread has open in it ends harmlessly.
/// \throws nested_reset  this thread is inside a block that holds on to a graph: as_default, or a
/// variable scope. Follows tf.reset_default_graph.
void reset_default_graph(
    graph_options options = {}, std::source_location where = std::source_location::current());

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/current_graph.ipp>
#endif
