// See op_names.hpp.
#pragma once

#include <varscope/graph/detail/op_names.hpp>
#include <varscope/names/names_in_scopes.hpp>

#include <cstddef>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void op_names::rewind(std::size_t exact_count) noexcept {
    for (; exact_order_.size() > exact_count; exact_order_.pop_back()) {
        exact_.erase(exact_order_.back());
    }
}

VARSCOPE_INLINE void op_names::show_hidden(
    const nodes& ops, const name_link* scope, std::string_view name) {
    index_.make(ops);
    index_.show_hidden(join_path(scope, name), table_);
}

VARSCOPE_INLINE std::string op_names::take(const nodes& ops, const name_link* scope,
    std::string_view name, const std::source_location& where, bool is_strict,
    std::string_view what) {
    const bool is_exact = name.ends_with('/');
    if (!is_exact) {
        const auto illegal =
            scope == nullptr ? illegal_position(name) : illegal_position_nested(name);
        if (illegal || name.empty()) { throw_invalid_name(what, name, illegal.value_or(0), where); }
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

VARSCOPE_INLINE std::string op_names::join_path(const name_link* scope, std::string_view name) {
    std::string full = path_of(scope);
    if (scope != nullptr) { full += '/'; }
    return full += name;
}

VARSCOPE_INLINE void op_names::check_exact(const nodes& ops, const std::string& full,
    const std::source_location& where, bool is_exact, std::string_view what) {
    has_exact_ = true;
    index_.make(ops);
    if (const auto illegal = illegal_position(full)) {
        throw_invalid_name(what, full, *illegal, where);
    }
    const node* const holder = index_.find(full);
    std::source_location first = holder != nullptr ? holder->defined_at : std::source_location();
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

VARSCOPE_INLINE void op_names::throw_taken(const nodes& ops, const name_link* scope,
    std::string_view name, const std::source_location& where) {
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

} // namespace varscope::inline VARSCOPE_ABI::detail
