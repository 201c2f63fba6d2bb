// A handle assigned to a handle: copies of elements are made by assign, copies of handles by construction.
// errors: 1
#include <varscope/variable/variable.hpp>

namespace vs = varscope;
inline void good(vs::variable<float, 2> v, const vs::variable<float, 2>& w) {
    v = w * 1.F;
    v.assign(w);
    auto other = w;
    other += v;
}
#ifndef VARSCOPE_GOOD
inline void bad(vs::variable<float, 2> v, const vs::variable<float, 2>& w) { v = w; } // error: v.assign(w) copies the elements, auto v2 = w makes another handle
#endif
