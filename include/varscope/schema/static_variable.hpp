/// \file
/// Variables asked for by a name that is known while compiling.
#pragma once

#include <varscope/names/digest.hpp>
#include <varscope/schema/path.hpp>
#include <varscope/scope/variable_scope.hpp>
#include <varscope/variable/asked_options.hpp>
#include <varscope/variable/variable.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI {

/// In a list of dimensions: there are none, and so one element.
inline constexpr struct scalar_t {
    explicit scalar_t() = default;
} scalar{};

namespace detail {

/// The digests of a name's components, made while compiling.
template <std::size_t Depth>
[[nodiscard]] consteval std::array<digest, Depth> hash_components(std::string_view name) noexcept {
    std::array<digest, Depth> digests{};
    for (digest& d : digests) {
        const std::size_t end = find_slash(name);
        d = hash_component(name.substr(0, end), false).hash;
        name.remove_prefix(end == std::string_view::npos ? name.size() : end + 1);
    }
    return digests;
}
template <literal Name>
inline constexpr auto component_digests = hash_components<path<Name>::depth>(Name.view());

template <class Dimension>
[[nodiscard]] constexpr std::int64_t dimension_of(Dimension d) noexcept {
    if constexpr (std::convertible_to<Dimension, std::int64_t>) {
        return static_cast<std::int64_t>(d);
    } else {
        return 0; // so that the assertion is the only error
    }
}

/// What a list of dimensions as template arguments means.
template <auto... Dimensions>
struct static_shape {
    static_assert(((std::convertible_to<decltype(Dimensions), std::int64_t>)&&...),
        "varscope: a dimension is an integer (vs::unknown_dimension if it is not known); for a "
        "single element write vs::scalar alone");
    static constexpr std::size_t rank =
        sizeof...(Dimensions) == 0 ? dynamic_rank : sizeof...(Dimensions);
    static constexpr std::array<std::int64_t, sizeof...(Dimensions)> dimensions{
        dimension_of(Dimensions)...};
    static_assert(((dimension_of(Dimensions) >= unknown_dimension) && ...),
        "varscope: a dimension is negative");
    static constexpr bool is_known = sizeof...(Dimensions) > 0 &&
        ((dimension_of(Dimensions) >= 0) && ...);
};
template <>
struct static_shape<scalar> {
    static constexpr std::size_t rank = 0;
    static constexpr std::array<std::int64_t, 0> dimensions{};
    static constexpr bool is_known = true;
};

/// A handle of a variable that fits.
template <class T, class Shape>
[[nodiscard]] auto make_handle(variable_node& v) {
    using handle = variable<T, Shape::rank>;
    if constexpr (Shape::is_known) { // without a look at the variable's own
        typename handle::shape_type dimensions{};
        for (std::size_t i = 0; i < Shape::rank; ++i) {
            dimensions[i] = static_cast<std::size_t>(Shape::dimensions[i]);
        }
        return handle(v, dimensions);
    } else {
        return handle(v);
    }
}

/// The element type that is asked for; float where that is none, so that the assertion is the only
/// error.
template <literal Name, class T>
struct asked_element {
    static_assert(element<T>,
        "varscope::get_variable<name, T, dimensions...>(): T cannot be the type of an element");
    static_assert(path<Name>::depth > 0,
        "varscope::get_variable<name, T, dimensions...>(): the name is empty");
    using type = float;
};
template <literal Name, element T>
    requires(path<Name>::depth > 0)
struct asked_element<Name, T> {
    using type = T;
};

/// Where a variable is asked for.
struct asked_place {
    asked_place(const scope_guard& guard) noexcept; // NOLINT(google-explicit-constructor): a place
    asked_place(const scope_handle& handle);        // NOLINT(google-explicit-constructor): as above
    asked_place(varscope::graph& g);                // NOLINT(google-explicit-constructor): as above
    asked_place();

    [[nodiscard]] varscope::graph& graph() const noexcept;

    thread_scopes& thread;
    const scope_state& scope;
    const digest& id; // of its path

private:
    explicit asked_place(thread_scopes& in) noexcept;
};

/// A place in the user's source, which `{}` is none: that stands for a shape, or for options.
struct written_place {
    written_place( // NOLINT(google-explicit-constructor): it is one
        const std::source_location& place) noexcept
        : where{place} {}
    std::source_location where;
};

/// What a call asks for, as far as its template arguments say.
struct static_request {
    std::string_view name;
    std::span<const std::int64_t> dimensions;
    std::span<const digest> components; // of the name
    dtype type;
    std::optional<std::size_t> rank; // nothing: any

    [[nodiscard]] shape get_shape() const { return rank ? shape(dimensions) : any_shape; }

    /// Whether such a handle fits `v`, as far as v's shape counts.
    [[nodiscard]] bool fits(const variable_node& v) const noexcept;
};

template <literal Name, class T, class Shape>
inline constexpr static_request request_of{Name.view(), Shape::dimensions, component_digests<Name>,
    dtype_of<T>, Shape::rank == dynamic_rank ? std::nullopt : std::optional(Shape::rank)};

/// Throws if a shape contradicts that in the type of the handle.
void check_dimensions(const asked_place& at, const static_request& r, const shape& given,
    const std::source_location& where);

/// The whole way, by the name's text: for what is made, is not shared as it is, or does not fit.
[[nodiscard, gnu::cold]] variable_node& get_by_text(const asked_place& at, const static_request& r,
    const shape& dimensions, const asked_options* options, const std::source_location& where);
[[nodiscard, gnu::cold]] variable_node& get_by_text(
    const asked_place& at, const static_request& r, const std::source_location& where);

/// The variable that is shared as it is, without hashing, or null.
[[nodiscard]] variable_node* find_in_table(const asked_place& at, const static_request& r) noexcept;

/// One for each name, element type and shape that is asked for.
template <literal Name, class T, class Shape>
inline constinit literal_number place_of{0};

// Plain functions, so that a name costs compilers little more than its data. What is asked for goes
// to them by value, so that it stays in registers.

/// The same where that has been answered before, in the same scope; else null.
[[nodiscard]] variable_node* find_known(
    const asked_place& at, const literal_number& place) noexcept;

[[nodiscard]] variable_node& get_unknown(
    asked_place at, const static_request& r, literal_number& place, std::source_location where);

// Inlined always, as get_variable is, so that a handle that is used and dropped stays in registers.
template <literal Name, class T, class Shape>
[[nodiscard, gnu::always_inline]] inline auto get_static(
    const asked_place& at, const std::source_location& where) {
    literal_number& place = place_of<Name, T, Shape>;
    variable_node* const known = find_known(at, place);
    if (known == nullptr) [[unlikely]] {
        // What a getter gives, or what was made without validate_shape, may have another shape.
        return variable<T, Shape::rank>(get_unknown(at, request_of<Name, T, Shape>, place, where));
    }
    return make_handle<T, Shape>(*known);
}

/// The same with what is known at run time only.
template <literal Name, class T, class Shape>
[[nodiscard]] auto get_static(const asked_place& at, const shape& dimensions,
    const variable_options& options, const std::source_location& where) {
    const asked_options asked(options);
    return variable<T, Shape::rank>(
        get_by_text(at, request_of<Name, T, Shape>, dimensions, &asked, where));
}

} // namespace detail

/// Returns the variable `Name` of a variable scope, creating it when the scope's reuse mode allows:
/// `get_variable` for a name, and perhaps a shape, that are known while compiling.
///
///     vs::static_scope s{"tower"_path, vs::auto_reuse};
///     auto kernel = vs::get_variable<"kernel", float, 784, 64>(s);   // variable<float, 2>
///     auto bias = vs::get_variable<"bias", float>(s, {units});       // variable<float>
///
/// The same names, variables, checks and errors as by a string. Sharing hashes nothing: it takes a
/// few multiplications and one look into the store's table, allocates nothing and takes no lock.
/// What does not compile: a name with an illegal character or an empty component, a type that is no
/// element's, a negative dimension.
///
/// \tparam Name        one or more components: "kernel", a path, a boost::hana::string.
/// \tparam T           element type.
/// \tparam Dimensions  outermost first; `unknown_dimension` for what is not known, `scalar` alone
///                     for a single element. None: any rank.
/// \throws  as get_variable by a string.
/// Safe from any thread, where the scope belongs to it. Follows tf.get_variable (TensorFlow 1.15).
///
/// \param in  a variable scope, a scope_handle, or a graph for the scope that is open in it;
///            without one, the scope that is in force in this thread.
template <literal Name, class T, auto... Dimensions>
[[nodiscard, gnu::always_inline]] inline auto get_variable(const detail::asked_place& in = {},
    const detail::written_place& at = std::source_location::current()) {
    return detail::get_static<Name, typename detail::asked_element<Name, T>::type,
        detail::static_shape<Dimensions...>>(in, at.where);
}
/// The same with options, which count on creation only.
template <literal Name, class T, auto... Dimensions>
    requires(detail::static_shape<Dimensions...>::is_known)
[[nodiscard]] auto get_variable(const detail::asked_place& in, const variable_options& options,
    const detail::written_place& at = std::source_location::current()) {
    using asked_shape = detail::static_shape<Dimensions...>;
    return detail::get_static<Name, typename detail::asked_element<Name, T>::type, asked_shape>(
        in, shape(asked_shape::dimensions), options, at.where);
}
/// The same with a shape that is known at run time.
/// \throws bad_shape  it contradicts the dimensions in the type.
template <literal Name, class T, auto... Dimensions>
    requires(!detail::static_shape<Dimensions...>::is_known)
[[nodiscard]] auto get_variable(const detail::asked_place& in, const shape& dimensions,
    const variable_options& options = {},
    const detail::written_place& at = std::source_location::current()) {
    return detail::get_static<Name, typename detail::asked_element<Name, T>::type,
        detail::static_shape<Dimensions...>>(in, dimensions, options, at.where);
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/schema/impl/static_variable.ipp>
#endif
