/// \file
/// One evaluation of an expression: what is computed as a whole is computed once in it.
#pragma once

#include <varscope/version.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace varscope::inline VARSCOPE_ABI::detail {

/// What is computed for one assignment of an op, one iteration, or one run of a session. Two
/// evaluations share nothing, so that each reads what the variables hold while it runs.
///
/// Safe from any thread: copies of an iterator share its evaluation.
class evaluation : public std::enable_shared_from_this<evaluation> {
public:
    evaluation(const evaluation&) = delete;
    evaluation& operator=(const evaluation&) = delete;
    evaluation(evaluation&&) = delete;
    evaluation& operator=(evaluation&&) = delete;

    /// Keeps elements until the end of the evaluation.
    void keep(std::shared_ptr<const void> elements);
    void set_reading() noexcept { is_reading_.store(true, std::memory_order_relaxed); }
    /// Whether something has been computed in it.
    [[nodiscard]] bool is_reading() const noexcept {
        return is_reading_.load(std::memory_order_relaxed);
    }

    /// The evaluation in force in this thread; null: none.
    [[nodiscard]] static evaluation*& current() noexcept;

    /// The evaluation of a stepper that is made now: the one in force; else the one of the steppers
    /// that this thread made before, as long as nothing was read through them. xtensor makes all
    /// steppers of an assignment before it reads an element.
    [[nodiscard]] static std::shared_ptr<evaluation> of_new_stepper();

protected:
    evaluation() = default; // see evaluation.ipp
    ~evaluation() = default;

private:
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
    [[nodiscard]] static evaluation_scope of_its_own();
    /// The evaluation in force, or a new one where there is none.
    [[nodiscard]] static evaluation_scope joined();
    /// None: for code of the user's, whose assignments are evaluations of their own.
    [[nodiscard]] static evaluation_scope suspended() noexcept { return evaluation_scope(nullptr); }

    [[nodiscard]] const std::shared_ptr<evaluation>& get() const noexcept { return own_; }

private:
    std::shared_ptr<evaluation> own_;
    evaluation* outer_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/base/impl/evaluation.ipp>
#endif
