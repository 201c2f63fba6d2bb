/// \file
/// The default graph, and those that it replaced.
#pragma once

#include <varscope/graph/graph.hpp>
#include <varscope/scope/ambient.hpp>

#include <atomic>
#include <mutex>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// The default graph, and those that it replaced while scopes were open in them.
struct default_graphs {
    struct old_graph {
        graph* owned;
        const ambient* user; // the thread that has scopes open in it
    };
    std::mutex mutex;
    std::atomic<graph*> current{nullptr};
    std::vector<old_graph> replaced;

    [[nodiscard]] static default_graphs& instance();
};

} // namespace varscope::inline VARSCOPE_ABI::detail
