// A handle of one element type or rank made of a handle of another.
// errors: 2
#include <varscope/variable/variable.hpp>

namespace vs = varscope;
inline auto good(const vs::variable<float, 2>& w) { return vs::variable<double, 2>(w, "copy"); }
inline auto good(const vs::variable<float>& w) { return vs::variable<float>(vs::variable<float, 3>(w)); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::variable<float, 2>& w) { return vs::variable<double, 2>(w); } // error: explicit variable(const variable<U, M>& w,
inline auto of_rank_3(const vs::variable<float, 2>& w) { return vs::variable<float, 3>(w); } // error: explicit variable(const variable<U, M>& w,
#endif
