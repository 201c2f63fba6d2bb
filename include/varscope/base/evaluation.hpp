/// \file
/// One evaluation of an expression: what is computed as a whole is computed once in it.
#pragma once

#include <varscope/version.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// What is computed for one assignment of an op, one iteration, or one run of a session. Two
/// evaluations share nothing, so that each reads what the variables hold while it runs.
///
/// Safe from any thread: copies of an iterator share its evaluation.
class evaluation : public std::enable_shared_from_this<evaluation> {
public:
    /// Keeps elements until the end of the evaluation.
    void keep(std::shared_ptr<const void> elements) {
        const std::scoped_lock lock(mutex_);
        kept_.push_back(std::move(elements));
    }
    void set_reading() noexcept { is_reading_.store(true, std::memory_order_relaxed); }
    /// Whether something has been computed in it.
    [[nodiscard]] bool is_reading() const noexcept {
        return is_reading_.load(std::memory_order_relaxed);
    }

    /// The evaluation in force in this thread; null: none.
    [[nodiscard]] static evaluation*& current() noexcept {
        static constinit thread_local evaluation* innermost = nullptr;
        return innermost;
    }

    /// The evaluation of a stepper that is made now: the one in force; else the one of the steppers
    /// that this thread made before, as long as nothing was read through them. xtensor makes all
    /// steppers of an assignment before it reads an element.
    [[nodiscard]] static std::shared_ptr<evaluation> of_new_stepper() {
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
        if (is_ending) { return std::make_shared<evaluation>(); } // of a static object's destructor
        static thread_local latest of_thread;
        std::shared_ptr<evaluation> result = of_thread.begun.lock();
        if (result == nullptr || result->is_reading()) {
            result = std::make_shared<evaluation>();
            of_thread.begun = result;
        }
        return result;
    }

private:
    std::mutex mutex_;
    std::vector<std::shared_ptr<const void>> kept_;
    std::atomic<bool> is_reading_ = false;
};

/// Puts an evaluation in force in this thread until the end of the block.
class evaluation_scope {
public:
    explicit evaluation_scope(std::shared_ptr<evaluation> e) noexcept
        : own_{std::move(e)}
        , outer_{std::exchange(evaluation::current(), own_.get())} {}
    evaluation_scope(const evaluation_scope&) = delete;
    evaluation_scope& operator=(const evaluation_scope&) = delete;
    evaluation_scope(evaluation_scope&&) = delete;
    evaluation_scope& operator=(evaluation_scope&&) = delete;
    ~evaluation_scope() { evaluation::current() = outer_; }

    /// A new evaluation.
    [[nodiscard]] static evaluation_scope of_its_own() {
        return evaluation_scope(std::make_shared<evaluation>());
    }
    /// The evaluation in force, or a new one where there is none.
    [[nodiscard]] static evaluation_scope joined() {
        evaluation* const outer = evaluation::current();
        return evaluation_scope(
            outer != nullptr ? outer->shared_from_this() : std::make_shared<evaluation>());
    }
    /// None: for code of the user's, whose assignments are evaluations of their own.
    [[nodiscard]] static evaluation_scope suspended() noexcept { return evaluation_scope(nullptr); }

    [[nodiscard]] const std::shared_ptr<evaluation>& get() const noexcept { return own_; }

private:
    std::shared_ptr<evaluation> own_;
    evaluation* outer_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail
