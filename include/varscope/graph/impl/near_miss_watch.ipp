// See near_miss_watch.hpp.
#pragma once

#include <varscope/graph/near_miss_watch.hpp>

#include <algorithm>
#include <cstddef>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void near_miss_watch::check(const variable_store& store, const std::string& name,
    const shape& wanted, dtype type, const std::source_location& where) {
    catch_up(store);
    const auto tell = [&](const variable_node& v, near_miss_reason reason) {
        handler_({name, where, std::string(v.key()), v.defined_at, v.get_shape(), reason});
    };
    const auto fits = [&](const variable_node& v) {
        return v.type == type && wanted.is_compatible_with(v.get_shape());
    };
    if (const variable_node* const v = find_without_suffix(store, name, fits)) {
        tell(*v, near_miss_reason::suffixed_scope);
    } else if (const variable_node* const alike = find_alike(store, name, fits)) {
        tell(*alike, near_miss_reason::spelled_alike);
    }
}

VARSCOPE_INLINE std::string_view near_miss_watch::parent_of(std::string_view key) {
    const std::size_t slash = key.find_last_of('/');
    return slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
}

VARSCOPE_INLINE bool near_miss_watch::differ_in_digits_only(
    std::string_view a, std::string_view b) {
    const auto letters = [](std::string_view name) {
        std::string result(name);
        std::erase_if(result, [](char c) { return c >= '0' && c <= '9'; });
        return result;
    };
    return letters(a) == letters(b);
}

VARSCOPE_INLINE bool near_miss_watch::is_alike(std::string_view a, std::string_view b) {
    const std::size_t length = std::max(a.size(), b.size());
    const std::size_t shorter = std::min(a.size(), b.size());
    if (length - shorter > 2 || length < 3 || differ_in_digits_only(a, b)) { return false; }
    return edit_distance(a, b) <= (length >= 5 ? 2U : 1U);
}

VARSCOPE_INLINE void near_miss_watch::catch_up(const variable_store& store) {
    const auto& all = store.all();
    if (count_ > all.size() || (count_ > 0 && all[count_ - 1] != last_)) {
        by_parent_.clear(); // some were taken out
        count_ = 0;
    }
    for (; count_ < all.size(); ++count_) {
        by_parent_[std::string(parent_of(all[count_]->key()))].push_back(all[count_]);
    }
    last_ = count_ == 0 ? nullptr : all[count_ - 1];
}

} // namespace varscope::inline VARSCOPE_ABI::detail
