/// \file
/// The names that the ops and scopes of a graph get.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/graph/detail/op_index.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/names/name.hpp>
#include <varscope/names/name_link.hpp>
#include <varscope/names/unique_names.hpp>

#include <cstddef>
#include <source_location>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// The table of taken names, and the rules by which ops take theirs: made unique, or exactly as
/// asked for. The table is safe from any thread; for all else the graph holds its lock, and passes
/// its ops. Follows tf.Graph.unique_name and create_op (TensorFlow 1.15).
class op_names {
public:
    using nodes = std::vector<const node*>;

    op_names(letter_case letters, const name_owners& owners, bool is_recorded) noexcept
        : table_{letters, &owners}
        , is_recorded_{is_recorded} {}

    [[nodiscard]] unique_names& table() noexcept { return table_; }
    [[nodiscard]] op_index& index() noexcept { return index_; }
    /// How many exact names are kept, for `rewind`.
    [[nodiscard]] std::size_t exact_count() const noexcept { return exact_order_.size(); }
    void rewind(std::size_t exact_count) noexcept {
        for (; exact_order_.size() > exact_count; exact_order_.pop_back()) {
            exact_.erase(exact_order_.back());
        }
    }
    /// Whether a name was ever asked for exactly.
    [[nodiscard]] bool has_exact() const noexcept { return has_exact_; }

    /// Enters the ops that variables made for themselves, if `scope/name` stands below one.
    void show_hidden(const nodes& ops, const name_link* scope, std::string_view name) {
        index_.make(ops);
        index_.show_hidden(join_path(scope, name), table_);
    }

    /// Takes `scope/name`, made unique, for an op; with '/' at the end of `name`, exactly that.
    /// \param is_strict  a suffix is an error.
    /// \param what       it is for, in messages: "op", "variable".
    /// \throws invalid_name
    /// \throws duplicate_node  exactly this name was asked for, now or before, and the other one is
    /// an
    ///                         op.
    /// \throws name_taken      it would get a suffix, and may not.
    [[nodiscard]] std::string take(const nodes& ops, const name_link* scope, std::string_view name,
        const std::source_location& where, bool is_strict, std::string_view what = "op") {
        const bool is_exact = name.ends_with('/');
        if (!is_exact) {
            const auto illegal =
                scope == nullptr ? illegal_position(name) : illegal_position_nested(name);
            if (illegal || name.empty()) {
                throw_invalid_name(what, name, illegal.value_or(0), where);
            }
        }
        if (has_hidden_word(name) || (scope != nullptr && scope->may_be_hidden)) {
            show_hidden(ops, is_exact ? nullptr : scope, name);
        }
        std::string full;
        if (is_exact) {
            full = name.substr(0, name.size() - 1);
        } else {
            if (is_strict && table_.peek(id_in_table(scope), name) != 0) {
                throw_taken(ops, scope, name, where);
            }
            full = join_path(scope, {});
            append_suffixed(full, name, take_name(table_, scope, hashed_name(name), where));
        }
        if (is_exact || has_exact_) { check_exact(ops, full, where, is_exact, what); }
        return full;
    }

private:
    /// "scope/name"; with '/' at the end if there is no name.
    static std::string join_path(const name_link* scope, std::string_view name) {
        std::string full = path_of(scope);
        if (scope != nullptr) { full += '/'; }
        return full += name;
    }

    /// Once a name was asked for exactly, the table alone does not tell which are free. Where ops
    /// are not recorded, the exact names are kept here, and the others are looked for in the table.
    void check_exact(const nodes& ops, const std::string& full, const std::source_location& where,
        bool is_exact, std::string_view what) {
        has_exact_ = true;
        index_.make(ops);
        if (const auto illegal = illegal_position(full)) {
            throw_invalid_name(what, full, *illegal, where);
        }
        const node* const holder = index_.find(full);
        std::source_location first =
            holder != nullptr ? holder->defined_at : std::source_location();
        bool is_held = holder != nullptr || index_.is_hidden(full);
        if (!is_held && !is_recorded_) {
            if (const auto known = exact_.find(full); known != exact_.end()) {
                is_held = true;
                first = known->second;
            } else if (is_exact && table_.taker_of(root_digest, full) == name_taker::op) {
                is_held = true;
                first = table_.first_taken(root_digest, full).value_or(first);
            } else if (is_exact) {
                exact_order_.push_back(full);
                exact_.emplace(full, where);
            }
        }
        if (!is_held) { return; }
        error_facts facts{full, where};
        std::string text = "op '" + full + "' exists already, and its name was asked for exactly";
        if (first.line() != 0) {
            facts.first_defined = first;
            text += "\n  first created at " + to_string(first);
        }
        text += "\n  requested again at " + to_string(where) +
            "\n  a name that ends in '/' is neither made unique nor reserved; leave out the "
            "'/' to get a name of its own";
        throw duplicate_node(text, std::move(facts));
    }

    [[noreturn]] void throw_taken(const nodes& ops, const name_link* scope, std::string_view name,
        const std::source_location& where) {
        const std::string full = join_path(scope, name);
        error_facts facts{full, where};
        std::string text = "variable '" + full + "' would get a suffix: its name is taken";
        index_.make(ops);
        const node* const holder =
            table_.letters() == letter_case::folded ? index_.find_alike(full) : index_.find(full);
        if (holder != nullptr) {
            facts.first_defined = holder->defined_at;
            text += std::string("\n  by ") +
                (!holder->is_variable          ? "an op"
                        : holder->key_size > 0 ? "a shared variable"
                                               : "a variable of its own") +
                " made at " + to_string(holder->defined_at);
        } else if (const auto place = table_.first_taken(id_in_table(scope), name)) {
            facts.first_defined = *place;
            text += "\n  by a scope or name asked for at " + to_string(*place);
        }
        throw name_taken(text + "\n  requested at " + to_string(where) +
                " in a graph with strict names\n  use another name, or a graph without "
                "strict_names",
            std::move(facts));
    }

    unique_names table_;
    op_index index_;
    bool has_exact_ = false;
    bool is_recorded_; // each op is
    std::unordered_map<std::string, std::source_location> exact_;
    std::vector<std::string> exact_order_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail
