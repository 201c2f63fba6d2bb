// No name at all in a literal look-up.
// errors: 1
#include <varscope/schema/static_variable.hpp>

namespace vs = varscope;
inline auto good(const vs::variable_scope& s) { return vs::get_variable<"kernel", float, 3>(s); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::variable_scope& s) { return vs::get_variable<"", float, 3>(s); } // error: varscope::get_variable<name, T, dimensions...>(): the name is empty
#endif
