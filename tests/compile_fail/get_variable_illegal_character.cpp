// A literal name with a character that none may have.
// errors: 1
#include <varscope/static_variable.hpp>

namespace vs = varscope;

void use(vs::graph& g) {
    (void)vs::get_variable<"kernel", float, 8, 4>(g);
#ifndef VARSCOPE_GOOD
    (void)vs::get_variable<"ker nel", float, 8, 4>(g); // error: varscope::path<text>: the text holds a character that no name may have
    // error: {"ker nel"}
#endif
}
