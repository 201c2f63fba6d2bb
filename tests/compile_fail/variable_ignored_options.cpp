// What shares a variable by name cannot count for one that is never shared, and its value is given.
// errors: 4
#include <varscope/variable/get_variable.hpp>

namespace vs = varscope;
inline void good() { const vs::variable<float, 1> v{{1.F}, "v", {.trainable = false, .validate_shape = false}}; }
#ifndef VARSCOPE_GOOD
inline void bad() {
    const vs::variable<float, 1> v{{1.F}, "v", {.initializer = 2.F, .reuse = vs::reuse, .partitioner = vs::fixed_size_partitioner(3)}}; // error: varscope: this option cannot count in this call: leave it out
    const vs::variable<float, 1> w{{1.F}, "w", {.dtype = vs::dtype::float32}};
}
#endif
