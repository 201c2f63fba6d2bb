// A negative dimension in a schema.
// errors: 1
#include <varscope/schema/schema.hpp>

namespace vs = varscope;
inline constexpr auto good = vs::var<float, 3, 2>("kernel");
#ifndef VARSCOPE_GOOD
inline constexpr auto bad = vs::var<float, 3, -2>("kernel"); // error: varscope::var<T, dimensions...>(name): a dimension is negative
// error: -2
#endif
