// Text is no element of a variable.
// errors: 1
#include <varscope/schema/static_variable.hpp>

namespace vs = varscope;
inline auto good(const vs::variable_scope& s) { return vs::get_variable<"letters", signed char, 3>(s); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::variable_scope& s) { return vs::get_variable<"letters", char, 3>(s); } // error: varscope::get_variable<name, T, dimensions...>(): T cannot be the type of an element
// error: "letters"
#endif
