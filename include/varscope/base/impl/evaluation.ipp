// See evaluation.hpp.
#pragma once

#include <varscope/base/evaluation.hpp>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// What every evaluation is.
class own_evaluation final : public evaluation {
public:
    void keep(std::shared_ptr<const void> elements) {
        const std::scoped_lock lock(mutex_);
        kept_.push_back(std::move(elements));
    }

private:
    std::mutex mutex_;
    std::vector<std::shared_ptr<const void>> kept_;
};

VARSCOPE_INLINE std::shared_ptr<evaluation> make_evaluation() {
    return std::make_shared<own_evaluation>();
}

VARSCOPE_INLINE void evaluation::keep(std::shared_ptr<const void> elements) {
    static_cast<own_evaluation*>(this)->keep(std::move(elements));
}

VARSCOPE_INLINE evaluation*& evaluation::current() noexcept {
    static constinit thread_local evaluation* innermost = nullptr;
    return innermost;
}

VARSCOPE_INLINE std::shared_ptr<evaluation> evaluation::of_new_stepper() {
    if (current() != nullptr) { return current()->shared_from_this(); }
    static constinit thread_local bool is_ending = false;
    struct latest {
        latest() = default;
        latest(const latest&) = delete;
        latest& operator=(const latest&) = delete;
        latest(latest&&) = delete;
        latest& operator=(latest&&) = delete;
        ~latest() { is_ending = true; }
        std::weak_ptr<evaluation> begun;
    };
    if (is_ending) { return make_evaluation(); } // of a static object's destructor
    static thread_local latest of_thread;
    std::shared_ptr<evaluation> result = of_thread.begun.lock();
    if (result == nullptr || result->is_reading()) {
        result = make_evaluation();
        of_thread.begun = result;
    }
    return result;
}

VARSCOPE_INLINE evaluation_scope evaluation_scope::of_its_own() {
    return evaluation_scope(make_evaluation());
}

VARSCOPE_INLINE evaluation_scope evaluation_scope::joined() {
    evaluation* const outer = evaluation::current();
    return evaluation_scope(outer != nullptr ? outer->shared_from_this() : make_evaluation());
}

} // namespace varscope::inline VARSCOPE_ABI::detail
