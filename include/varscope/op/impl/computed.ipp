// See computed.hpp.
#pragma once

#include <varscope/op/detail/computed.hpp>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

struct computed_results::state {
    struct result {
        std::weak_ptr<evaluation> of;
        std::weak_ptr<const void> elements;
    };
    /// The lock is held.
    [[nodiscard]] std::shared_ptr<const void> find(const std::shared_ptr<evaluation>& now) const {
        for (const result& r : results) {
            if (!r.of.owner_before(now) && !now.owner_before(r.of)) { return r.elements.lock(); }
        }
        return nullptr;
    }

    std::mutex mutex;
    std::vector<result> results;
};

VARSCOPE_INLINE computed_results::computed_results() : state_{std::make_unique<state>()} {}
VARSCOPE_INLINE computed_results::~computed_results() = default;

VARSCOPE_INLINE std::shared_ptr<const void> computed_results::find(
    const std::shared_ptr<evaluation>& now) const {
    const std::scoped_lock lock(state_->mutex);
    return state_->find(now);
}

VARSCOPE_INLINE std::shared_ptr<const void> computed_results::add(
    const std::shared_ptr<evaluation>& now, std::shared_ptr<const void> elements) {
    const std::scoped_lock lock(state_->mutex);
    if (auto present = state_->find(now)) { return present; }
    std::erase_if(state_->results, [](const auto& r) { return r.elements.expired(); });
    state_->results.push_back({now, elements});
    now->keep(elements);
    return elements;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
