// A small model, as it reads in TensorFlow 1 and here: the C++ of docs/porting.md.
// clang-format off: laid out for the page

// [model]
#include <varscope/train/global_step.hpp>
#include <varscope/ext/matmul.hpp>
#include <varscope/varscope.hpp>

#include <xtensor/xio.hpp>

#include <iostream>

namespace vs = varscope;

auto dense(auto const& x, std::size_t units) {
    auto w = vs::get_variable<float, 2>("kernel", {x.shape(1), units});
    auto b = vs::get_variable<float, 1>("bias", {units}, {.initializer = vs::zeros()});
    return vs::bias_add(vs::matmul(x, w), b);
}

auto model(auto const& x) {
    auto h = [&] {
        vs::variable_scope s{"hidden"};
        return vs::relu(dense(x, 4));
    }();
    vs::variable_scope s{"out"};
    return dense(h, 1);
}

int main() {
    vs::graph g{{.initialization = vs::initialization::deferred}};
    vs::as_default in_force{g};

    auto x = vs::placeholder<float, 2>({2, 3}, "x");
    auto t = vs::placeholder<float, 2>({2, 1}, "t");
    auto y = [&] { vs::variable_scope s{"model", {.initializer = vs::ones()}}; return model(x); }();
    auto again = [&] { vs::variable_scope s{"model", vs::reuse}; return model(x); }();
    auto loss = [&] { vs::name_scope s{"loss"}; return vs::reduce_mean(vs::square(vs::subtract(y, t))); }();
    auto step = vs::create_global_step();

    vs::session session;
    session.run(vs::global_variables_initializer());
    xt::xtensor<float, 2> images = {{1, 2, 3}, {0, 0, 1}}, targets = {{20}, {6}};
    std::cout << session.run(loss, vs::feed(x, images), vs::feed(t, targets)) << '\n';
    vs::assign_add(step, 1);

    for (auto v : vs::trainable_variables()) {
        std::cout << v.name() << ' ' << to_string(v.shape()) << '\n';
    }
    std::cout << y.name() << ' ' << again.name() << ' ' << loss.name() << ' ' << step() << '\n';
}
// [model]
