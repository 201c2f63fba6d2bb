// A character that no name may have, in a literal look-up.
// errors: 1
#include <varscope/schema/static_variable.hpp>

namespace vs = varscope;
inline auto good(const vs::variable_scope& s) { return vs::get_variable<"my_kernel", float, 3>(s); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::variable_scope& s) { return vs::get_variable<"my kernel", float, 3>(s); } // error: varscope::path<text>: the text holds a character that no name may have
// error: "my kernel"
#endif
