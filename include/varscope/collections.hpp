/// \file
/// Named lists of a graph's variables and ops.
#pragma once

#include <varscope/detail/nodes.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace varscope {

/// Keys of the collections that TensorFlow keeps itself (tf.GraphKeys).
namespace graph_keys {
inline constexpr std::string_view global_variables = "variables";
inline constexpr std::string_view trainable_variables = "trainable_variables";
inline constexpr std::string_view local_variables = "local_variables";
} // namespace graph_keys

/// Lists by key, each in the order of adding, duplicates kept. Not thread-safe.
class collections {
public:
    void add(std::string_view key, const detail::node& item) { find_or_add(key).push_back(&item); }

    /// Empty for a key that was never used.
    [[nodiscard]] std::span<const detail::node* const> get(std::string_view key) const noexcept {
        for (const auto& list : lists_) {
            if (list.key == key) { return list.items; }
        }
        return {};
    }

private:
    struct keyed_list {
        std::string key;
        std::vector<const detail::node*> items;
    };

    std::vector<const detail::node*>& find_or_add(std::string_view key) {
        for (auto& list : lists_) {
            if (list.key == key) { return list.items; }
        }
        return lists_.emplace_back(keyed_list{std::string(key), {}}).items;
    }

    std::vector<keyed_list> lists_; // few: searched one by one
};

} // namespace varscope
