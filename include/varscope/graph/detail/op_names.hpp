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
    void rewind(std::size_t exact_count) noexcept;
    /// Whether a name was ever asked for exactly.
    [[nodiscard]] bool has_exact() const noexcept { return has_exact_; }

    /// Enters the ops that variables made for themselves, if `scope/name` stands below one.
    void show_hidden(const nodes& ops, const name_link* scope, std::string_view name);

    /// Takes `scope/name`, made unique, for an op; with '/' at the end of `name`, exactly that.
    /// \param is_strict  a suffix is an error.
    /// \param what       it is for, in messages: "op", "variable".
    /// \throws invalid_name
    /// \throws duplicate_node  exactly this name was asked for, now or before, and the other one is
    /// an
    ///                         op.
    /// \throws name_taken      it would get a suffix, and may not.
    [[nodiscard]] std::string take(const nodes& ops, const name_link* scope, std::string_view name,
        const std::source_location& where, bool is_strict, std::string_view what = "op");

private:
    /// "scope/name"; with '/' at the end if there is no name.
    static std::string join_path(const name_link* scope, std::string_view name);

    /// Once a name was asked for exactly, the table alone does not tell which are free. Where ops
    /// are not recorded, the exact names are kept here, and the others are looked for in the table.
    void check_exact(const nodes& ops, const std::string& full, const std::source_location& where,
        bool is_exact, std::string_view what);

    [[noreturn]] void throw_taken(const nodes& ops, const name_link* scope, std::string_view name,
        const std::source_location& where);

    unique_names table_;
    op_index index_;
    bool has_exact_ = false;
    bool is_recorded_; // each op is
    std::unordered_map<std::string, std::source_location> exact_;
    std::vector<std::string> exact_order_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/op_names.ipp>
#endif
