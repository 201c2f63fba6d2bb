/// \file
/// Variables arranged as a schema declares them: scopes in scopes, like ones as repetitions.
#pragma once

#include "list.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace schema_tool {

/// A part of a schema: a variable, a scope, or one that is repeated.
struct part {
    std::string_view name;              // of a repetition: without the number
    const variable* declared = nullptr; // of a variable
    std::size_t times = 1;
    std::vector<part> parts = {};
};

namespace detail {

/// A variable, and what of its name is still to be put into scopes.
struct placed_variable {
    std::string_view rest;
    const variable* declared;
    std::size_t order; // in the file
};
using placed_variables = std::vector<placed_variable>;

/// A part that stays in one piece, and the scopes around it, outermost first.
struct atom {
    std::vector<std::string_view> scopes;
    part content;
    std::size_t order; // in the file, of what is first in it
};

/// Deeper scopes stay in the names of what is in them: compilers do not nest without end.
inline constexpr std::size_t deepest = 32;

/// "layer_7" is a numbered scope; numbers are written as a repetition writes them.
struct numbered_name {
    std::string_view base;
    std::size_t number = 0;
    bool is_numbered = false;

    explicit numbered_name(std::string_view name) {
        const std::size_t digits = name.size() - (name.find_last_not_of("0123456789") + 1);
        base = name.substr(0, name.size() - digits);
        const std::string_view text = name.substr(base.size());
        const bool is_plain = digits > 0 && digits < 10 && (digits == 1 || text.front() != '0');
        is_numbered = is_plain && !base.empty();
        if (is_numbered) { (void)std::from_chars(text.data(), text.data() + digits, number); }
    }
};

/// Whether the variables of both scopes are alike, in whatever order.
[[nodiscard]] inline bool are_alike(const placed_variables& a, const placed_variables& b) {
    if (a.size() != b.size()) { return false; }
    const auto sorted = [](const placed_variables& scope) {
        placed_variables copy = scope;
        std::ranges::sort(copy, {}, &placed_variable::rest);
        return copy;
    };
    return std::ranges::equal(sorted(a), sorted(b), [](const auto& x, const auto& y) {
        return x.rest == y.rest && x.declared->type == y.declared->type &&
            x.declared->dimensions == y.declared->dimensions &&
            x.declared->initializer == y.declared->initializer &&
            x.declared->is_trainable == y.declared->is_trainable;
    });
}

class arranger {
public:
    [[nodiscard]] static std::vector<part> arrange(const placed_variables& all, std::size_t depth) {
        return nest(split(all, depth), 0);
    }

private:
    using scopes = std::map<std::string_view, placed_variables>;

    /// The atoms of a scope, in the order of the file.
    [[nodiscard]] static std::vector<atom> split(const placed_variables& all, std::size_t depth) {
        std::vector<atom> atoms;
        scopes inner;
        for (const placed_variable& v : all) {
            const std::size_t slash = depth < deepest ? v.rest.find('/') : std::string_view::npos;
            if (slash == std::string_view::npos) {
                atoms.push_back({{}, {.name = v.rest, .declared = v.declared}, v.order});
            } else {
                inner[v.rest.substr(0, slash)].push_back(
                    {v.rest.substr(slash + 1), v.declared, v.order});
            }
        }
        fold(inner, atoms, depth);
        for (const auto& [name, variables] : inner) {
            for (atom& a : split(variables, depth + 1)) {
                a.scopes.insert(a.scopes.begin(), name);
                atoms.push_back(std::move(a));
            }
        }
        std::ranges::sort(atoms, {}, &atom::order);
        return atoms;
    }

    /// Moves scopes that a repetition can stand for out of `inner`.
    static void fold(scopes& inner, std::vector<atom>& atoms, std::size_t depth) {
        std::vector<std::string_view> first_names;
        for (const auto& [name, variables] : inner) {
            const numbered_name numbered(name);
            if (numbered.is_numbered && numbered.number == 0) { first_names.push_back(name); }
        }
        for (const std::string_view first_name : first_names) {
            const std::string_view base = numbered_name(first_name).base;
            const auto find = [&](std::size_t number) {
                return inner.find(std::string(base) + std::to_string(number));
            };
            const placed_variables first = inner.at(first_name);
            std::size_t order = first.front().order;
            std::size_t times = 1;
            for (auto at = find(1); at != inner.end() && are_alike(first, at->second);
                 at = find(++times)) {
                order = std::min(order, at->second.front().order);
            }
            if (times == 1) { continue; }
            for (std::size_t i = 0; i < times; ++i) { inner.erase(find(i)); }
            atoms.push_back(
                {{}, {.name = base, .times = times, .parts = arrange(first, depth + 1)}, order});
        }
    }

    /// Puts atoms side by side in the scopes they share; a scope that others interrupt begins
    /// again.
    [[nodiscard]] static std::vector<part> nest(std::vector<atom> atoms, std::size_t depth) {
        std::vector<part> parts;
        for (std::size_t i = 0; i < atoms.size();) {
            if (atoms[i].scopes.size() == depth) {
                parts.push_back(std::move(atoms[i++].content));
                continue;
            }
            const std::string_view name = atoms[i].scopes[depth];
            std::vector<atom> same;
            for (; i < atoms.size() && atoms[i].scopes.size() > depth &&
                 atoms[i].scopes[depth] == name;
                 ++i) {
                same.push_back(std::move(atoms[i]));
            }
            parts.push_back({.name = name, .parts = nest(std::move(same), depth + 1)});
        }
        return parts;
    }
};

} // namespace detail

/// The parts of a schema that declares these variables, which are checked. They are in their order,
/// but for those of a repetition, which stand together.
/// Valid as long as the variables.
[[nodiscard]] inline std::vector<part> arrange(std::span<const variable> variables) {
    detail::placed_variables all;
    for (const variable& v : variables) { all.push_back({v.name, &v, all.size()}); }
    return detail::arranger::arrange(all, 0);
}

} // namespace schema_tool
