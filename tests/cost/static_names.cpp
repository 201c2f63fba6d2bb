// What names known while compiling cost once they are bound or were asked for: nothing is allocated and
// nothing is thrown. A program of its own, as it takes the place of operator new and of what throws.
#include <varscope/bound.hpp>
#include <varscope/get_variable.hpp>
#include <varscope/static_scope.hpp>
#include <varscope/static_variable.hpp>
#include <varscope/varscope.hpp>

#include "catch.hpp"

#include <dlfcn.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;
using namespace varscope::literals;

namespace {

std::atomic<std::size_t> allocations{0};
std::atomic<std::size_t> throws{0};

void* allocate(std::size_t size, std::size_t alignment) {
    ++allocations;
    void* const memory = alignment > alignof(std::max_align_t)
        ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
        : std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) { throw std::bad_alloc(); }
    return memory;
}

} // namespace

// GCC 12 sees free here and not the malloc above.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

void* operator new(std::size_t size) { return allocate(size, 1); }
void* operator new[](std::size_t size) { return allocate(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 1); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 1); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

// What every `throw` calls (Itanium C++ ABI, 2.4.3).
extern "C" [[noreturn]] void __cxa_throw( // NOLINT: the name is given
    void* thrown, void* type, void (*destroy)(void*)) {
    ++throws;
    using function = void (*)(void*, void*, void (*)(void*));
    static const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "__cxa_throw"));
    real(thrown, type, destroy);
    std::abort();
}

namespace {

struct model {
    static constexpr auto layout = vs::scope("m", vs::var<float, 30, 20>("kernel"), vs::var<float, 20>("bias", {.initializer = vs::zeros()}),
        vs::var<double, 4>("constant", {.initializer = vs::constant_initializer(0.5)}),
        vs::var<float, 4>("narrowed", {.initializer = vs::constant_initializer(0.5)}),
        vs::var<std::int64_t>("step", {.initializer = vs::ones()}), vs::var<float, 3, 3>("normal", {.initializer = vs::truncated_normal(0, 2)}));
};

struct counts {
    std::size_t allocated;
    std::size_t thrown;
    friend bool operator==(const counts&, const counts&) = default;
    friend std::ostream& operator<<(std::ostream& to, const counts& c) {
        return to << c.allocated << " allocated, " << c.thrown << " thrown";
    }
};
constexpr counts none{0, 0};

/// What happens while `work` runs.
template <class Work>
counts count(Work work) {
    const counts before{allocations.load(), throws.load()};
    work();
    return {allocations.load() - before.allocated, throws.load() - before.thrown};
}

/// The same in several threads that run it at once, without what it costs to make them.
template <class Work>
counts count_in_threads(Work work) {
    constexpr int thread_count = 4;
    std::atomic<int> ready{0};
    std::atomic<int> done{0};
    std::atomic<bool> starts{false};
    std::atomic<bool> ends{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < thread_count; ++t) {
        threads.emplace_back([&] {
            const auto wait = [](const auto& is_over) { while (!is_over()) { std::this_thread::yield(); } };
            auto prepared = work(); // opens scopes, which may allocate the first time
            ++ready;
            wait([&] { return starts.load(); });
            prepared();
            ++done;
            wait([&] { return ends.load(); });
        });
    }
    while (ready != thread_count) { std::this_thread::yield(); }
    const counts result = count([&] {
        starts = true;
        while (done != thread_count) { std::this_thread::yield(); }
    });
    ends = true;
    for (auto& t : threads) { t.join(); }
    return result;
}

} // namespace

TEST_CASE("what is counted can be seen", "[cost]") {
    CHECK(count([] { ::operator delete(::operator new(1)); }) == counts{1, 0});
    CHECK(count([] {
        try {
            throw 1;
        } catch (int) {}
    }).thrown == 1);
    CHECK(count([] { (void)std::string(100, 'x'); }).allocated == 1);
}

TEST_CASE("a bound schema allocates and throws nothing any more, not for the first elements either", "[cost]") {
    for (const auto storage : {vs::storage::separate, vs::storage::contiguous}) {
        vs::graph g;
        const vs::bound<model> m{g, {.storage = storage}};
        double sum = 0;
        CHECK(count([&] {
            sum += static_cast<double>(m.get<"m/kernel">()(29, 19));
            sum += static_cast<double>(m.get<"m/bias">()(19));
            sum += static_cast<double>(m.scope<"m">().get<"step">()());
            sum += static_cast<double>(m.get<"m/normal">()(2, 2));
            m.get<"m/bias">()(3) = 4.F;
            m.for_each([&](const auto& v) { sum += static_cast<double>(v.variable().size()); });
        }) == none);
        CHECK(count([&] { sum += m.get<"m/constant">()(3); }) == none);
        CHECK(count([&] { sum += static_cast<double>(m.get<"m/narrowed">()(3)); }) == none);
        CHECK(sum > 600);
        CHECK(count([&] {
            for (int i = 0; i < 100; ++i) { sum += static_cast<double>(m.get<"m/kernel">()(i % 30, 3)) + m.get<"m/constant">()(1); }
            (void)m.block();
        }) == none);
    }
}

TEST_CASE("a literal name that was asked for allocates and throws nothing any more", "[cost]") {
    vs::graph g;
    const vs::variable_scope s{g, "s"_path, vs::auto_reuse};
    const auto ask = [&] {
        return vs::get_variable<"kernel", float, 30, 20>(s)(2, 2) + vs::get_variable<"a/b", float, 3>()(1) +
            vs::get_variable<"c", float, vs::scalar>(g)();
    };
    float sum = ask() + ask();
    CHECK(count([&] {
        for (int i = 0; i < 100; ++i) { sum += ask(); }
    }) == none);
    {
        const vs::variable_scope t{g, "t"_path};
        const auto in_other = [&] { return vs::get_variable<"kernel", float, 30, 20>(t)(2, 2); }; // the same literal
        sum += in_other() + in_other();
        CHECK(count([&] { sum += in_other(); }) == none);
    }
    CHECK(count([&] {
        for (int i = 0; i < 100; ++i) {
            const vs::variable_scope t{s, "t"_path};
            sum += vs::get_variable<"kernel", float, 30, 20>(t)(2, 2);
        }
    }).thrown == 0);
    CHECK(sum == sum);
}

TEST_CASE("several threads that share by literal and by schema allocate and throw nothing", "[cost]") {
    vs::graph g;
    const vs::bound<model> m{g, {.storage = vs::storage::contiguous}};
    const vs::variable_scope root{g, "", vs::auto_reuse};
    (void)vs::get_variable<"m/bias", float, 20>();
    (void)vs::get_variable<"m/bias", float, 20>();
    CHECK(count_in_threads([&] {
        return [&] {
            float sum = 0;
            for (int i = 0; i < 200; ++i) {
                sum += m.get<"m/kernel">()(i % 30, 1); // the first of them takes the elements
                sum += vs::get_variable<"m/bias", float, 20>(root)(i % 20);
            }
            if (!(sum == sum)) { std::abort(); }
        };
    }) == none);
}
