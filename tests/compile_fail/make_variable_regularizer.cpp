// make_variable is tf.Variable, which has no regularizer.
// errors: 1
#include <varscope/variable/get_variable.hpp>

namespace vs = varscope;
inline void good() { vs::make_variable("v", {.initializer = 1.F, .dtype = vs::dtype::float64}); }
#ifndef VARSCOPE_GOOD
inline void bad() { vs::make_variable("v", {.initializer = 1.F, .regularizer = vs::regularizer()}); } // error: varscope: this option cannot count in this call: leave it out
#endif
