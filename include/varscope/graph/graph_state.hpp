/// \file
/// What a graph holds.
#pragma once

#include <varscope/base/arena.hpp>
#include <varscope/base/observed_mutex.hpp>
#include <varscope/graph/collections.hpp>
#include <varscope/graph/detail/element_memory.hpp>
#include <varscope/graph/detail/op_names.hpp>
#include <varscope/graph/graph.hpp>
#include <varscope/graph/graph_options.hpp>
#include <varscope/graph/literal_slots.hpp>
#include <varscope/graph/near_miss_watch.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/graph/sharing_log.hpp>
#include <varscope/graph/variable_extras.hpp>
#include <varscope/graph/variable_store.hpp>
#include <varscope/names/unique_names.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// What those do who use graphs by threads when one ends.
struct graph_use {
    void (*refuse_open_scopes)(const graph&) noexcept; // ends the program if this thread has some
    void (*forget)(const graph&) noexcept;
};
/// Null as long as there are none.
inline constinit std::atomic<const graph_use*> graph_users{nullptr};

/// All that a graph holds.
struct graph_state {
    explicit graph_state(const graph_options& chosen);
    [[nodiscard]] static std::uint64_t next_serial() noexcept;

    graph_options options;
    std::uint64_t serial;
    std::shared_ptr<const void> lifetime = std::make_shared<char>();

    variable_store store;
    literal_slots literals;
    std::vector<const node*> nodes; // guarded by `creation`, as are the collections
    varscope::collections collections{&nodes};

    mutable observed_mutex creation; // guards all below
    // What nodes stand in and refer to.
    struct node_memory {
        arena memory;
        std::vector<std::unique_ptr<node_origin>> origins; // the first is that of ops
        std::vector<std::unique_ptr<variable_extras>> extras;
    };
    node_memory records;
    std::vector<std::shared_ptr<const void>> kept;
    detail::op_names op_names;
    element_memory elements;
    std::unique_ptr<unique_names::journal> names_journal; // of a transaction; null outside
    std::unique_ptr<sharing_log> sharing;
    std::unique_ptr<near_miss_watch> near_misses;
    bool is_frozen = false;
    bool is_final = false;
};

} // namespace detail

struct graph::mark {
    std::size_t nodes;
    std::size_t variables;
    std::size_t wholes;
    std::size_t shown;
    std::size_t exact_names;
    collections::mark lists;
};

template <class Function>
decltype(auto) graph::with_collections(Function&& function) {
    const std::scoped_lock lock(state_->creation);
    return std::forward<Function>(function)(state_->collections);
}

template <class Function>
decltype(auto) graph::with_elements(Function&& function) {
    const std::scoped_lock lock(state_->creation);
    return std::forward<Function>(function)(state_->elements);
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/graph.ipp>
#endif
