// What is below a path that is no prefix.
// errors: 1
#include <varscope/schema/path.hpp>

namespace vs = varscope;
inline constexpr auto good = vs::path<"a/bc">::below<"a">();
#ifndef VARSCOPE_GOOD
inline constexpr auto bad = vs::path<"a/bc">::below<"a/b">(); // error: varscope::path::below<prefix>(): the path does not begin with these components
// error: "a/b"
#endif
