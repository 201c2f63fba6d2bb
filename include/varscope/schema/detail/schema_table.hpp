/// \file
/// What is worked out of a schema while compiling: its variables, its names, and what is wrong.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/schema/detail/schema_items.hpp>
#include <varscope/schema/detail/schema_letters.hpp>
#include <varscope/schema/path.hpp>
#include <varscope/schema/schema_variable.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

/// What stands before the names in a scope of this path.
[[nodiscard]] constexpr text_key key_within(std::string_view path) noexcept {
    return path.empty() ? empty_key
                        : extend_key(extend_key(empty_key, path.data(), path.size()), '/');
}

/// What a name leads to in a schema.
enum class schema_kind : std::uint8_t { nothing, variable, scope };
struct schema_answer {
    schema_kind kind = schema_kind::nothing;
    // Of a variable. Where there is none they are those of some handle, so that an assertion is the
    // only error.
    varscope::dtype dtype = varscope::dtype::float32;
    std::uint8_t rank = 0;
    std::uint32_t index = 0;
};

/// How much there is in a schema.
struct schema_size {
    std::size_t variables = 0;
    std::size_t scopes = 0; // and scopes that names of several components lead through
};
/// What is found when all its names have been read once.
struct schema_survey {
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    schema_size size;
    std::size_t illegal = none; // the first item with a character that no name may have
    std::size_t broken = none;  // the first of the others with an empty component

    constexpr explicit schema_survey(std::span<const schema_item> items) noexcept {
        const schema_item* item = items.data();
        const std::size_t count = items.size();
        for (std::size_t i = 0; i < count; ++i, ++item) {
            ++(item->is_variable ? size.variables : size.scopes);
            look_at(*item, i);
        }
    }

private:
    constexpr void look_at(const schema_item& item, std::size_t i) noexcept {
        const char* text = item.name.data();
        std::size_t rest = item.name.size();
        bool is_legal = true;
        bool is_whole = true;
        std::size_t letters = size_of_component(text, rest);
        while (letters < rest) {
            is_legal = is_legal && are_legal(text, letters);
            is_whole = is_whole && letters > 0;
            ++size.scopes;
            text += letters + 1;
            rest -= letters + 1;
            letters = size_of_component(text, rest);
        }
        is_legal = is_legal && are_legal(text, letters);
        // Behind it the number of a repeated scope can be the last component.
        is_whole = is_whole && (letters > 0 || item.number >= 0);
        if (!is_legal && illegal == none) { illegal = i; }
        if (is_legal && !is_whole && broken == none) { broken = i; }
    }
};

/// The variables of a schema, and a table from key to variable or scope.
///
/// Built while compiling, once for each schema, and written for that: pointers and arrays of the
/// language, since compilers evaluate each call of a container's function.
template <schema_size Size>
struct schema_table {
    struct scope_range {
        text_key key = 0;
        std::uint32_t first = 0; // of the variables in it
        std::uint32_t last = 0;  // behind them
    };

    std::array<declared_variable, Size.variables> variables{};
    std::array<scope_range, Size.scopes> scopes{};
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    std::uint32_t twice = none;     // a variable whose name is that of another one
    std::uint32_t uncounted = none; // the first with which the bytes are more than there can be

    [[nodiscard]] constexpr schema_answer find(text_key key) const noexcept {
        const std::uint32_t entry = entries_[slot_of(key)];
        if (entry == 0) { return {}; }
        if (entry > Size.variables) { return {schema_kind::scope}; }
        const declared_variable& v = variables[entry - 1];
        return {schema_kind::variable, v.dtype, static_cast<std::uint8_t>(v.dimensions.size()),
            entry - 1};
    }

    constexpr explicit schema_table(std::span<const schema_item> items) noexcept {
        builder{*this, variables.data(), scopes.data()}.enter_all(
            items.data(), items.data() + items.size(), empty_key);
    }

private:
    static constexpr std::size_t all = Size.variables + Size.scopes;
    static constexpr std::size_t capacity = [] {
        std::size_t size = 4;
        while (size < 2 * all) { size *= 2; }
        return size;
    }();
    // NOLINTBEGIN(modernize-avoid-c-arrays)
    text_key keys_[all + 1] = {};          // of the variables from 1, and of the scopes
    std::uint32_t entries_[capacity] = {}; // in each slot the number of a key, or 0
    // NOLINTEND(modernize-avoid-c-arrays)

    [[nodiscard]] constexpr std::size_t slot_of(text_key key) const noexcept {
        std::size_t slot = static_cast<std::size_t>((key >> 64) ^ key) % capacity;
        while (entries_[slot] != 0 && keys_[entries_[slot]] != key) {
            slot = (slot + 1) % capacity;
        }
        return slot;
    }

    struct builder {
        schema_table& table;
        declared_variable* variable;
        scope_range* scope;
        std::uint32_t variable_count = 0;
        std::uint32_t scope_count = 0;
        std::size_t bytes = 0;

        /// \param outer  the key of what stands before their names.
        constexpr void enter_all(
            const schema_item* item, const schema_item* end, text_key outer) noexcept {
            while (item != end) {
                const std::uint32_t first_scope = scope_count;
                text_key key = outer;
                const char* text = item->name.data();
                std::size_t rest = item->name.size();
                std::size_t letters = 0;
                for (; (letters = size_of_component(text, rest)) < rest;
                     text += letters + 1, rest -= letters + 1) {
                    enter_scope(key = extend_key(key, text, letters));
                    key = extend_key(key, '/');
                }
                key = extend_key(key, text, letters);
                if (item->number >= 0) { key = extend_by_number(key, item->number); }
                const schema_item* next = item + item->count;
                if (item->is_variable) {
                    enter_variable(*item, key);
                    end_scopes(first_scope, scope_count);
                } else {
                    enter_scope(key);
                    const std::uint32_t end_scope = scope_count;
                    enter_all(item + 1, next, extend_key(key, '/'));
                    end_scopes(first_scope, end_scope);
                }
                item = next;
            }
        }
        [[nodiscard]] static constexpr text_key extend_by_number(
            text_key key, std::int32_t number) noexcept {
            std::int32_t unit = 1;
            while (number / unit >= 10) { unit *= 10; }
            for (; unit > 0; unit /= 10) {
                key = extend_key(key, static_cast<char>('0' + number / unit % 10));
            }
            return key;
        }
        constexpr void end_scopes(std::uint32_t first, std::uint32_t end) noexcept {
            for (std::uint32_t s = first; s < end; ++s) { scope[s].last = variable_count; }
        }

        constexpr void enter_variable(const schema_item& item, text_key key) noexcept {
            declared_variable& v = variable[variable_count];
            v.dtype = item.type;
            v.dimensions = std::span<const std::int64_t>(item.dimensions, item.rank);
            std::size_t size = 1;
            for (std::size_t axis = 0; axis < item.rank; ++axis) {
                size *= static_cast<std::size_t>(item.dimensions[axis]);
            }
            v.size = size;
            const std::size_t element = size_of(item.type);
            v.offset = (bytes + element - 1) / element * element;
            bytes = v.offset + size * element; // fits, as each of the two is below 2^63
            if (bytes > std::size_t{PTRDIFF_MAX}) {
                if (table.uncounted == none) { table.uncounted = variable_count; }
                bytes = 0;
            }
            if (item.options.is_given) { v.made_with = &item.options.given; }
            const std::size_t slot = table.slot_of(key);
            const std::uint32_t before = table.entries_[slot];
            if (before == 0 || before > Size.variables) {
                table.entries_[slot] = variable_count + 1;
            } else if (table.twice == none) {
                table.twice = variable_count;
            }
            table.keys_[++variable_count] = key;
        }

        /// A scope may be declared more than once. It may have a variable's name, as where an
        /// optimizer keeps `kernel/Adam` beside `kernel`: the name alone then leads to the
        /// variable.
        constexpr void enter_scope(text_key key) noexcept {
            scope[scope_count] = {key, variable_count, 0};
            std::uint32_t& entry = table.entries_[table.slot_of(key)];
            const std::uint32_t number = static_cast<std::uint32_t>(Size.variables) + ++scope_count;
            table.keys_[number] = key;
            if (entry == 0) { entry = number; }
        }
    };
};

/// How much room full names need.
struct name_letters {
    std::size_t all = 0;     // of the variables
    std::size_t longest = 0; // of a variable or scope
};
[[nodiscard]] constexpr name_letters count_letters(std::span<const schema_item> items) noexcept {
    name_letters letters;
    std::size_t path = 0; // with a '/' behind each component
    const auto begin = [&](const schema_item& item) {
        path += item_name(item).size() + 1;
        if (item.is_variable) { letters.all += path - 1; }
        if (path > letters.longest) { letters.longest = path; }
    };
    walk(items, begin, [&](const schema_item& item) { path -= item_name(item).size() + 1; });
    return letters;
}

/// The full names of the variables.
template <name_letters Letters, std::size_t Variables>
struct schema_names {
    std::array<char, Letters.all> text{};
    std::array<std::size_t, Variables> ends{};

    constexpr explicit schema_names(std::span<const schema_item> items) noexcept {
        char path[Letters.longest + 1] = {}; // NOLINT(modernize-avoid-c-arrays): as above
        char* end_of_path = path;            // behind it the next component begins
        char* next = text.data();
        std::size_t count = 0;
        const auto begin = [&](const schema_item& item) {
            if (end_of_path != path) { *end_of_path++ = '/'; }
            end_of_path = item_name(item).write(end_of_path);
            if (!item.is_variable) { return; }
            next = copy_letters(path, static_cast<std::size_t>(end_of_path - path), next);
            ends[count++] = static_cast<std::size_t>(next - text.data());
        };
        const auto end = [&](const schema_item& item) {
            end_of_path -= item_name(item).size();
            if (end_of_path != path) { --end_of_path; }
        };
        walk(items, begin, end);
    }
    [[nodiscard]] constexpr std::string_view operator[](std::size_t i) const noexcept {
        const std::size_t begin = i == 0 ? 0 : ends[i - 1];
        return std::string_view(text.data() + begin, ends[i] - begin);
    }
};

/// What is made of schema `S`, each part when it is first needed.
template <class S>
struct schema_of {
    static constexpr std::span<const schema_item> items{S::layout.items};
    static constexpr schema_survey survey{items};
    static constexpr schema_size size = survey.size;
    static constexpr schema_table<size> table{items};

    static constexpr std::size_t none = schema_survey::none;
    /// The item of variable number `wanted`.
    static constexpr auto item_of = [](std::uint32_t wanted) {
        if (wanted == table.none) { return none; }
        std::size_t i = 0;
        for (std::size_t variables = 0;; ++i) {
            if (items[i].is_variable && variables++ == wanted) { return i; }
        }
    };
    /// The numbers of the items that are wrong: whose name is that of another variable, and with
    /// which there are too many bytes; or none.
    static constexpr std::size_t twice = item_of(table.twice);
    static constexpr std::size_t uncounted = item_of(table.uncounted);
};

/// The full names, apart: few ask for them while compiling.
template <class S>
inline constexpr schema_names<count_letters(schema_of<S>::items), schema_of<S>::size.variables>
    names_of{schema_of<S>::items};

/// A text that is put together while compiling.
struct short_text {
    std::array<char, 512> letters{};
    std::size_t size = 0;

    constexpr void add(char c) noexcept {
        if (size < letters.size()) { letters[size++] = c; }
    }
    [[nodiscard]] constexpr std::string_view view() const noexcept {
        return {letters.data(), size};
    }
};

/// The path of an item of schema `S`, for messages.
template <class S, std::size_t Index>
[[nodiscard]] consteval auto path_of_item() noexcept {
    if constexpr (Index == schema_of<S>::none) {
        return literal("-");
    } else {
        constexpr short_text path = [] {
            short_text text;
            for (std::size_t i = 0; i <= Index; ++i) {
                const schema_item& item = schema_of<S>::items[i];
                if (i + item.count <= Index) { continue; } // neither it nor in it
                if (text.size > 0) { text.add('/'); }
                item_name(item).for_each_letter([&](char c) { text.add(c); });
            }
            return text;
        }();
        return literal<path.size>(path.view());
    }
}

// What is wrong with a schema: the name is a template argument, so that compilers print it. None
// begins with '-' at the root, and "-" alone stands for none.
template <class S, literal Name>
struct legal_name {
    static_assert(Name.view() == "-",
        "varscope::schema<S>: this name holds a character that no name may have; letters, digits "
        "and _ . - > are legal, and / between components");
};
template <class S, literal Name>
struct full_name {
    static_assert(Name.view() == "-", "varscope::schema<S>: this name has an empty component");
};
template <class S, literal Name>
struct bytes_counted {
    static_assert(Name.view() == "-",
        "varscope::schema<S>: with this variable there are more elements than memory can hold");
};
template <class S, literal Name>
struct name_declared_once {
    static_assert(Name.view() == "-", "varscope::schema<S>: two variables have this name");
};

} // namespace varscope::inline VARSCOPE_ABI::detail
