/// \file
/// Names that are known while compiling.
#pragma once

#include <varscope/name.hpp>

#include <boost/hana/string.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace varscope {

/// A text as a template argument: `template <literal Name>` takes "tower", a path or a
/// boost::hana::string. Compilers print it as text.
template <std::size_t Size>
struct literal {
    consteval literal(const char (&characters)[Size + 1]) noexcept // NOLINT: a string literal
        : literal(std::string_view(characters, Size)) {}
    template <static_name Name>
    consteval literal(const Name&) noexcept // NOLINT(google-explicit-constructor): as above
        : literal(static_text<Name>) {}
    consteval explicit literal(std::string_view characters) noexcept {
        std::copy_n(characters.data(), Size, text);
        text[Size] = '\0'; // written out, without which clang prints some texts as numbers
    }

    [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, Size}; }

    template <std::size_t Other>
    [[nodiscard]] constexpr bool operator==(const literal<Other>& other) const noexcept {
        return view() == other.view();
    }

    char text[Size + 1] = {}; // NOLINT(modernize-avoid-c-arrays): which compilers print as text
};
template <std::size_t SizeWithEnd>
literal(const char (&)[SizeWithEnd]) -> literal<SizeWithEnd - 1>;
template <static_name Name>
literal(const Name&) -> literal<static_text<Name>.size()>;

namespace detail {

[[nodiscard]] constexpr bool has_legal_characters(std::string_view text) noexcept {
    return std::ranges::all_of(text, is_name_character);
}
/// Where the first component ends. Not `text.find('/')`: under -fsanitize=undefined GCC 12 takes
/// that for no constant expression where the text is a template argument.
[[nodiscard]] constexpr std::size_t end_of_component(std::string_view text) noexcept {
    std::size_t end = 0;
    while (end < text.size() && text[end] != '/') { ++end; }
    return end;
}

/// No text at all is the root, and has no components.
[[nodiscard]] constexpr bool has_empty_component(std::string_view text) noexcept {
    bool is_empty = !text.empty(); // the component so far
    for (const char c : text) {
        if (is_empty && c == '/') { return true; }
        is_empty = c == '/';
    }
    return is_empty;
}

[[nodiscard]] constexpr std::size_t count_components(std::string_view text) noexcept {
    return text.empty() ? 0 : static_cast<std::size_t>(std::ranges::count(text, '/')) + 1;
}

/// The component with this number, from 0.
[[nodiscard]] constexpr std::string_view component_of(
    std::string_view text, std::size_t index) noexcept {
    for (; index > 0; --index) { text.remove_prefix(end_of_component(text) + 1); }
    return text.substr(0, end_of_component(text));
}

[[nodiscard]] constexpr std::string_view parent_of(std::string_view text) noexcept {
    const std::size_t slash = text.rfind('/');
    return text.substr(0, slash == std::string_view::npos ? 0 : slash);
}

/// Whether the components of `prefix` are the first ones of `text`.
[[nodiscard]] constexpr bool begins_with(std::string_view text, std::string_view prefix) noexcept {
    return prefix.empty() ||
        (text.starts_with(prefix) && (text.size() == prefix.size() || text[prefix.size()] == '/'));
}

template <literal Outer, literal Inner>
[[nodiscard]] consteval auto join_literals() noexcept {
    constexpr std::size_t outer = Outer.view().size();
    constexpr std::size_t inner = Inner.view().size();
    if constexpr (outer == 0) {
        return Inner;
    } else if constexpr (inner == 0) {
        return Outer;
    } else {
        char text[outer + 1 + inner] = {}; // NOLINT(modernize-avoid-c-arrays)
        std::copy_n(Outer.text, outer, text);
        text[outer] = '/';
        std::copy_n(Inner.text, inner, text + outer + 1);
        return literal<outer + 1 + inner>(std::string_view(text, outer + 1 + inner));
    }
}

} // namespace detail

/// A name of one or more components that is known while compiling; `path<>` is the root.
///
/// An empty value whose type says all: `path<"tower/kernel">{}` or, with `using namespace
/// varscope::literals`, `"tower/kernel"_path`. Taken wherever a name is. What it consists of is
/// checked while compiling: letters, digits, "_.-/>", no empty component. (Whether '_', '-' or '>'
/// may come first depends on the scope that it is used in, and is checked there.) Everything here
/// is a constant expression, compares and joins whole components, and costs nothing at run time.
/// Not for names that are read or put together at run time: those are strings.
template <literal Text = "">
struct path {
    static_assert(detail::has_legal_characters(Text.view()),
        "varscope::path<text>: the text holds a character that no name may have; letters, digits "
        "and _ . - > are legal, and / between components");
    static_assert(!detail::has_empty_component(Text.view()),
        "varscope::path<text>: the text has an empty component; write one '/' between components, "
        "and none at either end");

    /// The number of components.
    static constexpr std::size_t depth = detail::count_components(Text.view());
    /// Each component, outermost first.
    static constexpr std::array<std::string_view, depth> components =
        []<std::size_t... Index>(std::index_sequence<Index...>) {
            return std::array<std::string_view, depth>{
                detail::component_of(Text.view(), Index)...};
        }(std::make_index_sequence<depth>{});

    [[nodiscard]] static constexpr std::string_view view() noexcept { return Text.view(); }
    constexpr operator std::string_view() const noexcept { // NOLINT(google-explicit-constructor)
        return Text.view();
    }

    /// All components but the last. The root's is the root.
    [[nodiscard]] static constexpr auto parent() noexcept {
        constexpr std::string_view text = detail::parent_of(Text.view());
        return path<literal<text.size()>(text)>{};
    }
    /// The last component. The root's is the root.
    [[nodiscard]] static constexpr auto leaf() noexcept {
        return component<depth == 0 ? 0 : depth - 1>();
    }
    /// The component with this number, from 0, as a path.
    template <std::size_t Index>
    [[nodiscard]] static constexpr auto component() noexcept {
        static_assert(Index < depth || depth == 0,
            "varscope::path::component<index>(): the path has fewer components");
        constexpr std::string_view text = detail::component_of(Text.view(), Index);
        return path<literal<text.size()>(text)>{};
    }
    /// Calls `function` with each component as a path, outermost first.
    template <class Function>
    static constexpr void for_each(Function&& function) {
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            (function(component<Index>()), ...);
        }(std::make_index_sequence<depth>{});
    }

    /// Whether the components of `prefix` are the first ones of this path: "a" and "a/b" are
    /// prefixes of "a/b", "a/" and "a/bc" are none.
    [[nodiscard]] static constexpr bool starts_with(std::string_view prefix) noexcept {
        return detail::begins_with(Text.view(), prefix);
    }
    /// What remains of the path below `Prefix`, a prefix of it.
    template <literal Prefix>
    [[nodiscard]] static constexpr auto below() noexcept {
        static_assert(starts_with(Prefix.view()),
            "varscope::path::below<prefix>(): the path does not begin with these components");
        constexpr std::string_view text = Text.view().substr(std::min(
            Text.view().size(), Prefix.view().empty() ? 0 : Prefix.view().size() + 1));
        return path<literal<text.size()>(text)>{};
    }

    /// The same text as a boost::hana::string.
    [[nodiscard]] static constexpr auto to_hana() noexcept {
        return []<std::size_t... Index>(std::index_sequence<Index...>) {
            return boost::hana::string<Text.text[Index]...>{};
        }(std::make_index_sequence<Text.view().size()>{});
    }
};

template <literal Text>
struct static_name_text<path<Text>> {
    static constexpr std::string_view value = path<Text>::view();
};
template <char... Characters>
struct static_name_text<boost::hana::string<Characters...>> {
    static constexpr std::string_view value{boost::hana::string<Characters...>::c_str(),
        sizeof...(Characters)};
};

/// The path of a static name, such as a boost::hana::string.
template <static_name Name>
[[nodiscard]] constexpr auto make_path(const Name&) noexcept {
    return path<literal<static_text<Name>.size()>(static_text<Name>)>{};
}
/// The path of a text in an object that is a constant expression at namespace or class scope:
/// `constexpr std::string_view kernel = "kernel";`, `make_path<kernel>()`.
template <const auto& Text>
    requires(std::convertible_to<decltype(Text), std::string_view>)
[[nodiscard]] constexpr auto make_path() noexcept {
    constexpr std::string_view text = Text;
    return path<literal<text.size()>(text)>{};
}
/// The type of that path.
template <static_name Name>
using path_of_name = decltype(make_path(std::declval<Name>()));

/// `outer/inner`. At least one is a path; the other may be a boost::hana::string.
template <static_name Outer, static_name Inner>
    requires(std::same_as<Outer, path_of_name<Outer>> || std::same_as<Inner, path_of_name<Inner>>)
[[nodiscard]] constexpr auto operator/(const Outer&, const Inner&) noexcept {
    constexpr literal outer{Outer{}};
    constexpr literal inner{Inner{}};
    return path<detail::join_literals<outer, inner>()>{};
}

/// Whether both are the same components. At least one is a path; the other may be any text.
template <literal Text, std::convertible_to<std::string_view> Other>
[[nodiscard]] constexpr bool operator==(const path<Text>&, const Other& other) noexcept {
    return Text.view() == std::string_view(other);
}
template <literal Text, char... Characters>
[[nodiscard]] constexpr bool operator==(
    const path<Text>&, const boost::hana::string<Characters...>&) noexcept {
    return Text.view() == static_text<boost::hana::string<Characters...>>;
}

inline namespace literals {

/// `"tower/kernel"_path`
template <literal Text>
[[nodiscard]] consteval path<Text> operator""_path() noexcept {
    return {};
}

} // namespace literals
} // namespace varscope
