/// \file
/// Finding a path in a schema while compiling, and saying what is wrong with it.
#pragma once

#include <varscope/schema/path.hpp>
#include <varscope/schema/schema.hpp>
#include <varscope/schema/static_variable.hpp>
#include <varscope/variable/variable.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Letters of the longer text outside what both begin and end with: few after a slip of the finger.
[[nodiscard]] constexpr std::size_t changed_letters(
    std::string_view a, std::string_view b) noexcept {
    const std::size_t shorter = a.size() < b.size() ? a.size() : b.size();
    std::size_t front = 0;
    while (front < shorter && a[front] == b[front]) { ++front; }
    std::size_t back = 0;
    while (back < shorter - front && a[a.size() - 1 - back] == b[b.size() - 1 - back]) { ++back; }
    return a.size() + b.size() - shorter - front - back;
}

/// The names of a schema that are most like `wanted`, the nearest first.
template <class S>
[[nodiscard]] constexpr std::array<std::string_view, 3> nearest_in(
    std::string_view wanted) noexcept {
    std::array<std::string_view, 3> nearest{};
    std::array<std::size_t, 3> distances{};
    for (const std::string_view name : schema<S>::names) {
        std::size_t distance = changed_letters(wanted, name);
        const bool ends_alike = name.ends_with(wanted) || wanted.ends_with(name);
        if (ends_alike && distance > 1) { distance = 1; }
        for (std::size_t i = 0; i < nearest.size(); ++i) {
            if (nearest[i].empty() || distance < distances[i]) {
                for (std::size_t j = nearest.size() - 1; j > i; --j) {
                    nearest[j] = nearest[j - 1];
                    distances[j] = distances[j - 1];
                }
                nearest[i] = name;
                distances[i] = distance;
                break;
            }
        }
    }
    return nearest;
}

template <class>
inline constexpr bool never = false;

// What is wrong with a look-up: the names are template arguments, which compilers print.
template <class S, literal Path, literal... Nearest>
struct no_such_variable {
    static_assert(never<S>,
        "varscope::bound<S>::get<path>(): the schema has no variable of this path; it stands here "
        "before the nearest ones that the schema has");
};
template <class S, literal Path>
struct path_of_a_scope {
    static_assert(never<S>,
        "varscope::bound<S>::get<path>(): this is the path of a scope, not of a variable; for what "
        "is in it use scope<path>()");
};
template <class S, literal Path, literal... Nearest>
struct no_such_scope {
    static_assert(never<S>,
        "varscope::bound<S>::scope<path>(): the schema has no scope of this path; it stands here "
        "before the nearest variables that the schema has");
};
template <class S, literal Path>
struct path_of_a_variable {
    static_assert(never<S>,
        "varscope::bound<S>::scope<path>(): this is the path of a variable, not of a scope; use "
        "get<path>()");
};
/// Tells that there is no variable at `Path`.
template <class S, literal Path, schema_kind Kind>
constexpr void report_variable() noexcept {
    if constexpr (Kind == schema_kind::scope) {
        (void)sizeof(path_of_a_scope<S, Path>);
    } else if constexpr (!has_legal_characters(Path.view()) || has_empty_component(Path.view())) {
        (void)sizeof(path<Path>);
    } else {
        constexpr auto nearest = nearest_in<S>(Path.view());
        (void)sizeof(no_such_variable<S, Path, literal<nearest[0].size()>(nearest[0]),
            literal<nearest[1].size()>(nearest[1]), literal<nearest[2].size()>(nearest[2])>);
    }
}

/// Where a look-up says no type.
struct as_declared;

// The type that a look-up says, beside the declared one.
template <literal Path, class Asked>
struct element_type {
    static_assert(element<Asked>,
        "varscope::bound<S>::get<path, T, dimensions...>(): T cannot be the type of an element");
};
template <literal Path, class Asked, class Declared>
struct same_element_type {
    static_assert(dtype_of<Asked> == dtype_of<Declared>,
        "varscope::bound<S>::get<path, T, dimensions...>(): the variable is declared with another "
        "element type; it stands last");
};
template <literal Path, std::size_t Asked, std::size_t Declared>
struct same_rank {
    static_assert(Asked == Declared,
        "varscope::bound<S>::get<path, T, dimensions...>(): the variable is declared with another "
        "number of axes; it stands last");
};
template <std::int64_t... Dimensions>
struct dimensions;
template <literal Path, class Asked, class Declared>
struct same_shape;
template <literal Path, std::int64_t... Asked, std::int64_t... Declared>
struct same_shape<Path, dimensions<Asked...>, dimensions<Declared...>> {
    static_assert(((Asked == Declared || Asked == unknown_dimension) && ...),
        "varscope::bound<S>::get<path, T, dimensions...>(): the variable is declared with another "
        "shape; it stands last");
};

template <class S, literal Path, std::size_t Index, class T, auto... Dimensions>
constexpr void check_declared() noexcept {
    constexpr dtype type = schema<S>::declared[Index].dtype;
    constexpr std::size_t rank = schema<S>::declared[Index].dimensions.size();
    using shape = static_shape<Dimensions...>;
    if constexpr (element<T>) {
        (void)sizeof(same_element_type<Path, T, element_of<type>>);
    } else {
        (void)sizeof(element_type<Path, T>);
    }
    if constexpr (shape::rank != dynamic_rank) {
        (void)sizeof(same_rank<Path, shape::rank, rank>);
        if constexpr (shape::rank == rank && rank > 0) {
            []<std::size_t... Axis>(std::index_sequence<Axis...>) {
                (void)sizeof(same_shape<Path, dimensions<shape::dimensions[Axis]...>,
                    dimensions<schema<S>::declared[Index].dimensions[Axis]...>>);
            }(std::make_index_sequence<shape::rank>{});
        }
    }
}

/// A handle of a variable that is as declared.
template <class T, std::size_t N>
[[nodiscard, gnu::always_inline]] inline variable<T, N> make_declared(
    variable_node& v, const declared_variable& declared) {
    typename variable<T, N>::shape_type dimensions{};
    for (std::size_t i = 0; i < N; ++i) {
        dimensions[i] = static_cast<std::size_t>(declared.dimensions[i]);
    }
    return variable<T, N>(v, dimensions);
}

/// The numbers of the variables below a scope, which may be declared in several places.
template <class S, literal Prefix>
[[nodiscard]] consteval auto numbers_below() noexcept {
    constexpr std::size_t all = schema<S>::variable_count;
    const auto for_each_range = [](const auto& function) {
        if (Prefix.view().empty()) { function(std::size_t{0}, all); }
        const text_key key = extend_key(empty_key, Prefix.text, Prefix.view().size());
        for (const auto& scope : schema_of<S>::table.scopes) {
            if (scope.key == key && !Prefix.view().empty()) { function(scope.first, scope.last); }
        }
    };
    constexpr std::size_t count = [&] {
        std::size_t found = 0;
        for_each_range([&](std::size_t first, std::size_t last) { found += last - first; });
        return found;
    }();
    std::array<std::size_t, count> numbers{};
    std::size_t at = 0;
    for_each_range([&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) { numbers[at++] = i; }
    });
    return numbers;
}

template <class S, literal Path>
constexpr void check_scope() noexcept {
    constexpr schema_answer answer = schema<S>::find(Path.view());
    if constexpr (answer.kind == schema_kind::variable) {
        if constexpr (numbers_below<S, Path>().empty()) {
            (void)sizeof(path_of_a_variable<S, Path>);
        }
    } else if constexpr (answer.kind == schema_kind::nothing && !Path.view().empty()) {
        constexpr auto nearest = nearest_in<S>(Path.view());
        (void)sizeof(no_such_scope<S, Path, literal<nearest[0].size()>(nearest[0]),
            literal<nearest[1].size()>(nearest[1]), literal<nearest[2].size()>(nearest[2])>);
    }
}

template <class S, element T>
[[nodiscard]] consteval bool all_are() noexcept {
    for (const declared_variable& v : schema<S>::declared) {
        if (v.dtype != dtype_of<T>) { return false; }
    }
    return true;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
