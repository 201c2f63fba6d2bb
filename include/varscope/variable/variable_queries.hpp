/// \file
/// Choosing variables by regular expressions, as slim and contrib.framework do.
#pragma once

#include <varscope/base/nearest_names.hpp>
#include <varscope/graph/any_variable.hpp>
#include <varscope/names/name.hpp>
#include <varscope/names/name_pattern.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/variable/variable_errors.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// Regular expressions for names: a list of them, or none given. An argument type, made implicitly
/// from `{"conv", "fc"}`, a vector of strings, or `no_name`.
class name_patterns {
public:
    name_patterns(no_name_t) {} // NOLINT(google-explicit-constructor): an argument type
    name_patterns(std::initializer_list<std::string_view> patterns);
    name_patterns(const std::vector<std::string>& patterns) // NOLINT(google-explicit-constructor)
        : patterns_{patterns} {}

    [[nodiscard]] bool are_given() const noexcept { return patterns_.has_value(); }
    /// \throws invalid_pattern
    [[nodiscard]] std::vector<detail::name_pattern> compiled(
        const std::source_location& where) const;

private:
    std::optional<std::vector<std::string>> patterns_;
};

namespace detail {

[[nodiscard]] variable_list keep_matching(variable_list list, const name_pattern& pattern);

} // namespace detail

/// \name Variables of a list
/// `scope` is a regular expression (ECMAScript's) that fits the beginning of a variable's `name()`,
/// e.g. "tower_[01]/". As in TensorFlow "tower" also takes "tower_1/w:0", and '.' any character:
/// write "tower/".
/// \throws invalid_pattern
/// Safe from any thread. Cost: a comparison for each variable of the list.
/// \{

/// Those in `collection` whose name begins with `scope` and goes on to `suffix`, which without ':'
/// in it is the end of the op's name. Follows slim.get_variables.
[[nodiscard]] variable_list get_variables(graph& g, name_arg scope = name_arg(no_name),
    std::string_view suffix = {}, std::string_view collection = graph_keys::global_variables);
[[nodiscard]] inline variable_list get_variables(name_arg scope = name_arg(no_name),
    std::string_view suffix = {}, std::string_view collection = graph_keys::global_variables) {
    return get_variables(current_graph(), scope, suffix, collection);
}

/// Global variables whose name ends in `suffix`: "kernel" finds "a/kernel:0" and "a/my_kernel:0".
/// Follows slim.get_variables_by_suffix.
[[nodiscard]] inline variable_list get_variables_by_suffix(
    graph& g, std::string_view suffix, name_arg scope = name_arg(no_name)) {
    return get_variables(g, scope, suffix);
}
[[nodiscard]] inline variable_list get_variables_by_suffix(
    std::string_view suffix, name_arg scope = name_arg(no_name)) {
    return get_variables(current_graph(), scope, suffix);
}

/// Global variables whose name without scopes is `name`. As in TensorFlow one at the root is found
/// in every scope. Follows slim.get_variables_by_name.
[[nodiscard]] variable_list get_variables_by_name(
    graph& g, std::string_view name, name_arg scope = name_arg(no_name));
[[nodiscard]] inline variable_list get_variables_by_name(
    std::string_view name, name_arg scope = name_arg(no_name)) {
    return get_variables_by_name(current_graph(), name, scope);
}

/// The global variable with this op name, plain text.
/// \throws does_not_exist  no global variable's name begins so.
/// \throws not_a_variable  it is an op's that was added to the collection by hand.
/// \throws ambiguous_name  some begin so, but it is the whole name of none.
/// Follows slim.get_unique_variable.
[[nodiscard]] any_variable get_unique_variable(graph& g, name_arg op_name);
[[nodiscard]] inline any_variable get_unique_variable(name_arg op_name) {
    return get_unique_variable(current_graph(), op_name);
}

/// Global variables in one of the scopes `include` (all of them, if there is no such list) and in
/// none of `exclude`, in the order of `include`; one that several of these find comes several
/// times. Follows slim.get_variables_to_restore.
[[nodiscard]] variable_list get_variables_to_restore(graph& g,
    const name_patterns& include = no_name, const name_patterns& exclude = no_name,
    const std::source_location& where = std::source_location::current());
[[nodiscard]] inline variable_list get_variables_to_restore(const name_patterns& include = no_name,
    const name_patterns& exclude = no_name,
    const std::source_location& where = std::source_location::current()) {
    return get_variables_to_restore(current_graph(), include, exclude, where);
}

/// Where in a name a pattern of `filter_variables` has to fit.
enum class pattern_search : std::uint8_t {
    anywhere, ///< reg_search=True
    at_start, ///< reg_search=False
};

/// Those of `list` that fit one of `include_patterns` (all, if there is no such list) and none of
/// `exclude_patterns`, in the order of the list. Follows contrib.framework.filter_variables.
[[nodiscard]] variable_list filter_variables(variable_list list,
    const name_patterns& include_patterns = no_name,
    const name_patterns& exclude_patterns = no_name,
    pattern_search reg_search = pattern_search::anywhere,
    const std::source_location& where = std::source_location::current());

/// Those in collection `model_variables`. Follows slim.get_model_variables.
[[nodiscard]] inline variable_list get_model_variables(
    graph& g, name_arg scope = name_arg(no_name), std::string_view suffix = {}) {
    return get_variables(g, scope, suffix, graph_keys::model_variables);
}
[[nodiscard]] inline variable_list get_model_variables(
    name_arg scope = name_arg(no_name), std::string_view suffix = {}) {
    return get_model_variables(current_graph(), scope, suffix);
}
/// \}

/// Adds the variable to collection `model_variables` of its graph, unless it is there. Safe from
/// any thread. Follows slim.add_model_variable.
void add_model_variable(const any_variable& v);

/// The name of the variable in checkpoints: that of its op. Follows
/// contrib.framework.get_variable_full_name.
[[nodiscard]] inline std::string_view get_variable_full_name(const any_variable& v) noexcept {
    return v.op_name();
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/variable_queries.ipp>
#endif
