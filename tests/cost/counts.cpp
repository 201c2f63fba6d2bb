#include "counts.hpp"

#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

constinit std::atomic<std::size_t> allocations{0};
constinit std::atomic<std::size_t> throws{0};
constinit std::atomic<std::size_t> locks{0};
constinit std::atomic<std::size_t> copies{0};
constinit std::atomic<std::size_t> bytes_held{0};
constinit std::atomic<int> until_failure{-1};

void* allocate(std::size_t size, std::size_t alignment) {
    ++allocations;
    if (until_failure.load() >= 0 && until_failure.fetch_sub(1) == 0) { throw std::bad_alloc(); }
    void* const memory = alignment > alignof(std::max_align_t)
        ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
        : std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) { throw std::bad_alloc(); }
    bytes_held += malloc_usable_size(memory);
    return memory;
}
void release(void* memory) noexcept {
    bytes_held -= malloc_usable_size(memory); // 0 for null
    std::free(memory);
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
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

// What every `throw` calls (Itanium C++ ABI, 2.4.3).
extern "C" [[noreturn]] void __cxa_throw( // NOLINT: the name is given
    void* thrown, void* type, void (*destroy)(void*)) {
    ++throws;
    using function = void (*)(void*, void*, void (*)(void*));
    static const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "__cxa_throw"));
    real(thrown, type, destroy);
    std::abort();
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VARSCOPE_TESTS_ARE_SANITIZED
#endif
#endif
#else
#define VARSCOPE_TESTS_ARE_SANITIZED
#endif

#ifndef VARSCOPE_TESTS_ARE_SANITIZED
extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) { // NOLINT: the name is given
    ++locks;
    using function = int (*)(pthread_mutex_t*);
    static const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
    return real(mutex);
}

// The compiler may call these for its own copies, so they call nothing that copies.
extern "C" void* memmove(void* to, const void* from, std::size_t size) { // NOLINT: the name is given
    ++copies;
    auto* const t = static_cast<volatile char*>(to);
    const auto* const f = static_cast<const volatile char*>(from);
    if (t < f) {
        for (std::size_t i = 0; i < size; ++i) { t[i] = f[i]; }
    } else {
        for (std::size_t i = size; i > 0; --i) { t[i - 1] = f[i - 1]; }
    }
    return to;
}
extern "C" void* memcpy(void* to, const void* from, std::size_t size) { return memmove(to, from, size); } // NOLINT: as above
#endif

counts count_so_far() { return {allocations.load(), throws.load(), locks.load(), copies.load()}; }
std::size_t count_bytes_held() { return bytes_held.load(); }

void fail_allocation(int index) { until_failure = index; }
