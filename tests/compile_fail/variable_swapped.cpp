// A swap of handles would exchange the elements, or lose them.
#include <varscope/variable/variable.hpp>

#include <algorithm>
#include <utility>

namespace vs = varscope;
struct layer {
    vs::variable<float, 2> kernel;
};
inline void good(vs::variable<float, 2> v, vs::variable<float, 2> w) { std::swap_ranges(v.begin(), v.end(), w.begin()); }
#ifndef VARSCOPE_GOOD
inline void bad(vs::variable<float, 2> v, vs::variable<float, 2> w) {
    using std::swap;
    swap(v, w);      // error: std::swap_ranges(v.begin(), v.end(), w.begin()) exchanges the elements
    std::swap(v, w); // error: std::swap(v, w);
}
inline void bad(layer& a, layer& b) { std::swap(a, b); } // error: std::swap(a, b);
#endif
