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

#include <algorithm>
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
    name_patterns(std::initializer_list<std::string_view> patterns)
        : patterns_{std::vector<std::string>(patterns.begin(), patterns.end())} {}
    name_patterns(const std::vector<std::string>& patterns) // NOLINT(google-explicit-constructor)
        : patterns_{patterns} {}

    [[nodiscard]] bool are_given() const noexcept { return patterns_.has_value(); }
    /// \throws invalid_pattern
    [[nodiscard]] std::vector<detail::name_pattern> compiled(
        const std::source_location& where) const {
        std::vector<detail::name_pattern> result;
        if (patterns_) {
            for (const std::string& pattern : *patterns_) { result.emplace_back(pattern, where); }
        }
        return result;
    }

private:
    std::optional<std::vector<std::string>> patterns_;
};

namespace detail {

[[nodiscard]] inline variable_list keep_matching(variable_list list, const name_pattern& pattern) {
    std::erase_if(
        list, [&](const listed_variable& v) { return !pattern.matches_start_of(v.name()); });
    return list;
}

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
[[nodiscard]] inline variable_list get_variables(graph& g, name_arg scope = name_arg(no_name),
    std::string_view suffix = {}, std::string_view collection = graph_keys::global_variables) {
    std::string pattern(scope.text());
    if (!suffix.empty()) {
        pattern += ".*";
        pattern += suffix;
        if (suffix.find(':') == std::string_view::npos) { pattern += ':'; }
    }
    const detail::name_pattern compiled(pattern, scope.where());
    return detail::keep_matching(detail::variables_of(g, collection, detail::any_name), compiled);
}
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
[[nodiscard]] inline variable_list get_variables_by_name(
    graph& g, std::string_view name, name_arg scope = name_arg(no_name)) {
    const std::string given(name);
    return get_variables(g, scope, '/' + given + ":|^" + given + ':');
}
[[nodiscard]] inline variable_list get_variables_by_name(
    std::string_view name, name_arg scope = name_arg(no_name)) {
    return get_variables_by_name(current_graph(), name, scope);
}

/// The global variable with this op name, plain text.
/// \throws does_not_exist  no global variable's name begins so.
/// \throws not_a_variable  it is an op's that was added to the collection by hand.
/// \throws ambiguous_name  some begin so, but it is the whole name of none.
/// Follows slim.get_unique_variable.
[[nodiscard]] inline any_variable get_unique_variable(graph& g, name_arg op_name) {
    variable_list candidates = global_variables(g);
    std::erase_if(candidates,
        [&](const listed_variable& v) { return !v.name().starts_with(op_name.text()); });
    for (const listed_variable& v : candidates) {
        if (v.op_name() == op_name.text()) { return v; }
    }
    const std::string name(op_name.text());
    if (candidates.empty()) {
        std::vector<std::string> nearest = detail::nearest_keys(g, name);
        const std::string text = "there is no global variable '" + name + "'\n  asked for at " +
            to_string(op_name.where()) + detail::nearest_line(nearest) +
            "\n  write the op's full name, without ':0'";
        throw does_not_exist(text, {name, op_name.where()}, std::move(nearest));
    }
    const std::string text = "'" + name +
        "' is the name of no global variable, and begins that of " +
        std::to_string(candidates.size()) + "\n  asked for at " + to_string(op_name.where()) +
        "\n  the first: '" + std::string(candidates.front().op_name()) + "', created at " +
        to_string(candidates.front().defined_at()) + "\n  write the op's full name, without ':0'";
    throw ambiguous_name(text, {name, op_name.where(), candidates.front().defined_at()});
}
[[nodiscard]] inline any_variable get_unique_variable(name_arg op_name) {
    return get_unique_variable(current_graph(), op_name);
}

/// Global variables in one of the scopes `include` (all of them, if there is no such list) and in
/// none of `exclude`, in the order of `include`; one that several of these find comes several
/// times. Follows slim.get_variables_to_restore.
[[nodiscard]] inline variable_list get_variables_to_restore(graph& g,
    const name_patterns& include = no_name, const name_patterns& exclude = no_name,
    const std::source_location& where = std::source_location::current()) {
    const variable_list all = global_variables(g);
    const std::vector<detail::name_pattern> excluded = exclude.compiled(where);
    variable_list result = include.are_given() ? variable_list() : all;
    for (const detail::name_pattern& pattern : include.compiled(where)) {
        const variable_list found = detail::keep_matching(all, pattern);
        result.insert(result.end(), found.begin(), found.end());
    }
    std::erase_if(result, [&](const listed_variable& v) {
        return std::ranges::any_of(
            excluded, [&](const auto& pattern) { return pattern.matches_start_of(v.name()); });
    });
    return result;
}
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
[[nodiscard]] inline variable_list filter_variables(variable_list list,
    const name_patterns& include_patterns = no_name,
    const name_patterns& exclude_patterns = no_name,
    pattern_search reg_search = pattern_search::anywhere,
    const std::source_location& where = std::source_location::current()) {
    const std::vector<detail::name_pattern> included = include_patterns.compiled(where);
    const std::vector<detail::name_pattern> excluded = exclude_patterns.compiled(where);
    const auto fits_one = [&](const std::vector<detail::name_pattern>& patterns,
                              std::string_view name) {
        return std::ranges::any_of(patterns, [&](const detail::name_pattern& pattern) {
            return reg_search == pattern_search::anywhere ? pattern.is_found_in(name)
                                                          : pattern.matches_start_of(name);
        });
    };
    std::erase_if(list, [&](const listed_variable& v) {
        return (include_patterns.are_given() && !fits_one(included, v.name())) ||
            fits_one(excluded, v.name());
    });
    return list;
}

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
inline void add_model_variable(const any_variable& v) {
    v.graph().with_collections([&](collections& lists) {
        for (const detail::node* item : lists.get(graph_keys::model_variables)) {
            if (item == &v.node()) { return; }
        }
        lists.add(graph_keys::model_variables, v.node());
    });
}

/// The name of the variable in checkpoints: that of its op. Follows
/// contrib.framework.get_variable_full_name.
[[nodiscard]] inline std::string_view get_variable_full_name(const any_variable& v) noexcept {
    return v.op_name();
}

} // namespace varscope::inline VARSCOPE_ABI
