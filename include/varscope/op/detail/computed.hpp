/// \file
/// Expressions whose elements are computed all at once: products, sums, placeholders.
#pragma once

#include <varscope/base/evaluation.hpp>
#include <varscope/base/xtensor.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// The results of evaluations that may still be under way. Safe from any thread.
class computed_results {
public:
    computed_results() = default;
    computed_results(const computed_results&) = delete;
    computed_results& operator=(const computed_results&) = delete;
    computed_results(computed_results&&) = delete;
    computed_results& operator=(computed_results&&) = delete;
    ~computed_results();

    /// The elements computed in `now`, or null.
    [[nodiscard]] std::shared_ptr<const void> find(const std::shared_ptr<evaluation>& now) const;
    /// Keeps the elements as long as the evaluation; or returns those of another thread that was
    /// faster.
    [[nodiscard]] std::shared_ptr<const void> add(
        const std::shared_ptr<evaluation>& now, std::shared_ptr<const void> elements);

private:
    struct state;
    std::atomic<state*> state_{nullptr}; // made with the first result
};

/// What the copies of a `computed` and the passes over it share.
template <class Container, class Function>
class computed_state {
public:
    using value_type = typename Container::value_type;
    using shape_type = typename Container::shape_type;
    using strides_type = typename Container::strides_type;

    computed_state(shape_type d, Function f) : dimensions{std::move(d)}, function{std::move(f)} {
        xt::resize_container(strides, dimensions.size());
        xt::resize_container(backstrides, dimensions.size());
        xt::compute_strides(dimensions, xt::layout_type::row_major, strides, backstrides);
    }

    /// The elements in row-major order: where they stand in memory, or as computed in the
    /// evaluation `now`, once.
    /// \throws what the function's check throws
    [[nodiscard]] std::shared_ptr<const value_type> elements(
        const std::shared_ptr<evaluation>& now) {
        if constexpr (requires { function.in_memory(); }) {
            if (const value_type* const there = function.in_memory()) {
                return {std::shared_ptr<const void>(), there}; // owns nothing
            }
        }
        if (auto present = results_.find(now)) { return typed(std::move(present)); }
        now->set_reading();
        const evaluation_scope in_force(now);
        function.check();
        const auto result = std::make_shared<const Container>(function());
        return typed(results_.add(now, {result, result->data()}));
    }

    shape_type dimensions;
    strides_type strides; // of the result, row-major
    strides_type backstrides;
    Function function;

private:
    [[nodiscard]] static std::shared_ptr<const value_type> typed(
        std::shared_ptr<const void> elements) noexcept {
        return std::static_pointer_cast<const value_type>(std::move(elements));
    }

    computed_results results_;
};

/// Steps through a result. Computes it at the first element read, not before: xtensor makes
/// steppers in functions that must not throw.
template <class Container, class Function>
class computed_stepper {
    using state = computed_state<Container, Function>;

public:
    using storage_type = const Container;
    using value_type = typename Container::value_type;
    using reference = value_type; // not into the result, which a copy of the stepper may own alone
    using pointer = const value_type*;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using shape_type = typename Container::shape_type;
    template <class Requested>
    using simd_return_type =
        typename Container::const_stepper::template simd_return_type<Requested>;

    computed_stepper() = default;
    /// \param offset  axes of the whole pass that the result does not have.
    computed_stepper(std::shared_ptr<state> s, size_type offset)
        : state_{std::move(s)}
        , evaluation_{evaluation::of_new_stepper()}
        , offset_{offset} {}

    reference operator*() const {
        if (elements_ == nullptr) { elements_ = state_->elements(evaluation_); }
        return elements_.get()[position_];
    }
    void step(size_type axis, size_type n = 1) {
        move(axis, state_->strides, static_cast<difference_type>(n));
    }
    void step_back(size_type axis, size_type n = 1) {
        move(axis, state_->strides, -static_cast<difference_type>(n));
    }
    void reset(size_type axis) { move(axis, state_->backstrides, -1); }
    void reset_back(size_type axis) { move(axis, state_->backstrides, 1); }
    void to_begin() { position_ = 0; }
    /// One step along the last axis (of `l`) beyond the last element.
    void to_end(xt::layout_type l) {
        position_ = 0;
        const std::size_t rank = state_->dimensions.size();
        for (std::size_t axis = 0; axis < rank; ++axis) { reset_back(axis + offset_); }
        if (rank == 0) {
            position_ = 1;
        } else if (l == xt::layout_type::row_major) {
            step(rank - 1 + offset_);
        } else if (offset_ == 0) {
            step(0);
        }
    }
    void step_leading() { ++position_; }

private:
    void move(size_type axis, const typename state::strides_type& along, difference_type n) {
        if (axis >= offset_) {
            position_ += n * static_cast<difference_type>(along[axis - offset_]);
        }
    }

    std::shared_ptr<state> state_;
    std::shared_ptr<evaluation> evaluation_;
    mutable std::shared_ptr<const value_type> elements_;
    difference_type position_ = 0;
    size_type offset_ = 0;
};

template <class Container, class Function>
class computed;

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace xt {

template <class Container, class Function>
struct xiterable_inner_types<varscope::detail::computed<Container, Function>> {
    using inner_shape_type = typename Container::shape_type;
    using const_stepper = varscope::detail::computed_stepper<Container, Function>;
    using stepper = const_stepper;
};
template <class Container, class Function>
struct xcontainer_inner_types<varscope::detail::computed<Container, Function>> {
    using reference = const typename Container::value_type&;
    using const_reference = reference;
    using size_type = std::size_t;
};

} // namespace xt

namespace varscope::inline VARSCOPE_ABI::detail {

/// An expression that computes its elements all at once when a pass over them reads the first, into
/// memory that lives as long as the evaluation. Each evaluation computes anew from what its inputs
/// hold then, and once, however often the expression stands in it.
///
/// An evaluation is a run of a session, an assignment of an op, or a pass of xtensor's own: an
/// assignment of an expression, or an iterator with its copies. Passes of one thread of which none
/// has read an element yet are one.
///
/// `Function` has `Container operator()() const`, and `void check() const`, which throws if an
/// input cannot be read. It may have `void write(value_type* to) const`, which computes into memory
/// that is there, and `const value_type* in_memory() const`: where the elements stand already, or
/// null. Reading single elements outside an evaluation computes all of them each time, unless they
/// are in memory: evaluate first. Safe from any thread, as far as the inputs are; several may
/// evaluate it.
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
    using stepper = computed_stepper<Container, Function>;
    using const_stepper = stepper;
    using bool_load_type = xt::bool_load_type<value_type>;
    using expression_tag = xt::xtensor_expression_tag;
    static constexpr xt::layout_type static_layout = xt::layout_type::dynamic;
    static constexpr bool contiguous_layout = false;

    computed(shape_type dimensions, Function function)
        : state_{std::make_shared<computed_state<Container, Function>>(
              std::move(dimensions), std::move(function))} {}

    [[nodiscard]] const shape_type& shape() const noexcept { return state_->dimensions; }
    [[nodiscard]] size_type shape(size_type axis) const { return shape()[axis]; }
    [[nodiscard]] size_type dimension() const noexcept { return shape().size(); }
    [[nodiscard]] size_type size() const noexcept { return xt::compute_size(shape()); }
    [[nodiscard]] xt::layout_type layout() const noexcept { return static_layout; }
    [[nodiscard]] bool is_contiguous() const noexcept { return false; }

    template <class... Indices>
    [[nodiscard]] value_type operator()(Indices... indices) const {
        return elements().get()[xt::data_offset<difference_type>(state_->strides, indices...)];
    }
    template <class... Indices>
    [[nodiscard]] value_type at(Indices... indices) const {
        xt::check_access(shape(), indices...);
        return (*this)(indices...);
    }
    template <class... Indices>
    [[nodiscard]] value_type unchecked(Indices... indices) const {
        return elements()
            .get()[xt::unchecked_data_offset<difference_type>(state_->strides, indices...)];
    }
    template <class Index>
    [[nodiscard]] value_type operator[](const Index& index) const {
        if constexpr (std::is_integral_v<Index>) {
            return (*this)(index);
        } else {
            return element(index.begin(), index.end());
        }
    }
    template <class Iterator>
    [[nodiscard]] value_type element(Iterator first, Iterator last) const {
        return elements().get()[xt::element_offset<difference_type>(state_->strides, first, last)];
    }

    template <class S>
    bool broadcast_shape(S& shape, bool = false) const {
        return xt::broadcast_shape(this->shape(), shape);
    }
    template <class S>
    [[nodiscard]] bool has_linear_assign(const S&) const noexcept {
        return false;
    }
    template <class S>
    [[nodiscard]] const_stepper stepper_begin(const S& shape) const {
        return {state_, shape.size() - dimension()};
    }
    template <class S>
    [[nodiscard]] const_stepper stepper_end(const S& shape, xt::layout_type l) const {
        const_stepper end(state_, shape.size() - dimension());
        end.to_end(l);
        return end;
    }
    /// An evaluation of its own, unless one is under way. Into a row-major container of the same
    /// type without a temporary, if the function can do so and nobody else in the evaluation needs
    /// the elements.
    template <class E>
    void assign_to(xt::xexpression<E>& target) const {
        E& to = target.derived_cast();
        const bool is_alone = evaluation::current() == nullptr;
        const auto now = evaluation_scope::joined();
        if constexpr (is_like_result<E>) {
            if (is_alone) {
                check();
                if constexpr (requires { function().write(to.data()); }) {
                    to.resize(shape());
                    function().write(to.data());
                    return;
                } else if constexpr (std::is_same_v<E, Container>) {
                    to = function()();
                    return;
                }
            }
        }
        const xt::xexpression<computed>& self = *this;
        xt::xexpression_assigner<xt::xtensor_expression_tag>::assign_xexpression(target, self);
    }

    /// Throws if an input cannot be read.
    void check() const { function().check(); }
    [[nodiscard]] const Function& function() const noexcept { return state_->function; }

    /// The elements in row-major order: where they stand in memory, or those of the evaluation in
    /// force, or computed now. Valid as long as what is returned.
    [[nodiscard]] std::shared_ptr<const value_type> elements() const {
        return state_->elements(evaluation_scope::joined().get());
    }

private:
    /// Containers whose elements stand as those of the result do.
    template <class E>
    static constexpr bool is_like_result =
        std::is_base_of_v<xt::xcontainer<E>, E> && E::static_layout == xt::layout_type::row_major &&
        std::is_same_v<typename E::value_type, value_type> &&
        (std::is_same_v<typename E::shape_type, shape_type> ||
            std::is_same_v<typename E::shape_type, xt::dynamic_shape<std::size_t>>);

    std::shared_ptr<computed_state<Container, Function>> state_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/op/impl/computed.ipp>
#endif
