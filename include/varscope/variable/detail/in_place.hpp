/// \file
/// What xt::noalias makes of a handle: values are written where the elements stand.
#pragma once

#include <varscope/base/xtensor.hpp>

namespace xt {

template <class A>
class noalias_proxy;

} // namespace xt

namespace varscope::inline VARSCOPE_ABI::detail {

/// A handle whose forms of writing that xtensor gives a name make no temporary. Those of the
/// handle itself do, so that values may stand on the variable.
template <class Handle>
class in_place : public Handle {
public:
    in_place(const Handle& h) // NOLINT(google-explicit-constructor): xt::noalias passes a handle
        : Handle(h) {}

    template <class E>
    in_place& assign(const xt::xexpression<E>& values) {
        this->assign_xexpression(values);
        return *this;
    }
    template <class E>
    in_place& plus_assign(const xt::xexpression<E>& x) {
        return assign(handle() + x.derived_cast());
    }
    template <class E>
    in_place& minus_assign(const xt::xexpression<E>& x) {
        return assign(handle() - x.derived_cast());
    }
    template <class E>
    in_place& multiplies_assign(const xt::xexpression<E>& x) {
        return assign(handle() * x.derived_cast());
    }
    template <class E>
    in_place& divides_assign(const xt::xexpression<E>& x) {
        return assign(handle() / x.derived_cast());
    }
    template <class E>
    in_place& modulus_assign(const xt::xexpression<E>& x) {
        return assign(handle() % x.derived_cast());
    }
    template <class E>
    in_place& bit_and_assign(const xt::xexpression<E>& x) {
        return assign(handle() & x.derived_cast());
    }
    template <class E>
    in_place& bit_or_assign(const xt::xexpression<E>& x) {
        return assign(handle() | x.derived_cast());
    }
    template <class E>
    in_place& bit_xor_assign(const xt::xexpression<E>& x) {
        return assign(handle() ^ x.derived_cast());
    }

private:
    const Handle& handle() const noexcept { return *this; }
};

template <class Handle>
using noalias_of = xt::noalias_proxy<in_place<Handle>>;

} // namespace varscope::inline VARSCOPE_ABI::detail
