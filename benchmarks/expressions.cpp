/// \file
/// Variables in expressions, beside xtensor's own containers.

#include <varscope/varscope.hpp>

#include "table.hpp"

#include <xtensor/xnoalias.hpp>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace bench {

namespace {

namespace vs = varscope;

/// Whether w and b are constant: compilers make other code of it, of xtensor's containers too.
enum class constness { none, both };

/// `r = w * 2 + b`
template <constness Constant, class Tensor>
[[nodiscard]] operation evaluate(Tensor w, Tensor b) {
    struct tensors {
        Tensor w;
        Tensor b;
        xt::xtensor<float, 1> r;
    };
    const std::size_t size = w.size();
    const auto all = std::make_shared<tensors>(
        tensors{std::move(w), std::move(b), xt::xtensor<float, 1>::from_shape({size})});
    return {.run = [all](std::size_t count) {
        using operand = std::conditional_t<Constant == constness::both, const Tensor, Tensor>;
        operand& w_used = all->w;
        operand& b_used = all->b;
        auto& r = all->r;
        for (; count > 0; --count) {
            xt::noalias(r) = w_used * 2.f + b_used;
            asm volatile("" : : "r"(r.data()) : "memory");
        }
    }};
}

template <constness Constant>
[[nodiscard]] measurement of_variables(std::size_t size) {
    return {.timed = [=] {
        const auto g = std::make_shared<vs::graph>();
        auto made = evaluate<Constant>(vs::get_variable<float, 1>(*g, "w", {size}),
            vs::get_variable<float, 1>(*g, "b", {size}));
        return operation{.run = [g, run = std::move(made.run)](std::size_t count) { run(count); }};
    }};
}

template <constness Constant>
[[nodiscard]] measurement of_containers(std::size_t size) {
    return {.timed = [=] {
        const xt::xtensor<float, 1> w = xt::ones<float>({size});
        return evaluate<Constant>(w, w);
    }};
}

} // namespace

void add_expressions(table& t) {
    t.add({.workload = "r = w * 2 + b, 4 elements",
        .ours = of_variables<constness::none>(4),
        .peers = {{"xtensor", of_containers<constness::none>(4), 1.1}}});
    t.add({.workload = "r = w * 2 + b, 4 elements, w and b const",
        .ours = of_variables<constness::both>(4),
        .peers = {{"xtensor", of_containers<constness::both>(4), 1.1}}});
    const std::size_t many = t.size(1'000'000);
    t.add({.workload = "r = w * 2 + b, 1M elements",
        .ours = of_variables<constness::none>(many),
        .peers = {{"xtensor", of_containers<constness::none>(many), 1.02}}});
    t.add({.workload = "r = w * 2 + b, 1M elements, w and b const",
        .ours = of_variables<constness::both>(many),
        .peers = {{"xtensor", of_containers<constness::both>(many), 1.02}}});
}

} // namespace bench
