// Sorting handles would overwrite parameters.
#include <varscope/variable/variable.hpp>

#include <algorithm>
#include <vector>

namespace vs = varscope;
inline bool is_less(const vs::any_variable& a, const vs::any_variable& b) { return a.name() < b.name(); }
inline void good(std::vector<vs::any_variable>& all) { std::sort(all.begin(), all.end(), is_less); }
#ifndef VARSCOPE_GOOD
inline void bad(std::vector<vs::variable<float, 1>>& all) { std::sort(all.begin(), all.end(), is_less); } // error: v.assign(w) copies the elements, auto v2 = w makes another handle
#endif
