// An empty literal name.
// errors: 1
#include <varscope/schema/static_variable.hpp>

namespace vs = varscope;

void use(vs::graph& g) {
    (void)vs::get_variable<"kernel", float, 8, 4>(g);
#ifndef VARSCOPE_GOOD
    (void)vs::get_variable<"", float>(g); // error: varscope::get_variable<name, T, dimensions...>(): the name is empty
#endif
}
