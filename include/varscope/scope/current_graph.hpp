/// \file
/// The default graph, and the graph and scopes that are in force in this thread.
#pragma once

#include <varscope/graph/graph.hpp>
#include <varscope/scope/ambient.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <source_location>
#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// Ends the program if the graph, which ends, is in force in this thread, or has scopes open there.
inline void refuse_open_scopes(const graph& g) noexcept {
    const ambient& here = this_thread();
    if (here.known == nullptr) { return; }
    for (const ambient::entry& entry : *here.known) {
        if (entry.serial != g.serial() ||
            (here.current != entry.scopes.get() && !ambient::is_open(entry))) {
            continue;
        }
        const std::string text = "varscope: a graph ended that is in force in this thread, or has "
                                 "scopes open there\n  made at " +
            to_string(g.made_at()) + "\n  leave the blocks of vs::as_default and of scopes first\n";
        (void)std::fputs(text.c_str(), stderr);
        std::abort();
    }
}

/// What this thread knows of the graph, which ends.
inline void forget_graph(const graph& g) noexcept {
    ambient& here = this_thread();
    if (here.known == nullptr) { return; }
    std::erase_if(*here.known, [&](const ambient::entry& entry) {
        if (entry.serial != g.serial()) { return false; }
        if (here.current == entry.scopes.get()) { here.current = nullptr; }
        return true;
    });
}

/// The scopes of this thread in `g`.
[[nodiscard]] inline thread_scopes& scopes_in(graph& g) {
    ambient& here = this_thread();
    if (here.current != nullptr && here.current->owner == &g) { return *here.current; }
    if (here.default_serial == g.serial()) { return *here.in_default; }
    auto& known = known_scopes();
    for (const auto& entry : known) {
        if (entry.serial == g.serial()) { return *entry.scopes; }
    }
    std::erase_if(known, [](const ambient::entry& entry) { return entry.lifetime.expired(); });
    static constexpr graph_use here_and_now{refuse_open_scopes, forget_graph};
    graph_users.store(&here_and_now, std::memory_order_release);
    return *known
                .emplace_back(ambient::entry{g.serial(), g.lifetime(),
                    std::make_unique<thread_scopes>(g, g.names(), here.number)})
                .scopes;
}

} // namespace detail

namespace detail {

/// The default graph, and those that it replaced while scopes were open in them.
struct default_graphs {
    struct old_graph {
        graph* owned;
        const ambient* user; // the thread that has scopes open in it
    };
    std::mutex mutex;
    std::atomic<graph*> current{nullptr};
    std::vector<old_graph> replaced;

    [[nodiscard]] static default_graphs& instance() {
        static default_graphs& shared = *new default_graphs; // outlives static objects
        return shared;
    }
};

} // namespace detail

/// The graph that is used where no other one is in force. Made at first use, and not destroyed at
/// the end of the program, so that handles in static objects stay valid. Safe from any thread.
[[nodiscard]] inline graph& default_graph() {
    detail::default_graphs& graphs = detail::default_graphs::instance();
    if (graph* const present = graphs.current.load(std::memory_order_acquire)) { return *present; }
    const std::scoped_lock lock(graphs.mutex);
    if (graphs.current.load(std::memory_order_relaxed) == nullptr) {
        graphs.current.store(new graph, std::memory_order_release);
    }
    return *graphs.current.load(std::memory_order_relaxed);
}

namespace detail {

/// The scopes of this thread in the graph that is in force.
[[nodiscard]] inline thread_scopes& current_scopes() {
    ambient& here = this_thread();
    if (here.current != nullptr) { return *here.current; }
    graph& g = default_graph(); // asked for each time: another thread may have replaced it
    if (here.default_serial != g.serial()) {
        here.in_default = &scopes_in(g);
        here.default_serial = g.serial();
    }
    return *here.in_default;
}

} // namespace detail

/// The graph in force in this thread: that of the innermost guard, else the default one
/// (tf.get_default_graph). Safe from any thread.
[[nodiscard]] inline graph& current_graph() { return *detail::current_scopes().owner; }

/// Makes `g` the graph in force in this thread, with the scopes that are open in it, until the end
/// of the block. Belongs to the thread that made it; must be left in reverse order. Follows
/// tf.Graph.as_default.
class as_default {
public:
    [[nodiscard("name the guard: it ends at once")]] explicit as_default(graph& g)
        : before_{detail::this_thread().current} {
        detail::thread_scopes& thread = detail::scopes_in(g);
        detail::ambient& here = detail::this_thread();
        here.current = &thread;
        ++here.nested;
        home_ = thread.home;
    }
    as_default(const as_default&) = delete;
    as_default& operator=(const as_default&) = delete;
    as_default(as_default&&) = delete;
    as_default& operator=(as_default&&) = delete;
    ~as_default() {
        detail::ambient& here = detail::leave_in(home_, "vs::as_default");
        --here.nested;
        here.current = before_;
    }
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
inline void reset_default_graph(
    graph_options options = {}, std::source_location where = std::source_location::current()) {
    detail::ambient& here = detail::this_thread();
    const bool is_in_scope = here.known != nullptr &&
        std::ranges::any_of(*here.known, [](const detail::ambient::entry& entry) {
            return !entry.lifetime.expired() &&
                entry.scopes->innermost->scope != &entry.scopes->root;
        });
    if (here.nested > 0 || is_in_scope) {
        throw nested_reset("the default graph cannot be reset here\n  asked for at " +
                to_string(where) +
                " inside a variable scope or vs::as_default\n  leave those blocks first",
            {{}, where});
    }
    auto fresh = std::make_unique<graph>(options);
    detail::default_graphs& graphs = detail::default_graphs::instance();
    const std::scoped_lock lock(graphs.mutex);
    graphs.replaced.reserve(graphs.replaced.size() + 1);
    if (graph* const old = graphs.current.exchange(fresh.release())) {
        graphs.replaced.push_back({old, &here});
    }
    here.current = nullptr;
    std::erase_if(graphs.replaced, [&](const detail::default_graphs::old_graph& old) {
        if (old.user != &here) { return false; }
        const detail::thread_scopes& scopes = detail::scopes_in(*old.owned);
        if (scopes.innermost != &scopes.base || scopes.creators != nullptr) {
            return false; // until a later reset
        }
        delete old.owned; // NOLINT(cppcoreguidelines-owning-memory): owned by the list
        return true;
    });
}

} // namespace varscope::inline VARSCOPE_ABI
