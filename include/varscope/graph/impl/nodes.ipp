// See nodes.hpp.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/graph/variable_extras.hpp>

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE graph& node::owner() const noexcept {
    if (origin->owner == nullptr) [[unlikely]] { end_after_graph(*this); }
    return *origin->owner;
}

VARSCOPE_INLINE std::size_t variable_node::size() const noexcept {
    std::size_t product = 1;
    for (std::size_t axis = 0; axis < rank; ++axis) { product *= dimensions()[axis]; }
    return product;
}

VARSCOPE_INLINE shape variable_node::static_shape() const {
    return extras != nullptr && extras->has_unknown_shape ? any_shape : get_shape();
}

VARSCOPE_INLINE bool variable_node::has_value() const noexcept {
    if (!is_whole) { return is_initialized.load(std::memory_order_acquire); }
    for (const variable_node* part : extras->parts.all()) {
        if (!part->has_value()) { return false; }
    }
    return true;
}

VARSCOPE_INLINE bool variable_node::is_contiguous() const noexcept {
    if (extras == nullptr || extras->whole == nullptr) { return true; }
    const variable_node& w = *extras->whole;
    for (std::size_t i = 0; i < w.extras->axis; ++i) {
        if (dimensions()[i] != 1) {
            return dimensions()[w.extras->axis] == w.dimensions()[w.extras->axis];
        }
    }
    return true;
}

VARSCOPE_INLINE std::size_t variable_node::start_in_whole() const noexcept {
    std::size_t at = 0;
    for (std::size_t i = 0; i < rank; ++i) {
        at = at * extras->whole->dimensions()[i] + extras->offset[i];
    }
    return at * size_of(type);
}

[[gnu::noinline]] VARSCOPE_INLINE void end_after_graph(const node& used) noexcept {
    const std::string text = "varscope: " + std::string(used.is_variable ? "variable '" : "op '") +
        std::string(used.op_name()) + "' was used after the end of its graph\n  created at " +
        to_string(used.defined_at) + " in the graph made at " +
        to_string(used.origin->graph_made_at) +
        "\n  keep a graph as long as its handles, ops and scopes are used\n";
    (void)std::fputs(text.c_str(), stderr);
    std::abort();
}

VARSCOPE_INLINE variable_node& variable_of(const node& n) noexcept {
    assert(n.is_variable);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): as above
    return const_cast<variable_node&>(static_cast<const variable_node&>(n));
}

} // namespace varscope::inline VARSCOPE_ABI::detail
