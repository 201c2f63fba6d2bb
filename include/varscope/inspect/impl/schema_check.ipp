// See schema_check.hpp.
#pragma once

#include <varscope/inspect/schema_check.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::string type_and_shape(const described_variable& v) {
    return to_string(v.shape) + ' ' + (v.dtype ? std::string(to_string(*v.dtype)) : v.type_name);
}

VARSCOPE_INLINE schema_difference compare_variables(std::span<const schema_variable> declared,
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

VARSCOPE_INLINE std::vector<described_variable> list_variables(const graph& g) {
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

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE std::string to_string(const schema_difference& difference) {
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
