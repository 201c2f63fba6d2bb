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

    void make(const std::vector<const node*>& nodes);
    void add(const node& n) {
        if (is_made_) { by_name_.emplace(folded(n.op_name()), &n); }
    }
    void remove(const node& n);

    /// The op of this name, letters as they are.
    [[nodiscard]] const node* find(std::string_view name) const;
    /// The op of this name, or of one that differs in letter case only.
    [[nodiscard]] const node* find_alike(std::string_view name) const;
    /// Whether a variable made an op of this name for itself.
    [[nodiscard]] bool is_hidden(const std::string& name) const { return hidden_.contains(name); }

    /// Enters the hidden ops of each variable that `name` stands below.
    void show_hidden(std::string_view name, unique_names& names);

    /// How many variables have shown their hidden ops, for `rewind`.
    [[nodiscard]] std::size_t shown() const noexcept { return shown_.size(); }
    /// Hides those of the later ones again; their names are given back elsewhere.
    void rewind(std::size_t shown) noexcept;

private:
    static std::string folded(std::string_view name);

    void show(variable_node& v, unique_names& names);

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

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/op_index.ipp>
#endif
