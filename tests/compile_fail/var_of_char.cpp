// Text is no element of a variable in a schema.
// errors: 1
#include <varscope/schema/schema.hpp>

namespace vs = varscope;
inline constexpr auto good = vs::var<signed char, 3>("letters");
#ifndef VARSCOPE_GOOD
inline constexpr auto bad = vs::var<char, 3>("letters"); // error: varscope::var<T, dimensions...>(name): T cannot be the type of an element
// error: char
#endif
