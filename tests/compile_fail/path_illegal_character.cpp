// A path with a character that no name may have.
// errors: 1
#include <varscope/path.hpp>

namespace vs = varscope;

inline constexpr vs::path<"tower/kernel"> good;
#ifndef VARSCOPE_GOOD
static_assert(sizeof(vs::path<"tower kernel">) > 0); // error: varscope::path<text>: the text holds a character that no name may have
// error: {"tower kernel"}
#endif
