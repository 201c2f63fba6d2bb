// The compiled form of the library: all its functions.
#include <varscope/src.hpp>
