// The elements of a variable are counted in 63 bits.
// errors: 1
#include <varscope/schema/schema.hpp>

namespace vs = varscope;
inline constexpr auto good = vs::var<float, 1 << 30, 1 << 30>("v");
#ifndef VARSCOPE_GOOD
inline constexpr auto bad = vs::var<float, 1 << 30, 1 << 30, 2>("v"); // error: varscope::var<T, dimensions...>(name): this has more elements than memory can hold
#endif
