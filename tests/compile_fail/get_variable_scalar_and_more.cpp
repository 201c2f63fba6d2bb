// A single element has no dimensions.
// errors: 1
#include <varscope/schema/static_variable.hpp>

namespace vs = varscope;
inline auto good(const vs::variable_scope& s) { return vs::get_variable<"v", float, vs::scalar>(s); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::variable_scope& s) { return vs::get_variable<"v", float, 3, vs::scalar>(s); } // error: varscope: a dimension is an integer
#endif
