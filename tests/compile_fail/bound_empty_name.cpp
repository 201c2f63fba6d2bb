// No name at all.
// errors: 1
#include <varscope/schema/bound.hpp>

namespace vs = varscope;
struct model {
    static constexpr auto layout = vs::scope("tower",
        vs::scope("dense", vs::var<float, 3, 2>("kernel"), vs::var<float, 2>("bias")), vs::var<int>("step"));
};
inline auto good(const vs::bound<model>& m) { return m.get<"tower/step">(); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::bound<model>& m) { return m.get<"">(); } // error: varscope::bound<S>::get<path>(): the schema has no variable of this path
// error: ""
#endif
