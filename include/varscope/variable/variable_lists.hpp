/// \file
/// The variables of a graph and its other collections, by list and by name.
#pragma once

#include <varscope/graph/any_variable.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/variable_scope.hpp>
#include <varscope/variable/listed_variable.hpp>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// The items of a collection for which `is_wanted(name)`, in a list of that type.
template <class List, class Predicate>
[[nodiscard]] List list_of(graph& g, std::string_view key, Predicate is_wanted) {
    return g.with_collections([&](const collections& c) {
        List found;
        for (const node* item : c.get(key)) {
            if (is_wanted(item->tensor_name())) { found.emplace_back(*item); }
        }
        return found;
    });
}
template <class Predicate>
[[nodiscard]] std::vector<tensor> items_of(graph& g, std::string_view key, Predicate is_wanted) {
    return list_of<std::vector<tensor>>(g, key, is_wanted);
}
template <class Predicate>
[[nodiscard]] variable_list variables_of(graph& g, std::string_view key, Predicate is_wanted) {
    return list_of<variable_list>(g, key, is_wanted);
}

inline constexpr auto any_name = [](std::string_view) { return true; };

/// Whether a name begins with a prefix, as TensorFlow compares the names of scopes: as a regular
/// expression, in which '.' fits every character.
[[nodiscard]] inline auto begins_with(std::string scope_prefix) {
    return [prefix = std::move(scope_prefix)](std::string_view name) {
        return name.size() >= prefix.size() &&
            std::equal(prefix.begin(), prefix.end(), name.begin(),
                [](char wanted, char c) { return wanted == '.' || wanted == c; });
    };
}

/// Whether a name lies in a scope, as TensorFlow's scope objects see it: it begins with their name
/// and '/', also where that ends in '/' already.
[[nodiscard]] inline auto lies_in(const scope_handle& scope) {
    const std::string name = scope.name();
    return begins_with(name.empty() ? name : name + '/');
}

} // namespace detail

/// The ops and variables in collection `key`, in the order in which they joined it; nothing for a
/// key that was never used.
///
/// With a scope, those whose name lies in it; at the root that is all. Safe from any thread.
/// `collection_queries.hpp` has the same with a regular expression. Follows tf.get_collection.
[[nodiscard]] inline std::vector<tensor> get_collection(graph& g, std::string_view key) {
    return detail::items_of(g, key, detail::any_name);
}
[[nodiscard]] inline std::vector<tensor> get_collection(std::string_view key) {
    return get_collection(current_graph(), key);
}
[[nodiscard]] inline std::vector<tensor> get_collection(
    graph& g, std::string_view key, const scope_handle& scope) {
    return detail::items_of(g, key, detail::lies_in(scope));
}
[[nodiscard]] inline std::vector<tensor> get_collection(
    std::string_view key, const scope_handle& scope) {
    return get_collection(current_graph(), key, scope);
}

/// Adds an op or variable at the end of a collection; it may be there already. Safe from any
/// thread. \throws wrong_graph  it is of another graph. Follows tf.add_to_collection.
inline void add_to_collection(graph& g, std::string_view key, const tensor& item,
    const std::source_location& where = std::source_location::current()) {
    if (&item.graph() != &g) {
        throw wrong_graph("'" + std::string(item.name()) + "' cannot join collection '" +
                std::string(key) + "' of another graph\n  created at " +
                to_string(item.defined_at()) + "\n  added at " + to_string(where) +
                "\n  add it to its own graph's",
            {std::string(item.name()), where, item.defined_at()});
    }
    detail::keep(g, item);
    g.with_collections([&](collections& c) { c.add(key, item.node()); });
}
inline void add_to_collection(std::string_view key, const tensor& item,
    const std::source_location& where = std::source_location::current()) {
    add_to_collection(current_graph(), key, item, where);
}
/// The same for several keys, each once. Follows tf.add_to_collections.
inline void add_to_collections(graph& g, std::initializer_list<std::string_view> keys,
    const tensor& item, const std::source_location& where = std::source_location::current()) {
    for (const auto* key = keys.begin(); key != keys.end(); ++key) {
        if (std::find(keys.begin(), key, *key) == key) { add_to_collection(g, *key, item, where); }
    }
}
inline void add_to_collections(std::initializer_list<std::string_view> keys, const tensor& item,
    const std::source_location& where = std::source_location::current()) {
    add_to_collections(current_graph(), keys, item, where);
}

/// The keys of all collections that were used, in the order of first use. Follows
/// tf.Graph.get_all_collection_keys.
[[nodiscard]] inline std::vector<std::string> get_all_collection_keys(graph& g) {
    return g.with_collections([](const collections& c) { return c.keys(); });
}
[[nodiscard]] inline std::vector<std::string> get_all_collection_keys() {
    return get_all_collection_keys(current_graph());
}

/// Empties a collection. Follows tf.Graph.clear_collection.
inline void clear_collection(graph& g, std::string_view key) {
    g.with_collections([&](collections& c) { c.clear(key); });
}
inline void clear_collection(std::string_view key) { clear_collection(current_graph(), key); }

/// The keys of the collections that hold `item`, in the order of the alphabet.
[[nodiscard]] inline std::vector<std::string> collections_of(graph& g, const tensor& item) {
    return g.with_collections([&](const collections& c) {
        std::vector<std::string> keys = c.keys();
        std::erase_if(keys, [&](const std::string& key) {
            return std::ranges::find(c.get(key), &item.node()) == c.get(key).end();
        });
        std::ranges::sort(keys);
        return keys;
    });
}
[[nodiscard]] inline std::vector<std::string> collections_of(const tensor& item) {
    return collections_of(item.graph(), item);
}

/// \name Lists of variables
/// In the order of creation. With a scope object, those whose names lie in that scope
/// (tf.VariableScope.global_variables and its kin); at the root that is all. What was added to
/// these collections by hand is in the lists too, where it was added; for an op's tensor see
/// `listed_variable`. Safe from any thread.
/// \{

/// Follows tf.global_variables.
[[nodiscard]] inline variable_list global_variables(graph& g) {
    return detail::variables_of(g, graph_keys::global_variables, detail::any_name);
}
[[nodiscard]] inline variable_list global_variables() { return global_variables(current_graph()); }
[[nodiscard]] inline variable_list global_variables(const scope_handle& scope) {
    return detail::variables_of(
        current_graph(), graph_keys::global_variables, detail::lies_in(scope));
}

/// Follows tf.trainable_variables.
[[nodiscard]] inline variable_list trainable_variables(graph& g) {
    return detail::variables_of(g, graph_keys::trainable_variables, detail::any_name);
}
[[nodiscard]] inline variable_list trainable_variables() {
    return trainable_variables(current_graph());
}
[[nodiscard]] inline variable_list trainable_variables(const scope_handle& scope) {
    return detail::variables_of(
        current_graph(), graph_keys::trainable_variables, detail::lies_in(scope));
}

/// Follows tf.local_variables.
[[nodiscard]] inline variable_list local_variables(graph& g) {
    return detail::variables_of(g, graph_keys::local_variables, detail::any_name);
}
[[nodiscard]] inline variable_list local_variables() { return local_variables(current_graph()); }
[[nodiscard]] inline variable_list local_variables(const scope_handle& scope) {
    return detail::variables_of(
        current_graph(), graph_keys::local_variables, detail::lies_in(scope));
}

/// Follows tf.model_variables.
[[nodiscard]] inline variable_list model_variables(graph& g) {
    return detail::variables_of(g, graph_keys::model_variables, detail::any_name);
}
[[nodiscard]] inline variable_list model_variables() { return model_variables(current_graph()); }

/// Follows tf.moving_average_variables.
[[nodiscard]] inline variable_list moving_average_variables(graph& g) {
    return detail::variables_of(g, graph_keys::moving_average_variables, detail::any_name);
}
[[nodiscard]] inline variable_list moving_average_variables() {
    return moving_average_variables(current_graph());
}
/// \}

/// The losses of the regularizers, in the order in which their variables were created. Each tells
/// its `value()` from what its variable holds then. Follows tf.losses.get_regularization_losses.
[[nodiscard]] inline std::vector<tensor> get_regularization_losses(graph& g) {
    return get_collection(g, graph_keys::regularization_losses);
}
[[nodiscard]] inline std::vector<tensor> get_regularization_losses() {
    return get_regularization_losses(current_graph());
}

/// The variable with this key ("scope/v"), if there is one, in one piece or cut into parts; never
/// creates. Safe from any thread. Cost: one hash look-up.
[[nodiscard]] inline std::optional<any_variable> find_variable(
    const graph& g, std::string_view key) {
    if (detail::variable_node* const found = g.store().find(key)) { return any_variable(*found); }
    detail::variable_node* const whole =
        g.store().find_whole(detail::extend(detail::root_digest, key));
    return whole == nullptr ? std::nullopt : std::optional(any_variable(*whole));
}
[[nodiscard]] inline std::optional<any_variable> find_variable(std::string_view key) {
    return find_variable(current_graph(), key);
}

/// The variable that `get_variable(name)` would share in this scope, if there is one; never
/// creates.
[[nodiscard]] inline std::optional<any_variable> find_variable(
    const scope_handle& scope, std::string_view name) {
    return find_variable(current_graph(), detail::join(scope.name(), name));
}

} // namespace varscope::inline VARSCOPE_ABI
