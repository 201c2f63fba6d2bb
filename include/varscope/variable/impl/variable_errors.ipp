// See variable_errors.hpp.
#pragma once

#include <varscope/base/nearest_names.hpp>
#include <varscope/graph/graph_state.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/variable/variable_errors.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::string describe(const shape& s, dtype type) {
    return "shape " + to_string(s) + ' ' + std::string(to_string(type));
}

VARSCOPE_INLINE std::string describe_creation(const variable_node& v) {
    return "\n  first created at " + to_string(v.defined_at) + " with " +
        describe(v.get_shape(), v.type);
}

VARSCOPE_INLINE opened_scopes describe_scopes(
    const variable_node& v, const std::source_location& where) {
    if (where.line() != v.defined_at.line() ||
        std::string_view(where.file_name()) != v.defined_at.file_name()) {
        return {};
    }
    const auto describe = [](const std::source_location& opened) {
        return opened.line() == 0 ? std::string() : ", in the scope opened at " + to_string(opened);
    };
    return {
        describe(v.scope_opened_at), describe(scopes_in(v.owner()).innermost->scope->opened_at())};
}

VARSCOPE_INLINE void throw_already_exists(const variable_node& v, const name_link* names,
    bool is_root_scope, const std::source_location& where) {
    const std::string key(v.key());
    const std::string name_scope = names == nullptr || !is_root_scope ? std::string()
                                                                      : "\n  the name scope '" +
            path_of(names) + "' does not count here; a vs::variable_scope does";
    const opened_scopes scopes = describe_scopes(v, where);
    throw already_exists("variable '" + key + "' already exists" + describe_creation(v) +
            scopes.first + "\n  requested again at " + to_string(where) +
            (scopes.again.empty() ? " in a scope that does not reuse"
                                  : scopes.again + ", which does not reuse") +
            name_scope +
            "\n  to share it, open the scope with vs::reuse or "
            "vs::auto_reuse; for a second one, use another name",
        {key, where, v.defined_at});
}

VARSCOPE_INLINE std::vector<std::string> nearest_keys(const graph& g, std::string_view key) {
    nearest_search search(key);
    std::array<const variable_node*, 256> part;
    std::size_t size = part.size();
    for (std::size_t begin = 0; size == part.size() && !search.is_full(); begin += size) {
        {
            const std::scoped_lock lock(g.creation());
            const auto& known = g.store().all();
            size = std::min(part.size(), known.size() - std::min(begin, known.size()));
            std::copy_n(known.begin() + static_cast<std::ptrdiff_t>(begin), size, part.begin());
        }
        for (const variable_node* v : std::span(part).first(size)) { search.look_at(v->key()); }
    }
    return search.nearest(3);
}

VARSCOPE_INLINE void throw_does_not_exist(
    const graph& g, const std::string& key, const std::source_location& where) {
    auto nearest = nearest_keys(g, key);
    std::string text = "variable '" + key + "' does not exist\n  requested at " + to_string(where) +
        " in a scope that only reuses" + nearest_line(nearest);
    const auto unshared = g.find_node(key);
    if (unshared != nullptr && unshared->is_variable && unshared->key_size == 0) {
        text += "\n  the one made by vs::variable at " + to_string(unshared->defined_at) +
            " is never shared by name";
    }
    text += "\n  create it first, or open the scope with vs::auto_reuse";
    throw does_not_exist(text, {key, where}, std::move(nearest));
}

VARSCOPE_INLINE void throw_shape_mismatch(
    const variable_node& v, const shape& asked, const std::source_location& where) {
    const std::string name(v.key_size > 0 ? v.key() : v.op_name());
    const opened_scopes scopes = describe_scopes(v, where);
    throw shape_mismatch("variable '" + name + "' has another shape" + describe_creation(v) +
            scopes.first + "\n  requested again at " + to_string(where) + " with shape " +
            to_string(asked) + scopes.again +
            "\n  ask for the shape it has, or leave the shape out to share it as it is",
        {name, where, v.defined_at}, v.get_shape(), asked);
}

VARSCOPE_INLINE void throw_rank_mismatch(
    const variable_node& v, std::size_t rank, const std::source_location& where) {
    const std::string name(v.key_size > 0 ? v.key() : v.op_name());
    const opened_scopes scopes = describe_scopes(v, where);
    throw shape_mismatch("variable '" + name + "' has another number of axes" +
            describe_creation(v) + scopes.first + "\n  requested at " + to_string(where) +
            " as a variable of rank " + std::to_string(rank) + scopes.again +
            "\n  use the rank it has, or variable<T> without a rank",
        {name, where, v.defined_at}, v.get_shape(), unknown_shape_of_rank(rank));
}

VARSCOPE_INLINE void throw_dtype_mismatch(
    const variable_node& v, dtype asked, const std::source_location& where) {
    const std::string name(v.key_size > 0 ? v.key() : v.op_name());
    const opened_scopes scopes = describe_scopes(v, where);
    throw dtype_mismatch("variable '" + name + "' has another element type" + describe_creation(v) +
            scopes.first + "\n  requested again at " + to_string(where) + " as " +
            std::string(to_string(asked)) + scopes.again + "\n  ask for the type it has",
        {name, where, v.defined_at}, v.type, asked);
}

VARSCOPE_INLINE void check_fits(const variable_node& v, dtype type, std::optional<std::size_t> rank,
    const std::source_location& where) {
    if (v.type != type) { throw_dtype_mismatch(v, type, where); }
    if (rank && *rank != v.rank) { throw_rank_mismatch(v, *rank, where); }
}

VARSCOPE_INLINE bool is_compatible(const shape& asked, const variable_node& v) noexcept {
    if (!asked.has_rank() || (v.extras != nullptr && v.extras->has_unknown_shape)) { return true; }
    if (asked.rank() != v.rank) { return false; }
    for (std::size_t axis = 0; axis < v.rank; ++axis) {
        const std::int64_t d = asked[axis];
        if (d != unknown_dimension && d != static_cast<std::int64_t>(v.dimensions()[axis])) {
            return false;
        }
    }
    return true;
}

VARSCOPE_INLINE bool has_bad_dimension(const shape& s) noexcept {
    return std::ranges::any_of(s, [](auto d) { return d < 0 && d != unknown_dimension; });
}

VARSCOPE_INLINE void check_shape(const shape& s, dtype type, std::optional<std::size_t> rank,
    std::string_view name, const std::source_location& where) {
    check_shape(
        s, type, rank, [=] { return name; }, where);
}

VARSCOPE_INLINE void throw_value_dtype(
    std::string_view name, std::string_view what, dtype wanted, const std::source_location& where) {
    throw value_dtype("variable '" + std::string(name) + "' cannot be given " + std::string(what) +
            " as " + std::string(to_string(wanted)) + "\n  requested at " + to_string(where) +
            "\n  integers become every type but bool, floating numbers floating and complex ones, "
            "true and "
            "false every type",
        {std::string(name), where});
}

VARSCOPE_INLINE void throw_refused(std::string_view name, const shape& s, dtype type,
    bool is_about_type, const std::string& why, const std::source_location& where) {
    const std::string start = "variable '" + std::string(name) + "' cannot ";
    const std::string end =
        ": " + why + "\n  requested at " + to_string(where) + "\n  ask for another ";
    if (is_about_type) {
        throw value_dtype(start + "be given what its initializer makes as " +
                std::string(to_string(type)) + end + "element type, or use another initializer",
            {std::string(name), where});
    }
    throw bad_shape(
        start + "have shape " + to_string(s) + end + "shape, or use another initializer",
        {std::string(name), where});
}

VARSCOPE_INLINE void throw_frozen(
    const graph& g, const std::string& name, const std::source_location& where) {
    throw frozen("variable '" + name + "' cannot be made: its graph is frozen\n  requested at " +
            to_string(where) + nearest_line(nearest_keys(g, name)) +
            "\n  make it before vs::freeze, or share one that exists",
        {name, where});
}

} // namespace varscope::inline VARSCOPE_ABI::detail
