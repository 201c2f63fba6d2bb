// A path with an empty component.
// errors: 1
#include <varscope/path.hpp>

namespace vs = varscope;

inline constexpr vs::path<"tower/kernel"> good;
#ifndef VARSCOPE_GOOD
static_assert(sizeof(vs::path<"tower/">) > 0); // error: varscope::path<text>: the text has an empty component
// error: {"tower/"}
#endif
