// One C++ type stands for int64: the other one of 8 bytes may not read or write its memory.
#include <varscope/variable/get_variable.hpp>

#include <cstdint>
#include <type_traits>

namespace vs = varscope;
using other = std::conditional_t<std::is_same_v<std::int64_t, long>, long long, long>;
inline auto good() { return vs::get_variable<std::int64_t, 1>("count", {1}, {.initializer = other{3}}); }
#ifndef VARSCOPE_GOOD
inline auto bad() { return vs::get_variable<other, 1>("count", {1}); } // error: varscope::variable<T, N>: elements of this size are stored as another integer type than T; write the one of <cstdint>
#endif
