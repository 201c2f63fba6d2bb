/// \file
/// How an op holds what it is made of.
#pragma once

#include <varscope/base/expressions.hpp>
#include <varscope/op/detail/computed.hpp>
#include <varscope/variable/variable.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

/// Marks a parameter that the result refers to, for compilers that warn where the result outlives
/// it.
#if defined(__clang__)
#define VARSCOPE_LIFETIMEBOUND [[clang::lifetimebound]]
#elif defined(_MSC_VER)
#define VARSCOPE_LIFETIMEBOUND [[msvc::lifetimebound]]
#else
#define VARSCOPE_LIFETIMEBOUND
#endif

namespace varscope::inline VARSCOPE_ABI {

template <class E>
class op;

namespace detail {

/// A container of an expression's elements, of its own rank if that is part of its type.
template <class E>
struct container_of {
    template <class S>
    struct by_shape {
        using type =
            xt::xarray<std::remove_cvref_t<typename E::value_type>, xt::layout_type::row_major>;
    };
    template <class I, std::size_t N>
    struct by_shape<std::array<I, N>> {
        using type =
            xt::xtensor<std::remove_cvref_t<typename E::value_type>, N, xt::layout_type::row_major>;
    };
    using type = typename by_shape<std::remove_cvref_t<typename E::shape_type>>::type;
};
template <class E>
using container_of_t = typename container_of<std::remove_cvref_t<E>>::type;

template <class X>
inline constexpr bool is_op = false;
template <class E>
inline constexpr bool is_op<op<E>> = true;
template <class X>
inline constexpr bool is_variable = std::same_as<X, any_variable>;
template <class T, std::size_t N>
inline constexpr bool is_variable<variable<T, N>> = true;
template <class X>
inline constexpr bool is_scalar = false;
template <class X>
inline constexpr bool is_scalar<xt::xscalar<X>> = true;
template <class X>
inline constexpr bool is_computed = false;
template <class C, class F>
inline constexpr bool is_computed<computed<C, F>> = true;

/// xtensor's containers, as opposed to lazy expressions: what has memory of its own.
template <class X>
inline constexpr bool is_container = std::is_base_of_v<xt::xcontainer<X>, X> && !is_variable<X>;
template <class X>
concept container = is_container<X>;

/// An operand that an op holds by value: all but containers that have a name.
template <class X>
concept owned_operand =
    operand<X> && !(std::is_lvalue_reference_v<X> && is_container<std::remove_cvref_t<X>>);

/// Whether a type of xtensor's keeps a reference to a lazy expression, as it does to one that had a
/// name when the type was made of it.
template <class Argument>
inline constexpr bool refers_to_lazy = std::is_lvalue_reference_v<Argument> &&
    xt::is_xexpression<std::remove_cvref_t<Argument>>::value &&
    !is_container<std::remove_cvref_t<Argument>>;

/// Of a type that stands on one expression: how it holds that, and whether it refers to lazy ones.
template <class X>
struct closure_in {
    static constexpr bool refers = false;
    using type = void;
};
template <template <class...> class View, class... X>
struct closure_in<View<X...>> { // xview, xbroadcast, xreducer, xindex_view, xrepeat
    static constexpr bool refers = (refers_to_lazy<X> || ...);
    template <class Found, class... Rest>
    struct first {
        using type = Found;
    };
    template <class Found, class Next, class... Rest>
        requires(!xt::is_xexpression<std::remove_cvref_t<Found>>::value)
    struct first<Found, Next, Rest...> : first<Next, Rest...> {};
    using type = typename first<X...>::type;
};
template <template <class, class, xt::layout_type, class> class View, class X, class S,
    xt::layout_type L, class F>
struct closure_in<View<X, S, L, F>> { // xstrided_view, xdynamic_view
    static constexpr bool refers = refers_to_lazy<X>;
    using type = X;
};

/// An expression that is computed as a whole: what xtensor would step through wrongly where it is
/// broadcast (0.24 to 0.27), such as a view of a lazy expression, or a reducer with keep_dims.
template <class X>
struct evaluated_whole {
    using container = container_of_t<X>;

    X expression;

    void check() const { check_readable(expression); }
    container operator()() const { return container(expression); }
};

/// Whether xtensor broadcasts `X` rightly.
template <class X>
[[nodiscard]] constexpr bool is_broadcast_rightly() noexcept {
    if constexpr (is_container<X> || is_variable<X> || is_op<X> || is_computed<X> || is_scalar<X> ||
        is_function<X>) {
        return true; // a function: if what it stands on is
    } else if constexpr (stands_on_one<X>) {
        using on = std::remove_cvref_t<decltype(std::declval<const X&>().expression())>;
        return (xt::has_data_interface<X>::value && xt::has_strides<X>::value) ||
            (requires(const X& x, const on& e) { x.build_broadcast(e); } &&
                is_broadcast_rightly<on>());
    } else {
        return false;
    }
}

template <class X>
[[nodiscard]] auto broadcast_rightly(X x) {
    if constexpr (is_broadcast_rightly<X>()) {
        return x;
    } else {
        using result = computed<container_of_t<X>, evaluated_whole<X>>;
        typename result::shape_type dimensions{};
        xt::resize_container(dimensions, x.dimension());
        std::copy(x.shape().begin(), x.shape().end(), dimensions.begin());
        return result(std::move(dimensions), evaluated_whole<X>{std::move(x)});
    }
}

template <class X>
[[nodiscard]] decltype(auto) held(X&& x);

/// What an expression holds as `Closure`, as an op holds it.
template <class Closure, class X>
[[nodiscard]] decltype(auto) held_closure(const X& x) {
    if constexpr (is_container<X> && !std::is_reference_v<Closure>) {
        return X(x);
    } else {
        return held(x);
    }
}
template <class Closure>
using held_closure_t =
    decltype(held_closure<Closure>(std::declval<const std::remove_cvref_t<Closure>&>()));
template <class Closure>
inline constexpr bool is_held =
    std::is_same_v<std::remove_cv_t<Closure>, std::remove_cv_t<held_closure_t<Closure>>>;

template <class X>
inline constexpr bool is_held_function = false;
template <class F, class... X>
inline constexpr bool is_held_function<xt::xfunction<F, X...>> = (is_held<X> && ...);

template <class F, class... X>
[[nodiscard]] auto hold_arguments(const xt::xfunction<F, X...>& f) {
    return std::apply(
        [&](const auto&... arguments) {
            return xt::xfunction<F, held_closure_t<X>...>(
                F(f.functor()), held_closure<X>(arguments)...);
        },
        f.arguments());
}

/// A view, broadcast or reducer that holds its expression as an op does.
template <class X>
[[nodiscard]] auto hold_expression(const X& x) {
    using closure = typename closure_in<X>::type;
    if constexpr (requires { x.build_view(held_closure<closure>(x.expression())); }) {
        return x.build_view(held_closure<closure>(x.expression()));
    } else if constexpr (requires { x.build_reducer(held_closure<closure>(x.expression())); }) {
        return x.build_reducer(held_closure<closure>(x.expression()));
    } else if constexpr (requires { x.build_broadcast(held_closure<closure>(x.expression())); }) {
        return x.build_broadcast(held_closure<closure>(x.expression()));
    } else {
        static_assert(!closure_in<X>::refers,
            "varscope: an op cannot hold this kind of view of a lazy expression that has a name: "
            "evaluate the expression first, or make it an op (vs::identity)");
        return x;
    }
}

/// An operand as an op holds it: a named container by reference, as xtensor's functions do; all
/// else by value (numbers, variables, ops, and lazy expressions with all that they refer to), so
/// that an op may be returned from where its operands were named.
template <class X>
[[nodiscard]] decltype(auto) held(X&& x) {
    using type = std::remove_cvref_t<X>;
    if constexpr (number<type>) {
        return xt::xscalar<type>(x);
    } else if constexpr (is_scalar<type>) {
        using value = std::remove_cvref_t<decltype(x())>;
        return xt::xscalar<value>(value(x()));
    } else if constexpr (is_container<type> && std::is_lvalue_reference_v<X>) {
        return static_cast<const type&>(x);
    } else if constexpr (is_function<type>) {
        if constexpr (is_held_function<type>) {
            return type(std::forward<X>(x));
        } else {
            return hold_arguments(x);
        }
    } else if constexpr (stands_on_one<type> && !is_op<type>) {
        using closure = typename closure_in<type>::type;
        if constexpr (is_container<std::remove_cv_t<closure>>) {
            // Nobody else sees this container. A view of it would not outlive being moved: it may
            // refer to the container's shape.
            return container_of_t<type>(x);
        } else if constexpr (closure_in<type>::refers) {
            return broadcast_rightly(hold_expression(x));
        } else {
            return broadcast_rightly(type(std::forward<X>(x)));
        }
    } else {
        static_assert(!closure_in<type>::refers || is_op<type>,
            "varscope: an op cannot hold this kind of expression over a lazy one that has a name: "
            "evaluate that first, or make it an op (vs::identity)");
        return broadcast_rightly(type(std::forward<X>(x)));
    }
}
template <class X>
using held_operand = decltype(held(std::declval<X>()));

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI
