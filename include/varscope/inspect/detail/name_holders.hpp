/// \file
/// Who has a name in a graph, told to a person.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/graph/graph.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/names/name.hpp>
#include <varscope/names/unique_names.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/current_graph.hpp>

#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

[[nodiscard]] std::string in_quotes(std::string_view name);

/// " at model.cpp:41", unless the place is not known.
[[nodiscard]] std::string at_place(const std::source_location& place);

/// "a shared variable"
[[nodiscard]] std::string describe(const node& n);

/// Tells who has which name. The graph is to be locked as long as this lives.
class name_holders {
public:
    explicit name_holders(graph& g) : graph_{g}, nodes_{g.records()} {
        if (const name_link* const names = scopes_in(g).innermost->names) { enter_names(*names); }
    }

    /// The variable or recorded op with this op name.
    [[nodiscard]] const node* find_op(std::string_view name) const;
    /// The same, letter case as the graph compares names.
    [[nodiscard]] const node* find_taker(std::string_view name) const;
    /// The shared variable with this key, in one piece or cut into parts.
    [[nodiscard]] const node* find_key(std::string_view key) const;

    [[nodiscard]] std::optional<name_taker> taker_of(std::string_view name) const {
        return graph_.names().taker_of(root_digest, name);
    }
    /// What was asked for where `name` was made by a suffix; else nothing.
    [[nodiscard]] std::optional<std::string> without_suffix(std::string_view name) const;

    struct holder {
        std::string text; // "a name scope opened at model.cpp:41"
        std::source_location place;
    };
    /// Who has a name that is taken.
    [[nodiscard]] holder holder_of(const std::string& name) const;

private:
    /// The variable that makes an op of this name for itself.
    [[nodiscard]] const node* maker_of(std::string_view name) const;

    graph& graph_;
    std::vector<const node*> nodes_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/inspect/impl/name_holders.ipp>
#endif
