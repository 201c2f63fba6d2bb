// What remains below a path that is no prefix.
// errors: 1
#include <varscope/schema/path.hpp>

namespace vs = varscope;

inline constexpr auto good = vs::path<"tower/kernel">::below<"tower">();
#ifndef VARSCOPE_GOOD
inline constexpr auto bad = vs::path<"tower/kernel">::below<"tow">(); // error: varscope::path::below<prefix>(): the path does not begin with these components
#endif
