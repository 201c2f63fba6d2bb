/// \file
/// Views of ops, as xtensor steps through them.
#pragma once

#include <varscope/op/detail/operand.hpp>

#include <type_traits>
#include <utility>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Steps through a view of an op as xtensor's own stepper does, `Base`, and rightly where the view
/// is broadcast: that steps on along axes of one element, and takes the axes of the pass for those
/// of the view (0.24 to 0.27).
template <class Base>
class view_stepper {
public:
    using view_type = typename Base::view_type;
    using value_type = typename Base::value_type;
    using reference = typename Base::reference;
    using pointer = typename Base::pointer;
    using difference_type = typename Base::difference_type;
    using size_type = typename Base::size_type;
    using shape_type = typename Base::shape_type;

    view_stepper() = default;
    /// \param offset  axes of the whole pass that the view does not have.
    view_stepper(view_type* view, typename Base::substepper_type on, size_type offset,
        bool is_end = false, xt::layout_type l = XTENSOR_DEFAULT_TRAVERSAL)
        : base_(view, std::move(on), 0, is_end, l)
        , view_{view}
        , offset_{offset} {}

    reference operator*() const { return *base_; }
    void step(size_type axis, size_type n = 1) {
        if (has(axis)) { base_.step(axis - offset_, n); }
    }
    void step_back(size_type axis, size_type n = 1) {
        if (has(axis)) { base_.step_back(axis - offset_, n); }
    }
    void reset(size_type axis) {
        if (has(axis)) { base_.reset(axis - offset_); }
    }
    void reset_back(size_type axis) {
        if (has(axis)) { base_.reset_back(axis - offset_); }
    }
    void to_begin() { base_.to_begin(); }
    void to_end(xt::layout_type l) { base_.to_end(l); }

private:
    [[nodiscard]] bool has(size_type axis) const {
        return axis >= offset_ && view_->shape()[axis - offset_] != 1;
    }

    Base base_;
    view_type* view_ = nullptr;
    size_type offset_ = 0;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace xt {

template <bool IsConst, class X, class... S>
class xview_stepper;
template <class Shape, class... S>
struct xview_shape_type;
namespace detail {
template <class E, class... S>
struct is_strided_view;
}

// Views of ops, and those of variables that xtensor does not step through by strides (xt::keep).
template <class X, class... S>
    requires(varscope::detail::is_op<std::remove_cv_t<X>> ||
        (varscope::detail::is_variable<std::remove_cv_t<X>> &&
            !detail::is_strided_view<std::remove_cv_t<X>, S...>::value))
struct xiterable_inner_types<xview<X, S...>> {
    using inner_shape_type =
        typename xview_shape_type<typename std::remove_cv_t<X>::shape_type, S...>::type;
    using stepper = varscope::detail::view_stepper<xview_stepper<std::is_const_v<X>, X, S...>>;
    using const_stepper =
        varscope::detail::view_stepper<xview_stepper<true, std::remove_cv_t<X>, S...>>;
};

} // namespace xt
