// See variable_lists.hpp.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/graph/graph_state.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

template <class List>
[[nodiscard]] List list_of(graph& g, std::string_view key, const name_test& is_wanted) {
    return g.with_collections([&](const collections& c) {
        List found;
        for (const node* item : c.get(key)) {
            if (is_wanted(item->tensor_name())) { found.emplace_back(*item); }
        }
        return found;
    });
}
VARSCOPE_INLINE std::vector<tensor> items_of(
    graph& g, std::string_view key, const name_test& is_wanted) {
    return list_of<std::vector<tensor>>(g, key, is_wanted);
}
VARSCOPE_INLINE variable_list variables_of(
    graph& g, std::string_view key, const name_test& is_wanted) {
    return list_of<variable_list>(g, key, is_wanted);
}

VARSCOPE_INLINE bool name_prefix::operator()(std::string_view name) const {
    return name.size() >= prefix.size() &&
        std::equal(prefix.begin(), prefix.end(), name.begin(),
            [](char wanted, char c) { return wanted == '.' || wanted == c; });
}
VARSCOPE_INLINE name_prefix lies_in(const scope_handle& scope) {
    const std::string name = scope.name();
    return {name.empty() ? name : name + '/'};
}

} // namespace detail

VARSCOPE_INLINE void add_to_collection(
    graph& g, std::string_view key, const tensor& item, const std::source_location& where) {
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

VARSCOPE_INLINE void add_to_collections(graph& g, std::initializer_list<std::string_view> keys,
    const tensor& item, const std::source_location& where) {
    for (const auto* key = keys.begin(); key != keys.end(); ++key) {
        if (std::find(keys.begin(), key, *key) == key) { add_to_collection(g, *key, item, where); }
    }
}

VARSCOPE_INLINE std::vector<std::string> get_all_collection_keys(graph& g) {
    return g.with_collections([](const collections& c) { return c.keys(); });
}

VARSCOPE_INLINE void clear_collection(graph& g, std::string_view key) {
    g.with_collections([&](collections& c) { c.clear(key); });
}

VARSCOPE_INLINE std::vector<std::string> collections_of(graph& g, const tensor& item) {
    return g.with_collections([&](const collections& c) {
        std::vector<std::string> keys = c.keys();
        std::erase_if(keys, [&](const std::string& key) {
            return std::ranges::find(c.get(key), &item.node()) == c.get(key).end();
        });
        std::ranges::sort(keys);
        return keys;
    });
}

VARSCOPE_INLINE std::optional<any_variable> find_variable(const graph& g, std::string_view key) {
    if (detail::variable_node* const found = g.store().find(key)) { return any_variable(*found); }
    detail::variable_node* const whole =
        g.store().find_whole(detail::extend(detail::root_digest, key));
    return whole == nullptr ? std::nullopt : std::optional(any_variable(*whole));
}

} // namespace varscope::inline VARSCOPE_ABI
