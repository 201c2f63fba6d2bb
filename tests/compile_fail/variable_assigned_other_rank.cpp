// Values whose type has another number of axes.
// errors: 4
#include <varscope/variable/variable.hpp>

namespace vs = varscope;
inline void good(vs::variable<float, 2> v, const xt::xtensor<float, 1>& row, const xt::xarray<float>& any) {
    v += row;
    v = any;
}
#ifndef VARSCOPE_GOOD
inline void bad(vs::variable<float, 2> v, const xt::xtensor<float, 1>& row) { v = row; } // error: varscope: values of another number of axes cannot be written to a variable
inline void bad(vs::variable<float, 2> v, const xt::xtensor<float, 3>& cube) { v += cube; } // error: xsemantic_base
inline void bad(vs::variable<float, 0> v, const xt::xtensor<float, 1>& row) { v.assign(row); } // error: varscope: a variable cannot be updated with values of another number of axes
inline auto made(const xt::xtensor<float, 3>& cube) { return vs::variable<float, 2>(cube, "v"); } // error: varscope: a variable cannot be made of values of another number of axes
#endif
