// See variable_queries.hpp.
#pragma once

#include <varscope/base/nearest_names.hpp>
#include <varscope/graph/graph_state.hpp>
#include <varscope/variable/variable_errors.hpp>
#include <varscope/variable/variable_queries.hpp>

#include <algorithm>
#include <initializer_list>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE name_patterns::name_patterns(std::initializer_list<std::string_view> patterns)
    : patterns_{std::vector<std::string>(patterns.begin(), patterns.end())} {}

VARSCOPE_INLINE std::vector<detail::name_pattern> name_patterns::compiled(
    const std::source_location& where) const {
    std::vector<detail::name_pattern> result;
    if (patterns_) {
        for (const std::string& pattern : *patterns_) { result.emplace_back(pattern, where); }
    }
    return result;
}

} // namespace varscope::inline VARSCOPE_ABI

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE variable_list keep_matching(variable_list list, const name_pattern& pattern) {
    std::erase_if(
        list, [&](const listed_variable& v) { return !pattern.matches_start_of(v.name()); });
    return list;
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE variable_list get_variables(
    graph& g, name_arg scope, std::string_view suffix, std::string_view collection) {
    std::string pattern(scope.text());
    if (!suffix.empty()) {
        pattern += ".*";
        pattern += suffix;
        if (suffix.find(':') == std::string_view::npos) { pattern += ':'; }
    }
    const detail::name_pattern compiled(pattern, scope.where());
    return detail::keep_matching(detail::variables_of(g, collection), compiled);
}

VARSCOPE_INLINE variable_list get_variables_by_name(
    graph& g, std::string_view name, name_arg scope) {
    const std::string given(name);
    return get_variables(g, scope, '/' + given + ":|^" + given + ':');
}

VARSCOPE_INLINE any_variable get_unique_variable(graph& g, name_arg op_name) {
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

VARSCOPE_INLINE variable_list get_variables_to_restore(graph& g, const name_patterns& include,
    const name_patterns& exclude, const std::source_location& where) {
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

VARSCOPE_INLINE variable_list filter_variables(variable_list list,
    const name_patterns& include_patterns, const name_patterns& exclude_patterns,
    pattern_search reg_search, const std::source_location& where) {
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

VARSCOPE_INLINE void add_model_variable(const any_variable& v) {
    v.graph().with_collections([&](collections& lists) {
        for (const detail::node* item : lists.get(graph_keys::model_variables)) {
            if (item == &v.node()) { return; }
        }
        lists.add(graph_keys::model_variables, v.node());
    });
}

} // namespace varscope::inline VARSCOPE_ABI
