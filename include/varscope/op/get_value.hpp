/// \file
/// What custom getters make of variables, as lazy expressions: averages, masks, weight norms.
#pragma once

#include <varscope/op/op.hpp>
#include <varscope/variable/get_variable.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <source_location>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// The elements of a tensor: where they stand, if it is a variable; else computed.
template <element T, std::size_t N>
struct tensor_elements {
    using container = typename variable_types<T, N>::temporary_type;

    tensor source;

    void check() const { source.check(); }
    [[nodiscard]] const T* in_memory() const {
        static_assert(is_stored_type<T>,
            "varscope::value<T, N>: elements of this size are stored as another integer type than "
            "T; write the one of <cstdint>, e.g. std::int64_t instead of long long");
        if (!source.is_variable()) { return nullptr; }
        const auto& v = static_cast<const variable_node&>(source.node());
        return v.is_contiguous() ? static_cast<const T*>(v.elements()) : nullptr;
    }
    void write(T* to) const { source.read(to); }
    container operator()() const {
        container result =
            container::from_shape(dimensions_of<typename container::shape_type>(source.shape()));
        write(result.data());
        return result;
    }

    template <class S>
    [[nodiscard]] static S dimensions_of(const shape& from) {
        S result{};
        xt::resize_container(result, from.rank());
        std::ranges::copy(from, result.begin());
        return result;
    }
};

template <element T, std::size_t N>
using tensor_expression =
    computed<typename variable_types<T, N>::temporary_type, tensor_elements<T, N>>;

} // namespace detail

/// A tensor as an xtensor expression of element type `T` and rank `N`: a variable, or an op that a
/// custom getter made of one.
///
/// Lazy: reads what the variables hold when it is evaluated. A variable's elements are read where
/// they stand. An op is computed once an evaluation: into the container that the value is assigned
/// to, or, inside a larger expression, into memory that lasts as long as the evaluation. Stands by
/// value in expressions and views, has the `name()` of its tensor, and is valid as long as the
/// graph. Not for writing: see `variable`.
template <element T, std::size_t N = dynamic_rank>
using value = op<detail::tensor_expression<T, N>>;

/// `t` as an expression.
///
/// \throws dtype_mismatch, shape_mismatch  it has another element type or rank, or a shape that is
/// not known.
/// \throws no_value  it is the record of an op whose expression is not known.
/// Cost: one small allocation; nothing is evaluated.
template <element T, std::size_t N = dynamic_rank>
[[nodiscard]] value<T, N> as_value(
    const tensor& t, const std::source_location& where = std::source_location::current());

namespace detail {

/// Throws unless an expression of this element type and rank can stand for the tensor.
void check_fits(const tensor& t, dtype type, std::optional<std::size_t> rank,
    const std::source_location& where);

template <class T, std::size_t N>
[[nodiscard]] value<T, N> get_value_in(thread_scopes& thread, const scope_state* scope,
    const name_arg& name, const shape& dimensions, const asked_options& options,
    variable_kind kind = variable_kind::global) {
    return as_value<T, N>(
        fetch(thread, scope, name, dimensions, kind_of_handle<T, N>, options, kind), name.where());
}

} // namespace detail

template <element T, std::size_t N>
[[nodiscard]] value<T, N> as_value(const tensor& t, const std::source_location& where) {
    using expression = detail::tensor_expression<T, N>;
    using elements = detail::tensor_elements<T, N>;
    using dimensions = typename expression::shape_type;
    detail::check_fits(t, dtype_of<T>, N == dynamic_rank ? std::nullopt : std::optional(N), where);
    return {expression(elements::template dimensions_of<dimensions>(t.shape()), elements{t}), t};
}

/// The variable `name` as custom getters show it: the variable itself where none interferes, else
/// the variable or the op that they return.
///
/// A getter gives a moving average by returning another variable, and a mask or a weight norm by
/// returning an op: `return vs::multiply(vs::as_value<float, 2>(next(request)), mask);`, with
/// nothing evaluated or copied. Norms are best made of `vs::reduce_sum`, which is computed once a
/// pass, where xt::sum would be for each element.
///
/// Parameters, errors and cost as of `get_variable`; besides
/// \throws dtype_mismatch, shape_mismatch, no_value  what the getter returned does not fit.
/// Safe from any thread. Follows tf.get_variable, whose result may be any tensor.
template <element T, std::size_t N = dynamic_rank>
[[nodiscard]] value<T, N> get_value(
    name_arg name, const shape& dimensions = any_shape, const variable_options& options = {}) {
    return detail::get_value_in<T, N>(detail::current_scopes(), nullptr, name, dimensions, options);
}
/// The same in graph `g` and the scopes open in it.
template <element T, std::size_t N = dynamic_rank>
[[nodiscard]] value<T, N> get_value(graph& g, name_arg name, const shape& dimensions = any_shape,
    const variable_options& options = {}) {
    return detail::get_value_in<T, N>(detail::scopes_in(g), nullptr, name, dimensions, options);
}
/// The same in scope `scope`, wherever the call stands; in the graph in force.
template <element T, std::size_t N = dynamic_rank>
[[nodiscard]] value<T, N> get_value(const scope_handle& scope, name_arg name,
    const shape& dimensions = any_shape, const variable_options& options = {}) {
    return detail::get_value_in<T, N>(
        detail::current_scopes(), &scope.state(), name, dimensions, options);
}
/// The same for `get_local_variable`.
template <element T, std::size_t N = dynamic_rank>
[[nodiscard]] value<T, N> get_local_value(name_arg name, const shape& dimensions = any_shape,
    const local_variable_options& options = {}) {
    return detail::get_value_in<T, N>(
        detail::current_scopes(), nullptr, name, dimensions, options, detail::variable_kind::local);
}

/// What `interceptor(variable)` returns for the variable `name`: a custom getter known to the
/// compiler, whose expression keeps its own type, so that it is evaluated together with all that it
/// stands in.
///
/// \param interceptor  called at once, with a `variable<T, N>`: `[](auto w) { return w * 0.5F; }`.
/// It must not return an expression that refers to what is gone afterwards; handles and ops stand
/// in it by value.
/// All else as of `get_variable`, which includes the getters of the scope: they may return another
/// variable, but no op.
template <element T, std::size_t N = dynamic_rank, std::invocable<variable<T, N>> Interceptor>
[[nodiscard]] auto get_with(Interceptor&& interceptor, name_arg name,
    const shape& dimensions = any_shape, const variable_options& options = {}) {
    return std::forward<Interceptor>(interceptor)(get_variable<T, N>(name, dimensions, options));
}
/// The same in graph `g` and the scopes open in it.
template <element T, std::size_t N = dynamic_rank, std::invocable<variable<T, N>> Interceptor>
[[nodiscard]] auto get_with(Interceptor&& interceptor, graph& g, name_arg name,
    const shape& dimensions = any_shape, const variable_options& options = {}) {
    return std::forward<Interceptor>(interceptor)(get_variable<T, N>(g, name, dimensions, options));
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/op/impl/get_value.ipp>
#endif
