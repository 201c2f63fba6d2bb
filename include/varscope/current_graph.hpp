/// \file
/// The default graph, and the graph and scopes that are in force in this thread.
#pragma once

#include <varscope/detail/ambient.hpp>
#include <varscope/graph.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace varscope {

namespace detail {

/// The scopes of this thread in `g`.
[[nodiscard]] inline thread_scopes& scopes_in(graph& g) {
    ambient& here = this_thread();
    if (here.current != nullptr && here.current->owner == &g) { return *here.current; }
    auto& known = known_scopes();
    for (const auto& entry : known) {
        if (entry.serial == g.serial()) { return *entry.scopes; }
    }
    std::erase_if(known, [](const ambient::entry& entry) { return entry.lifetime.expired(); });
    return *known
                .emplace_back(
                    ambient::entry{g.serial(), g.lifetime(), std::make_unique<thread_scopes>(g)})
                .scopes;
}

} // namespace detail

/// The graph that is used where no other one is in force. Made at first use, and never destroyed,
/// so that handles in static objects stay valid to the end of the program.
[[nodiscard]] inline graph& default_graph() {
    static graph* const instance = new graph;
    return *instance;
}

namespace detail {

/// The scopes of this thread in the graph that is in force.
[[nodiscard]] inline thread_scopes& current_scopes() {
    ambient& here = this_thread();
    if (here.current == nullptr) { here.current = &scopes_in(default_graph()); }
    return *here.current;
}

} // namespace detail

/// The graph in force in this thread: that of the innermost guard, else the default one
/// (tf.get_default_graph).
[[nodiscard]] inline graph& current_graph() { return *detail::current_scopes().owner; }

/// Makes `g` the graph in force in this thread, with the scopes that are open in it, until the end
/// of the block. Follows tf.Graph.as_default.
class as_default {
public:
    [[nodiscard]] explicit as_default(graph& g) : before_{detail::this_thread().current} {
        detail::this_thread().current = &detail::scopes_in(g);
    }
    as_default(const as_default&) = delete;
    as_default& operator=(const as_default&) = delete;
    as_default(as_default&&) = delete;
    as_default& operator=(as_default&&) = delete;
    ~as_default() { detail::this_thread().current = before_; }
    static void* operator new(std::size_t) = delete;

private:
    detail::thread_scopes* before_;
};

} // namespace varscope
