/// \file
/// Matrix products as ops, computed by BLAS through xtensor-blas: link `varscope::blas`.
#pragma once

#include <varscope/ops.hpp>

#include <xtensor-blas/xblas.hpp>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope {

namespace detail {

template <class X, class Y>
struct matrix_product {
    using value_type = std::common_type_t<typename std::decay_t<X>::value_type,
        typename std::decay_t<Y>::value_type>;
    using container = xt::xtensor<value_type, 2, xt::layout_type::row_major>;

    X left;
    Y right;

    void check() const {
        check_readable(left);
        check_readable(right);
    }
    container operator()() const {
        auto&& a = matrix(left);
        auto&& b = matrix(right);
        container result = container::from_shape({a.shape()[0], b.shape()[1]});
        if (a.size() > 0 && b.size() > 0) {
            xt::blas::gemm(a, b, result);
        } else {
            result.fill(value_type{0}); // BLAS wants at least one of everything
        }
        return result;
    }

private:
    // A row-major matrix in memory is used where it stands.
    template <class E>
    static decltype(auto) matrix(const E& e) {
        if constexpr (xt::has_data_interface<E>::value &&
            E::static_layout == xt::layout_type::row_major &&
            std::is_same_v<std::remove_cv_t<typename E::value_type>, value_type>) {
            return (e);
        } else {
            return container(e);
        }
    }
};

} // namespace detail

/// The matrix product of `left` (rows, inner) and `right` (inner, columns), float or double.
///
/// A lazy expression with the name of an op: "MatMul", or `name`, made unique in the current name
/// scope. Computed as a whole, by BLAS, when a pass over it begins; to read single elements,
/// evaluate it first.
/// \throws shape_mismatch  the shapes do not fit; invalid_name, duplicate_node, wrong_graph.
/// Safe from any thread; evaluating the result reads elements. Follows tf.matmul (of two matrices).
template <detail::operand X, detail::operand Y>
[[nodiscard]] auto matmul(X&& left, Y&& right, name_arg name = no_name) {
    const shape l = detail::shape_of(left);
    const shape r = detail::shape_of(right);
    if (l.rank() != 2 || r.rank() != 2 || l[1] != r[0]) {
        throw shape_mismatch("op '" + std::string(name.is_given() ? name.text() : "MatMul") +
                "' cannot multiply shapes " + to_string(l) + " and " + to_string(r) +
                "\n  asked for at " + to_string(name.where()) +
                "\n  both need two axes, and the columns of the first must be as many as the rows "
                "of the second",
            {std::string(name.text()), name.where()}, l, r);
    }
    using function = detail::matrix_product<detail::held_operand<X>, detail::held_operand<Y>>;
    using result = detail::computed<typename function::container, function>;
    std::vector<tensor> inputs;
    detail::collect_inputs(left, inputs);
    detail::collect_inputs(right, inputs);
    typename result::shape_type dimensions{
        static_cast<std::size_t>(l[0]), static_cast<std::size_t>(r[1])};
    return detail::record("MatMul", "MatMul", name, shape(dimensions), inputs,
        result(dimensions, function{std::forward<X>(left), std::forward<Y>(right)}));
}

} // namespace varscope
