// See session.hpp.
#pragma once

#include <varscope/op/session.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

struct fed_values::state {
    struct entry {
        std::thread::id thread;
        const void* value;
    };
    std::mutex mutex;
    std::vector<entry> entries; // of one thread, the innermost run's is the last one
};

VARSCOPE_INLINE fed_values::fed_values() : state_{std::make_unique<state>()} {}
VARSCOPE_INLINE fed_values::~fed_values() = default;

VARSCOPE_INLINE void fed_values::add(const void* value) {
    const std::scoped_lock lock(state_->mutex);
    state_->entries.push_back({std::this_thread::get_id(), value});
}

VARSCOPE_INLINE void fed_values::take_back(const void* value) noexcept {
    const std::scoped_lock lock(state_->mutex);
    auto& entries = state_->entries;
    // Another thread may feed the same value.
    const auto found = std::find_if(entries.rbegin(), entries.rend(), [&](const state::entry& e) {
        return e.value == value && e.thread == std::this_thread::get_id();
    });
    entries.erase(std::prev(found.base()));
}

VARSCOPE_INLINE const void* fed_values::innermost() const {
    const std::scoped_lock lock(state_->mutex);
    const auto& entries = state_->entries;
    const auto found = std::find_if(entries.rbegin(), entries.rend(),
        [](const state::entry& e) { return e.thread == std::this_thread::get_id(); });
    return found == entries.rend() ? nullptr : found->value;
}

} // namespace detail

VARSCOPE_INLINE initializer_op global_variables_initializer() {
    std::vector<any_variable> all = global_variables(); // before a name is taken
    return {no_op("init"), std::move(all)};
}

VARSCOPE_INLINE initializer_op local_variables_initializer() {
    std::vector<any_variable> all = local_variables(); // before a name is taken
    return {no_op("init"), std::move(all)};
}

} // namespace varscope::inline VARSCOPE_ABI
