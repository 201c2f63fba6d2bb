#include <varscope/base/observed_mutex.hpp>

#include "catch.hpp"
#include "race.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <thread>

namespace {

using varscope::detail::await;
using varscope::detail::observed_mutex;

/// Calls `look` in another thread, and returns its answer.
template <class Look>
bool elsewhere(const Look& look) {
    bool answer = false;
    std::thread([&] { answer = look(); }).join();
    return answer;
}

/// Whether another thread could have the mutex now.
bool is_free(observed_mutex& mutex) {
    return elsewhere([&] {
        if (!mutex.try_lock()) { return false; }
        mutex.unlock();
        return true;
    });
}

bool is_seen(const observed_mutex& mutex) {
    return elsewhere([&] { return mutex.is_held_elsewhere(); });
}

/// Another thread that has the mutex, until it is told to let go.
class holder {
public:
    explicit holder(observed_mutex& mutex) : thread_{[this, &mutex] {
        mutex.lock();
        is_there_ = true;
        is_there_.notify_all();
        is_asked_.wait(false);
        made_ = 7;
        has_made_ = true;
        has_made_.notify_all();
        is_over_.wait(false);
        mutex.unlock();
    }} {
        is_there_.wait(false);
    }
    holder(const holder&) = delete;
    holder& operator=(const holder&) = delete;
    holder(holder&&) = delete;
    holder& operator=(holder&&) = delete;
    ~holder() { let_go(); }

    /// Has it make the number 7, while it has the mutex; returns that.
    const int* make() {
        is_asked_ = true;
        is_asked_.notify_all();
        has_made_.wait(false);
        return &made_;
    }
    /// Afterwards it does not have the mutex.
    void let_go() {
        if (!thread_.joinable()) { return; }
        (void)make();
        is_over_ = true;
        is_over_.notify_all();
        thread_.join();
    }

private:
    std::atomic<bool> is_there_{false};
    std::atomic<bool> is_asked_{false};
    std::atomic<bool> has_made_{false};
    std::atomic<bool> is_over_{false};
    int made_ = 0;
    std::thread thread_; // last: it uses the others
};

} // namespace

TEST_CASE("one thread at a time has the mutex", "[threads]") {
    constexpr std::size_t rounds = 20'000;
    observed_mutex mutex;
    std::size_t count = 0; // counted without help
    race([&](std::size_t t) {
        for (std::size_t i = 0; i < rounds; ++i) {
            if (t % 2 == 0) {
                mutex.lock();
            } else {
                while (!mutex.try_lock()) { std::this_thread::yield(); }
            }
            ++count;
            if (i % 8 == 0) {
                const std::scoped_lock again(mutex);
                ++count;
            }
            mutex.unlock();
        }
    });
    CHECK(count == thread_count * (rounds + rounds / 8));
    CHECK(is_free(mutex));
    CHECK_FALSE(is_seen(mutex));
}

TEST_CASE("a mutex that nobody has is free and not seen", "[threads]") {
    observed_mutex mutex;
    CHECK_FALSE(mutex.is_held_elsewhere());
    CHECK_FALSE(is_seen(mutex));
    CHECK(is_free(mutex));
}

TEST_CASE("a mutex that this thread has is seen by others, and not by itself", "[threads]") {
    observed_mutex mutex;
    {
        const std::scoped_lock lock(mutex);
        CHECK_FALSE(mutex.is_held_elsewhere());
        CHECK(is_seen(mutex));
        CHECK_FALSE(is_free(mutex));
    }
    CHECK_FALSE(is_seen(mutex));
    CHECK(is_free(mutex));
}

TEST_CASE("the same where it was tried", "[threads]") {
    observed_mutex mutex;
    REQUIRE(mutex.try_lock());
    CHECK_FALSE(mutex.is_held_elsewhere());
    CHECK(is_seen(mutex));
    CHECK_FALSE(is_free(mutex));
    mutex.unlock();
    CHECK_FALSE(is_seen(mutex));
    CHECK(is_free(mutex));
}

TEST_CASE("a thread that has the mutex twice has it until both are given back", "[threads]") {
    observed_mutex mutex;
    mutex.lock();
    SECTION("locked") { mutex.lock(); }
    SECTION("tried") { REQUIRE(mutex.try_lock()); }
    mutex.unlock();
    CHECK_FALSE(mutex.is_held_elsewhere());
    CHECK(is_seen(mutex));
    CHECK_FALSE(is_free(mutex));
    mutex.unlock();
    CHECK_FALSE(is_seen(mutex));
    CHECK(is_free(mutex));
}

TEST_CASE("a mutex that another thread has is seen and cannot be had", "[threads]") {
    observed_mutex mutex;
    holder other(mutex);
    CHECK(mutex.is_held_elsewhere());
    CHECK_FALSE(mutex.try_lock());
    CHECK(mutex.is_held_elsewhere()); // the trial left no trace
    other.let_go();
    CHECK_FALSE(mutex.is_held_elsewhere());
    REQUIRE(mutex.try_lock());
    mutex.unlock();
}

TEST_CASE("await returns what another thread makes under the mutex", "[threads]") {
    observed_mutex mutex;
    holder other(mutex);
    int looks = 0;
    const int* const found = await(mutex, [&]() -> const int* { return ++looks < 3 ? nullptr : other.make(); });
    REQUIRE(found != nullptr);
    CHECK(*found == 7);
    CHECK(looks == 3);
    CHECK(mutex.is_held_elsewhere()); // it did not wait for the end
}

TEST_CASE("await returns at once, without a look, where nobody has the mutex", "[threads]") {
    observed_mutex mutex;
    static const int there = 1;
    int looks = 0;
    CHECK(await(mutex, [&] {
        ++looks;
        return &there;
    }) == nullptr);
    CHECK(looks == 0);
}

TEST_CASE("await returns at once, without a look, where the caller itself has the mutex", "[threads]") {
    observed_mutex mutex;
    const std::scoped_lock lock(mutex);
    static const int there = 1;
    int looks = 0;
    CHECK(await(mutex, [&] {
        ++looks;
        return &there;
    }) == nullptr);
    CHECK(looks == 0);
}

TEST_CASE("await ends where the other thread lets go of the mutex and made nothing", "[threads]") {
    observed_mutex mutex;
    holder other(mutex);
    int looks = 0;
    const int* const found = await(mutex, [&]() -> const int* {
        if (++looks == 2) { other.let_go(); }
        return nullptr;
    });
    CHECK(found == nullptr);
    CHECK(looks == 2);
}

TEST_CASE("await ends after a moment where the other thread keeps the mutex and makes nothing", "[threads]") {
    observed_mutex mutex;
    holder other(mutex);
    int looks = 0;
    const int* const found = await(mutex, [&]() -> const int* {
        ++looks;
        return nullptr;
    });
    CHECK(found == nullptr);
    CHECK(looks > 1);
    CHECK(looks < 1000);
    CHECK(mutex.is_held_elsewhere());
}
