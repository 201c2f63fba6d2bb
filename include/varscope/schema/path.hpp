/// \file
/// Names that are known while compiling.
#pragma once

#include <varscope/names/digest.hpp>
#include <varscope/names/name.hpp>

#include <boost/hana/string.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

/// A text as a template argument: `template <literal Name>` takes "tower", a path or a
/// boost::hana::string. Compilers print it as text.
template <std::size_t Size>
struct literal {
    consteval literal(const char (&characters)[Size + 1]) noexcept // NOLINT: a string literal
        : literal(characters, std::make_index_sequence<Size>{}) {}
    template <static_name Name>
    consteval literal(const Name&) noexcept // NOLINT(google-explicit-constructor): as above
        : literal(static_text<Name>) {}
    consteval explicit literal(std::string_view characters) noexcept
        : literal(characters.data(), std::make_index_sequence<Size>{}) {}
    /// `outer/inner`
    template <std::size_t Outer, std::size_t Inner>
        requires(Size == Outer + 1 + Inner)
    consteval explicit literal(const literal<Outer>& outer, const literal<Inner>& inner) noexcept
        : literal(outer.text, std::make_index_sequence<Outer>{}, inner.text,
              std::make_index_sequence<Inner>{}) {}

    [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, Size}; }

    template <std::size_t Other>
    [[nodiscard]] constexpr bool operator==(const literal<Other>& other) const noexcept {
        return view() == other.view();
    }

    char text[Size + 1]; // NOLINT(modernize-avoid-c-arrays): which compilers print as text

private:
    // Evaluated for each name: a list of characters costs compilers half of what a loop does. The
    // end is written out, without which clang prints some texts as numbers.
    template <std::size_t... Index>
    consteval literal(const char* from, std::index_sequence<Index...>) noexcept
        : text{from[Index]..., '\0'} {}
    template <std::size_t... Outer, std::size_t... Inner>
    consteval literal(const char* outer, std::index_sequence<Outer...>, const char* inner,
        std::index_sequence<Inner...>) noexcept
        : text{outer[Outer]..., '/', inner[Inner]..., '\0'} {}
};
template <std::size_t SizeWithEnd>
literal(const char (&)[SizeWithEnd]) -> literal<SizeWithEnd - 1>;
template <static_name Name>
literal(const Name&) -> literal<static_text<Name>.size()>;

namespace detail {

/// For each byte whether it may stand in a component of a path.
struct component_characters {
    constexpr component_characters() noexcept {
        for (int c = 0; c < 256; ++c) { is_legal[c] = is_name_character(static_cast<char>(c)); }
        is_legal[static_cast<unsigned char>('/')] = false;
    }
    bool is_legal[256] = {}; // NOLINT(modernize-avoid-c-arrays): costs compilers less
};
inline constexpr component_characters of_components;

/// Whether a text is a path: legal characters, no empty component. Evaluated for each path, so it
/// is written for the compiler: one pass, and no function of the standard library.
template <std::size_t Size>
[[nodiscard]] constexpr bool is_path_text(const literal<Size>& name) noexcept {
    std::size_t i = 0;
    while (Size > 0) {
        if (name.text[i] == '/' || i == Size) { return false; }
        while (of_components.is_legal[static_cast<unsigned char>(name.text[i])]) { ++i; }
        if (name.text[i] != '/') { return i == Size; }
        ++i;
    }
    return true;
}

[[nodiscard]] constexpr bool has_legal_characters(std::string_view text) noexcept {
    for (const char c : text) {
        if (!is_name_character(c)) { return false; }
    }
    return true;
}
/// No text at all is the root, and has no components.
[[nodiscard]] constexpr bool has_empty_component(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '/' && (i == 0 || i + 1 == text.size() || text[i - 1] == '/')) {
            return true;
        }
    }
    return false;
}

[[nodiscard]] constexpr std::size_t count_components(std::string_view text) noexcept {
    return text.empty() ? 0 : static_cast<std::size_t>(std::ranges::count(text, '/')) + 1;
}

/// The component with this number, from 0.
[[nodiscard]] constexpr std::string_view component_of(
    std::string_view text, std::size_t index) noexcept {
    for (; index > 0; --index) { text.remove_prefix(find_slash(text) + 1); }
    return text.substr(0, find_slash(text));
}

/// Not a member of the path: an array whose size depends on the name costs compilers a third of
/// what each path costs them, for few that ask.
template <literal Text>
inline constexpr auto components_of = [] {
    std::array<std::string_view, count_components(Text.view())> components{};
    for (std::size_t i = 0; i < components.size(); ++i) {
        components[i] = component_of(Text.view(), i);
    }
    return components;
}();

[[nodiscard]] constexpr std::string_view parent_of(std::string_view text) noexcept {
    const std::size_t slash = text.rfind('/');
    return text.substr(0, slash == std::string_view::npos ? 0 : slash);
}

/// Whether the components of `prefix` are the first ones of `text`.
[[nodiscard]] constexpr bool begins_with(std::string_view text, std::string_view prefix) noexcept {
    return prefix.empty() ||
        (text.starts_with(prefix) && (text.size() == prefix.size() || text[prefix.size()] == '/'));
}

template <literal Text, std::size_t... Index>
[[nodiscard]] constexpr auto to_hana(std::index_sequence<Index...>) noexcept {
    return boost::hana::string<Text.text[Index]...>{};
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
        return literal<outer + 1 + inner>(Outer, Inner);
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
class path {
    static constexpr bool is_legal = detail::is_path_text(Text);
    static_assert(is_legal || detail::has_legal_characters(Text.view()),
        "varscope::path<text>: the text holds a character that no name may have; letters, digits "
        "and _ . - > are legal, and / between components");
    static_assert(is_legal || !detail::has_legal_characters(Text.view()),
        "varscope::path<text>: the text has an empty component; write one '/' between components, "
        "and none at either end");

public:
    /// The number of components.
    static constexpr std::size_t depth = detail::count_components(Text.view());
    /// Each component, outermost first.
    static constexpr std::span<const std::string_view> components = detail::components_of<Text>;

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
        return component < depth == 0 ? 0 : depth - 1 > ();
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
        constexpr std::string_view text = Text.view().substr(
            std::min(Text.view().size(), Prefix.view().empty() ? 0 : Prefix.view().size() + 1));
        return path<literal<text.size()>(text)>{};
    }

    /// The same text as a boost::hana::string.
    [[nodiscard]] static constexpr auto to_hana() noexcept {
        return detail::to_hana<Text>(std::make_index_sequence<Text.view().size()>{});
    }
};

template <literal Text>
struct static_name_text<path<Text>> {
    static constexpr std::string_view value = path<Text>::view();
};
template <char... Characters>
struct static_name_text<boost::hana::string<Characters...>> {
    static constexpr std::string_view value{
        boost::hana::string<Characters...>::c_str(), sizeof...(Characters)};
};

namespace detail {

template <static_name Name>
struct static_path {
    using type = path<literal<static_text<Name>.size()>(static_text<Name>)>;
};
template <literal Text>
struct static_path<path<Text>> {
    using type = path<Text>;
};

template <class T>
inline constexpr bool is_path = false;
template <literal Text>
inline constexpr bool is_path<path<Text>> = true;

} // namespace detail

/// The type of the path of a static name.
template <static_name Name>
using path_of_name = typename detail::static_path<std::remove_cvref_t<Name>>::type;

/// The path of a static name, such as a boost::hana::string.
template <static_name Name>
[[nodiscard]] constexpr auto make_path(const Name&) noexcept {
    return path_of_name<Name>{};
}
/// The path of a text in an object that is a constant expression at namespace or class scope:
/// `constexpr std::string_view kernel = "kernel";`, `make_path<kernel>()`.
template <const auto& Text>
    requires(std::convertible_to<decltype(Text), std::string_view>)
[[nodiscard]] constexpr auto make_path() noexcept {
    constexpr std::string_view text = Text;
    return path<literal<text.size()>(text)>{};
}
/// `outer/inner`. At least one is a path; the other may be a boost::hana::string.
template <literal Outer, literal Inner>
[[nodiscard]] constexpr auto operator/(const path<Outer>&, const path<Inner>&) noexcept {
    return path<detail::join_literals<Outer, Inner>()>{};
}
template <literal Outer, class Inner>
    requires(!detail::is_path<Inner> && static_name<Inner>)
[[nodiscard]] constexpr auto operator/(const path<Outer>& outer, const Inner& inner) noexcept {
    return outer / make_path(inner);
}
template <class Outer, literal Inner>
    requires(!detail::is_path<Outer> && static_name<Outer>)
[[nodiscard]] constexpr auto operator/(const Outer& outer, const path<Inner>& inner) noexcept {
    return make_path(outer) / inner;
}

/// Whether both are the same components. At least one is a path; the other may be any text.
template <literal Text, literal Other>
[[nodiscard]] constexpr bool operator==(const path<Text>&, const path<Other>&) noexcept {
    return std::is_same_v<path<Text>, path<Other>>; // not their letters: costs compilers less
}
template <literal Text, class Other>
    requires(!detail::is_path<Other> && std::convertible_to<const Other&, std::string_view>)
[[nodiscard]] constexpr bool operator==(const path<Text>&, const Other& other) noexcept {
    return Text.view() == std::string_view(other);
}
// By value, and each of the four: they would otherwise lose against Hana's own, which take whatever
// stands beside a string of Hana's, and do not know what a path is.
template <literal Text, char... Characters>
[[nodiscard]] constexpr bool operator==(path<Text>, boost::hana::string<Characters...>) noexcept {
    return Text.view() == static_text<boost::hana::string<Characters...>>;
}
template <literal Text, char... Characters>
[[nodiscard]] constexpr bool operator==(
    boost::hana::string<Characters...> name, path<Text> other) noexcept {
    return other == name;
}
template <literal Text, char... Characters>
[[nodiscard]] constexpr bool operator!=(
    path<Text> other, boost::hana::string<Characters...> name) noexcept {
    return !(other == name);
}
template <literal Text, char... Characters>
[[nodiscard]] constexpr bool operator!=(
    boost::hana::string<Characters...> name, path<Text> other) noexcept {
    return !(other == name);
}

inline namespace literals {

/// `"tower/kernel"_path`
template <literal Text>
[[nodiscard]] consteval path<Text> operator""_path() noexcept {
    return {};
}

} // namespace literals
} // namespace varscope::inline VARSCOPE_ABI
