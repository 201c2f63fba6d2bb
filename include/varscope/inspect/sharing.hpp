/// \file
/// Reports on what is created and shared, and a check for tests.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/graph/graph.hpp>
#include <varscope/graph/sharing_log.hpp>
#include <varscope/names/name.hpp>
#include <varscope/scope/current_graph.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// Records in the graph, from here on, each creation and each sharing of a variable with the place
/// it was asked for at. Begun again, it forgets what was recorded.
///
/// Off in a new graph (`graph_options::record_sharing`). Must not run beside other threads that ask
/// for variables. Cost: none while off; while on, a lock and a search by text for each call.
inline void record_sharing(graph& g = current_graph()) { g.record_sharing(); }
/// Ends that, and forgets what was recorded. Must not run beside other threads that ask for
/// variables.
inline void stop_recording_sharing(graph& g = current_graph()) { g.stop_recording_sharing(); }

/// What became of each name, in the order in which they were first asked for since the recording
/// began; empty if nothing is recorded. Safe from any thread.
[[nodiscard]] inline std::vector<sharing_record> sharing_report(const graph& g = current_graph()) {
    const detail::sharing_log* const log = g.sharing();
    return log == nullptr ? std::vector<sharing_record>() : log->records();
}

/// "tower/kernel: created once (model.cpp:12), shared 3 times (model.cpp:31, 2 at train.cpp:7)"
[[nodiscard]] inline std::string to_string(const sharing_record& r) {
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
[[nodiscard]] inline std::string to_string(const std::vector<sharing_record>& report) {
    std::string text;
    for (const sharing_record& r : report) { text += to_string(r) + '\n'; }
    return text;
}

namespace detail {

/// Whether `text` is as `pattern` says, in which '*' stands for any characters and '?' for one.
[[nodiscard]] inline bool fits_glob(std::string_view pattern, std::string_view text) noexcept {
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

} // namespace detail

/// For tests: throws unless every variable whose key fits `pattern`, and at least one, was shared
/// since the recording began.
///
/// \param pattern  of keys: '*' stands for any characters, '/' among them, '?' for one.
/// \throws not_shared  with the name of each that was not, and where it was created.
/// Safe from any thread. \see record_sharing
inline void expect_shared(const graph& g, name_arg pattern) {
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
inline void expect_shared(name_arg pattern) { expect_shared(current_graph(), pattern); }

} // namespace varscope::inline VARSCOPE_ABI
