/// \file
/// A warning where a new variable was perhaps meant to be shared.
#pragma once

#include <varscope/graph/graph.hpp>
#include <varscope/graph/near_miss_watch.hpp>
#include <varscope/scope/current_graph.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

/// One fact per line.
[[nodiscard]] inline std::string to_string(const near_miss_report& r) {
    return "variable '" + r.name + "' is new, and nearly called like '" + r.existing + '\'' +
        (r.reason == near_miss_reason::spelled_alike ? " beside it"
                                                     : ", whose scope has no suffix") +
        "\n  requested at " + to_string(r.asked_at) + "\n  '" + r.existing + "' was created at " +
        to_string(r.existing_at) + " with shape " + to_string(r.shape) +
        (r.reason == near_miss_reason::spelled_alike
                ? "\n  correct the name to share it; a second one is made by {.reuse = "
                  "vs::reuse_mode::create}"
                : "\n  enter the scope by its name or its object to share it; a default name, or a "
                  "second opening of a template's, gets a suffix");
}

/// Writes the report on standard error.
inline void log_near_miss(const near_miss_report& r) {
    const std::string text = "varscope: " + to_string(r) + '\n';
    (void)std::fputs(text.c_str(), stderr);
}
/// \throws near_miss  the variable is not created.
[[noreturn]] inline void refuse_near_miss(const near_miss_report& r) {
    throw near_miss(to_string(r), {r.name, r.asked_at, r.existing_at});
}

/// From here on, `handler` is told of each variable that get-or-create (`vs::auto_reuse`) is about
/// to create in the graph although one exists that was perhaps meant: one or two letters away,
/// beside it and of the same shape and element type, or the same name and shape where a scope `x_1`
/// stands for `x`. Names that differ in digits alone do not count.
///
/// \param handler  `log_near_miss`, `refuse_near_miss`, or a function of one's own; null: nobody,
/// as
///                 in a new graph. Called while the graph's lock is held, and must not set another
///                 handler; its exceptions pass on, and the variable is not created.
/// Safe from any thread. Cost: none without a handler; with one, each creation under auto_reuse
/// looks at the variables beside it.
inline void watch_near_misses(graph& g, near_miss_handler handler) {
    g.watch_near_misses(
        handler ? std::make_unique<detail::near_miss_watch>(std::move(handler)) : nullptr);
}
inline void watch_near_misses(near_miss_handler handler) {
    watch_near_misses(current_graph(), std::move(handler));
}

} // namespace varscope::inline VARSCOPE_ABI
