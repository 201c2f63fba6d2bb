/// \file
/// Graphs to which nothing is added any more.
#pragma once

#include <varscope/graph/graph.hpp>
#include <varscope/scope/current_graph.hpp>

namespace varscope::inline VARSCOPE_ABI {

/// From here on, making a variable in the graph is an error (`frozen`) that tells the keys that are
/// spelled most alike. Sharing variables, ops and updates go on. Safe from any thread. There is no
/// way back.
inline void freeze(graph& g = current_graph()) { g.freeze(); }

/// From here on, making a variable or recording an op is an error (`frozen`). Safe from any thread:
/// once it has returned, none adds anything. Follows tf.Graph.finalize.
inline void finalize(graph& g = current_graph()) { g.finalize(); }

/// Whether no variable can be made any more. Safe from any thread.
[[nodiscard]] inline bool is_frozen(const graph& g = current_graph()) { return g.is_frozen(); }
/// Whether nothing can be made any more. Safe from any thread. Follows tf.Graph.finalized.
[[nodiscard]] inline bool is_finalized(const graph& g = current_graph()) { return g.is_final(); }

} // namespace varscope::inline VARSCOPE_ABI
