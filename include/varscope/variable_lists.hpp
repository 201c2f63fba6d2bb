/// \file
/// The variables of a graph, by list and by name.
#pragma once

#include <varscope/any_variable.hpp>
#include <varscope/current_graph.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace varscope {

/// The variables in collection `key`, in the order in which they joined it. Follows
/// tf.get_collection.
[[nodiscard]] inline std::vector<any_variable> get_collection(graph& g, std::string_view key) {
    return detail::variables_in(g, key);
}
[[nodiscard]] inline std::vector<any_variable> get_collection(std::string_view key) {
    return get_collection(current_graph(), key);
}

/// Follows tf.global_variables.
[[nodiscard]] inline std::vector<any_variable> global_variables(graph& g) {
    return get_collection(g, graph_keys::global_variables);
}
[[nodiscard]] inline std::vector<any_variable> global_variables() {
    return global_variables(current_graph());
}

/// Follows tf.trainable_variables.
[[nodiscard]] inline std::vector<any_variable> trainable_variables(graph& g) {
    return get_collection(g, graph_keys::trainable_variables);
}
[[nodiscard]] inline std::vector<any_variable> trainable_variables() {
    return trainable_variables(current_graph());
}

/// Follows tf.local_variables.
[[nodiscard]] inline std::vector<any_variable> local_variables(graph& g) {
    return get_collection(g, graph_keys::local_variables);
}
[[nodiscard]] inline std::vector<any_variable> local_variables() {
    return local_variables(current_graph());
}

/// The variable with this key ("scope/v"), if there is one; never creates. Safe from any thread.
/// Cost: one hash look-up.
[[nodiscard]] inline std::optional<any_variable> find_variable(
    const graph& g, std::string_view key) {
    detail::variable_node* const found = g.store().find(key);
    return found == nullptr ? std::nullopt : std::optional(any_variable(*found));
}
[[nodiscard]] inline std::optional<any_variable> find_variable(std::string_view key) {
    return find_variable(current_graph(), key);
}

} // namespace varscope
