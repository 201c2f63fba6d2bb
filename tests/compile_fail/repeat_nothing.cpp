// A scope that is repeated no times.
// errors: 1
#include <varscope/schema/schema.hpp>

namespace vs = varscope;
inline constexpr auto good = vs::repeat<1>("layer_", vs::var<float>("v"));
#ifndef VARSCOPE_GOOD
inline constexpr auto bad = vs::repeat<0>("layer_", vs::var<float>("v")); // error: varscope::repeat<times>(name, ...): repeats nothing
#endif
