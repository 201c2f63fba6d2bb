// See sharing.hpp.
#pragma once

#include <varscope/inspect/sharing.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE std::vector<sharing_record> sharing_report(const graph& g) {
    const detail::sharing_log* const log = g.sharing();
    return log == nullptr ? std::vector<sharing_record>() : log->records();
}

VARSCOPE_INLINE std::string to_string(const sharing_record& r) {
    const auto times = [](std::size_t count) {
        return count == 0 ? std::string("never")
            : count == 1  ? std::string("once")
                          : std::to_string(count) + " times";
    };
    const auto places = [](const std::vector<call_site>& sites) {
        std::string text;
        for (const call_site& site : sites) {
            text += text.empty() ? " (" : ", ";
            if (site.count > 1) { text += std::to_string(site.count) + " at "; }
            text += to_string(site.place);
        }
        return text.empty() ? text : text + ')';
    };
    return r.name + ": created " + times(r.times_created) + places(r.created_at) +
        (r.is_shareable ? ", shared " + times(r.times_shared) + places(r.shared_at)
                        : std::string(", not to be shared"));
}

VARSCOPE_INLINE std::string to_string(const std::vector<sharing_record>& report) {
    std::string text;
    for (const sharing_record& r : report) { text += to_string(r) + '\n'; }
    return text;
}

} // namespace varscope::inline VARSCOPE_ABI

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE bool fits_glob(std::string_view pattern, std::string_view text) noexcept {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') { ++p; }
    return p == pattern.size();
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE void expect_shared(const graph& g, name_arg pattern) {
    const std::string where = "\n  expected at " + to_string(pattern.where());
    const std::string glob(pattern.text());
    if (g.sharing() == nullptr) {
        throw not_shared("nothing is recorded of what is shared" + where +
                "\n  begin with vs::record_sharing(), before the variables are asked for",
            {glob, pattern.where()});
    }
    const std::vector<sharing_record> records = g.sharing()->records();
    const auto is_shared = [&](std::string_view key) {
        return std::ranges::any_of(records, [&](const sharing_record& r) {
            return r.is_shareable && r.name == key && r.times_shared > 0;
        });
    };
    std::string missing;
    std::size_t fitting = 0;
    std::optional<std::source_location> first;
    const auto look_at = [&](const detail::variable_node& v) {
        if (!detail::fits_glob(glob, v.key())) { return; }
        ++fitting;
        if (is_shared(v.key())) { return; }
        missing += "\n  '" + std::string(v.key()) + "', created at " + to_string(v.defined_at);
        if (!first) { first = v.defined_at; }
    };
    {
        const std::scoped_lock lock(g.creation());
        for (const detail::variable_node* v : g.store().all()) {
            if (v->extras == nullptr || v->extras->whole == nullptr) { look_at(*v); }
        }
        for (const detail::variable_node* v : g.store().wholes()) { look_at(*v); }
    }
    if (fitting == 0) {
        throw not_shared("no variable fits '" + glob + '\'' + where +
                "\n  '*' stands for any characters of a key, '?' for one",
            {glob, pattern.where()});
    }
    if (!missing.empty()) {
        throw not_shared("variables that fit '" + glob + "' were never shared" + missing + where +
                "\n  vs::to_string(vs::sharing_report()) shows who asked for what",
            {glob, pattern.where(), first});
    }
}

} // namespace varscope::inline VARSCOPE_ABI
