/// \file
/// Expressions whose elements are computed all at once: products, sums, placeholders.
#pragma once

#include <varscope/detail/xtensor.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

namespace varscope::detail {

/// Steps through a result and keeps it alive.
template <class Container> class computed_stepper {
    using inner = typename Container::const_stepper;

public:
    using storage_type = const Container;
    using value_type = typename Container::value_type;
    using reference = const value_type&;
    using pointer = const value_type*;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using shape_type = typename Container::shape_type;
    template <class Requested> using simd_return_type = typename inner::template simd_return_type<Requested>;

    computed_stepper() = default;
    computed_stepper(std::shared_ptr<const Container> result, inner position)
        : result_{std::move(result)}
        , position_{position} {}

    reference operator*() const { return *position_; }
    void step(size_type axis, size_type n = 1) { position_.step(axis, n); }
    void step_back(size_type axis, size_type n = 1) { position_.step_back(axis, n); }
    void reset(size_type axis) { position_.reset(axis); }
    void reset_back(size_type axis) { position_.reset_back(axis); }
    void to_begin() { position_.to_begin(); }
    void to_end(xt::layout_type l) { position_.to_end(l); }
    void step_leading() { position_.step_leading(); }

private:
    std::shared_ptr<const Container> result_;
    inner position_;
};

template <class Container, class Function> class computed;

} // namespace varscope::detail

namespace xt {

template <class Container, class Function> struct xiterable_inner_types<varscope::detail::computed<Container, Function>> {
    using inner_shape_type = typename Container::shape_type;
    using const_stepper = varscope::detail::computed_stepper<Container>;
    using stepper = const_stepper;
};
template <class Container, class Function> struct xcontainer_inner_types<varscope::detail::computed<Container, Function>> {
    using reference = const typename Container::value_type&;
    using const_reference = reference;
    using size_type = std::size_t;
};

} // namespace xt

namespace varscope::detail {

/// An expression that computes its elements all at once when a pass over them begins, into memory that lives as long as
/// somebody passes over it. Each evaluation computes anew from what its inputs hold then.
///
/// `Function` has `Container operator()() const`, and `void check() const`, which throws if an input cannot be read. Copies
/// share the state. Reading single elements computes all of them each time: evaluate first. Safe from any thread, as far as the
/// inputs are.
template <class Container, class Function>
class computed : public xt::xexpression<computed<Container, Function>>,
                 public xt::xconst_iterable<computed<Container, Function>> {
public:
    using value_type = typename Container::value_type;
    using reference = value_type; // an element is no longer there once the pass has ended
    using const_reference = value_type;
    using pointer = const value_type*;
    using const_pointer = const value_type*;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using shape_type = typename Container::shape_type;
    using inner_shape_type = shape_type;
    using stepper = computed_stepper<Container>;
    using const_stepper = stepper;
    using bool_load_type = xt::bool_load_type<value_type>;
    using expression_tag = xt::xtensor_expression_tag;
    static constexpr xt::layout_type static_layout = xt::layout_type::dynamic;
    static constexpr bool contiguous_layout = false;

    computed(shape_type dimensions, Function function)
        : state_{std::make_shared<state>(std::move(dimensions), std::move(function))} {}

    [[nodiscard]] const shape_type& shape() const noexcept { return state_->dimensions; }
    [[nodiscard]] size_type shape(size_type axis) const { return shape()[axis]; }
    [[nodiscard]] size_type dimension() const noexcept { return shape().size(); }
    [[nodiscard]] size_type size() const noexcept { return xt::compute_size(shape()); }
    [[nodiscard]] xt::layout_type layout() const noexcept { return static_layout; }
    [[nodiscard]] bool is_contiguous() const noexcept { return false; }

    template <class... Indices> [[nodiscard]] value_type operator()(Indices... indices) const { return (*result())(indices...); }
    template <class... Indices> [[nodiscard]] value_type at(Indices... indices) const { return result()->at(indices...); }
    template <class... Indices> [[nodiscard]] value_type unchecked(Indices... indices) const { return result()->unchecked(indices...); }
    template <class Index> [[nodiscard]] value_type operator[](const Index& index) const { return (*result())[index]; }
    template <class Iterator> [[nodiscard]] value_type element(Iterator first, Iterator last) const { return result()->element(first, last); }

    template <class S> bool broadcast_shape(S& shape, bool = false) const {
        check();
        return xt::broadcast_shape(this->shape(), shape);
    }
    template <class S> [[nodiscard]] bool has_linear_assign(const S&) const noexcept { return false; }
    template <class S> [[nodiscard]] const_stepper stepper_begin(const S& shape) const {
        auto r = result();
        auto position = r->stepper_begin(shape);
        return {std::move(r), position};
    }
    template <class S> [[nodiscard]] const_stepper stepper_end(const S& shape, xt::layout_type l) const {
        auto r = result();
        auto position = r->stepper_end(shape, l);
        return {std::move(r), position};
    }
    /// The whole result, without a pass.
    template <class E> void assign_to(xt::xexpression<E>& target) const { target.derived_cast() = *result(); }

    /// Throws if an input cannot be read.
    void check() const { function().check(); }
    [[nodiscard]] const Function& function() const noexcept { return state_->function; }

    /// The elements: those of a pass that is under way, or computed now.
    [[nodiscard]] std::shared_ptr<const Container> result() const {
        {
            const std::scoped_lock lock(state_->mutex);
            if (auto present = state_->current.lock()) { return present; }
        }
        auto made = std::make_shared<const Container>(state_->function());
        const std::scoped_lock lock(state_->mutex);
        state_->current = made;
        return made;
    }

private:
    struct state {
        state(shape_type d, Function f)
            : dimensions{std::move(d)}
            , function{std::move(f)} {}
        shape_type dimensions;
        Function function;
        std::mutex mutex;
        std::weak_ptr<const Container> current;
    };
    std::shared_ptr<state> state_;
};

} // namespace varscope::detail
