/// \file
/// Comparing a schema with variables that exist: those of a graph, or of any list.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/nearest_names.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/graph/graph.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/names/name.hpp>
#include <varscope/schema/path.hpp>
#include <varscope/schema/schema.hpp>
#include <varscope/scope/current_graph.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// A variable as a list has it: of a graph, a file or the user's own.
struct described_variable {
    std::string name;                          ///< in full
    std::optional<varscope::dtype> dtype = {}; ///< none: one that varscope does not hold
    varscope::shape shape = {};
    std::string type_name = {}; ///< of a type that varscope does not hold, e.g. "string"
};

/// Where a list of variables and a schema differ. Names are those of the list, the schema's with
/// the scope that it is expected in.
struct schema_difference {
    struct missing_variable {
        described_variable declared;
        std::string nearest; ///< the name most like it among the extra ones; empty if none is
    };
    struct different_variable {
        described_variable declared;
        described_variable found; ///< another shape or element type, or both
    };

    std::vector<missing_variable> missing;     ///< declared and not listed, as declared
    std::vector<described_variable> extra;     ///< listed and not declared, or listed again
    std::vector<different_variable> different; ///< declared and listed, but not alike
    std::size_t outside = 0; ///< how many were not compared: listed outside of the scope asked for

    /// Whether every variable of the schema is listed as declared, and no other one in its scope.
    [[nodiscard]] bool is_empty() const noexcept {
        return missing.empty() && extra.empty() && different.empty();
    }
};

namespace detail {

/// How many facts of a kind are told to a person, and for how many missing names the nearest is
/// looked for: each is compared with all that are extra.
inline constexpr std::size_t schema_facts_shown = 20;

[[nodiscard]] inline std::string type_and_shape(const described_variable& v) {
    return to_string(v.shape) + ' ' + (v.dtype ? std::string(to_string(*v.dtype)) : v.type_name);
}

/// \param scope  full name; what is listed elsewhere is counted only.
[[nodiscard]] inline schema_difference compare_variables(std::span<const schema_variable> declared,
    std::span<const described_variable> listed, std::string_view scope) {
    schema_difference result;
    const auto is_outside = [&](std::string_view name) {
        return !begins_with(name, scope) || (!scope.empty() && name.size() == scope.size());
    };
    std::unordered_map<std::string_view, std::size_t> numbers; // in the list, where first listed
    for (std::size_t i = 0; i < listed.size(); ++i) { numbers.try_emplace(listed[i].name, i); }
    std::vector<bool> is_declared(listed.size());
    for (const schema_variable& d : declared) {
        described_variable asked{join(scope, d.name), d.dtype, d.shape()};
        const auto at = numbers.find(asked.name);
        if (at == numbers.end()) {
            result.missing.push_back({std::move(asked), {}});
            continue;
        }
        is_declared[at->second] = true;
        const described_variable& found = listed[at->second];
        if (found.dtype != asked.dtype || found.shape != asked.shape) {
            result.different.push_back({std::move(asked), found});
        }
    }
    for (std::size_t i = 0; i < listed.size(); ++i) {
        if (is_declared[i]) { continue; }
        if (is_outside(listed[i].name)) {
            ++result.outside;
        } else {
            result.extra.push_back(listed[i]);
        }
    }
    const std::size_t searched = std::min(result.missing.size(), schema_facts_shown);
    const auto names = result.extra | std::views::transform(&described_variable::name);
    for (auto& m : std::span(result.missing).first(searched)) {
        for (std::string& name : nearest_names(names, m.declared.name, 1)) {
            m.nearest = std::move(name);
        }
    }
    return result;
}

/// The variables that can be shared by name; one that is cut into parts is listed as the whole.
[[nodiscard]] inline std::vector<described_variable> list_variables(const graph& g) {
    const std::scoped_lock lock(g.creation());
    std::vector<described_variable> listed;
    const auto add = [&](const variable_node& v) {
        listed.push_back({std::string(v.key()), v.type, v.get_shape()});
    };
    for (const variable_node* v : g.store().all()) {
        const variable_node* const whole = v->extras == nullptr ? nullptr : v->extras->whole;
        if (whole == nullptr || g.store().find_whole(whole->id) == nullptr) {
            add(*v);
        } else if (whole->extras->parts.front() == v) {
            add(*whole);
        }
    }
    return listed;
}

} // namespace detail

/// Compares the variables of schema `S` with a list, by full name, shape and element type.
///
/// \param scope  where the schema is expected: its `kernel` is then listed as `<scope>/kernel`, and
///               what is listed outside is not compared. Without it the whole list is.
/// \returns what differs; `to_string` makes a text of it.
/// Cost: linear, and for up to 20 missing names a comparison with each extra one.
template <class S>
[[nodiscard]] schema_difference check_schema(
    std::span<const described_variable> listed, name_arg scope = "") {
    return detail::compare_variables(schema<S>::variables, listed, scope.text());
}

/// The same with all variables of a graph that can be shared by name, local ones too; a variable
/// that is cut into parts counts as the whole. Safe from any thread.
template <class S>
[[nodiscard]] schema_difference check_schema(
    const graph& g = current_graph(), name_arg scope = "") {
    return check_schema<S>(detail::list_variables(g), scope);
}

/// What differs, one fact a line, at most 20 of each kind:
///
///     missing: 'tower/kernel' (784, 64) float32; nearest: 'tower/kernle'
///     different: 'tower/bias' is declared as (64,) float32 and is (63,) float32
///     extra: 'tower/kernle' (784, 64) float32
[[nodiscard]] inline std::string to_string(const schema_difference& difference) {
    std::string text;
    const auto add_facts = [&](const auto& facts, std::string_view kind, const auto& line) {
        const std::size_t shown = std::min(facts.size(), detail::schema_facts_shown);
        for (std::size_t i = 0; i < shown; ++i) {
            text += (text.empty() ? "" : "\n") + std::string(kind) + ": " + line(facts[i]);
        }
        if (facts.size() > shown) {
            text +=
                '\n' + std::string(kind) + ": " + std::to_string(facts.size() - shown) + " more";
        }
    };
    const auto describe = [](const described_variable& v) {
        return '\'' + v.name + "' " + detail::type_and_shape(v);
    };
    add_facts(difference.missing, "missing", [&](const auto& m) {
        return describe(m.declared) + (m.nearest.empty() ? "" : "; nearest: '" + m.nearest + '\'');
    });
    add_facts(difference.different, "different", [](const auto& d) {
        return '\'' + d.declared.name + "' is declared as " + detail::type_and_shape(d.declared) +
            " and is " + detail::type_and_shape(d.found);
    });
    add_facts(difference.extra, "extra", describe);
    if (text.empty()) { text = "nothing differs"; }
    if (difference.outside > 0) {
        text += "\nnot compared: " + std::to_string(difference.outside) + " outside of the scope";
    }
    return text;
}

} // namespace varscope::inline VARSCOPE_ABI
