// A local variable is never trainable.
// errors: 1
#include <varscope/variable/get_variable.hpp>

namespace vs = varscope;
inline void good() { (void)vs::get_local_variable<float>("v", {2}, {.initializer = 1.F}); }
#ifndef VARSCOPE_GOOD
inline void bad() {
    (void)vs::get_local_variable<float>("v", {2}, {.trainable = true}); // error: varscope: this option cannot count in this call: leave it out
    (void)vs::get_local_variable("v", {2}, {.dtype = vs::dtype::float32, .trainable = true});
}
#endif
