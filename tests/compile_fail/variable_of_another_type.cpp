// A handle of one element type made of a handle of another.
// errors: 1
#include <varscope/variable.hpp>

namespace vs = varscope;
inline auto good(const vs::variable<float, 2>& w) { return vs::variable<double, 2>(w, "copy"); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::variable<float, 2>& w) { return vs::variable<double, 2>(w); } // error: explicit variable(const variable<U, M>& w,
#endif
