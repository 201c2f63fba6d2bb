/// \file
/// What is worked out of a schema while compiling: its variables, its names, and what is wrong.
#pragma once

#include <varscope/detail/digest.hpp>
#include <varscope/detail/schema_items.hpp>
#include <varscope/dtype.hpp>
#include <varscope/path.hpp>
#include <varscope/schema_variable.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace varscope::detail {

/// The digest of a path below `scope`; no components at all are the scope itself.
[[nodiscard]] constexpr digest extend_path(const digest& scope, std::string_view path) noexcept {
    return path.empty() ? scope : extend_by_components(scope, path, letter_case::exact);
}

/// What a name leads to in a schema.
enum class schema_kind : std::uint8_t { nothing, variable, scope };
struct schema_answer {
    schema_kind kind = schema_kind::nothing;
    std::uint32_t index = 0; // of a variable

    /// The first one's where there is none, so that an assertion is the only error.
    [[nodiscard]] constexpr std::size_t index_of_variable() const noexcept {
        return kind == schema_kind::variable ? index : 0;
    }
};

/// How much there is in a schema.
struct schema_size {
    std::size_t variables = 0;
    std::size_t scopes = 0; // and scopes that names of several components lead through
};
[[nodiscard]] constexpr schema_size measure(std::span<const schema_item> items) noexcept {
    schema_size size;
    for (const schema_item& item : items) {
        ++(item.is_variable ? size.variables : size.scopes);
        for (const char c : item.name) { size.scopes += c == '/' ? 1 : 0; }
    }
    return size;
}

/// The variables of a schema, and a table from digest to variable or scope.
template <schema_size Size>
struct schema_table {
    static constexpr std::size_t capacity = [] {
        std::size_t slots = 4;
        while (slots < 2 * (Size.variables + Size.scopes)) { slots *= 2; }
        return slots;
    }();
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    struct slot {
        digest id{};
        std::uint32_t number = none; // of a variable; of scopes Size.variables and more
    };
    struct scope_range {
        digest id{};
        std::uint32_t first = 0; // of the variables in it
        std::uint32_t last = 0;  // behind them
    };

    std::array<declared_variable, Size.variables> variables{};
    std::array<scope_range, Size.scopes> scopes{};
    std::array<slot, capacity> slots{};
    std::uint32_t twice = none; // a variable whose name is that of another one

    [[nodiscard]] constexpr std::size_t slot_of(const digest& id) const noexcept {
        std::size_t at = id.low % capacity;
        while (slots[at].number != none && slots[at].id != id) { at = (at + 1) % capacity; }
        return at;
    }
    [[nodiscard]] constexpr schema_answer find(const digest& id) const noexcept {
        const std::uint32_t found = slots[slot_of(id)].number;
        if (found == none) { return {}; }
        return found < Size.variables ? schema_answer{schema_kind::variable, found}
                                      : schema_answer{schema_kind::scope};
    }

    constexpr explicit schema_table(std::span<const schema_item> items) noexcept {
        enter_all(items, root_digest);
    }

private:
    constexpr void enter_all(std::span<const schema_item> items, const digest& outer) noexcept {
        for (std::size_t i = 0; i < items.size(); i += items[i].count) {
            const schema_item& item = items[i];
            const std::uint32_t first_scope = scope_count_;
            const digest id = item_name(item).extend_each(
                outer, [&](const digest& through) { enter_scope(through); });
            if (item.is_variable) {
                enter_variable(item, id);
            } else {
                enter_scope(id);
                const std::uint32_t end = scope_count_;
                enter_all(items.subspan(i + 1, item.count - 1), id);
                for (std::uint32_t s = first_scope; s < end; ++s) {
                    scopes[s].last = variable_count_;
                }
                continue;
            }
            for (std::uint32_t s = first_scope; s < scope_count_; ++s) {
                scopes[s].last = variable_count_;
            }
        }
    }

    constexpr void enter_variable(const schema_item& item, const digest& id) noexcept {
        declared_variable& v = variables[variable_count_];
        v.dtype = item.type;
        v.dimensions = std::span(item.dimensions).first(item.rank);
        for (std::size_t axis = 0; axis < item.rank; ++axis) {
            v.size *= static_cast<std::size_t>(item.dimensions[axis]);
        }
        const std::size_t element = size_of(item.type);
        v.offset = (bytes_ + element - 1) / element * element;
        v.options = item.options;
        bytes_ = v.offset + v.size * element;
        slot& s = slots[slot_of(id)];
        if (s.number < Size.variables) {
            if (twice == none) { twice = variable_count_; }
        } else {
            s = {id, variable_count_};
        }
        ++variable_count_;
    }

    /// A scope may be declared more than once. It may have a variable's name, as where an optimizer
    /// keeps `kernel/Adam` beside `kernel`: the name alone then leads to the variable.
    constexpr void enter_scope(const digest& id) noexcept {
        scopes[scope_count_++] = {id, variable_count_, variable_count_};
        slot& s = slots[slot_of(id)];
        if (s.number == none) { s = {id, static_cast<std::uint32_t>(Size.variables)}; }
    }

    std::uint32_t variable_count_ = 0;
    std::uint32_t scope_count_ = 0;
    std::size_t bytes_ = 0;
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
        std::array<char, Letters.longest> path{}; // where a name is put together
        std::size_t size = 0;
        std::size_t at = 0;
        std::size_t count = 0;
        const auto begin = [&](const schema_item& item) {
            if (size > 0) { path[size++] = '/'; }
            item_name(item).for_each_letter([&](char c) { path[size++] = c; });
            if (!item.is_variable) { return; }
            for (std::size_t i = 0; i < size; ++i) { text[at++] = path[i]; }
            ends[count++] = at;
        };
        const auto end = [&](const schema_item& item) {
            size -= item_name(item).size();
            if (size > 0) { --size; }
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
    static constexpr schema_size size = measure(items);
    static constexpr schema_table<size> table{items};
    static constexpr schema_names<count_letters(items), size.variables> names{items};

    static constexpr std::size_t none = items.size();
    /// The number of the first item with a name that is wrong, or none.
    template <class Predicate>
    [[nodiscard]] static constexpr std::size_t first(Predicate is_wrong) noexcept {
        std::size_t i = 0;
        while (i < none && !is_wrong(items[i])) { ++i; }
        return i;
    }
    static constexpr std::size_t illegal =
        first([](const schema_item& item) { return !has_legal_characters(item.name); });
    static constexpr std::size_t broken = first([](const schema_item& item) {
        std::string_view name = item.name;
        const std::size_t own = name.size() - (name.rfind('/') + 1);
        if (item.number < 0) { return name.empty() || has_empty_component(name); }
        if (name.ends_with('/')) { name.remove_suffix(1); } // the number is a component
        return has_empty_component(name) || name.starts_with('/') || own > max_repeated_letters;
    });
    static constexpr std::size_t twice = [] {
        std::size_t i = 0;
        std::size_t variables = 0;
        while (i < none && !(items[i].is_variable && variables == table.twice)) {
            variables += items[i++].is_variable ? 1 : 0;
        }
        return i;
    }();
};

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
    static_assert(Name.view() == "-",
        "varscope::schema<S>: this name has an empty component, or is that of a repeated scope and "
        "has more than 100 letters");
};
template <class S, literal Name>
struct name_declared_once {
    static_assert(Name.view() == "-", "varscope::schema<S>: two variables have this name");
};

} // namespace varscope::detail
