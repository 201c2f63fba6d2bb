// `char` is text, and its sign differs between machines: no element type.
#include <varscope/base/dtype.hpp>

inline constexpr auto type_of_number = varscope::dtype_of<signed char>;
#ifndef VARSCOPE_GOOD
inline constexpr auto type_of_text = varscope::dtype_of<char>; // error: constraints not satisfied
#endif
