/// \file
/// Variables in expressions, beside xtensor's own containers.

#include <varscope/varscope.hpp>

#include "table.hpp"

#include <xtensor/xnoalias.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace bench {

namespace {

namespace vs = varscope;

/// `r = w * 2 + b`
template <class Tensor>
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
        const Tensor& w_read = all->w;
        const Tensor& b_read = all->b;
        auto& r = all->r;
        for (; count > 0; --count) {
            xt::noalias(r) = w_read * 2.f + b_read;
            asm volatile("" : : "r"(r.data()) : "memory");
        }
    }};
}

[[nodiscard]] measurement of_variables(std::size_t size) {
    return {.timed = [=] {
        const auto g = std::make_shared<vs::graph>();
        auto made = evaluate(vs::get_variable<float, 1>(*g, "w", {size}),
            vs::get_variable<float, 1>(*g, "b", {size}));
        return operation{.run = [g, run = std::move(made.run)](std::size_t count) { run(count); }};
    }};
}

[[nodiscard]] measurement of_containers(std::size_t size) {
    return {.timed = [=] {
        const xt::xtensor<float, 1> w = xt::ones<float>({size});
        return evaluate(w, w);
    }};
}

} // namespace

void add_expressions(table& t) {
    t.add({.workload = "r = w * 2 + b, 4 elements",
        .ours = of_variables(4),
        .peers = {{"xtensor", of_containers(4), 1.1}}});
    const std::size_t many = t.size(1'000'000);
    t.add({.workload = "r = w * 2 + b, 1M elements",
        .ours = of_variables(many),
        .peers = {{"xtensor", of_containers(many), 1.02}}});
}

} // namespace bench
