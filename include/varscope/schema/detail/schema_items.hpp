/// \file
/// A schema as it is declared: one list of variables and scopes.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/schema/detail/schema_letters.hpp>
#include <varscope/schema/path.hpp>
#include <varscope/schema/schema_variable.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

inline constexpr std::size_t max_schema_rank = 8;

/// Options, or none: compilers copy an item at each level of the tree, and most have none.
struct item_options {
    constexpr item_options() noexcept : nothing{} {}
    constexpr item_options(
        const var_options& options) noexcept // NOLINT(google-explicit-constructor)
        : is_given{true}
        , given{options} {}

    bool is_given = false;
    union {
        char nothing;
        var_options given;
    };
};

/// A variable or scope of a schema, as declared. What is in a scope follows it.
struct schema_item {
    std::string_view name = {}; // below the scope that it is in
    std::int32_t number = -1;   // behind the name, of a scope that is repeated
    std::size_t count = 1;      // of items: this one, and those in it
    bool is_variable = false;
    dtype type = dtype::float32;
    std::uint8_t rank = 0;
    std::int64_t dimensions[max_schema_rank] = {}; // NOLINT(modernize-avoid-c-arrays): as below
    item_options options = {};
};

/// A list of items, each scope followed by what is in it.
template <std::size_t Count>
struct schema_items {
    schema_item items[Count] = {}; // NOLINT(modernize-avoid-c-arrays): costs compilers less
};

template <class T>
inline constexpr std::size_t item_count = 0;
template <std::size_t Count>
inline constexpr std::size_t item_count<schema_items<Count>> = Count;

template <class T>
concept schema_part = item_count<T> > 0;

template <class Name>
[[nodiscard]] constexpr std::string_view text_of(const Name& name) noexcept {
    if constexpr (static_name<Name>) {
        return static_text<Name>;
    } else {
        return std::string_view(name);
    }
}

template <class Name>
concept schema_name = static_name<Name> || std::convertible_to<const Name&, std::string_view>;

/// Copies `parts` one behind the other, from `at` on.
template <std::size_t Count, schema_part... Parts>
constexpr void append(schema_items<Count>& to, std::size_t at, const Parts&... parts) noexcept {
    schema_item* next = to.items + at;
    const auto append_one = [&](const schema_item* part, std::size_t count) {
        for (; count > 0; --count) { *next++ = *part++; }
    };
    append_one(nullptr, 0);
    (append_one(parts.items, item_count<Parts>), ...);
}

/// The name of an item with its number.
class item_name {
public:
    constexpr explicit item_name(const schema_item& item) noexcept : text_{item.name} {
        if (item.number < 0) { return; }
        auto rest = static_cast<std::uint32_t>(item.number);
        do {
            digits_[digits_.size() - ++digit_count_] = static_cast<char>('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
    }
    [[nodiscard]] constexpr std::size_t size() const noexcept {
        return text_.size() + digit_count_;
    }
    /// Writes the letters, and returns where they end.
    constexpr char* write(char* to) const noexcept {
        to = copy_letters(text_.data(), text_.size(), to);
        return copy_letters(digits_.data() + digits_.size() - digit_count_, digit_count_, to);
    }
    /// Calls `function` with each letter.
    template <class Function>
    constexpr void for_each_letter(const Function& function) const noexcept {
        for (const char c : text_) { function(c); }
        for (std::size_t i = digits_.size() - digit_count_; i < digits_.size(); ++i) {
            function(digits_[i]);
        }
    }

private:
    std::string_view text_;
    std::array<char, 10> digits_{};
    std::size_t digit_count_ = 0;
};

/// Calls `begin(item)` for each item and, behind what is in a scope, `end(item)`.
template <class Begin, class End>
constexpr void walk(
    std::span<const schema_item> items, const Begin& begin, const End& end) noexcept {
    for (std::size_t i = 0; i < items.size(); i += items[i].count) {
        begin(items[i]);
        if (!items[i].is_variable) { walk(items.subspan(i + 1, items[i].count - 1), begin, end); }
        end(items[i]);
    }
}

} // namespace varscope::inline VARSCOPE_ABI::detail
