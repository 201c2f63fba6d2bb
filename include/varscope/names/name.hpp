/// \file
/// Names as the user writes them: where they stand in the source, which characters are legal, how
/// they are joined.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/names/digest.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI {

/// Stands for a name that is not given (TensorFlow's None), where a default name steps in.
struct no_name_t {
    explicit no_name_t() = default;
};
inline constexpr no_name_t no_name{};

/// The text of a type that stands for a name, specialised for such types: those in path.hpp, and
/// the user's own.
template <class T>
struct static_name_text {};

/// A type that stands for one name, which is known while compiling: `path`, boost::hana::string.
template <class T>
concept static_name = requires {
    { static_name_text<std::remove_cvref_t<T>>::value } -> std::convertible_to<std::string_view>;
};

/// The text that a static name stands for. Valid at any time.
template <static_name Name>
inline constexpr std::string_view static_text = static_name_text<std::remove_cvref_t<Name>>::value;

/// A name, and the place in the user's source that it was written at.
///
/// Made implicitly from a string of any kind, and from a static name; the place is that of the call
/// it is an argument of.
/// Refers to the text and does not own it: an argument type, not for keeping.
class name_arg {
public:
    template <std::convertible_to<std::string_view> Text>
        requires(!std::same_as<std::remove_cvref_t<Text>, name_arg>)
    [[gnu::always_inline]] constexpr name_arg(
        const Text&
            text, // NOLINT(google-explicit-constructor): a name is written as a plain string
        std::source_location where = std::source_location::current()) noexcept
        : name_{std::string_view(text), {}}
        , where_{where}
        , is_given_{true} {
        // The hash of a literal is a constant; other texts are hashed where that is needed.
        if constexpr (std::is_array_v<Text> && std::extent_v<Text> <= detail::short_component + 1) {
            const std::size_t size = __builtin_strlen(text);
            if (__builtin_constant_p(size)) {
                name_.exact = detail::hash_short_component(text, size);
                is_hashed_ = true;
            }
        }
    }

    template <static_name Name>
        requires(!std::convertible_to<Name, std::string_view>)
    constexpr name_arg(const Name&, // NOLINT(google-explicit-constructor): as above
        std::source_location where = std::source_location::current()) noexcept
        : name_{static_text<Name>, {}}
        , where_{where}
        , is_given_{true} {
        constexpr std::string_view text = static_text<Name>;
        if constexpr (text.size() <= detail::short_component) { // folds, as above
            name_.exact = detail::hash_short_component(text.data(), text.size());
            is_hashed_ = true;
        }
    }

    /// A name whose hash is known.
    constexpr name_arg(const detail::hashed_name& name, const std::source_location& where) noexcept
        : name_{name}
        , where_{where}
        , is_given_{true}
        , is_hashed_{true} {}

    constexpr name_arg(no_name_t, // NOLINT(google-explicit-constructor): as above
        std::source_location where = std::source_location::current()) noexcept
        : name_{std::string_view(), {}}
        , where_{where}
        , is_given_{false} {}

    [[nodiscard]] constexpr std::string_view text() const noexcept { return name_.text; }
    [[nodiscard]] constexpr const std::source_location& where() const noexcept { return where_; }
    [[nodiscard]] constexpr bool is_given() const noexcept { return is_given_; }
    /// The text and its hash; null if the name is not one component, or is too long to be hashed
    /// without a call and was not hashed yet. Not safe from two threads at once.
    [[nodiscard, gnu::always_inline]] constexpr const detail::hashed_name*
    component() const noexcept {
        if (name_.exact.is_component) { return &name_; }
        if (is_hashed_ || name_.text.size() > detail::short_component) { return nullptr; }
        name_.exact = detail::hash_short_component(name_.text.data(), name_.text.size());
        is_hashed_ = true;
        return name_.exact.is_component ? &name_ : nullptr;
    }
    /// The text and its hash. Not safe from two threads at once.
    [[nodiscard]] constexpr const detail::hashed_name& hashed() const noexcept {
        if (!is_hashed_) {
            name_ = detail::hashed_name(name_.text);
            is_hashed_ = true;
        }
        return name_;
    }

private:
    mutable detail::hashed_name name_;
    std::source_location where_;
    bool is_given_;
    mutable bool is_hashed_ = false;
};

namespace detail {

/// For each byte whether it may stand in a name (1), also come first (2), and is no capital (4).
inline constexpr auto name_characters = [] {
    std::array<std::uint8_t, 256> table{};
    for (const char c : std::string_view("_-/>")) { table[static_cast<unsigned char>(c)] = 5; }
    for (unsigned char c = '0'; c <= '9'; ++c) { table[c] = 7; }
    for (unsigned char c = 'a'; c <= 'z'; ++c) { table[c] = 7; }
    for (unsigned char c = 'A'; c <= 'Z'; ++c) { table[c] = 3; }
    table[static_cast<unsigned char>('.')] = 7;
    return table;
}();

[[nodiscard]] constexpr bool is_name_character(char c) noexcept {
    return name_characters[static_cast<unsigned char>(c)] != 0;
}
[[nodiscard]] constexpr bool is_first_name_character(char c) noexcept {
    return (name_characters[static_cast<unsigned char>(c)] & 2U) != 0;
}

/// Position of the first byte that may not stand in the name of an op, or in that of a scope inside
/// no other scope; the size for an empty name; nothing for a legal one.
/// ([A-Za-z0-9.][A-Za-z0-9_.\-/>]* in TensorFlow.)
[[nodiscard]] constexpr std::optional<std::size_t> illegal_position(
    std::string_view name) noexcept {
    if (name.empty() || !is_first_name_character(name.front())) { return 0; }
    for (std::size_t i = 1; i < name.size(); ++i) {
        if (!is_name_character(name[i])) { return i; }
    }
    return std::nullopt;
}

/// The same for a scope inside another one, where any legal character may come first.
[[nodiscard]] constexpr std::optional<std::size_t> illegal_position_nested(
    std::string_view name) noexcept {
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (!is_name_character(name[i])) { return i; }
    }
    return std::nullopt;
}

[[noreturn]] void throw_invalid_name(std::string_view what, std::string_view name,
    std::size_t position, const std::source_location& where);

/// `scope/name`, or `name` alone at the root.
[[nodiscard]] std::string join(std::string_view scope, std::string_view name);

/// `name` or `name_<suffix>` appended to `path`.
void append_suffixed(std::string& path, std::string_view name, std::uint32_t suffix);

/// Whether a name begins like an op that a variable makes for itself: `Assign`, `read`,
/// `initial_value`, `Initializer`. Only such names can meet one of those.
[[nodiscard]] constexpr bool begins_hidden_word(std::string_view name) noexcept {
    const auto begins = [&](std::string_view word) {
        if (name.size() < word.size()) { return false; }
        for (std::size_t i = 0; i < word.size(); ++i) {
            if ((name[i] | 0x20) != word[i]) { return false; }
        }
        return true;
    };
    switch (name.empty() ? '\0' : name.front() | 0x20) {
    case 'a': return begins("assign");
    case 'r': return begins("read");
    case 'i': return begins("initial");
    default: return false;
    }
}
/// Whether a component of `name` does.
[[nodiscard]] constexpr bool has_hidden_word(std::string_view name) noexcept {
    for (;;) {
        if (begins_hidden_word(name)) { return true; }
        const std::size_t slash = name.find('/');
        if (slash == std::string_view::npos) { return false; }
        name.remove_prefix(slash + 1);
    }
}

/// A name that ends in `_1`, `_2`, ... taken apart, or nothing.
struct suffixed_name {
    std::string_view base;
    std::uint64_t number;
};
[[nodiscard]] constexpr std::optional<suffixed_name> split_suffix(std::string_view name) noexcept {
    std::size_t digits = 0;
    std::uint64_t number = 0;
    std::uint64_t unit = 1;
    while (digits < name.size() && digits < 18) {
        const char c = name[name.size() - 1 - digits];
        if (c < '0' || c > '9') { break; }
        number += unit * static_cast<std::uint64_t>(c - '0');
        unit *= 10;
        ++digits;
    }
    if (digits == 0 || name.size() <= digits || name[name.size() - 1 - digits] != '_' ||
        name[name.size() - digits] == '0') {
        return std::nullopt;
    }
    return suffixed_name{name.substr(0, name.size() - 1 - digits), number};
}

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/names/impl/name.ipp>
#endif
