// A variable of a schema has at most eight axes.
// errors: 1
#include <varscope/schema/schema.hpp>

namespace vs = varscope;
inline constexpr auto good = vs::var<float, 1, 1, 1, 1, 1, 1, 1, 1>("kernel");
#ifndef VARSCOPE_GOOD
inline constexpr auto bad = vs::var<float, 1, 1, 1, 1, 1, 1, 1, 1, 1>("kernel"); // error: varscope::var<T, dimensions...>(name): a variable of a schema has at most 8 axes
#endif
