/// \file
/// What is known of an xtensor expression before it is evaluated: its rank and shape, and whether
/// it can be read.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/error.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/base/xtensor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI {

/// The rank of a `variable` whose number of axes is known at run time only.
inline constexpr std::size_t dynamic_rank = static_cast<std::size_t>(-1);

namespace detail {

template <class X>
concept number = element<X> || std::is_arithmetic_v<X>;

/// What can be an operand: an xtensor expression, or a number.
template <class X>
concept operand =
    xt::is_xexpression<std::remove_cvref_t<X>>::value || number<std::remove_cvref_t<X>>;

template <class X>
inline constexpr bool is_function = false;
template <class F, class... X>
inline constexpr bool is_function<xt::xfunction<F, X...>> = true;

/// Views, reducers and broadcasts stand on one other expression.
template <class X>
concept stands_on_one = requires(const X& x) { x.expression(); };

/// The number of axes of an expression, if its type says that.
template <class X>
inline constexpr std::size_t rank_in_type = dynamic_rank;
template <class X>
    requires(requires { std::tuple_size<typename X::shape_type>::value; })
inline constexpr std::size_t rank_in_type<X> = std::tuple_size<typename X::shape_type>::value;

/// Whether an expression may have rank `N`, as far as types say.
template <class X, std::size_t N>
inline constexpr bool may_have_rank =
    N == dynamic_rank || rank_in_type<X> == dynamic_rank || rank_in_type<X> == N;

template <class CT>
[[nodiscard]] shape shape_of(const xt::xscalar<CT>&) {
    return {};
}
/// The shape an expression will have, found without evaluating anything and without xtensor's
/// caching, so that an op can be made over variables that have no value yet.
/// \throws shape_mismatch  its operands do not broadcast.
template <class X>
[[nodiscard]] shape shape_of(const X& x) {
    if constexpr (number<X>) {
        return {};
    } else if constexpr (is_function<X>) {
        shape result;
        const auto broadcast = [&](const shape& other) {
            const std::size_t rank = std::max(result.rank(), other.rank());
            shape both;
            for (std::size_t axis = 0; axis < rank; ++axis) {
                const auto dimension = [&](const shape& s) {
                    return axis + s.rank() < rank ? std::int64_t{1} : s[axis + s.rank() - rank];
                };
                const std::int64_t a = dimension(result);
                const std::int64_t b = dimension(other);
                if (a != b && a != 1 && b != 1) {
                    throw shape_mismatch("shapes " + to_string(result) + " and " +
                            to_string(other) + " do not broadcast",
                        {}, result, other);
                }
                both.push_back(a == 1 ? b : a);
            }
            result = both;
        };
        std::apply([&](const auto&... arguments) { (broadcast(shape_of(arguments)), ...); },
            x.arguments());
        return result;
    } else { // an op knows its own, whatever it is made of
        return shape(x.shape());
    }
}

/// Throws `uninitialized` or `not_fed` if an operand cannot be read now.
template <class X>
void check_readable(const X& x) {
    if constexpr (requires { x.node().first_element(); }) { // a variable or a part
        (void)x.node().first_element();
    } else if constexpr (requires { x.check(); }) { // what is computed all at once
        x.check();
    } else if constexpr (requires { x.arguments(); }) { // a function of others
        std::apply(
            [](const auto&... arguments) { (check_readable(arguments), ...); }, x.arguments());
    } else if constexpr (stands_on_one<X>) {
        check_readable(x.expression());
    }
}

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI
