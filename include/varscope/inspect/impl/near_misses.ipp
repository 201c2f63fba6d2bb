// See near_misses.hpp.
#pragma once

#include <varscope/inspect/near_misses.hpp>

#include <cstdio>
#include <string>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE std::string to_string(const near_miss_report& r) {
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

VARSCOPE_INLINE void log_near_miss(const near_miss_report& r) {
    const std::string text = "varscope: " + to_string(r) + '\n';
    (void)std::fputs(text.c_str(), stderr);
}

VARSCOPE_INLINE void refuse_near_miss(const near_miss_report& r) {
    throw near_miss(to_string(r), {r.name, r.asked_at, r.existing_at});
}

VARSCOPE_INLINE void watch_near_misses(graph& g, near_miss_handler handler) {
    g.watch_near_misses(
        handler ? std::make_unique<detail::near_miss_watch>(std::move(handler)) : nullptr);
}

} // namespace varscope::inline VARSCOPE_ABI
