// The type argument says the element type; an option beside it would say it twice.
// errors: 1
#include <varscope/variable/get_variable.hpp>

namespace vs = varscope;
inline void good() { (void)vs::get_variable("v", {2}, {.dtype = vs::dtype::float64}); }
#ifndef VARSCOPE_GOOD
inline void bad() { (void)vs::get_variable<float>("v", {2}, {.dtype = vs::dtype::float64}); } // error: varscope: this option cannot count in this call: leave it out
#endif
