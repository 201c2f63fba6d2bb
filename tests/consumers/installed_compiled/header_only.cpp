#ifdef VARSCOPE_SEPARATE_COMPILATION
#error "this file is to be compiled in the header-only form"
#endif
#include <varscope/varscope.hpp>

namespace vs = varscope;

// Adds to the variable that the scope in force has.
float add_one() {
    auto kernel = vs::get_variable<float, 2>("kernel", {2, 3});
    kernel += 1.f;
    return kernel(1, 2);
}
