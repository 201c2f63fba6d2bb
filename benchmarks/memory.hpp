/// \file
/// How much memory the program holds.
#pragma once

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif
#if defined(__linux__)
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <cstddef>
#include <fstream>
#include <functional>
#include <string>

namespace bench {

/// Bytes taken from malloc and not given back, with what malloc itself needs for each block. 0
/// where the C library does not tell.
[[nodiscard]] inline std::size_t bytes_in_use() {
#if defined __GLIBC__ && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

/// Bytes of memory that the program has in the machine, without what is of files, such as its code.
/// 0 where the system does not tell.
[[nodiscard]] inline double bytes_resident_now() {
    std::ifstream status("/proc/self/status");
    std::string word;
    double kibibytes = 0;
    while (status >> word && word != "RssAnon:") {}
    status >> kibibytes;
    return kibibytes * 1024;
}

/// Bytes of memory that the program has in the machine at the end of `work(begin, end)` beyond
/// those at its beginning, in a process of its own: work calls `begin` and then `end`, which does
/// not return. 0 where the system does not tell.
[[nodiscard]] inline double bytes_more(
    const std::function<void(const std::function<void()>&, const std::function<void()>&)>& work) {
#if defined(__linux__) && defined(__GLIBC__)
    int ends[2];
    if (pipe(ends) != 0) { return 0; }
    const pid_t child = fork();
    if (child == 0) {
        mallopt(M_MMAP_THRESHOLD, 128 * 1024); // as in a program that did nothing before
        malloc_trim(0);                        // what others left is not to be used again
        double before = 0;
        const auto begin = [&] { before = bytes_resident_now(); };
        const auto end = [&] {
            const double more = bytes_resident_now() - before;
            _exit(write(ends[1], &more, sizeof more) == sizeof more ? 0 : 1);
        };
        work(begin, end);
        _exit(1);
    }
    double more = 0;
    close(ends[1]);
    if (child < 0 || read(ends[0], &more, sizeof more) != sizeof more) { more = 0; }
    close(ends[0]);
    if (child > 0) { waitpid(child, nullptr, 0); }
    return more;
#else
    return 0;
#endif
}
/// The same from before `work(end)`.
[[nodiscard]] inline double bytes_resident(
    const std::function<void(const std::function<void()>&)>& work) {
    return bytes_more([&](const auto& begin, const auto& end) {
        begin();
        work(end);
    });
}

/// The same for each variable of four floats, beyond those.
[[nodiscard]] inline double bytes_each(
    std::size_t variables, const std::function<void(const std::function<void()>&)>& work) {
    constexpr double elements = 4 * sizeof(float);
    return bytes_resident(work) / static_cast<double>(variables) - elements;
}

} // namespace bench
