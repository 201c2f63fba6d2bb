// Views of parts are handles as well.
// errors: 3
#include <varscope/op/part_view.hpp>

namespace vs = varscope;
inline void good(vs::part_view<float, 2> v, const vs::variable<float, 2>& w) {
    v.assign(w);
    v = w * 1.F;
}
#ifndef VARSCOPE_GOOD
inline void bad(vs::part_view<float, 2> v, vs::variable<float, 2> w) {
    v = w; // error: v.assign(w) copies the elements, auto v2 = w makes another handle
    w = v; // error: w = v;
    v = vs::part_view<float, 2>(v); // error: part_view& operator=(const part_view&) = delete
}
#endif
