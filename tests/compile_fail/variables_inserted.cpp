// Inserting into a vector of handles would copy elements from each handle to the one behind.
#include <varscope/variable/variable.hpp>

#include <vector>

namespace vs = varscope;
inline void good(std::vector<vs::any_variable>& all, std::vector<vs::variable<float, 1>>& handles, const vs::variable<float, 1>& v) {
    all.insert(all.begin(), v);
    handles.push_back(v);
}
#ifndef VARSCOPE_GOOD
inline void bad(std::vector<vs::variable<float, 1>>& all, const vs::variable<float, 1>& v) { all.insert(all.begin(), v); } // error: v.assign(w) copies the elements, auto v2 = w makes another handle
#endif
