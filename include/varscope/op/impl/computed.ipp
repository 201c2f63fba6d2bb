// See computed.hpp.
#pragma once

#include <varscope/op/detail/computed.hpp>

#include <atomic>
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

VARSCOPE_INLINE computed_results::~computed_results() {
    delete state_.load(
        std::memory_order_acquire); // NOLINT(cppcoreguidelines-owning-memory): its own
}

VARSCOPE_INLINE std::shared_ptr<const void> computed_results::find(
    const std::shared_ptr<evaluation>& now) const {
    state* const known = state_.load(std::memory_order_acquire);
    if (known == nullptr) { return nullptr; }
    const std::scoped_lock lock(known->mutex);
    return known->find(now);
}

VARSCOPE_INLINE std::shared_ptr<const void> computed_results::add(
    const std::shared_ptr<evaluation>& now, std::shared_ptr<const void> elements) {
    state* known = state_.load(std::memory_order_acquire);
    if (known == nullptr) {
        auto made = std::make_unique<state>();
        if (state_.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel)) {
            known = made.release();
        }
    }
    const std::scoped_lock lock(known->mutex);
    if (auto present = known->find(now)) { return present; }
    std::erase_if(known->results, [](const auto& r) { return r.elements.expired(); });
    known->results.push_back({now, elements});
    now->keep(elements);
    return elements;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
