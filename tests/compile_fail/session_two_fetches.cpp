// A second expression where a feed is wanted.
// errors: 1
#include <varscope/op/session.hpp>

namespace vs = varscope;
using vector = xt::xtensor<float, 1>;
inline auto good(const vs::placeholder_op<float, 1>& x, const vector& v) { return vs::session().run(vs::relu(x), vs::feed(x, v)); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vector& a, const vector& b) { return vs::session().run(vs::relu(a), vs::relu(b)); } // error: varscope: session.run(expression, feeds...): what follows the expression must be vs::feed(placeholder, value); run each expression by itself
#endif
