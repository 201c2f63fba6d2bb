// Two threads of which one runs at a time, and which change places where a plan says: at an atomic operation or before a
// lock. They are contexts of one thread of the system, so that there can be a million such runs. The library is compiled
// with its atomics, mutexes and thread-local state exchanged for these: see stepped_headers.py.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <utility>
#include <vector>

#include <ucontext.h>

namespace stepped {

/// Runs two functions, each in a context of its own.
class schedule {
public:
    /// \param first  which begins.
    /// \param plan   the steps, counted over both, before which they change places.
    schedule(int first, std::vector<std::size_t> plan) : running_{first}, plan_{std::move(plan)} {}

    void run(const std::function<void()>& a, const std::function<void()>& b) {
        static std::array<std::vector<char>, 2> stacks{std::vector<char>(1U << 18U), std::vector<char>(1U << 18U)};
        bodies_ = {&a, &b};
        for (std::size_t i = 0; i < 2; ++i) {
            getcontext(&contexts_[i]);
            contexts_[i].uc_stack.ss_sp = stacks[i].data();
            contexts_[i].uc_stack.ss_size = stacks[i].size();
            contexts_[i].uc_link = nullptr;
            makecontext(&contexts_[i], &schedule::work, 0);
        }
        current() = this;
        swapcontext(&main_, &contexts_[index()]);
        current() = nullptr;
        if (failure_) { std::rethrow_exception(failure_); }
    }

    /// The steps at which the other one could have gone on instead.
    [[nodiscard]] const std::vector<std::size_t>& choices() const noexcept { return choices_; }

    /// Before something that the other one can see, or tell the order of.
    static void point() {
        if (schedule* const s = current()) { s->step(); }
    }
    /// Cannot go on before the other one did something.
    static void give_way() {
        schedule* const s = current();
        if (s == nullptr || s->is_done_[1 - s->index()]) {
            std::fputs("nobody can go on\n", stderr);
            std::abort();
        }
        s->change_places();
    }
    /// 0: outside a run; else 1 or 2.
    static std::size_t self() { return current() == nullptr ? 0 : current()->index() + 1; }

private:
    static schedule*& current() {
        static schedule* shared = nullptr;
        return shared;
    }
    [[nodiscard]] std::size_t index() const noexcept { return static_cast<std::size_t>(running_); }

    static void work() {
        schedule& s = *current();
        try {
            (*s.bodies_[s.index()])();
        } catch (...) {
            s.failure_ = std::current_exception();
        }
        s.is_done_[s.index()] = true;
        s.running_ = 1 - s.running_;
        setcontext(s.is_done_[s.index()] ? &s.main_ : &s.contexts_[s.index()]);
    }
    void step() {
        const std::size_t now = step_++;
        if (is_done_[1 - index()]) { return; }
        choices_.push_back(now);
        if (next_ < plan_.size() && plan_[next_] == now) {
            ++next_;
            change_places();
        }
    }
    void change_places() {
        const std::size_t from = index();
        running_ = 1 - running_;
        swapcontext(&contexts_[from], &contexts_[1 - from]);
    }

    int running_;
    std::vector<std::size_t> plan_;
    std::size_t next_ = 0; // change of places
    std::size_t step_ = 0;
    std::array<const std::function<void()>*, 2> bodies_{};
    std::array<bool, 2> is_done_{};
    std::array<ucontext_t, 2> contexts_{};
    ucontext_t main_{};
    std::vector<std::size_t> choices_;
    std::exception_ptr failure_;
};

/// Of the thread that runs, as a thread-local object is.
template <class T>
T& own_state() {
    static std::array<T, 3> states;
    return states[schedule::self()];
}

/// Calls `once(schedule&)` for all schedules with up to `preemptions` changes of places that no thread asked for.
/// \returns how many there were.
template <class Once>
std::size_t for_each_schedule(std::size_t preemptions, Once&& once) {
    std::size_t count = 0;
    const std::function<void(int, const std::vector<std::size_t>&)> explore = [&](int first, const std::vector<std::size_t>& plan) {
        schedule s(first, plan);
        once(s);
        ++count;
        if (plan.size() == preemptions) { return; }
        for (const std::size_t step : s.choices()) {
            if (!plan.empty() && step <= plan.back()) { continue; }
            std::vector<std::size_t> longer = plan;
            longer.push_back(step);
            explore(first, longer);
        }
    };
    for (const int first : {0, 1}) { explore(first, {}); }
    return count;
}

template <class T>
class atomic {
public:
    constexpr atomic() noexcept = default;
    constexpr atomic(T value) noexcept : value_{value} {} // NOLINT(google-explicit-constructor): as std::atomic
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;

    T load(std::memory_order = std::memory_order_seq_cst) const noexcept {
        schedule::point();
        return value_.load();
    }
    operator T() const noexcept { return load(); } // NOLINT(google-explicit-constructor): as std::atomic
    void store(T value, std::memory_order = std::memory_order_seq_cst) noexcept {
        schedule::point();
        value_.store(value);
    }
    T operator=(T value) noexcept { // NOLINT: as std::atomic
        store(value);
        return value;
    }
    T exchange(T value, std::memory_order = std::memory_order_seq_cst) noexcept {
        schedule::point();
        return value_.exchange(value);
    }
    bool compare_exchange_strong(T& expected, T value, std::memory_order = {}, std::memory_order = {}) noexcept {
        schedule::point();
        return value_.compare_exchange_strong(expected, value);
    }
    bool compare_exchange_weak(T& expected, T value, std::memory_order = {}, std::memory_order = {}) noexcept {
        schedule::point();
        return value_.compare_exchange_strong(expected, value);
    }
    template <class U>
    T fetch_add(U more, std::memory_order = {}) noexcept {
        schedule::point();
        return value_.fetch_add(more);
    }
    template <class U>
    T fetch_sub(U less, std::memory_order = {}) noexcept {
        schedule::point();
        return value_.fetch_sub(less);
    }
    template <class U>
    T fetch_or(U bits, std::memory_order = {}) noexcept {
        schedule::point();
        return value_.fetch_or(bits);
    }
    template <class U>
    T fetch_and(U bits, std::memory_order = {}) noexcept {
        schedule::point();
        return value_.fetch_and(bits);
    }

private:
    std::atomic<T> value_{};
};

/// Recursive, if asked for.
template <bool IsRecursive>
class basic_mutex {
public:
    void lock() {
        schedule::point();
        while (!is_taken()) { schedule::give_way(); }
    }
    bool try_lock() {
        schedule::point();
        return is_taken();
    }
    void unlock() { --depth_; }

private:
    bool is_taken() {
        if (depth_ > 0 && (!IsRecursive || owner_ != schedule::self())) { return false; }
        owner_ = schedule::self();
        ++depth_;
        return true;
    }
    int depth_ = 0;
    std::size_t owner_ = 0;
};
using mutex = basic_mutex<false>;
using recursive_mutex = basic_mutex<true>;

inline void yield() { schedule::give_way(); }

} // namespace stepped
