/// \file
/// The running 128-bit digest of a path, by which the tables know a name without its text.
#pragma once

#include <varscope/version.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI::detail {

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

[[nodiscard, gnu::always_inline]] constexpr std::uint64_t multiply_fold(
    std::uint64_t a, std::uint64_t b) noexcept {
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

/// Eight characters, with A to Z made a to z.
[[nodiscard]] constexpr std::uint64_t fold_case(std::uint64_t characters) noexcept {
    const std::uint64_t seven = characters & ~high_bits;
    const std::uint64_t from_a = seven + every_byte * (0x80 - 'A');
    const std::uint64_t beyond_z = seven + every_byte * (0x7f - 'Z');
    return characters | ((from_a ^ beyond_z) & ~characters & high_bits) >> 2;
}

static_assert(std::endian::native == std::endian::little,
    "varscope reads names as little-endian numbers: little-endian targets only");

/// `Count` characters as a little-endian number.
template <std::size_t Count>
[[nodiscard]] constexpr std::uint64_t load_characters(const char* text) noexcept {
    static_assert(Count == 4 || Count == 8);
    if (std::is_constant_evaluated()) {
        std::uint64_t value = 0;
        for (std::size_t i = Count; i > 0; --i) {
            value = value << 8 | static_cast<unsigned char>(text[i - 1]);
        }
        return value;
    }
    std::conditional_t<Count == 4, std::uint32_t, std::uint64_t> value = 0;
    std::memcpy(&value, text, Count);
    return value;
}

/// Sixteen characters.
struct two_words {
    std::uint64_t first;
    std::uint64_t last;
};

/// All characters of a text of up to sixteen: its first and its last eight, which may overlap.
/// Apart texts of one length give apart words.
[[nodiscard, gnu::always_inline]] constexpr two_words load_short(
    const char* text, std::size_t size) noexcept {
    if (size >= 8) { return {load_characters<8>(text), load_characters<8>(text + (size - 8))}; }
    if (size >= 4) { return {load_characters<4>(text), load_characters<4>(text + (size - 4))}; }
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) << (8 * i);
    };
    return {size == 0 ? 0 : byte(0) | byte(size / 2) | byte(size - 1), 0};
}

/// One step of hashing a component.
[[nodiscard, gnu::always_inline]] constexpr digest mix_words(
    const digest& hash, const two_words& w) noexcept {
    return {multiply_fold(hash.low ^ w.first, mix_a ^ w.last),
        multiply_fold(hash.high ^ w.first, mix_c ^ w.last)};
}

[[nodiscard, gnu::always_inline]] constexpr digest empty_component(std::size_t size) noexcept {
    return {mix_b ^ size, mix_d + size};
}

/// The hash of a name as one component of a path, and whether it is one: not empty, and without
/// '/'.
struct component_hash {
    digest hash;
    bool is_component;
};

/// Hashes a text of at most this length without a loop, so that it folds to a constant where the
/// text is one.
inline constexpr std::size_t short_component = 16;
[[nodiscard, gnu::always_inline]] constexpr component_hash hash_short_component(
    const char* text, std::size_t size) noexcept {
    const two_words w = load_short(text, size);
    return {mix_words(empty_component(size), w),
        size > 0 && (slash_bits(w.first) | slash_bits(w.last)) == 0};
}

/// See hash_component.
[[nodiscard]] constexpr component_hash hash_long_component(
    std::string_view text, bool is_folded) noexcept {
    digest hash = empty_component(text.size());
    std::uint64_t slash = 0;
    const auto mix = [&](two_words w) {
        slash |= slash_bits(w.first) | slash_bits(w.last);
        if (is_folded) { w = {fold_case(w.first), fold_case(w.last)}; }
        hash = mix_words(hash, w);
    };
    const char* at = text.data();
    std::size_t rest = text.size();
    for (; rest > short_component; rest -= short_component, at += short_component) {
        mix({load_characters<8>(at), load_characters<8>(at + 8)});
    }
    mix(load_short(at, rest));
    return {hash, !text.empty() && slash == 0};
}

/// Hashes `text` as one component.
[[nodiscard]] constexpr component_hash hash_component(std::string_view text) noexcept {
    if (text.size() > short_component) [[unlikely]] { return hash_long_component(text, false); }
    return hash_short_component(text.data(), text.size());
}
/// The same; if `is_folded`, as if A to Z were a to z.
[[nodiscard]] constexpr component_hash hash_component(
    std::string_view text, bool is_folded) noexcept {
    if (!is_folded) { return hash_component(text); }
    if (text.size() > short_component) { return hash_long_component(text, is_folded); }
    const two_words w = load_short(text.data(), text.size());
    return {mix_words(empty_component(text.size()), {fold_case(w.first), fold_case(w.last)}),
        !text.empty() && (slash_bits(w.first) | slash_bits(w.last)) == 0};
}

[[nodiscard, gnu::always_inline]] constexpr digest extend_by_component(
    const digest& parent, const digest& component) noexcept {
    return {multiply_fold(parent.low ^ component.low, mix_c ^ (component.high | 1U)),
        multiply_fold(parent.high ^ component.high, mix_a ^ (component.low | 1U))};
}

/// Whether A to Z count as a to z: op names are compared without letter case, store keys with it.
enum class letter_case : std::uint8_t { exact, folded };

/// A relative name and its hash, so that it is hashed once for all the tables that it is looked up
/// in.
struct hashed_name {
    constexpr explicit hashed_name(std::string_view name) noexcept
        : text{name}
        , exact{hash_component(name)} {}
    constexpr hashed_name(std::string_view name, const component_hash& hash) noexcept
        : text{name}
        , exact{hash} {}

    std::string_view text; // one or more components
    component_hash exact;  // as if it were one component
};

/// Position of the first '/', or npos. While compiling not by `find`, which GCC 12 does not take
/// for a constant expression under -fsanitize=undefined (its bug 71962).
[[nodiscard]] constexpr std::size_t find_slash(std::string_view text) noexcept {
    if (!std::is_constant_evaluated()) { return text.find('/'); }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '/') { return i; }
    }
    return std::string_view::npos;
}

[[nodiscard, gnu::noinline]] constexpr digest extend_by_components(
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
[[nodiscard, gnu::always_inline]] constexpr digest extend(const digest& parent,
    const hashed_name& name, letter_case letters = letter_case::exact) noexcept {
    if (!name.exact.is_component || letters == letter_case::folded) [[unlikely]] {
        return extend_by_components(parent, name.text, letters);
    }
    return extend_by_component(parent, name.exact.hash);
}
[[nodiscard]] constexpr digest extend(const digest& parent, std::string_view name,
    letter_case letters = letter_case::exact) noexcept {
    return extend(parent, hashed_name(name), letters);
}

} // namespace varscope::inline VARSCOPE_ABI::detail
