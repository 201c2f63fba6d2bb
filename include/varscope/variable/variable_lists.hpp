/// \file
/// The variables of a graph and its other collections, by list and by name.
#pragma once

#include <varscope/graph/any_variable.hpp>
#include <varscope/graph/graph_keys.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/scope_handle.hpp>
#include <varscope/variable/listed_variable.hpp>

#include <concepts>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// Which names of a list are wanted: what it was made from says so, and must outlive it.
class name_test {
public:
    name_test() = default; ///< all
    template <class Test>
        requires(!std::same_as<Test, name_test>)
    name_test(const Test& test) noexcept // NOLINT(google-explicit-constructor): stands for it
        : test_{&test}
        , call_{[](const void* from, std::string_view name) {
            return (*static_cast<const Test*>(from))(name);
        }} {}

    [[nodiscard]] bool operator()(std::string_view name) const {
        return call_ == nullptr || call_(test_, name);
    }

private:
    const void* test_ = nullptr;
    bool (*call_)(const void* from, std::string_view name) = nullptr;
};

/// The items of a collection whose names are wanted.
[[nodiscard]] std::vector<tensor> items_of(
    graph& g, std::string_view key, const name_test& is_wanted = {});
[[nodiscard]] variable_list variables_of(
    graph& g, std::string_view key, const name_test& is_wanted = {});

/// Whether a name begins with a prefix, as TensorFlow compares the names of scopes: as a regular
/// expression, in which '.' fits every character.
struct name_prefix {
    std::string prefix;
    [[nodiscard]] bool operator()(std::string_view name) const;
};

/// Whether a name lies in a scope, as TensorFlow's scope objects see it: it begins with their name
/// and '/', also where that ends in '/' already.
[[nodiscard]] name_prefix lies_in(const scope_handle& scope);

} // namespace detail

/// The ops and variables in collection `key`, in the order in which they joined it; nothing for a
/// key that was never used.
///
/// With a scope, those whose name lies in it; at the root that is all. Safe from any thread.
/// `collection_queries.hpp` has the same with a regular expression. Follows tf.get_collection.
[[nodiscard]] inline std::vector<tensor> get_collection(graph& g, std::string_view key) {
    return detail::items_of(g, key);
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
void add_to_collection(graph& g, std::string_view key, const tensor& item,
    const std::source_location& where = std::source_location::current());
inline void add_to_collection(std::string_view key, const tensor& item,
    const std::source_location& where = std::source_location::current()) {
    add_to_collection(current_graph(), key, item, where);
}
/// The same for several keys, each once. Follows tf.add_to_collections.
void add_to_collections(graph& g, std::initializer_list<std::string_view> keys, const tensor& item,
    const std::source_location& where = std::source_location::current());
inline void add_to_collections(std::initializer_list<std::string_view> keys, const tensor& item,
    const std::source_location& where = std::source_location::current()) {
    add_to_collections(current_graph(), keys, item, where);
}

/// The keys of all collections that were used, in the order of first use. Follows
/// tf.Graph.get_all_collection_keys.
[[nodiscard]] std::vector<std::string> get_all_collection_keys(graph& g);
[[nodiscard]] inline std::vector<std::string> get_all_collection_keys() {
    return get_all_collection_keys(current_graph());
}

/// Empties a collection. Follows tf.Graph.clear_collection.
void clear_collection(graph& g, std::string_view key);
inline void clear_collection(std::string_view key) { clear_collection(current_graph(), key); }

/// The keys of the collections that hold `item`, in the order of the alphabet.
[[nodiscard]] std::vector<std::string> collections_of(graph& g, const tensor& item);
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
    return detail::variables_of(g, graph_keys::global_variables);
}
[[nodiscard]] inline variable_list global_variables() { return global_variables(current_graph()); }
[[nodiscard]] inline variable_list global_variables(const scope_handle& scope) {
    return detail::variables_of(
        current_graph(), graph_keys::global_variables, detail::lies_in(scope));
}

/// Follows tf.trainable_variables.
[[nodiscard]] inline variable_list trainable_variables(graph& g) {
    return detail::variables_of(g, graph_keys::trainable_variables);
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
    return detail::variables_of(g, graph_keys::local_variables);
}
[[nodiscard]] inline variable_list local_variables() { return local_variables(current_graph()); }
[[nodiscard]] inline variable_list local_variables(const scope_handle& scope) {
    return detail::variables_of(
        current_graph(), graph_keys::local_variables, detail::lies_in(scope));
}

/// Follows tf.model_variables.
[[nodiscard]] inline variable_list model_variables(graph& g) {
    return detail::variables_of(g, graph_keys::model_variables);
}
[[nodiscard]] inline variable_list model_variables() { return model_variables(current_graph()); }

/// Follows tf.moving_average_variables.
[[nodiscard]] inline variable_list moving_average_variables(graph& g) {
    return detail::variables_of(g, graph_keys::moving_average_variables);
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
[[nodiscard]] std::optional<any_variable> find_variable(const graph& g, std::string_view key);
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

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/variable_lists.ipp>
#endif
