// Erasing from a vector of handles would copy elements from each handle to the one before.
#include <varscope/variable/variable.hpp>

#include <vector>

namespace vs = varscope;
inline void good(std::vector<vs::any_variable>& all, std::vector<vs::variable<float, 1>>& handles) {
    all.erase(all.begin());
    handles.pop_back();
}
#ifndef VARSCOPE_GOOD
inline void bad(std::vector<vs::variable<float, 1>>& all) { all.erase(all.begin()); } // error: v.assign(w) copies the elements, auto v2 = w makes another handle
#endif
