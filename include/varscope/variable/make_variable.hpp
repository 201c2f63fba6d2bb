/// \file
/// Making a variable: its name, its initial value, its collections, its loss.
#pragma once

#include <varscope/graph/graph.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/names/name.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/variable/variable_creator.hpp>
#include <varscope/variable/variable_errors.hpp>
#include <varscope/variable/variable_options.hpp>

#include <cstddef>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Where a new variable belongs, which a creator cannot change.
struct creation_site {
    thread_scopes& thread;
    const name_link* scope; // the name scope of its op
    bool has_key = false;
    std::string_view key = {};
    digest id = root_digest;
    std::optional<std::size_t> rank = {}; // that the handle needs
    bool is_typed = false;                // the handle needs the element type asked for
    variable_node* whole = nullptr;       // which it is a part of
    std::vector<std::size_t> offset = {};
};

/// What a new variable is made from, once all defaults are in place.
struct origin {
    dtype type;
    shape dimensions;
    varscope::initializer initial;
    initial_op from;
};

/// The origin of a variable whose initializer brings the value: converted to `wanted`, if that is
/// given.
[[nodiscard]] origin origin_of_value(const varscope::initializer& initial,
    std::optional<dtype> wanted, std::string_view name, const std::source_location& where);

/// Joins the collections that the call names, or the global variables.
void collect(graph& g, const variable_node& v, const std::optional<std::vector<std::string>>& keys);

/// The key was free when the creators were asked: one of them made the variable already.
/// \throws already_exists
void check_made_once(const creation_site& site, const std::source_location& where);

/// Makes the variable: what all creators come down to. The graph's lock is held.
[[nodiscard]] variable_node& make_in_graph(
    const creation_site& site, const variable_creation& wanted);

/// Makes a variable the way the open creator scopes want it.
[[nodiscard]] variable_node& make_variable(
    const creation_site& site, const variable_creation& wanted);

/// Adds the loss of a new variable to the collection of losses.
void regularize(
    thread_scopes& thread, variable_node& v, const std::string& key, const regularizer& loss_of);

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/make_variable.ipp>
#endif
