// See op_index.hpp.
#pragma once

#include <varscope/graph/detail/op_index.hpp>
#include <varscope/initializers/initializer_model.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void op_index::make(const std::vector<const node*>& nodes) {
    if (is_made_) { return; }
    for (const node* n : nodes) { by_name_.emplace(folded(n->op_name()), n); }
    is_made_ = true;
}

VARSCOPE_INLINE void op_index::remove(const node& n) {
    const auto [first, last] = by_name_.equal_range(folded(n.op_name()));
    for (auto at = first; at != last; ++at) {
        if (at->second == &n) {
            by_name_.erase(at);
            return;
        }
    }
}

VARSCOPE_INLINE const node* op_index::find(std::string_view name) const {
    const auto [first, last] = by_name_.equal_range(folded(name));
    for (auto at = first; at != last; ++at) {
        if (at->second->op_name() == name) { return at->second; }
    }
    return nullptr;
}

VARSCOPE_INLINE const node* op_index::find_alike(std::string_view name) const {
    if (const node* const exact = find(name)) { return exact; }
    const auto found = by_name_.find(folded(name));
    return found == by_name_.end() ? nullptr : found->second;
}

VARSCOPE_INLINE void op_index::show_hidden(std::string_view name, unique_names& names) {
    for (std::size_t slash = name.find('/'); slash != std::string_view::npos;
         slash = name.find('/', slash + 1)) {
        const auto [first, last] = by_name_.equal_range(folded(name.substr(0, slash)));
        for (auto at = first; at != last; ++at) {
            if (at->second->is_variable) { show(variable_of(*at->second), names); }
        }
    }
}

VARSCOPE_INLINE void op_index::rewind(std::size_t shown) noexcept {
    while (shown_.size() > shown) {
        shown_.back().v->has_shown_hidden = false;
        for (const std::string& name : shown_.back().names) { hidden_.erase(name); }
        shown_.pop_back();
    }
}

VARSCOPE_INLINE std::string op_index::folded(std::string_view name) {
    std::string result(name);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') { c = static_cast<char>(c - 'A' + 'a'); }
    }
    return result;
}

VARSCOPE_INLINE void op_index::show(variable_node& v, unique_names& names) {
    if (v.has_shown_hidden) { return; }
    v.has_shown_hidden = true;
    shown_.push_back({&v, {}});
    const std::string scope(v.op_name());
    const digest id = extend(root_digest, scope, names.letters());
    const auto take = [&](const digest& in, const std::string& path, std::string_view name) {
        std::string full = path + '/';
        append_suffixed(full, name, names.take(in, name, v.defined_at));
        hidden_.insert(full);
        shown_.back().names.push_back(full);
        return full;
    };
    if (v.initial_from == initial_op::value) { take(id, scope, "initial_value"); }
    if (v.initial_from == initial_op::function) {
        std::string below = scope + '/';
        append_suffixed(below, "Initializer",
            names.take(id, "Initializer", v.defined_at, name_taker::name_scope));
        const digest inner = extend(root_digest, below, names.letters());
        std::string last; // not inside the scope of another op
        for (const std::string_view op : v.initial().hidden_ops(v.size(), v.type)) {
            const std::size_t slash = op.find('/');
            if (slash == std::string_view::npos) {
                last = take(inner, below, op);
            } else {
                take(extend(root_digest, last, names.letters()), last, op.substr(slash + 1));
            }
        }
    }
    take(id, scope, "Assign");
    take(id, scope, "read");
}

} // namespace varscope::inline VARSCOPE_ABI::detail
