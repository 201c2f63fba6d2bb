/// \file
/// The ops of a graph by name, and the names of the ops that variables make for themselves.
#pragma once

#include <varscope/graph/nodes.hpp>
#include <varscope/names/unique_names.hpp>

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Finds ops by name, for the few requests where the table of taken names is not enough: names
/// asked for exactly, and names below that of a variable. Made when first needed. Not thread-safe.
///
/// In TensorFlow a variable `x` makes ops of its own: `x/Assign`, `x/read`, and `x/initial_value`
/// or some below `x/Initializer`. Nobody sees them unless he asks for such a name, so their names
/// are entered only then.
class op_index {
public:
    [[nodiscard]] bool is_made() const noexcept { return is_made_; }

    void make(const std::vector<const node*>& nodes) {
        if (is_made_) { return; }
        for (const node* n : nodes) { by_name_.emplace(folded(n->op_name()), n); }
        is_made_ = true;
    }
    void add(const node& n) {
        if (is_made_) { by_name_.emplace(folded(n.op_name()), &n); }
    }
    void remove(const node& n) {
        const auto [first, last] = by_name_.equal_range(folded(n.op_name()));
        for (auto at = first; at != last; ++at) {
            if (at->second == &n) {
                by_name_.erase(at);
                return;
            }
        }
    }

    /// The op of this name, letters as they are.
    [[nodiscard]] const node* find(std::string_view name) const {
        const auto [first, last] = by_name_.equal_range(folded(name));
        for (auto at = first; at != last; ++at) {
            if (at->second->op_name() == name) { return at->second; }
        }
        return nullptr;
    }
    /// The op of this name, or of one that differs in letter case only.
    [[nodiscard]] const node* find_alike(std::string_view name) const {
        if (const node* const exact = find(name)) { return exact; }
        const auto found = by_name_.find(folded(name));
        return found == by_name_.end() ? nullptr : found->second;
    }
    /// Whether a variable made an op of this name for itself.
    [[nodiscard]] bool is_hidden(const std::string& name) const { return hidden_.contains(name); }

    /// Enters the hidden ops of each variable that `name` stands below.
    void show_hidden(std::string_view name, unique_names& names) {
        for (std::size_t slash = name.find('/'); slash != std::string_view::npos;
             slash = name.find('/', slash + 1)) {
            const auto [first, last] = by_name_.equal_range(folded(name.substr(0, slash)));
            for (auto at = first; at != last; ++at) {
                if (at->second->is_variable) { show(variable_of(*at->second), names); }
            }
        }
    }

    /// How many variables have shown their hidden ops, for `rewind`.
    [[nodiscard]] std::size_t shown() const noexcept { return shown_.size(); }
    /// Hides those of the later ones again; their names are given back elsewhere.
    void rewind(std::size_t shown) noexcept {
        while (shown_.size() > shown) {
            shown_.back().v->has_shown_hidden = false;
            for (const std::string& name : shown_.back().names) { hidden_.erase(name); }
            shown_.pop_back();
        }
    }

private:
    static std::string folded(std::string_view name) {
        std::string result(name);
        for (char& c : result) {
            if (c >= 'A' && c <= 'Z') { c = static_cast<char>(c - 'A' + 'a'); }
        }
        return result;
    }

    void show(variable_node& v, unique_names& names) {
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

    struct shown_variable {
        variable_node* v;
        std::vector<std::string> names;
    };

    bool is_made_ = false;
    std::vector<shown_variable> shown_;
    std::unordered_multimap<std::string, const node*> by_name_;
    std::unordered_set<std::string> hidden_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail
