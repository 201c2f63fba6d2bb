// A scope that is entered again, or whose path is in its type, has its name: a default name would never count.
// errors: 2
#include <varscope/schema/static_scope.hpp>

namespace vs = varscope;
using namespace varscope::literals;
inline void good(vs::name_arg name, const vs::scope_handle& handle) {
    const vs::variable_scope s{name, {.default_name = "d"}}; // the name may not be given
    const vs::variable_scope t{handle, {.auxiliary_name_scope = false}};
}
#ifndef VARSCOPE_GOOD
inline void bad(const vs::scope_handle& handle) {
    const vs::variable_scope s{handle, {.default_name = "d"}}; // error: varscope: this option cannot count in this call: leave it out
    const vs::static_scope t{"t"_path, {.default_name = "e"}};
    const vs::scope_context u{handle, {.default_name = std::string_view("f")}};
}
#endif
