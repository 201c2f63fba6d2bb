// A character that no name may have, in a path.
// errors: 1
#include <varscope/schema/path.hpp>

namespace vs = varscope;
inline constexpr auto good = vs::path<"my_kernel">::depth;
#ifndef VARSCOPE_GOOD
inline constexpr auto bad = vs::path<"my kernel">::depth; // error: varscope::path<text>: the text holds a character that no name may have
// error: "my kernel"
#endif
