// A negative dimension.
// errors: 1
#include <varscope/static_variable.hpp>

namespace vs = varscope;

void use(vs::graph& g) {
    (void)vs::get_variable<"kernel", float, 8, 4>(g);
#ifndef VARSCOPE_GOOD
    (void)vs::get_variable<"kernel", float, 8, -4>(g); // error: varscope: a dimension is negative
#endif
}
