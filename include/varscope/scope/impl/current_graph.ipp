// See current_graph.hpp.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/graph/graph_state.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/detail/default_graphs.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <source_location>
#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void refuse_open_scopes(const graph& g) noexcept {
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

VARSCOPE_INLINE void forget_graph(const graph& g) noexcept {
    ambient& here = this_thread();
    if (here.known == nullptr) { return; }
    std::erase_if(*here.known, [&](const ambient::entry& entry) {
        if (entry.serial != g.serial()) { return false; }
        if (here.current == entry.scopes.get()) { here.current = nullptr; }
        return true;
    });
}

VARSCOPE_INLINE thread_scopes& scopes_in(graph& g) {
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

VARSCOPE_INLINE default_graphs& default_graphs::instance() {
    static default_graphs& shared = *new default_graphs; // outlives static objects
    return shared;
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE graph& default_graph() {
    detail::default_graphs& graphs = detail::default_graphs::instance();
    if (graph* const present = graphs.current.load(std::memory_order_acquire)) { return *present; }
    const std::scoped_lock lock(graphs.mutex);
    if (graphs.current.load(std::memory_order_relaxed) == nullptr) {
        graphs.current.store(new graph, std::memory_order_release);
    }
    return *graphs.current.load(std::memory_order_relaxed);
}

} // namespace varscope::inline VARSCOPE_ABI

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE thread_scopes& current_scopes() {
    ambient& here = this_thread();
    if (here.current != nullptr) { return *here.current; }
    graph& g = default_graph(); // asked for each time: another thread may have replaced it
    if (here.default_serial != g.serial()) {
        here.in_default = &scopes_in(g);
        here.default_serial = g.serial();
    }
    return *here.in_default;
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE graph& current_graph() { return *detail::current_scopes().owner; }

VARSCOPE_INLINE as_default::as_default(graph& g) : before_{detail::this_thread().current} {
    detail::thread_scopes& thread = detail::scopes_in(g);
    detail::ambient& here = detail::this_thread();
    here.current = &thread;
    ++here.nested;
    home_ = thread.home;
}

VARSCOPE_INLINE as_default::~as_default() {
    detail::ambient& here = detail::leave_in(home_, "vs::as_default");
    --here.nested;
    here.current = before_;
}

VARSCOPE_INLINE void reset_default_graph(graph_options options, std::source_location where) {
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
