/// \file
/// Collections by regular expression.
#pragma once

#include <varscope/names/name_pattern.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

[[nodiscard]] inline auto begins_like(const name_arg& pattern) {
    return [compiled = name_pattern(pattern.text(), pattern.where())](
               std::string_view name) { return compiled.matches_start_of(name); };
}

} // namespace detail

/// \name Collections, of the names that begin like a pattern
/// As the functions of the same names without a pattern. A pattern is a regular expression
/// (ECMAScript's), compared from the start of the name on and not over the whole of it: "a" keeps
/// "a/w:0", "a_1/w:0" and "abc:0". An empty one keeps all. Safe from any thread.
/// \throws invalid_pattern
/// \{

/// Follows tf.get_collection.
[[nodiscard]] inline std::vector<tensor> get_collection(
    graph& g, std::string_view key, name_arg pattern) {
    return detail::items_of(g, key, detail::begins_like(pattern));
}
[[nodiscard]] inline std::vector<tensor> get_collection(std::string_view key, name_arg pattern) {
    return get_collection(current_graph(), key, pattern);
}

/// Follows tf.global_variables.
[[nodiscard]] inline variable_list global_variables(graph& g, name_arg pattern) {
    return detail::variables_of(g, graph_keys::global_variables, detail::begins_like(pattern));
}
[[nodiscard]] inline variable_list global_variables(name_arg pattern) {
    return global_variables(current_graph(), pattern);
}

/// Follows tf.trainable_variables.
[[nodiscard]] inline variable_list trainable_variables(graph& g, name_arg pattern) {
    return detail::variables_of(g, graph_keys::trainable_variables, detail::begins_like(pattern));
}
[[nodiscard]] inline variable_list trainable_variables(name_arg pattern) {
    return trainable_variables(current_graph(), pattern);
}

/// Follows tf.local_variables.
[[nodiscard]] inline variable_list local_variables(graph& g, name_arg pattern) {
    return detail::variables_of(g, graph_keys::local_variables, detail::begins_like(pattern));
}
[[nodiscard]] inline variable_list local_variables(name_arg pattern) {
    return local_variables(current_graph(), pattern);
}

/// Follows tf.model_variables.
[[nodiscard]] inline variable_list model_variables(graph& g, name_arg pattern) {
    return detail::variables_of(g, graph_keys::model_variables, detail::begins_like(pattern));
}
[[nodiscard]] inline variable_list model_variables(name_arg pattern) {
    return model_variables(current_graph(), pattern);
}

/// Follows tf.moving_average_variables.
[[nodiscard]] inline variable_list moving_average_variables(graph& g, name_arg pattern) {
    return detail::variables_of(
        g, graph_keys::moving_average_variables, detail::begins_like(pattern));
}
[[nodiscard]] inline variable_list moving_average_variables(name_arg pattern) {
    return moving_average_variables(current_graph(), pattern);
}

/// Follows tf.losses.get_regularization_losses.
[[nodiscard]] inline std::vector<tensor> get_regularization_losses(graph& g, name_arg pattern) {
    return get_collection(g, graph_keys::regularization_losses, pattern);
}
[[nodiscard]] inline std::vector<tensor> get_regularization_losses(name_arg pattern) {
    return get_regularization_losses(current_graph(), pattern);
}
/// \}

} // namespace varscope::inline VARSCOPE_ABI
