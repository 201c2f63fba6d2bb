/// \file
/// The variables of a model, declared as a tree while compiling.
#pragma once

#include <varscope/detail/digest.hpp>
#include <varscope/dtype.hpp>
#include <varscope/initializer_rule.hpp>
#include <varscope/initializers.hpp>
#include <varscope/path.hpp>
#include <varscope/shape.hpp>
#include <varscope/variance_scaling.hpp>

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
    const auto append_one = [&](const auto& part) {
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
    static_assert(element<T>, "varscope::var<T, dimensions...>(name): T cannot be the type of an element");
    static_assert(sizeof...(Dimensions) <= detail::max_schema_rank,
        "varscope::var<T, dimensions...>(name): a variable of a schema has at most 8 axes");
    static_assert(((Dimensions >= 0) && ...),
        "varscope::var<T, dimensions...>(name): a dimension is negative");
    return detail::schema_items<1>{{detail::schema_item{.name = detail::text_of(name),
        .is_variable = true,
        .type = dtype_of<T>,
        .rank = sizeof...(Dimensions),
        .dimensions = {Dimensions...},
        .options = options}}};
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

/// A variable of a schema, without its name.
struct declared_variable {
    varscope::dtype dtype = dtype::float32;
    std::span<const std::int64_t> dimensions = {}; ///< outermost first
    std::size_t size = 1;                          ///< elements
    std::size_t offset = 0;                        ///< bytes, in one contiguous block
    var_options options = {};

    [[nodiscard]] constexpr std::size_t bytes() const noexcept { return size * size_of(dtype); }
    [[nodiscard]] constexpr varscope::shape shape() const noexcept {
        return varscope::shape(dimensions);
    }
};

/// A variable of a schema: a constant expression.
struct schema_variable : declared_variable {
    std::string_view name; ///< in full, below the scope that the schema is bound in
};

namespace detail {

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
    /// Calls `function` with each letter.
    template <class Function>
    constexpr void for_each_letter(const Function& function) const noexcept {
        for (const char c : text_) { function(c); }
        for (std::size_t i = digits_.size() - digit_count_; i < digits_.size(); ++i) {
            function(digits_[i]);
        }
    }
    /// The digest of the name below `scope`, and before that of each scope that it leads through.
    template <class Function>
    [[nodiscard]] constexpr digest extend_each(
        const digest& scope, const Function& through) const noexcept {
        digest at = scope;
        std::string_view rest = text_;
        for (std::size_t slash = rest.find('/'); slash != std::string_view::npos;
             slash = rest.find('/')) {
            at = extend_by_component(at, hash_component(rest.substr(0, slash), false).hash);
            through(at);
            rest.remove_prefix(slash + 1);
        }
        if (digit_count_ == 0) {
            return extend_by_component(at, hash_component(rest, false).hash);
        }
        std::array<char, 128> last{}; // enough: a longer name of a repeated scope is cut, and refused
        std::size_t count = 0;
        for (const char c : rest.substr(0, last.size() - digits_.size())) { last[count++] = c; }
        for (std::size_t i = digits_.size() - digit_count_; i < digits_.size(); ++i) {
            last[count++] = digits_[i];
        }
        return extend_by_component(
            at, hash_component(std::string_view(last.data(), count), false).hash);
    }

private:
    std::string_view text_;
    std::array<char, 10> digits_{};
    std::size_t digit_count_ = 0;
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
    std::uint32_t twice = none; // a variable whose name is that of another one, or of a scope

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
        if (s.number != none) {
            if (twice == none) { twice = variable_count_; }
        } else {
            s = {id, variable_count_};
        }
        ++variable_count_;
    }

    /// A scope may be declared more than once.
    constexpr void enter_scope(const digest& id) noexcept {
        scopes[scope_count_++] = {id, variable_count_, variable_count_};
        slot& s = slots[slot_of(id)];
        if (s.number == none) {
            s = {id, static_cast<std::uint32_t>(Size.variables)};
        } else if (s.number < Size.variables && twice == none) {
            twice = s.number;
        }
    }

    std::uint32_t variable_count_ = 0;
    std::uint32_t scope_count_ = 0;
    std::size_t bytes_ = 0;
};

/// Calls `begin(item)` for each item and, behind what is in a scope, `end(item)`.
template <class Begin, class End>
constexpr void walk(
    std::span<const schema_item> items, const Begin& begin, const End& end) noexcept {
    for (std::size_t i = 0; i < items.size(); i += items[i].count) {
        begin(items[i]);
        if (!items[i].is_variable) {
            walk(items.subspan(i + 1, items[i].count - 1), begin, end);
        }
        end(items[i]);
    }
}

/// Letters of the full names of all variables.
[[nodiscard]] constexpr std::size_t count_letters(std::span<const schema_item> items) noexcept {
    std::size_t all = 0;
    std::size_t path = 0;
    const auto add = [&](const schema_item& item) {
        path += item_name(item).size() + 1;
        all += item.is_variable ? path - 1 : 0;
    };
    walk(items, add, [&](const schema_item& item) { path -= item_name(item).size() + 1; });
    return all;
}

/// The full names of the variables.
template <std::size_t Letters, std::size_t Variables>
struct schema_names {
    std::array<char, Letters> text{};
    std::array<std::size_t, Variables> ends{};

    constexpr explicit schema_names(std::span<const schema_item> items) noexcept {
        std::array<char, Letters> path{}; // where a name is put together
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

    /// The first item with a name that is wrong, or none.
    template <class Predicate>
    [[nodiscard]] static constexpr std::string_view first_name(Predicate is_wrong) noexcept {
        for (const schema_item& item : items) {
            if (is_wrong(item.name)) { return item.name; }
        }
        return "-";
    }
    static constexpr std::string_view illegal =
        first_name([](std::string_view name) { return !has_legal_characters(name); });
    static constexpr std::string_view broken = first_name(
        [](std::string_view name) { return name.empty() || has_empty_component(name); });
    static constexpr std::string_view twice = [] {
        if constexpr (table.twice == table.none) {
            return "-";
        } else {
            return names[table.twice];
        }
    }();
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

    /// The variables' full names, in the order of their declaration.
    static constexpr std::array<std::string_view, variable_count> names = [] {
        std::array<std::string_view, variable_count> made{};
        for (std::size_t i = 0; i < variable_count; ++i) { made[i] = data::names[i]; }
        return made;
    }();

    /// The variables, in that order.
    static constexpr std::array<schema_variable, variable_count> variables = [] {
        std::array<schema_variable, variable_count> made{};
        for (std::size_t i = 0; i < variable_count; ++i) {
            made[i] = {data::table.variables[i], data::names[i]};
        }
        return made;
    }();
    /// The same without names, which take longer to compile.
    static constexpr const std::array<declared_variable, variable_count>& declared =
        data::table.variables;

    /// Elements of all variables.
    static constexpr std::size_t parameter_count = [] {
        std::size_t sum = 0;
        for (const declared_variable& v : declared) { sum += v.size; }
        return sum;
    }();
    /// Bytes of their elements.
    static constexpr std::size_t byte_count = [] {
        std::size_t sum = 0;
        for (const declared_variable& v : declared) { sum += v.bytes(); }
        return sum;
    }();
    /// Bytes of one contiguous block for all: each variable at its `offset`, which is a multiple of
    /// the size of its elements. The same as `byte_count` where all have one element type.
    static constexpr std::size_t block_bytes = [] {
        return variable_count == 0 ? 0 : declared.back().offset + declared.back().bytes();
    }();

    /// What `path` leads to, from the root or another scope: a variable, a scope or nothing.
    [[nodiscard]] static constexpr detail::schema_answer find(std::string_view path,
        const detail::digest& scope = detail::root_digest) noexcept {
        return data::table.find(detail::extend_path(scope, path));
    }
    /// Whether there is a variable of this name.
    [[nodiscard]] static constexpr bool contains(std::string_view path) noexcept {
        return find(path).kind == detail::schema_kind::variable;
    }
};

} // namespace varscope
