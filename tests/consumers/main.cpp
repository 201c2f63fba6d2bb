#include <varscope/varscope.hpp>

#include <iostream>

namespace vs = varscope;

int main() {
    vs::variable_scope scope{"tower"};
    auto kernel = vs::get_variable<float, 2>("kernel", {2, 3}, {.initializer = vs::ones()});
    kernel += 1.f;
    std::cout << kernel.name() << ' ' << kernel(1, 2) << '\n'; // tower/kernel:0 2
    return kernel.name() == "tower/kernel:0" && kernel(1, 2) == 2.f ? 0 : 1;
}
