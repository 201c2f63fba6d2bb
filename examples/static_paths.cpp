// Names that are known while compiling: declared once, checked by the compiler, found by a load.
//
// usage: static_paths CHECKPOINT
#include "static_paths/model.hpp"

#include <varscope/io/restore.hpp>
#include <varscope/schema/static_scope.hpp>
#include <varscope/varscope.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <iostream>

using namespace vs::literals;

// [layer]
// A layer takes its parameters, of whichever scope: x * kernel + bias.
template <class Parameters>
auto affine(const auto& x, const Parameters& layer) {
    const auto kernel = layer.template get<"kernel">(); // a typo here does not compile
    const auto bias = layer.template get<"bias">();
    std::array<float, Parameters::template declared<"bias">().size> y{};
    for (std::size_t unit = 0; unit < y.size(); ++unit) {
        y[unit] = bias(unit);
        for (std::size_t i = 0; i < x.size(); ++i) { y[unit] += x[i] * kernel(i, unit); }
    }
    return y;
}

float exclusive_or(const vs::bound<network>& model, std::array<float, 2> x) {
    auto hidden = affine(x, model.scope<"network/hidden">());
    for (float& h : hidden) { h = std::max(h, 0.F); }
    return affine(hidden, model.scope<"network/out">())[0];
}
// [layer]

int main(int count, char** words) {
    if (count != 2) {
        std::cerr << "usage: static_paths CHECKPOINT\n";
        return 2;
    }
    try {
        // [bind]
        // Creates the four variables, or shares those that exist: all or none of them.
        vs::graph g{{.initialization = vs::initialization::deferred}};
        const vs::bound<network> model{g, {.storage = vs::storage::contiguous}};
        // [bind]

        std::cout << "## What the schema says, while compiling\n";
        for (const vs::schema_variable& v : vs::schema<network>::variables) {
            std::cout << v.name << ' ' << to_string(v.shape()) << " at byte " << v.offset << '\n';
        }

        std::cout << "\n## The same variables by names at run time\n";
        const vs::as_default in_force{g};
        {
            vs::variable_scope outer{"network", vs::reuse};
            vs::variable_scope inner{"out"};
            const auto kernel = vs::get_variable<float, 2>("kernel");
            std::cout << kernel.name() << (kernel.is(model.get<"network/out/kernel">()) ? " is" : " is not")
                      << " the one of the schema\n";
        }
        {
            // [scopes]
            vs::static_scope outer{"network"_path, vs::reuse}; // in its type: path<"network">
            vs::static_scope inner{outer, "out"_path};         // path<"network/out">
            const auto kernel = vs::get_variable<"kernel", float, 2, 1>(inner);
            // [scopes]
            std::cout << kernel.name() << (kernel.is(model.get<"network/out/kernel">()) ? " is" : " is not")
                      << " the one of the schema\n";
        }

        std::cout << "\n## A checkpoint fills them\n";
        vs::restore(words[1]);
        for (const float p : model.elements<float>()) { std::cout << p << ' '; }
        std::cout << '\n';

        std::cout << "\n## And the model uses them\n";
        for (const auto& x : {std::array{0.F, 0.F}, {0.F, 1.F}, {1.F, 0.F}, {1.F, 1.F}}) {
            std::cout << x[0] << " xor " << x[1] << " = " << exclusive_or(model, x) << '\n';
        }

        std::cout << "\n## One after the other\n";
        model.for_each([](const auto& v) {
            std::cout << v.name() << " begins with " << *v.variable().data() << '\n';
        });
    } catch (const std::exception& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}
