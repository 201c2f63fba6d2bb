/// \file
/// Variables in expressions, beside xtensor's own containers.

#include <varscope/varscope.hpp>

#include "table.hpp"

#include <xtensor/xnoalias.hpp>

#include <cstddef>
#include <memory>
#include <string>
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
    const auto add = [&](std::string workload, const measurement& ours, const measurement& theirs,
                         double target) {
        t.add({.workload = std::move(workload),
            .ours = ours,
            .peers = {{"xtensor", theirs, target}},
            .repetitions = 31}); // the targets are close
    };
    constexpr auto none = constness::none;
    constexpr auto both = constness::both;
    const std::size_t many = t.size(1'000'000);
    add("r = w * 2 + b, 4 elements", of_variables<none>(4), of_containers<none>(4), 1.1);
    add("r = w * 2 + b, 4 elements, w and b const", of_variables<both>(4), of_containers<both>(4),
        1.1);
    add("r = w * 2 + b, 1M elements", of_variables<none>(many), of_containers<none>(many), 1.02);
    add("r = w * 2 + b, 1M elements, w and b const", of_variables<both>(many),
        of_containers<both>(many), 1.02);
}

} // namespace bench
