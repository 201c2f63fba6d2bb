/// \file
/// The variables of a model, declared as a tree while compiling.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/initializers/initializers.hpp>
#include <varscope/initializers/variance_scaling.hpp>
#include <varscope/schema/detail/schema_items.hpp>
#include <varscope/schema/detail/schema_table.hpp>
#include <varscope/schema/schema_variable.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

template <class T, std::int64_t... Dimensions>
[[nodiscard]] constexpr schema_items<1> declare(
    std::string_view name, const item_options& options) noexcept {
    static_assert(
        element<T>, "varscope::var<T, dimensions...>(name): T cannot be the type of an element");
    static_assert(sizeof...(Dimensions) <= max_schema_rank,
        "varscope::var<T, dimensions...>(name): a variable of a schema has at most 8 axes");
    static_assert(((Dimensions >= 0) && ...),
        "varscope::var<T, dimensions...>(name): a dimension is negative");
    if constexpr (element<T> && ((Dimensions >= 0) && ...)) {
        static_assert(is_addressable(std::initializer_list<std::int64_t>{Dimensions...}, sizeof(T)),
            "varscope::var<T, dimensions...>(name): this has more elements than memory can hold");
    }
    if constexpr (element<T> && sizeof...(Dimensions) <= max_schema_rank) {
        return {{{.name = name,
            .is_variable = true,
            .type = dtype_of<T>,
            .rank = sizeof...(Dimensions),
            .dimensions = {Dimensions...},
            .options = options}}};
    } else {
        return {{{.name = name, .is_variable = true}}};
    }
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
[[nodiscard]] constexpr auto var(const Name& name) noexcept {
    return detail::declare<T, Dimensions...>(detail::text_of(name), {});
}
/// The same with options.
template <class T, std::int64_t... Dimensions, detail::schema_name Name>
[[nodiscard]] constexpr auto var(const Name& name, const var_options& options) noexcept {
    return detail::declare<T, Dimensions...>(detail::text_of(name), options);
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
        all.items[i * count] = {
            .name = detail::text_of(name), .number = static_cast<std::int32_t>(i), .count = count};
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

/// What can be said of a schema while compiling, all of it constant expressions.
///
/// Its names are checked here. Cost: linear in the number of variables.
/// \tparam S  a type with a static constexpr member `layout`, see `var` and `scope`.
template <class S>
class schema {
    using data = detail::schema_of<S>;
    static constexpr std::size_t checked =
        sizeof(detail::legal_name<S, detail::path_of_item<S, data::survey.illegal>()>) +
        sizeof(detail::full_name<S, detail::path_of_item<S, data::survey.broken>()>) +
        sizeof(detail::name_declared_once<S, detail::path_of_item<S, data::twice>()>) +
        sizeof(detail::bytes_counted<S, detail::path_of_item<S, data::uncounted>()>);

public:
    static constexpr std::size_t variable_count = checked > 0 ? data::size.variables : 0;

    /// The variables' full names, in the order of their declaration.
    static constexpr std::array<std::string_view, variable_count> names = [] {
        std::array<std::string_view, variable_count> made{};
        for (std::size_t i = 0; i < variable_count; ++i) { made[i] = detail::names_of<S>[i]; }
        return made;
    }();

    /// The variables, in that order.
    static constexpr std::array<schema_variable, variable_count> variables = [] {
        std::array<schema_variable, variable_count> made{};
        for (std::size_t i = 0; i < variable_count; ++i) {
            made[i] = {data::table.variables[i], detail::names_of<S>[i]};
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

    /// What `path` leads to, from the root or, with its `key_within`, in a scope: a variable, else
    /// a scope or nothing.
    [[nodiscard]] static constexpr detail::schema_answer find(
        std::string_view path, detail::text_key within = detail::empty_key) noexcept {
        return data::table.find(detail::extend_key(within, path.data(), path.size()));
    }
    /// Whether there is a variable of this name.
    [[nodiscard]] static constexpr bool contains(std::string_view path) noexcept {
        return find(path).kind == detail::schema_kind::variable;
    }
};

} // namespace varscope::inline VARSCOPE_ABI
