/// \file
/// Parts of variables as xtensor containers, where they stand in the whole.
#pragma once

#include <varscope/graph/variable_extras.hpp>
#include <varscope/op/op.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <source_location>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

template <element T, std::size_t N>
class part_view;

} // namespace varscope::inline VARSCOPE_ABI

namespace xt {

template <class T, std::size_t N>
struct xcontainer_inner_types<varscope::part_view<T, N>>
    : xcontainer_inner_types<varscope::variable<T, N>> {
    using storage_type =
        varscope::detail::variable_storage<T, &varscope::detail::variable_node::first_element>;
    static constexpr layout_type layout = layout_type::dynamic;
};

template <class T, std::size_t N>
struct xiterable_inner_types<varscope::part_view<T, N>>
    : xcontainer_iterable_types<varscope::part_view<T, N>> {};

template <class T, std::size_t N>
class noalias_proxy<varscope::part_view<T, N>>
    : public varscope::detail::noalias_of<varscope::part_view<T, N>> {
    using base = varscope::detail::noalias_of<varscope::part_view<T, N>>;

public:
    using base::base;
    using base::operator=;
};

} // namespace xt

namespace xtl {

// As for variables: an expression holds the views in it by value.
template <class T, std::size_t N>
struct closure_type<varscope::part_view<T, N>&> {
    using type = varscope::part_view<T, N>;
};
template <class T, std::size_t N>
struct closure_type<const varscope::part_view<T, N>&> {
    using type = varscope::part_view<T, N>;
};
template <class T, std::size_t N>
struct const_closure_type<varscope::part_view<T, N>&> {
    using type = const varscope::part_view<T, N>;
};
template <class T, std::size_t N>
struct const_closure_type<const varscope::part_view<T, N>&> {
    using type = const varscope::part_view<T, N>;
};

} // namespace xtl

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

template <class T, std::size_t N>
inline constexpr bool is_variable<part_view<T, N>> = true;

} // namespace detail

/// A part of a variable of element type `T` and rank `N`, cut along any axis, as an xtensor
/// container over its elements in the memory of the whole: nothing is copied, and what is written
/// is seen through the whole.
///
/// `variable<T, N>(part)` does for parts whose elements stand in a row, which those of one cut
/// along an inner axis do not; this does for all, and for variables that are not cut. As of
/// `variable`: assignment writes elements, copies refer to the same part, expressions hold views by
/// value, and the shape is fixed. A part without a value throws `uninitialized`, which names it,
/// when it is read. Valid as long as the graph. Reading is safe from any thread; writing beside it
/// is a race.
template <element T, std::size_t N = dynamic_rank>
class part_view : public xt::xstrided_container<part_view<T, N>>,
                  public xt::xcontainer_semantic<part_view<T, N>> {
    using container = xt::xstrided_container<part_view<T, N>>;
    using types = detail::variable_types<T, N>;

public:
    using storage_type = typename container::storage_type;
    using temporary_type = typename types::temporary_type;
    using shape_type = typename types::shape_type;
    using expression_tag = detail::expression_tag;
    using pointer = T*;
    using const_pointer = const T*;

    /// \param part  of a variable, or a variable.
    /// \throws dtype_mismatch, shape_mismatch  it has another element type or rank.
    explicit part_view(const any_variable& part,
        const std::source_location& where = std::source_location::current())
        : part_view(
              (detail::check_fits(part.node(), dtype_of<T>, expected_rank(), where), part.node())) {
    }

    part_view(const part_view&) = default;
    part_view(part_view&&) noexcept = default;
    ~part_view() = default;

    // As of `variable`.
    // clang-format off
    part_view& operator=(const part_view&) = delete; // v.assign(w) copies the elements, auto v2 = w makes another handle
    template <detail::handle H>
    part_view& operator=(const H&) = delete; // v.assign(w) copies the elements, auto v2 = w makes another handle
    // clang-format on

    /// \name Writing elements
    /// As of `variable`.
    /// \{
    template <class E>
    part_view& operator=(const xt::xexpression<E>& values) {
        detail::check_written<N>(node(), values.derived_cast());
        return write(temporary_type(values));
    }
    part_view& operator=(const temporary_type& values) { return write(values); }
    part_view& operator=(temporary_type&& values) { return write(values); }
    template <class X = temporary_type>
        requires detail::update_operand<X>
    part_view assign(const X& values,
        const std::source_location& where = std::source_location::current()) const {
        const auto evaluated = detail::values_for<T, N>(node(), values, "v.fill(number)", where);
        node().owner().assign(node(), evaluated.data());
        return *this;
    }
    template <class E>
    part_view& computed_assign(const xt::xexpression<E>& values) {
        return *this = values;
    }
    template <class E>
    part_view& assign_xexpression(const xt::xexpression<E>& values) {
        if (!node().has_value()) { return *this = values; }
        detail::check_written<N>(node(), values.derived_cast());
        return xt::xcontainer_semantic<part_view>::assign_xexpression(values);
    }
    /// \}

    /// The part.
    operator any_variable() const noexcept { // NOLINT(google-explicit-constructor): only types
        return any_variable(node());
    }
    [[nodiscard]] detail::variable_node& node() const noexcept { return storage_.node(); }

    /// \name As a container
    /// As of `variable`.
    /// \{
    /// Like an assignment, it may give the first value.
    void fill(const T& value) { write(temporary_type(this->shape(), value)); }

    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto begin() {
        return require().container::template begin<L>();
    }
    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto end() {
        return require().container::template end<L>();
    }
    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto begin() const {
        return require().container::template begin<L>();
    }
    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto end() const {
        return require().container::template end<L>();
    }
    using container::begin;
    using container::end;

    template <class S>
    bool broadcast_shape(S& shape, bool reuse_cache = false) const {
        return require().container::broadcast_shape(shape, reuse_cache);
    }
    template <class E>
    void assign_to(xt::xexpression<E>& target) const {
        (void)require();
        const xt::xexpression<part_view>& self = *this;
        xt::xexpression_assigner<xt::xtensor_expression_tag>::assign_xexpression(target, self);
    }
    // xtensor's own would take the elements to stand in a row.
    template <class Number, class Function>
    part_view& scalar_computed_assign(const Number& number, Function&& function) {
        std::transform(this->begin(), this->end(), this->begin(),
            [&](const T& x) { return static_cast<T>(function(x, number)); });
        return *this;
    }

    /// \throws shape_mismatch  if that would change the shape.
    template <class S>
    void resize(S&& shape, bool = false) const {
        if (!std::equal(shape.begin(), shape.end(), this->shape().begin(), this->shape().end())) {
            detail::throw_other_shape(node(), varscope::shape(shape));
        }
    }
    template <class S>
    void reshape(S&&, xt::layout_type = {}) = delete; // see xt::reshape_view
    /// \}

private:
    friend class xt::xcontainer<part_view<T, N>>;

    explicit part_view(detail::variable_node& node)
        : container(types::make_shape(node), typename container::inner_strides_type{},
              typename container::inner_backstrides_type{},
              node.is_contiguous() ? xt::layout_type::row_major : xt::layout_type::dynamic)
        , storage_{node} {
        auto& strides = this->strides_impl();
        auto& backstrides = this->backstrides_impl();
        xt::resize_container(strides, node.rank);
        xt::resize_container(backstrides, node.rank);
        const bool is_part = node.extras != nullptr && node.extras->whole != nullptr;
        const std::size_t* const of =
            is_part ? node.extras->whole->dimensions() : node.dimensions();
        std::ptrdiff_t step = 1;
        for (std::size_t axis = node.rank; axis-- > 0;) {
            const std::size_t length = node.dimensions()[axis];
            strides[axis] = length == 1 ? 0 : step; // 0: it may be broadcast
            backstrides[axis] =
                length == 0 ? 0 : strides[axis] * static_cast<std::ptrdiff_t>(length - 1);
            step *= static_cast<std::ptrdiff_t>(of[axis]);
        }
    }

    static constexpr std::optional<std::size_t> expected_rank() noexcept {
        return N == dynamic_rank ? std::nullopt : std::optional(N);
    }

    part_view& write(const temporary_type& values) {
        resize(values.shape());
        node().owner().assign(node(), values.data());
        return *this;
    }

    // Elements there, or an exception: before xtensor's own code, part of which is noexcept.
    container& require() {
        (void)node().first_element();
        return *this;
    }
    const container& require() const {
        (void)node().first_element();
        return *this;
    }

    storage_type& storage_impl() noexcept { return storage_; }
    const storage_type& storage_impl() const noexcept { return storage_; }

    storage_type storage_;
};

/// The parts of a variable that is cut, in order; of one that is not, all of it. Follows iterating
/// over a PartitionedVariable.
/// \throws dtype_mismatch, shape_mismatch  it has another element type or rank.
template <element T, std::size_t N = dynamic_rank>
[[nodiscard]] std::vector<part_view<T, N>> part_views(const any_variable& whole,
    const std::source_location& where = std::source_location::current()) {
    std::vector<part_view<T, N>> result;
    if (!whole.is_partitioned()) { result.emplace_back(whole, where); }
    for (const any_variable& part : whole.parts()) { result.emplace_back(part, where); }
    return result;
}

} // namespace varscope::inline VARSCOPE_ABI
