// See graph_lookup.hpp.
#pragma once

#include <varscope/inspect/graph_lookup.hpp>

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::vector<std::string> nearest_ops(
    const graph& g, std::string_view name, std::size_t count) {
    const std::vector<const node*> nodes = g.records();
    return nearest_names(nodes | std::views::transform(&node::op_name), name, count);
}

VARSCOPE_INLINE void throw_unknown_op(
    const graph& g, std::string_view op_name, const name_arg& asked) {
    std::vector<std::string> nearest = nearest_ops(g, op_name, 3);
    std::string text = "the graph has no op '" + std::string(op_name) + "'\n  asked for at " +
        to_string(asked.where());
    if (asked.text() != op_name) { text += " as '" + std::string(asked.text()) + '\''; }
    text += nearest_line(nearest);
    text += g.options().records_ops()
        ? "\n  write its full name, with all name scopes"
        : "\n  ops were not recorded, only variables: make the graph with {.record_ops = true}";
    throw unknown_op(text, {std::string(op_name), asked.where()}, std::move(nearest));
}

VARSCOPE_INLINE void throw_wrong_form(
    const name_arg& asked, std::size_t position, const std::string& advice) {
    const std::string name(asked.text());
    throw invalid_name(
        "'" + name + "' is not the name of " + advice, {name, asked.where()}, position);
}

VARSCOPE_INLINE tensor find_operation(const graph& g, const name_arg& name) {
    const node* const found = g.find_node(name.text());
    if (found == nullptr) { throw_unknown_op(g, name.text(), name); }
    return tensor(*found);
}

VARSCOPE_INLINE tensor find_tensor(const graph& g, const name_arg& name) {
    const std::string_view text = name.text();
    const std::size_t colon = text.find(':');
    const std::string_view op_name = text.substr(0, colon);
    const std::string_view index = text.substr(colon + 1);
    const std::size_t digits_end = index.find_first_not_of("0123456789");
    if (op_name.empty() || index.empty() || digits_end != std::string_view::npos) {
        throw_wrong_form(name, colon + 1 + (digits_end == std::string_view::npos ? 0 : digits_end),
            "a tensor\n  asked for at " + to_string(name.where()) +
                "\n  a tensor is named <op>:<number>, e.g. 'scope/v:0'");
    }
    const node* const found = g.find_node(op_name);
    if (found == nullptr) { throw_unknown_op(g, op_name, name); }
    tensor result(*found);
    const bool has_output = result.op_type() != "NoOp";
    if (!has_output || index.find_first_not_of('0') != std::string_view::npos) {
        throw unknown_op("op '" + std::string(op_name) + "' has no output " + std::string(index) +
                "\n  first created at " + to_string(found->defined_at) + "\n  asked for at " +
                to_string(name.where()) + " as '" + std::string(text) + "'\n  " +
                (has_output ? "it has one output: '" + std::string(op_name) + ":0'"
                            : std::string("it has none: it is asked for by get_operation_by_name")),
            {std::string(text), name.where(), found->defined_at}, {});
    }
    return result;
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE tensor get_operation_by_name(const graph& g, name_arg name) {
    if (const std::size_t colon = name.text().find(':'); colon != std::string_view::npos) {
        detail::throw_wrong_form(name, colon,
            "an op\n  asked for at " + to_string(name.where()) +
                "\n  that of a tensor has ':' and a number; the op is '" +
                std::string(name.text().substr(0, colon)) + "', or ask get_tensor_by_name");
    }
    return detail::find_operation(g, name);
}

VARSCOPE_INLINE tensor get_tensor_by_name(const graph& g, name_arg name) {
    if (name.text().find(':') == std::string_view::npos) {
        detail::throw_wrong_form(name, name.text().size(),
            "a tensor\n  asked for at " + to_string(name.where()) +
                "\n  that of an op has no ':' and number; its tensor is '" +
                std::string(name.text()) + ":0', or ask get_operation_by_name");
    }
    return detail::find_tensor(g, name);
}

VARSCOPE_INLINE tensor as_graph_element(const graph& g, name_arg name) {
    return name.text().find(':') == std::string_view::npos ? detail::find_operation(g, name)
                                                           : detail::find_tensor(g, name);
}

VARSCOPE_INLINE std::string strip_name_scope(std::string_view name, std::string_view scope) {
    const std::size_t begin = detail::name_sigil(name);
    const std::string_view prefix = detail::without_last_slash(scope);
    std::string_view rest = name.substr(begin);
    if (scope.empty() || !rest.starts_with(prefix) ||
        !rest.substr(prefix.size()).starts_with('/')) {
        return std::string(name);
    }
    rest.remove_prefix(prefix.size());
    rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
    return std::string(name.substr(0, begin)) + std::string(rest);
}

VARSCOPE_INLINE std::string prepend_name_scope(std::string_view name, std::string_view scope) {
    if (scope.empty()) { return std::string(name); }
    const std::size_t begin = detail::name_sigil(name);
    return std::string(name.substr(0, begin)) + std::string(detail::without_last_slash(scope)) +
        '/' + std::string(name.substr(begin));
}

} // namespace varscope::inline VARSCOPE_ABI
