// See regularizers.hpp.
#pragma once

#include <varscope/train/regularizers.hpp>

#include <optional>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE array_value scalar_of(dtype type, double number) {
    array_value result(type, shape());
    visit_dtype(type, [&]<class T>(std::type_identity<T>) {
        *static_cast<T*>(result.memory()) = to_element<T>(from_element(number));
    });
    return result;
}

VARSCOPE_INLINE tensor add_n(graph& g, const std::vector<tensor>& terms, const name_arg& name) {
    for (const tensor& term : terms) {
        if (term.dtype() == terms.front().dtype() && term.shape() == shape()) { continue; }
        const std::string text = "loss '" + std::string(term.op_name()) +
            "' cannot be added to others\n  created at " + to_string(term.defined_at()) +
            " with shape " + to_string(term.shape()) + ' ' + std::string(to_string(term.dtype())) +
            "\n  added at " + to_string(name.where()) + "\n  a loss is a scalar of type " +
            std::string(to_string(terms.front().dtype()));
        const error_facts facts{std::string(term.op_name()), name.where(), term.defined_at()};
        if (term.shape() != shape()) { throw shape_mismatch(text, facts, term.shape(), shape()); }
        throw dtype_mismatch(text, facts, term.dtype(), terms.front().dtype());
    }
    const dtype type = terms.front().dtype();
    return make_op(g,
        {.type = terms.size() == 1 ? "Identity" : "AddN",
            .dtype = type,
            .shape = shape(),
            .inputs = terms,
            .value =
                [type, terms] {
                    double sum = 0;
                    for (const tensor& term : terms) { sum += number_of(term.value()); }
                    return scalar_of(type, sum);
                }},
        name);
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE regularizer sum_regularizer(std::vector<regularizer> all, std::string scope) {
    std::erase_if(all, [](const regularizer& r) { return !r; });
    if (all.empty()) { return {}; }
    return [all = std::move(all), scope = std::move(scope)](
               const any_variable& v) -> std::optional<tensor> {
        const std::source_location& where = v.defined_at();
        const name_scope in(v.graph(),
            scope.empty() ? name_arg(no_name, where) : name_arg(scope, where),
            name_arg("sum_regularizer", where));
        std::vector<tensor> terms;
        for (const regularizer& r : all) {
            if (auto term = r(v)) { terms.push_back(*std::move(term)); }
        }
        if (terms.empty()) { return std::nullopt; }
        return detail::add_n(v.graph(), terms, name_arg(in.name(), where));
    };
}

VARSCOPE_INLINE std::optional<tensor> no_regularizer(const any_variable& /*v*/) {
    return std::nullopt;
}

VARSCOPE_INLINE tensor apply_regularization(graph& g, const regularizer& r,
    std::vector<any_variable> weights, const std::source_location& where) {
    if (weights.empty()) { weights = detail::variables_of(g, graph_keys::weights); }
    if (weights.empty()) {
        throw bad_parameter("apply_regularization has no weights\n  requested at " +
                to_string(where) +
                "\n  give variables, or create some with the collection 'weights'",
            {"apply_regularization", where});
    }
    const name_scope in(g, name_arg("get_regularization_penalty", where));
    std::vector<tensor> terms;
    for (const any_variable& v : weights) {
        auto term = r ? r(v) : std::nullopt;
        if (!term) {
            term = make_op(g,
                {.type = "Const",
                    .dtype = v.dtype(),
                    .shape = shape(),
                    .value = [type = v.dtype()] { return detail::scalar_of(type, 0); }},
                name_arg("Const", where));
        }
        terms.push_back(*std::move(term));
    }
    tensor sum = detail::add_n(g, terms, name_arg(in.name(), where));
    add_to_collection(g, graph_keys::regularization_losses, sum, where);
    return sum;
}

VARSCOPE_INLINE tensor get_regularization_loss(graph& g, name_arg name) {
    const std::vector<tensor> losses = get_regularization_losses(g);
    if (!losses.empty()) { return detail::add_n(g, losses, name); }
    return make_op(g, {.type = "Const", .shape = shape(), .value = [] { return array_value(0.F); }},
        name_arg("Const", name.where()));
}

VARSCOPE_INLINE double regularization_loss(graph& g) {
    double sum = 0;
    for (const tensor& loss : get_regularization_losses(g)) {
        sum += detail::number_of(loss.value());
    }
    return sum;
}

} // namespace varscope::inline VARSCOPE_ABI
