#ifndef VARSCOPE_SEPARATE_COMPILATION
#error "this file is to be compiled in the compiled form"
#endif
#include <varscope/varscope.hpp>

#include <iostream>

namespace vs = varscope;

float add_one(); // header_only.cpp

int main() {
    vs::variable_scope scope{"tower"};
    const auto kernel = vs::get_variable<float, 2>("kernel", {2, 3}, {.initializer = vs::ones()});
    scope.reuse_variables();
    const float there = add_one();
    std::cout << kernel.name() << ' ' << kernel(1, 2) << ' ' << there << '\n'; // tower/kernel:0 2 2
    return kernel.name() == "tower/kernel:0" && kernel(1, 2) == 2.f && there == 2.f ? 0 : 1;
}
