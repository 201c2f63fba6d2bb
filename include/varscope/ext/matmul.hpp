/// \file
/// Matrix products as ops, computed by BLAS through xtensor-blas: link `varscope::blas`.
#pragma once

#include <varscope/op/ops.hpp>

#include <xtensor-blas/xblas.hpp>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

template <class X, class Y>
struct matrix_product {
    using value_type = std::common_type_t<typename std::decay_t<X>::value_type,
        typename std::decay_t<Y>::value_type>;
    using container = xt::xtensor<value_type, 2, xt::layout_type::row_major>;
    using factor_type = std::conditional_t<is_half<value_type>, float, value_type>;
    using factors = xt::xtensor<factor_type, 2, xt::layout_type::row_major>;

    X left;
    Y right;

    void check() const {
        check_readable(left);
        check_readable(right);
    }
    container operator()() const {
        auto&& a = matrix(left);
        auto&& b = matrix(right);
        factors result = factors::from_shape({a.shape()[0], b.shape()[1]});
        if (a.size() > 0 && b.size() > 0) {
            xt::blas::gemm(a, b, result);
        } else {
            result.fill(factor_type{0}); // BLAS wants at least one of everything
        }
        if constexpr (is_half<value_type>) {
            return container(result);
        } else {
            return result;
        }
    }

private:
    // A row-major matrix in memory is used where it stands.
    template <class E>
    static decltype(auto) matrix(const E& e) {
        if constexpr (xt::has_data_interface<E>::value &&
            E::static_layout == xt::layout_type::row_major &&
            std::is_same_v<std::remove_cv_t<typename E::value_type>, factor_type>) {
            return (e);
        } else {
            return factors(e);
        }
    }
};

struct make_matmul {
    template <class X, class Y>
    auto operator()(const name_arg& name, X&& left, Y&& right) const {
        const shape l = shape_of(left);
        const shape r = shape_of(right);
        if (l.rank() != 2 || r.rank() != 2 || l[1] != r[0]) {
            throw shape_mismatch("op '" + std::string(name.is_given() ? name.text() : "MatMul") +
                    "' cannot multiply shapes " + to_string(l) + " and " + to_string(r) +
                    "\n  asked for at " + to_string(name.where()) +
                    "\n  both need two axes, and the columns of the first must be as many as the "
                    "rows of the second",
                {std::string(name.text()), name.where()}, l, r);
        }
        using function = matrix_product<held_operand<X>, held_operand<Y>>;
        using result = computed<typename function::container, function>;
        std::vector<tensor> inputs;
        collect_inputs(left, inputs);
        collect_inputs(right, inputs);
        typename result::shape_type dimensions{
            static_cast<std::size_t>(l[0]), static_cast<std::size_t>(r[1])};
        return record("MatMul", "MatMul", name, shape(dimensions), inputs,
            result(
                dimensions, function{held(std::forward<X>(left)), held(std::forward<Y>(right))}));
    }
};

} // namespace detail

/// `matmul(left, right, name)`: the matrix product of `left` (rows, inner) and `right` (inner,
/// columns), of floating numbers. 16-bit ones are multiplied and added in float, and rounded once.
///
/// A lazy expression with the name of an op: "MatMul", or `name`, made unique in the current name
/// scope. Holds its operands as other ops do. Computed as a whole, by BLAS, when a pass over it
/// begins; to read single elements, evaluate it first.
/// \throws shape_mismatch  the shapes do not fit; invalid_name, duplicate_node, wrong_graph.
/// Safe from any thread; evaluating the result reads elements. Follows tf.matmul (of two matrices).
inline constexpr detail::binary_op<detail::make_matmul> matmul{};

} // namespace varscope::inline VARSCOPE_ABI
