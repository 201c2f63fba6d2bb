/// \file
/// New variables that are called nearly like others.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/base/nearest_names.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/graph/variable_store.hpp>
#include <varscope/names/name.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <source_location>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

enum class near_miss_reason : std::uint8_t {
    spelled_alike,  ///< one or two letters away from a variable beside it, of the same shape
    suffixed_scope, ///< in a scope `x_1`, where `x` has a variable of the same name and shape
};

/// A variable is about to be created that somebody may have meant to share.
struct near_miss_report {
    std::string name; ///< the key asked for
    std::source_location asked_at;
    std::string existing; ///< the key that was perhaps meant
    std::source_location existing_at;
    varscope::shape shape; ///< of that one
    near_miss_reason reason;
};

/// Told before the variable is created; may throw, and then it is not.
using near_miss_handler = std::function<void(const near_miss_report&)>;

namespace detail {

/// Looks for near misses among the variables of a store. Not thread-safe: the graph holds its lock.
class near_miss_watch {
public:
    explicit near_miss_watch(near_miss_handler handler) : handler_{std::move(handler)} {}

    /// Tells the handler if `name`, which is not in the store, is a near miss.
    void check(const variable_store& store, const std::string& name, const shape& wanted,
        dtype type, const std::source_location& where);

private:
    static std::string_view parent_of(std::string_view key);
    static std::string_view leaf_of(std::string_view key) {
        return key.substr(key.find_last_of('/') + 1);
    }

    /// Whether two names differ in their numbers alone, as `w1` and `w2` do on purpose.
    static bool differ_in_digits_only(std::string_view a, std::string_view b);

    /// One letter of three or more, or two of five or more.
    static bool is_alike(std::string_view a, std::string_view b);

    template <class Fits>
    [[nodiscard]] const variable_node* find_alike(
        const variable_store& store, std::string_view name, Fits fits) const {
        const auto siblings = by_parent_.find(std::string(parent_of(name)));
        if (siblings == by_parent_.end()) { return nullptr; }
        for (const variable_node* v : siblings->second) {
            if (store.find(v->id) == v && fits(*v) && is_alike(leaf_of(name), leaf_of(v->key()))) {
                return v;
            }
        }
        return nullptr;
    }

    /// The variable whose key is `name` but for the suffix of one of its scopes.
    template <class Fits>
    [[nodiscard]] static const variable_node* find_without_suffix(
        const variable_store& store, std::string_view name, Fits fits) {
        for (std::size_t end = name.find('/'); end != std::string_view::npos;
             end = name.find('/', end + 1)) {
            const std::size_t begin = end == 0 ? 0 : name.find_last_of('/', end - 1) + 1;
            const auto parts = split_suffix(name.substr(begin, end - begin));
            if (!parts) { continue; }
            std::string other(name.substr(0, begin));
            other += parts->base;
            other += name.substr(end);
            const variable_node* const v = store.find(other);
            if (v != nullptr && fits(*v)) { return v; }
        }
        return nullptr;
    }

    /// Indexes what came to the store since the last time.
    void catch_up(const variable_store& store);

    near_miss_handler handler_;
    std::unordered_map<std::string, std::vector<const variable_node*>> by_parent_;
    std::size_t count_ = 0; // variables in it
    const variable_node* last_ = nullptr;
};

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/near_miss_watch.ipp>
#endif
