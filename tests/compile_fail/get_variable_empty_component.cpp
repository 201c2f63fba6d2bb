// An empty component in a literal look-up.
// errors: 1
#include <varscope/schema/static_variable.hpp>

namespace vs = varscope;
inline auto good(const vs::variable_scope& s) { return vs::get_variable<"a/kernel", float, 3>(s); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::variable_scope& s) { return vs::get_variable<"a//kernel", float, 3>(s); } // error: varscope::path<text>: the text has an empty component
// error: "a//kernel"
#endif
