// See collections.hpp.
#pragma once

#include <varscope/graph/collections.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE void collections::add(std::string_view key, const detail::node& item) {
    list_created();
    notice(key, item);
    find_or_add(key).push_back(&item);
}

VARSCOPE_INLINE void collections::expect_created(const detail::node& item) {
    if (!has_global_) { (void)find_or_add(graph_keys::global_variables); }
    has_global_ = true;
    notice(graph_keys::global_variables, item);
    if (!item.is_trainable) { return; }
    if (!has_trainable_) { (void)find_or_add(graph_keys::trainable_variables); }
    has_trainable_ = true;
    notice(graph_keys::trainable_variables, item);
}

VARSCOPE_INLINE void collections::end(const watch& w) noexcept { std::erase(watches_, &w); }

VARSCOPE_INLINE std::span<const detail::node* const> collections::get(std::string_view key) const {
    list_created();
    for (const auto& list : lists_) {
        if (list.key == key) { return list.items; }
    }
    return {};
}

VARSCOPE_INLINE std::vector<std::string> collections::keys() const {
    std::vector<std::string> result;
    for (const auto& list : lists_) { result.push_back(list.key); }
    return result;
}

VARSCOPE_INLINE void collections::clear(std::string_view key) {
    list_created();
    has_global_ = has_global_ && key != graph_keys::global_variables;
    has_trainable_ = has_trainable_ && key != graph_keys::trainable_variables;
    for (auto list = lists_.begin(); list != lists_.end(); ++list) {
        if (list->key != key) { continue; }
        if (marks_ > 0) {
            cleared_.push_back({static_cast<std::size_t>(list - lists_.begin()), {}});
            cleared_.back().list.key = list->key;
            std::swap(cleared_.back().list.items, list->items);
        }
        lists_.erase(list);
        return;
    }
}

VARSCOPE_INLINE collections::mark collections::set_mark() {
    list_created();
    mark here{{}, cleared_.size(), listed_};
    for (const auto& list : lists_) { here.sizes.push_back(list.items.size()); }
    ++marks_;
    return here;
}

VARSCOPE_INLINE void collections::rewind(const mark& to) {
    // Lists made since stand behind the others, unless one was cleared and made again.
    while (cleared_.size() > to.cleared) {
        cleared_list& last = cleared_.back();
        std::erase_if(lists_, [&](const keyed_list& list) { return list.key == last.list.key; });
        lists_.insert(
            lists_.begin() + static_cast<std::ptrdiff_t>(std::min(last.position, lists_.size())),
            std::move(last.list));
        cleared_.pop_back();
    }
    lists_.resize(to.sizes.size());
    for (std::size_t i = 0; i < lists_.size(); ++i) { lists_[i].items.resize(to.sizes[i]); }
    --marks_;
    listed_ = to.listed;
    has_global_ = has_trainable_ = false; // to be looked up again
}

VARSCOPE_INLINE void collections::notice(std::string_view key, const detail::node& item) {
    for (watch* const w : watches_) {
        if (w->key == key && w->thread == std::this_thread::get_id()) { w->added.push_back(&item); }
    }
}

VARSCOPE_INLINE void collections::list_created() const {
    if (created_ == nullptr || listed_ == created_->size()) { return; }
    std::vector<const detail::node*>* global = nullptr;
    std::vector<const detail::node*>* trainable = nullptr;
    for (auto& list : lists_) {
        if (list.key == graph_keys::global_variables) { global = &list.items; }
        if (list.key == graph_keys::trainable_variables) { trainable = &list.items; }
    }
    const std::size_t count = created_->size() - listed_;
    for (auto* const list : {global, trainable}) { // first all that can fail
        if (list != nullptr && list->capacity() < list->size() + count) {
            list->reserve(std::max(2 * list->capacity(), list->size() + count));
        }
    }
    for (; listed_ < created_->size(); ++listed_) {
        const detail::node* const made = (*created_)[listed_];
        if (!made->is_usually_listed) { continue; }
        global->push_back(made);
        if (made->is_trainable) { trainable->push_back(made); }
    }
}

VARSCOPE_INLINE std::vector<const detail::node*>& collections::find_or_add(std::string_view key) {
    for (auto& list : lists_) {
        if (list.key == key) { return list.items; }
    }
    return lists_.emplace_back(keyed_list{std::string(key), {}}).items;
}

} // namespace varscope::inline VARSCOPE_ABI
