// See thread_scopes.hpp.
#pragma once

#include <varscope/scope/thread_scopes.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE scope_defaults::~scope_defaults() {
    while (replaced != nullptr && replaced.use_count() == 1) {
        auto next = std::move(replaced->replaced);
        replaced = std::move(next);
    }
}

VARSCOPE_INLINE const scope_defaults& scope_defaults::none() {
    static const scope_defaults& shared = *new scope_defaults; // for static objects too
    return shared;
}

VARSCOPE_INLINE thread_scopes::thread_scopes(graph& g, unique_names& names, std::uint64_t thread)
    : owner{&g}
    , home{thread}
    , table{&names}
    , opened_again{names.add_thread()}
    , tree{&names} {
    root.state().path = &tree.root().path;
    root.state().defaults = &scope_defaults::none();
    base = {nullptr, this, nullptr, &root, &tree.root()};
}

VARSCOPE_INLINE void thread_scopes::push(scope_frame& frame) noexcept {
    frame.outer = innermost;
    innermost = &frame;
}

VARSCOPE_INLINE open_again& thread_scopes::unused_open_again() {
    const auto is_unused = [](const auto& again) {
        return again->base.load(std::memory_order_relaxed) == nullptr;
    };
    if (is_unused(opened_again)) { return *opened_again; }
    const auto unused = std::ranges::find_if(more_opened_again, is_unused);
    if (unused != more_opened_again.end()) { return **unused; }
    return *more_opened_again.emplace_back(table->add_thread());
}

VARSCOPE_INLINE void thread_scopes::tidy() {
    if (!tree.is_large()) [[likely]] { return; }
    tree.give_back([&](const auto& need) {
        for (const scope_frame* f = innermost; f != nullptr; f = f->outer) { need(*f->place); }
    });
}

VARSCOPE_INLINE void thread_scopes::pop(const scope_frame& frame) noexcept {
    if (innermost != &frame) {
        std::fputs("varscope: a scope was left that is not the innermost one of its thread\n"
                   "  guards must be destroyed in the reverse order of their creation\n",
            stderr);
        std::abort();
    }
    innermost = frame.outer;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
