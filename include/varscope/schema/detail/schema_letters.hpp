/// \file
/// Texts while compiling, in few steps: Clang stops after a million of them, and takes one for each
/// statement. So letters are looked at eight to a statement.
#pragma once

#include <varscope/schema/path.hpp>

#include <cstddef>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Stands for a text in the tables of a schema: FNV-1a with 128 bits (Fowler, Noll and Vo), which
/// is taken further letter by letter. It costs compilers a seventh of the digest by which names are
/// known at run time.
__extension__ using text_key = unsigned __int128;

inline constexpr text_key key_prime = (text_key{1} << 88) + 0x13b;
/// No text.
inline constexpr text_key empty_key = (text_key{0x6c62272e07bb0142U} << 64) + 0x62b821756295c58dU;

[[nodiscard]] constexpr text_key extend_key(text_key key, char c) noexcept {
    return (key ^ static_cast<unsigned char>(c)) * key_prime;
}
// clang-format off
/// By fewer than 4 letters.
[[nodiscard]] constexpr text_key extend_by_few(text_key key, const char* t, std::size_t n) noexcept {
    using u = unsigned char;
    return n == 0 ? key
         : n == 1 ? (key ^ u(t[0])) * key_prime
         : n == 2 ? ((key ^ u(t[0])) * key_prime ^ u(t[1])) * key_prime
                  : (((key ^ u(t[0])) * key_prime ^ u(t[1])) * key_prime ^ u(t[2])) * key_prime;
}
[[nodiscard]] constexpr text_key extend_by_four(text_key key, const char* t) noexcept {
    using u = unsigned char;
    return ((((key ^ u(t[0])) * key_prime ^ u(t[1])) * key_prime ^ u(t[2])) * key_prime ^ u(t[3])) * key_prime;
}
[[nodiscard]] constexpr text_key extend_key(text_key key, const char* t, std::size_t size) noexcept {
    for (; size >= 8; size -= 8, t += 8) { key = extend_by_four(extend_by_four(key, t), t + 4); }
    return size >= 4 ? extend_by_few(extend_by_four(key, t), t + 4, size - 4) : extend_by_few(key, t, size);
}
// clang-format on

/// Whether all letters may stand in a component of a name.
[[nodiscard]] constexpr bool are_legal(const char* t, std::size_t size) noexcept {
    using u = unsigned char; // also of what is no ASCII
    const bool* const is_legal = of_components.is_legal;
    bool are = true;
    for (; size >= 8; size -= 8, t += 8) {
        are = are && is_legal[u(t[0])] && is_legal[u(t[1])] && is_legal[u(t[2])] &&
            is_legal[u(t[3])] && is_legal[u(t[4])] && is_legal[u(t[5])] && is_legal[u(t[6])] &&
            is_legal[u(t[7])];
    }
    for (; size > 0; --size) { are = are && is_legal[u(*t++)]; }
    return are;
}

/// The letters before the first '/': all, if there is none.
[[nodiscard]] constexpr std::size_t size_of_component(const char* t, std::size_t size) noexcept {
#ifdef __clang__
    return size == 0 || __builtin_char_memchr(t, '/', size) == nullptr
        ? size
        : static_cast<std::size_t>(__builtin_char_memchr(t, '/', size) - t);
#else
    std::size_t letters = 0;
    while (letters < size && t[letters] != '/') { ++letters; }
    return letters;
#endif
}

/// Copies `size` letters, and returns where they end. One step for Clang, which counts those that a
/// constant expression takes; GCC 12 cannot.
constexpr char* copy_letters(const char* from, std::size_t size, char* to) noexcept {
#ifdef __clang__
    if (size > 0) { __builtin_memcpy(to, from, size); }
    return to + size;
#else
    for (; size > 0; --size) { *to++ = *from++; }
    return to;
#endif
}

} // namespace varscope::inline VARSCOPE_ABI::detail
