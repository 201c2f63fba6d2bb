/// \file
/// The running 128-bit digest of a path, by which the tables know a name without its text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace varscope::detail {

/// Stands for the text of a path: `a/b` entered at once and `a`, then `b`, have the same digest.
///
/// Two lanes of 64 bits, each a chain of multiply-and-fold steps over the hashes of the path's
/// components. Made to be spread well, not to withstand an adversary: what comes from files is
/// compared as text too.
struct digest {
    std::uint64_t low;
    std::uint64_t high;
    friend constexpr bool operator==(const digest&, const digest&) noexcept = default;
};

/// The empty path.
inline constexpr digest root_digest{0x243f6a8885a308d3U, 0x13198a2e03707344U}; // digits of pi

[[nodiscard]] constexpr std::uint64_t multiply_fold(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using wide = unsigned __int128;
    const wide product = static_cast<wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Odd numbers with well mixed bits: the golden ratio, sqrt(2), sqrt(3), and sqrt(5), as fractions
// of 2^64.
inline constexpr std::uint64_t mix_a = 0x9e3779b97f4a7c15U;
inline constexpr std::uint64_t mix_b = 0x6a09e667f3bcc909U;
inline constexpr std::uint64_t mix_c = 0xbb67ae8584caa73bU;
inline constexpr std::uint64_t mix_d = 0x3c6ef372fe94f82bU;

inline constexpr std::uint64_t every_byte = 0x0101010101010101U;
inline constexpr std::uint64_t high_bits = 0x8080808080808080U;

/// Nonzero exactly if one of eight characters is '/'.
[[nodiscard]] constexpr std::uint64_t slash_bits(std::uint64_t characters) noexcept {
    const std::uint64_t x = characters ^ (every_byte * '/');
    return (x - every_byte) & ~x & high_bits;
}

/// The high bit of each of eight characters that is in A to Z.
[[nodiscard]] constexpr std::uint64_t upper_bits(std::uint64_t characters) noexcept {
    const std::uint64_t seven = characters & ~high_bits;
    const std::uint64_t from_a = seven + every_byte * (0x80 - 'A');
    const std::uint64_t beyond_z = seven + every_byte * (0x7f - 'Z');
    return (from_a ^ beyond_z) & ~characters & high_bits;
}

/// The first `count` (at most 8) characters as a little-endian number, padded with zeros.
[[nodiscard]] constexpr std::uint64_t load_characters(
    const char* text, std::size_t count) noexcept {
    std::uint64_t value = 0;
    if (std::is_constant_evaluated()) {
        for (std::size_t i = 0; i < count; ++i) {
            value |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) << (8 * i);
        }
        return value;
    }
    const auto load32 = [](const char* p) {
        std::uint32_t v = 0;
        std::memcpy(&v, p, 4);
        return static_cast<std::uint64_t>(v);
    };
    if (count == 8) {
        std::memcpy(&value, text, 8);
    } else if (count >= 4) { // the two halves overlap where they agree
        value = load32(text) | load32(text + count - 4) << (8 * (count - 4));
    } else if (count > 0) {
        const auto byte = [&](std::size_t i) {
            return static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) << (8 * i);
        };
        value = byte(0) | byte(count / 2) | byte(count - 1);
    }
    return value;
}

/// The hash of one component of a path, and what was seen in it on the way.
struct component_hash {
    digest hash;
    bool has_slash;
    bool has_upper;
};

/// Hashes `text` as one component; with `fold_case`, as if A to Z were a to z.
[[nodiscard]] constexpr component_hash hash_component(
    std::string_view text, bool fold_case) noexcept {
    digest hash{mix_b ^ text.size(), mix_d + text.size()};
    std::uint64_t slash = 0;
    std::uint64_t upper = 0;
    const char* at = text.data();
    for (std::size_t rest = text.size(); rest > 0;) {
        const std::size_t count = rest < 8 ? rest : 8;
        std::uint64_t characters = load_characters(at, count);
        slash |= slash_bits(characters);
        const std::uint64_t uppers = upper_bits(characters);
        upper |= uppers;
        if (fold_case) { characters |= uppers >> 2; }
        hash.low = multiply_fold(hash.low ^ characters, mix_a);
        hash.high = multiply_fold(hash.high ^ characters, mix_c);
        at += count;
        rest -= count;
    }
    return {hash, slash != 0, upper != 0};
}

[[nodiscard]] constexpr digest extend_by_component(
    const digest& parent, const digest& component) noexcept {
    return {multiply_fold(parent.low ^ component.low, mix_c ^ (component.high | 1U)),
        multiply_fold(parent.high ^ component.high, mix_a ^ (component.low | 1U))};
}

/// Whether A to Z count as a to z: op names are compared without letter case, store keys with it.
enum class letter_case : std::uint8_t { exact, folded };

/// A relative name and its hashes, so that it is hashed once for all the tables that it is looked
/// up in.
struct hashed_name {
    constexpr explicit hashed_name(std::string_view name) noexcept
        : text{name}
        , exact{hash_component(name, false)}
        , folded{exact.has_upper ? hash_component(name, true).hash : exact.hash} {}

    std::string_view text; // one or more components
    component_hash exact;  // as if it were one component
    digest folded;
};

/// Position of the first '/', or npos. While compiling not by `find`, which GCC 12 does not take for
/// a constant expression under -fsanitize=undefined (its bug 71962).
[[nodiscard]] constexpr std::size_t find_slash(std::string_view text) noexcept {
    if (!std::is_constant_evaluated()) { return text.find('/'); }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '/') { return i; }
    }
    return std::string_view::npos;
}

[[nodiscard]] constexpr digest extend_by_components(
    digest parent, std::string_view path, letter_case letters) noexcept {
    for (;;) {
        const std::size_t slash = find_slash(path);
        parent = extend_by_component(
            parent, hash_component(path.substr(0, slash), letters == letter_case::folded).hash);
        if (slash == std::string_view::npos) { return parent; }
        path.remove_prefix(slash + 1);
    }
}

/// The digest of `parent/name`; the name may have several components, and empty ones count.
[[nodiscard]] constexpr digest extend(const digest& parent, const hashed_name& name,
    letter_case letters = letter_case::exact) noexcept {
    if (name.exact.has_slash) { return extend_by_components(parent, name.text, letters); }
    return extend_by_component(
        parent, letters == letter_case::folded ? name.folded : name.exact.hash);
}
[[nodiscard]] constexpr digest extend(const digest& parent, std::string_view name,
    letter_case letters = letter_case::exact) noexcept {
    return extend(parent, hashed_name(name), letters);
}

} // namespace varscope::detail
