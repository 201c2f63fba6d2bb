/// \file
/// The variables of a model, declared as a tree while compiling.
#pragma once

#include <varscope/detail/digest.hpp>
#include <varscope/dtype.hpp>
#include <varscope/initializer_rule.hpp>
#include <varscope/path.hpp>
#include <varscope/shape.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace varscope {

/// What a variable of a schema is made with; see `variable_options`.
struct var_options {
    initializer_rule initializer = {}; ///< default: the scope's, else by the element type
    bool trainable = true;             ///< whether it joins the trainable variables
};

namespace detail {

inline constexpr std::size_t max_schema_rank = 8;

/// A variable or scope of a schema, as declared. What is in a scope follows it.
struct schema_item {
    std::string_view name = {}; // below the scope that it is in
    std::int32_t number = -1;   // behind the name, of a scope that is repeated
    std::size_t count = 1;      // of items: this one, and those in it
    bool is_variable = false;
    dtype type = dtype::float32;
    std::uint8_t rank = 0;
    std::array<std::int64_t, max_schema_rank> dimensions = {};
    var_options options = {};
};

/// A list of items, each scope followed by what is in it.
template <std::size_t Count>
struct schema_items {
    std::array<schema_item, Count> items{};
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
    [[maybe_unused]] const auto append_one = [&](const auto& part) {
        for (const schema_item& item : part.items) { to.items[at++] = item; }
    };
    (append_one(parts), ...);
}

} // namespace detail

/// \name Declaring a schema
/// A schema is a short type with a member `layout`, which is put together from these:
///
///     struct tower {
///         static constexpr auto layout = vs::scope("tower",
///             vs::var<float, 784, 64>("kernel"),
///             vs::var<float, 64>("bias", {.initializer = vs::zeros()}));
///     };
///
/// A `layout` can be a part of another one, any number of times. Names are string literals, paths
/// or hana strings, of one or more components. What is wrong with them (an illegal character, two
/// variables of one name) is told where the schema is used: see `schema`.
/// \{

/// A variable of element type `T` and these dimensions, outermost first (none: a single element).
template <class T, std::int64_t... Dimensions, detail::schema_name Name>
[[nodiscard]] constexpr auto var(const Name& name, const var_options& options = {}) noexcept {
    static_assert(element<T>,
        "varscope::var<T, dimensions...>(name): T cannot be the type of an element");
    static_assert(sizeof...(Dimensions) <= detail::max_schema_rank,
        "varscope::var<T, dimensions...>(name): a variable of a schema has at most 8 axes");
    static_assert(((Dimensions >= 0) && ...),
        "varscope::var<T, dimensions...>(name): a dimension is negative");
    detail::schema_item item{
        .name = detail::text_of(name), .is_variable = true, .options = options};
    if constexpr (element<T> && sizeof...(Dimensions) <= detail::max_schema_rank) {
        item.type = dtype_of<T>;
        item.rank = sizeof...(Dimensions);
        item.dimensions = {Dimensions...};
    }
    return detail::schema_items<1>{{item}};
}

/// Variables and scopes below a scope `name`.
template <detail::schema_name Name, detail::schema_part... Parts>
[[nodiscard]] constexpr auto scope(const Name& name, const Parts&... parts) noexcept {
    constexpr std::size_t count = (std::size_t{1} + ... + detail::item_count<Parts>);
    detail::schema_items<count> all;
    all.items[0] = {.name = detail::text_of(name), .count = count};
    detail::append(all, 1, parts...);
    return all;
}

/// The same in `Times` scopes, called `name` with 0, 1, ... behind it: `repeat<12>("layer_", ...)`
/// is `layer_0` to `layer_11`.
template <std::size_t Times, detail::schema_name Name, detail::schema_part... Parts>
[[nodiscard]] constexpr auto repeat(const Name& name, const Parts&... parts) noexcept {
    static_assert(Times > 0, "varscope::repeat<times>(name, ...): repeats nothing");
    constexpr std::size_t count = (std::size_t{1} + ... + detail::item_count<Parts>);
    detail::schema_items<Times * count> all;
    for (std::size_t i = 0; i < Times; ++i) {
        all.items[i * count] = {.name = detail::text_of(name),
            .number = static_cast<std::int32_t>(i),
            .count = count};
        detail::append(all, i * count + 1, parts...);
    }
    return all;
}

/// Variables and scopes side by side, in no scope of their own.
template <detail::schema_part... Parts>
[[nodiscard]] constexpr auto group(const Parts&... parts) noexcept {
    static_assert(sizeof...(Parts) > 0, "varscope::group(...): there is nothing in it");
    detail::schema_items<(detail::item_count<Parts> + ...)> all;
    detail::append(all, 0, parts...);
    return all;
}
/// \}

/// A variable of a schema: a constant expression.
struct schema_variable {
    std::string_view name; ///< in full, below the scope that the schema is bound in
    varscope::dtype dtype;
    std::span<const std::int64_t> dimensions; ///< outermost first
    std::size_t size;                         ///< elements
    std::size_t offset;                       ///< bytes, in one contiguous block
    var_options options;

    [[nodiscard]] constexpr std::size_t bytes() const noexcept { return size * size_of(dtype); }
    [[nodiscard]] constexpr varscope::shape shape() const noexcept {
        return varscope::shape(dimensions);
    }
};

namespace detail {

/// What a name leads to in a schema.
enum class schema_kind : std::uint8_t { nothing, variable, scope };
struct schema_answer {
    schema_kind kind = schema_kind::nothing;
    std::uint32_t index = 0; // of a variable among the variables, of a scope among the scopes
};

/// The name of an item, in a buffer that is long enough for its number.
struct item_name {
    constexpr explicit item_name(const schema_item& item) noexcept : text{item.name} {
        if (item.number < 0) { return; }
        std::uint32_t rest = static_cast<std::uint32_t>(item.number);
        do {
            digits[digits.size() - ++digit_count] = static_cast<char>('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
    }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return text.size() + digit_count; }
    [[nodiscard]] constexpr char operator[](std::size_t i) const noexcept {
        return i < text.size() ? text[i] : digits[digits.size() - digit_count + i - text.size()];
    }

    std::string_view text;
    std::array<char, 10> digits{};
    std::size_t digit_count = 0;
};

/// How much there is to lay out.
struct schema_size {
    std::size_t variables = 0;
    std::size_t scopes = 0;
    std::size_t letters = 0; // of the full names of all
};

/// Calls `function(item, depth in the path's letters)` for each item, outer ones first.
template <class Function>
constexpr void for_each_item(std::span<const schema_item> items, std::size_t letters_before,
    const Function& function) noexcept {
    for (std::size_t i = 0; i < items.size();) {
        const schema_item& item = items[i];
        const std::size_t own =
            letters_before + (letters_before > 0 ? 1 : 0) + item_name(item).size();
        function(item, letters_before);
        if (!item.is_variable) {
            for_each_item(items.subspan(i + 1, item.count - 1), own, function);
        }
        i += item.count;
    }
}

[[nodiscard]] constexpr schema_size measure(std::span<const schema_item> items) noexcept {
    schema_size size;
    for_each_item(items, 0, [&](const schema_item& item, std::size_t letters_before) {
        ++(item.is_variable ? size.variables : size.scopes);
        size.letters += letters_before + (letters_before > 0 ? 1 : 0) + item_name(item).size();
    });
    return size;
}

/// A full name in the text of all names, and what it is the name of.
struct schema_name_record {
    std::size_t begin = 0;
    std::size_t size = 0;
    digest id{};
    const schema_item* item = nullptr;
};

/// All names of a schema and a table from digest to name, made in one pass.
template <schema_size Size>
struct schema_names {
    static constexpr std::size_t count = Size.variables + Size.scopes;
    static constexpr std::size_t capacity = [] {
        std::size_t slots = 4;
        while (slots < 2 * count) { slots *= 2; }
        return slots;
    }();
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    std::array<char, Size.letters> text{};
    std::array<schema_name_record, Size.variables> variables{};
    std::array<schema_name_record, Size.scopes> scopes{};
    std::array<std::uint32_t, capacity> table{}; // variables first, then scopes
    std::uint32_t twice = none;                  // a variable whose name was there before

    [[nodiscard]] constexpr std::string_view name(const schema_name_record& r) const noexcept {
        return std::string_view(text.data() + r.begin, r.size);
    }
    [[nodiscard]] constexpr const schema_name_record& record(std::uint32_t i) const noexcept {
        return i < Size.variables ? variables[i] : scopes[i - Size.variables];
    }
    /// The slot of this name, or the empty one where it would be.
    [[nodiscard]] constexpr std::size_t slot_of(const digest& id) const noexcept {
        std::size_t at = id.low % capacity;
        while (table[at] != none && record(table[at]).id != id) { at = (at + 1) % capacity; }
        return at;
    }
    [[nodiscard]] constexpr schema_answer find(std::string_view path) const noexcept {
        const std::uint32_t found =
            table[slot_of(extend_by_components(root_digest, path, letter_case::exact))];
        if (found == none) { return {}; }
        return found < Size.variables
            ? schema_answer{schema_kind::variable, found}
            : schema_answer{schema_kind::scope,
                  found - static_cast<std::uint32_t>(Size.variables)};
    }
};

/// Lays out names and table.
template <schema_size Size>
class schema_name_writer {
public:
    [[nodiscard]] static constexpr schema_names<Size> write(
        std::span<const schema_item> items) noexcept {
        schema_name_writer writer;
        writer.names_.table.fill(schema_names<Size>::none);
        writer.write_all(items, {.id = root_digest});
        return writer.names_;
    }

private:
    constexpr void write_all(
        std::span<const schema_item> items, const schema_name_record& outer) noexcept {
        for (std::size_t i = 0; i < items.size(); i += items[i].count) {
            const schema_name_record written = write_one(items[i], outer);
            if (items[i].is_variable) {
                enter(written, variable_count_, variable_count_);
                names_.variables[variable_count_++] = written;
            } else {
                enter(written, static_cast<std::uint32_t>(Size.variables) + scope_count_,
                    schema_names<Size>::none);
                names_.scopes[scope_count_++] = written;
                write_all(items.subspan(i + 1, items[i].count - 1), written);
            }
        }
    }

    constexpr schema_name_record write_one(
        const schema_item& item, const schema_name_record& outer) noexcept {
        const item_name own(item);
        schema_name_record record{.begin = letter_count_, .item = &item};
        for (std::size_t i = 0; i < outer.size; ++i) { put(names_.text[outer.begin + i]); }
        if (outer.size > 0) { put('/'); }
        for (std::size_t i = 0; i < own.size(); ++i) { put(own[i]); }
        record.size = letter_count_ - record.begin;
        record.id = extend_by_components(outer.id,
            std::string_view(
                names_.text.data() + letter_count_ - own.size(), own.size()),
            letter_case::exact);
        return record;
    }
    constexpr void put(char c) noexcept { names_.text[letter_count_++] = c; }

    /// A scope may be declared twice, a variable may not; nor may both have one name.
    constexpr void enter(const schema_name_record& r, std::uint32_t number,
        std::uint32_t variable) noexcept {
        const std::size_t slot = find_slot(r.id);
        if (names_.table[slot] == schema_names<Size>::none) {
            names_.table[slot] = number;
            ids_[slot] = r.id;
        } else if (names_.twice == schema_names<Size>::none) {
            const bool was_variable = names_.table[slot] < Size.variables;
            if (variable != schema_names<Size>::none) {
                names_.twice = variable;
            } else if (was_variable) {
                names_.twice = names_.table[slot];
            }
        }
    }
    [[nodiscard]] constexpr std::size_t find_slot(const digest& id) const noexcept {
        constexpr std::size_t capacity = schema_names<Size>::capacity;
        std::size_t at = id.low % capacity;
        while (names_.table[at] != schema_names<Size>::none && ids_[at] != id) {
            at = (at + 1) % capacity;
        }
        return at;
    }

    schema_names<Size> names_{};
    std::array<digest, schema_names<Size>::capacity> ids_{};
    std::size_t letter_count_ = 0;
    std::uint32_t variable_count_ = 0;
    std::uint32_t scope_count_ = 0;
};

/// The names of schema `S`.
template <class S>
struct schema_of {
    static constexpr schema_size size = measure(S::layout.items);
    static constexpr schema_names<size> names = schema_name_writer<size>::write(S::layout.items);

    /// The first name that is wrong, or none.
    template <class Predicate>
    [[nodiscard]] static constexpr std::string_view first_name(Predicate is_wrong) noexcept {
        for (const schema_name_record& r : names.scopes) {
            if (is_wrong(names.name(r))) { return names.name(r); }
        }
        for (const schema_name_record& r : names.variables) {
            if (is_wrong(names.name(r))) { return names.name(r); }
        }
        return "-";
    }
    static constexpr std::string_view illegal =
        first_name([](std::string_view name) { return !has_legal_characters(name); });
    static constexpr std::string_view broken = first_name(
        [](std::string_view name) { return name.empty() || has_empty_component(name); });
    static constexpr std::string_view twice =
        names.twice == names.none ? "-" : names.name(names.variables[names.twice]);
};

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
struct name_declared_once {
    static_assert(Name.view() == "-",
        "varscope::schema<S>: two variables have this name, or a variable and a scope");
};

/// A text as a template argument.
template <const std::string_view& Text>
inline constexpr literal<Text.size()> as_literal{Text};

} // namespace detail

/// What can be said of a schema while compiling, all of it constant expressions.
///
/// Its names are checked here. Cost: linear in the number of variables.
/// \tparam S  a type with a static constexpr member `layout`, see `var` and `scope`.
template <class S>
class schema {
    using data = detail::schema_of<S>;
    static constexpr std::size_t checked = sizeof(
        detail::legal_name<S, detail::as_literal<data::illegal>>) +
        sizeof(detail::full_name<S, detail::as_literal<data::broken>>) +
        sizeof(detail::name_declared_once<S, detail::as_literal<data::twice>>);

public:
    static constexpr std::size_t variable_count = checked > 0 ? data::size.variables : 0;

    /// The variables in the order of their declaration.
    static constexpr std::array<schema_variable, variable_count> variables = [] {
        std::array<schema_variable, variable_count> made{};
        std::size_t offset = 0;
        for (std::size_t i = 0; i < variable_count; ++i) {
            const detail::schema_item& item = *data::names.variables[i].item;
            std::size_t size = 1;
            for (std::size_t axis = 0; axis < item.rank; ++axis) {
                size *= static_cast<std::size_t>(item.dimensions[axis]);
            }
            const std::size_t element = size_of(item.type);
            offset = (offset + element - 1) / element * element;
            made[i] = {data::names.name(data::names.variables[i]), item.type,
                std::span(item.dimensions).first(item.rank), size, offset, item.options};
            offset += size * element;
        }
        return made;
    }();

    /// Their full names.
    static constexpr std::array<std::string_view, variable_count> names = [] {
        std::array<std::string_view, variable_count> made{};
        for (std::size_t i = 0; i < variable_count; ++i) { made[i] = variables[i].name; }
        return made;
    }();

    /// Elements of all variables.
    static constexpr std::size_t parameter_count = [] {
        std::size_t sum = 0;
        for (const schema_variable& v : variables) { sum += v.size; }
        return sum;
    }();
    /// Bytes of their elements.
    static constexpr std::size_t byte_count = [] {
        std::size_t sum = 0;
        for (const schema_variable& v : variables) { sum += v.bytes(); }
        return sum;
    }();
    /// Bytes of one contiguous block for all: each variable at its `offset`, which is a multiple of
    /// the size of its elements. The same as `byte_count` where all have one element type.
    static constexpr std::size_t block_bytes = [] {
        return variable_count == 0 ? 0 : variables.back().offset + variables.back().bytes();
    }();

    /// What `path` leads to: a variable, a scope or nothing.
    [[nodiscard]] static constexpr detail::schema_answer find(std::string_view path) noexcept {
        return data::names.find(path);
    }
    /// Whether there is a variable of this name.
    [[nodiscard]] static constexpr bool contains(std::string_view path) noexcept {
        return find(path).kind == detail::schema_kind::variable;
    }
};

} // namespace varscope
