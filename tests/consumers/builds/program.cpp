// What a consumer's program uses of each part; compiled with the flags of builds.py, with all headers included before.
#include <xtensor/xview.hpp>

#include <cstdint>
#include <iostream>

namespace vs = varscope;
using namespace varscope::literals;

struct layer {
    static constexpr auto layout = vs::group(vs::var<float, 4, 4>("kernel"), vs::var<float, 4>("bias", {.initializer = vs::zeros}));
};

static xt::xtensor<float, 2> dense(const xt::xtensor<float, 2>& x, std::int64_t units, vs::name_arg name) {
    const vs::variable_scope s{name, vs::auto_reuse};
    auto w = vs::get_variable<float, 2>("kernel", {static_cast<std::int64_t>(x.shape(1)), units});
    auto b = vs::get_variable<float, 1>("bias", {units}, {.initializer = vs::zeros});
    xt::xtensor<float, 2> y = xt::sum(xt::view(x, xt::all(), xt::all(), xt::newaxis()) * w, {1}) + b;
    return vs::relu(y + b);
}

int main(int argc, char** argv) {
    const xt::xtensor<float, 2> x = xt::ones<float>({3, 4});
    const auto y = dense(dense(x, 5, "a"), 2, "b");
    vs::graph g;
    const vs::bound<layer> model{g};
    model.get<"kernel">() += 1.F;
    vs::variable<float, 1> v{{1.F, 2.F}, "v", {.trainable = false}};
    v *= 2.F;
    vs::get_variable<double>("p", {6, 2}, {.reuse = vs::auto_reuse}).fill(1);
    const auto whole = vs::get_variable("q", {6, 2}, {.partitioner = vs::fixed_size_partitioner(3)});
    const vs::static_scope t{"t"_path, vs::auto_reuse};
    auto c = vs::get_variable<"c", float, vs::scalar>(t);
    if (argc > 1) {
        (void)vs::restore(argv[1]);
        std::cout << vs::explain("a/kernel");
    }
    for (const auto& trained : vs::trainable_variables()) { std::cout << trained.name() << '\n'; }
    std::cout << y(0, 0) + v(0) + c() << whole.name() << '\n';
}
