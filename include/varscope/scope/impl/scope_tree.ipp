// See scope_tree.hpp.
#pragma once

#include <varscope/scope/scope_tree.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE scope_node& scope_tree::below(scope_node& parent, const hashed_name& name) {
    scope_node* const known = scopes_.find(extend(parent.id, name));
    return known != nullptr ? *known : add(parent, name.text);
}

VARSCOPE_INLINE void scope_tree::make_next(scope_node& parent, const hashed_name& name) noexcept {
    if (find_next(parent, name) != nullptr) { return; }
    scope_node* const known = scopes_.find(extend_by_component(parent.id, name.exact.hash));
    if (known == nullptr || !known->is_plain_first || !known->is_plain_inner) { return; }
    if (parent.last_child != &none_) { parent.last_child->next_sibling = known; }
    parent.last_child = known;
}

VARSCOPE_INLINE bool scope_tree::is_plain_path(scope_node& asked, unique_names& names) {
    if (asked.keys == scope_node::key_state::unknown) {
        const std::string_view path = asked.view();
        const bool is_plain = &asked == root_ ||
            (!illegal_position(path) && !has_hidden_word(path) &&
                std::ranges::none_of(path, [](char c) { return c >= 'A' && c <= 'Z'; }));
        if (is_plain && &asked != root_) { names.mention_path(root_digest, path); }
        asked.keys = is_plain ? scope_node::key_state::plain : scope_node::key_state::other;
    }
    return asked.keys == scope_node::key_state::plain;
}

VARSCOPE_INLINE void scope_tree::open(scope_node& opened) {
    save(opened);
    open_unmarked(opened);
}

VARSCOPE_INLINE void scope_tree::open_unmarked(scope_node& opened) noexcept {
    opened.opened = ++clock_;
}

VARSCOPE_INLINE void scope_tree::close(scope_node& left) {
    save(left);
    close_unmarked(left);
}

VARSCOPE_INLINE void scope_tree::close_unmarked(scope_node& left) noexcept { left.left = clock_; }

VARSCOPE_INLINE scope_tree::mark scope_tree::set_mark() noexcept {
    const mark here{journal_.size(), current_mark_};
    current_mark_ = ++last_mark_;
    return here;
}

VARSCOPE_INLINE void scope_tree::rewind(const mark& to) noexcept {
    while (journal_.size() > to.changes) {
        const change& c = journal_.back();
        c.where->opened = c.opened;
        c.where->left = c.left;
        c.where->suffix_at = c.suffix_at;
        c.where->next_suffix = c.next_suffix;
        c.where->saved_for = c.saved_for;
        journal_.pop_back();
    }
    current_mark_ = to.outer;
}

VARSCOPE_INLINE void scope_tree::drop(const mark& to) noexcept {
    if (to.outer == 0) { journal_.clear(); }
    current_mark_ = to.outer;
}

VARSCOPE_INLINE std::uint32_t scope_tree::first_free(scope_node& parent, std::string_view name) {
    scope_node& base = below(parent, name);
    std::uint64_t left = 0; // when a scope above was left last
    for (const scope_node* above = base.parent; above != nullptr; above = above->parent) {
        left = std::max(left, above->left);
    }
    if (base.opened <= left) { return 0; }
    std::string candidate(name);
    candidate += '_';
    const std::size_t size = candidate.size();
    std::uint32_t suffix = base.suffix_at > left ? base.next_suffix : 1;
    for (;; ++suffix) {
        candidate.resize(size);
        candidate += std::to_string(suffix);
        if (below(parent, candidate).opened <= left) { break; }
    }
    save(base);
    base.next_suffix = suffix;
    base.suffix_at = ++clock_;
    return suffix;
}

VARSCOPE_INLINE scope_node* scope_tree::create(
    const digest& id, std::string_view path, scope_node* parent) {
    all_.reserve(all_.size() == all_.capacity() ? 2 * all_.size() + 8 : all_.capacity());
    void* const memory =
        ::operator new(sizeof(scope_node) + path.size(), std::align_val_t{alignof(scope_node)});
    char* const text = static_cast<char*>(memory) + sizeof(scope_node);
    std::ranges::copy(path, text);
    auto* const made = ::new (memory) scope_node{.id = id,
        .last_child = &none_,
        .next_sibling = &none_,
        .path = {id, text, path.size()},
        .parent = parent};
    using kind = scope_times::kind;
    if (times_.size() > 0) { // it may have been there before
        made->opened = times_.find(id, kind::opened).value_or(0);
        const auto left = times_.find(id, kind::left);
        made->left = left.value_or(0);
        made->has_times_below = left.has_value();
    }
    all_.push_back(made);
    return made;
}

VARSCOPE_INLINE void scope_tree::destroy(scope_node* s) noexcept {
    s->~scope_node();
    ::operator delete(s, std::align_val_t{alignof(scope_node)});
}

[[gnu::noinline]] VARSCOPE_INLINE void scope_tree::write_down(scope_node& s) {
    journal_.push_back({&s, s.opened, s.left, s.suffix_at, s.next_suffix, s.saved_for});
    s.saved_for = current_mark_;
}

[[gnu::noinline]] VARSCOPE_INLINE scope_node& scope_tree::add(
    scope_node& parent, std::string_view name) {
    scope_node* at = &parent;
    for (;;) {
        const std::size_t slash = name.find('/');
        const std::string_view component = name.substr(0, slash);
        const digest next = extend(at->id, component);
        scope_node* child = scopes_.find(next);
        if (child == nullptr) {
            const std::string path =
                at == root_ ? std::string(component) : join_to(at->view(), component);
            child = create(next, path, at);
            const bool may_be_hidden = has_hidden_word(component);
            child->is_plain_first = !may_be_hidden && !illegal_position(component);
            child->is_plain_inner =
                !may_be_hidden && !component.empty() && !illegal_position_nested(component);
            child->own_name = {
                hash_component(component).hash, nullptr, names_, child->tail(component.size())};
            scopes_.insert(*child);
        }
        at = child;
        if (slash == std::string_view::npos) { return *at; }
        name.remove_prefix(slash + 1);
    }
}

VARSCOPE_INLINE std::string scope_tree::join_to(std::string_view path, std::string_view component) {
    std::string joined(path);
    joined += '/';
    return joined += component;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
