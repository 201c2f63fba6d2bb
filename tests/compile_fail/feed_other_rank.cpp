// A placeholder fed values whose type has another number of axes.
// errors: 1
#include <varscope/op/session.hpp>

namespace vs = varscope;
inline auto good(const vs::placeholder_op<float, 2>& x, const xt::xarray<float>& any) { return vs::feed(x, any); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::placeholder_op<float, 2>& x, const xt::xtensor<float, 3>& cube) { return vs::feed(x, cube); } // error: varscope: a placeholder cannot be fed values of another number of axes
#endif
