// A component that a path has not.
// errors: 1
#include <varscope/schema/path.hpp>

namespace vs = varscope;
inline constexpr auto good = vs::path<"a/b">::component<1>();
#ifndef VARSCOPE_GOOD
inline constexpr auto bad = vs::path<"a/b">::component<2>(); // error: varscope::path::component<index>(): the path has fewer components
// error: "a/b"
#endif
