// A handle assigned to a handle of another rank and element type.
// errors: 3
#include <varscope/variable/variable.hpp>

namespace vs = varscope;
inline void good(const vs::variable<float, 2>& v, const vs::variable<int>& w) { v.assign(w); }
#ifndef VARSCOPE_GOOD
inline void bad(vs::variable<float, 2> v, const vs::variable<int>& w) { v = w; } // error: v.assign(w) copies the elements, auto v2 = w makes another handle
inline void bad(vs::variable<float, 2> v, const vs::any_variable& w) { v = w; }  // error: operator=(const H&) = delete
inline void bad(vs::variable<float> v) { v = vs::variable<float, 2>(v); }        // error: vs::variable<float, 2>(v)
#endif
