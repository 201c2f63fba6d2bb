// See variable_store.hpp.
#pragma once

#include <varscope/graph/variable_store.hpp>

#include <atomic>
#include <cstddef>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE detail::variable_node* variable_store::find(std::string_view key) const noexcept {
    detail::variable_node* const found = table_.find(detail::extend(detail::root_digest, key));
    return found != nullptr && found->key() == key ? found : nullptr;
}

VARSCOPE_INLINE void variable_store::insert_whole(detail::variable_node& whole) {
    wholes_in_order_.reserve(wholes_in_order_.size() + 1);
    wholes_.insert(whole);
    wholes_in_order_.push_back(&whole);
}

VARSCOPE_INLINE void variable_store::insert(detail::variable_node& variable) {
    if (in_order_.size() == in_order_.capacity()) { in_order_.reserve(2 * in_order_.size() + 8); }
    if (variable.key().ends_with("/part_0")) {
        has_first_parts_.store(true, std::memory_order_relaxed); // before it can be found
    }
    variable.is_stored.store(true, std::memory_order_release); // before it can be found
    table_.insert(variable);                                   // the last step that can fail
    in_order_.push_back(&variable);
}

VARSCOPE_INLINE const std::source_location* variable_store::find_owner(
    const detail::digest& path) const noexcept {
    const detail::variable_node* const found = find(path);
    return found != nullptr && found->holds_own_name ? &found->defined_at : nullptr;
}

VARSCOPE_INLINE void variable_store::rewind(std::size_t variables, std::size_t wholes) noexcept {
    while (in_order_.size() > variables) {
        table_.erase(*in_order_.back());
        detail::variable_of(*in_order_.back()).is_stored.store(false, std::memory_order_release);
        in_order_.pop_back();
    }
    while (wholes_in_order_.size() > wholes) {
        wholes_.erase(*wholes_in_order_.back());
        wholes_in_order_.pop_back();
    }
}

} // namespace varscope::inline VARSCOPE_ABI
