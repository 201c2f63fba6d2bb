// An empty component of a path.
// errors: 1
#include <varscope/schema/path.hpp>

namespace vs = varscope;
inline constexpr auto good = vs::path<"a/b">::depth;
#ifndef VARSCOPE_GOOD
inline constexpr auto bad = vs::path<"a/b/">::depth; // error: varscope::path<text>: the text has an empty component
// error: "a/b/"
#endif
