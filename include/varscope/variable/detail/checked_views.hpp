/// \file
/// Views of variables say that a variable has no value where an exception can still pass.
#pragma once

#include <varscope/base/expressions.hpp>
#include <varscope/base/xtensor.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>

// xtensor reads what a view, a broadcast or a reducer stands on in functions that are noexcept, so
// that an exception there ends the program. xtensor's assignments are chosen by a tag that
// expressions take over from what they are made of (as for xoptional); variables have one of their
// own, with which each assignment looks first. All else is as for xtensor's own tag.

namespace varscope::inline VARSCOPE_ABI::detail {

struct expression_tag {};

/// Throws `uninitialized` or `not_fed` if a view in the expression cannot be read now. What stands
/// in it directly throws by itself.
template <class X>
void check_views(const X& x) {
    if constexpr (requires { x.arguments(); }) {
        std::apply([](const auto&... arguments) { (check_views(arguments), ...); }, x.arguments());
    } else if constexpr (stands_on_one<X>) {
        check_readable(x);
    }
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace xt {

template <>
class xexpression_assigner_base<varscope::detail::expression_tag>
    : public xexpression_assigner_base<xtensor_expression_tag> {
public:
    template <class E1, class E2>
    static void assign_data(xexpression<E1>& to, const xexpression<E2>& from, bool trivial) {
        varscope::detail::check_views(to.derived_cast());
        varscope::detail::check_views(from.derived_cast());
        xexpression_assigner_base<xtensor_expression_tag>::assign_data(to, from, trivial);
    }
};

template <class T>
struct temporary_type_from_tag<varscope::detail::expression_tag, T>
    : temporary_type_from_tag<xtensor_expression_tag, T> {};

template <class E>
    requires std::same_as<xexpression_tag_t<E>, varscope::detail::expression_tag>
struct is_xtensor_expression<E> : std::true_type {};

namespace detail {

template <class F, class... E>
struct select_xfunction_expression<varscope::detail::expression_tag, F, E...>
    : select_xfunction_expression<xtensor_expression_tag, F, E...> {};

} // namespace detail

namespace extension {

struct varscope_base {
    using expression_tag = varscope::detail::expression_tag;
};

// What xt::flatten returns.
template <class EC, std::size_t N, layout_type L>
struct xtensor_view_base<EC, N, L, varscope::detail::expression_tag> {
    using type = varscope_base;
};
template <class EC, std::size_t N, layout_type L>
struct xtensor_adaptor_base<EC, N, L, varscope::detail::expression_tag> {
    using type = varscope_base;
};

// Declared where xtensor defines them, in headers that not every program includes.
template <class Tag, class CT, class X>
struct xbroadcast_base_impl;
template <class CT, class X>
struct xbroadcast_base_impl<varscope::detail::expression_tag, CT, X> {
    using type = varscope_base;
};
template <class Tag, class CT, class S, layout_type L, class FST>
struct xdynamic_view_base_impl;
template <class CT, class S, layout_type L, class FST>
struct xdynamic_view_base_impl<varscope::detail::expression_tag, CT, S, L, FST> {
    using type = varscope_base;
};
template <class Tag, class F, class... CT>
struct xfunction_base_impl;
template <class F, class... CT>
struct xfunction_base_impl<varscope::detail::expression_tag, F, CT...> {
    using type = varscope_base;
};
template <class Tag, class F, class CT>
struct xfunctor_view_base_impl;
template <class F, class CT>
struct xfunctor_view_base_impl<varscope::detail::expression_tag, F, CT> {
    using type = varscope_base;
};
template <class Tag, class F, class R, class S>
struct xgenerator_base_impl;
template <class F, class R, class S>
struct xgenerator_base_impl<varscope::detail::expression_tag, F, R, S> {
    using type = varscope_base;
};
template <class Tag, class CT, class I>
struct xindex_view_base_impl;
template <class CT, class I>
struct xindex_view_base_impl<varscope::detail::expression_tag, CT, I> {
    using type = varscope_base;
};
template <class Tag, class F, class CT, class X, class O>
struct xreducer_base_impl;
template <class F, class CT, class X, class O>
struct xreducer_base_impl<varscope::detail::expression_tag, F, CT, X, O> {
    using type = varscope_base;
};
template <class Tag, class CT, class X>
struct xrepeat_base_impl;
template <class CT, class X>
struct xrepeat_base_impl<varscope::detail::expression_tag, CT, X> {
    using type = varscope_base;
};
template <class Tag, class CT, class S, layout_type L, class FST>
struct xstrided_view_base_impl;
template <class CT, class S, layout_type L, class FST>
struct xstrided_view_base_impl<varscope::detail::expression_tag, CT, S, L, FST> {
    using type = varscope_base;
};
template <class Tag, class CT, class... S>
struct xview_base_impl;
template <class CT, class... S>
struct xview_base_impl<varscope::detail::expression_tag, CT, S...> {
    using type = varscope_base;
};

} // namespace extension
} // namespace xt
