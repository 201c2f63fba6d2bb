// A scope that the schema has not.
// errors: 1
#include <varscope/schema/bound.hpp>

namespace vs = varscope;
struct model {
    static constexpr auto layout = vs::scope("tower",
        vs::scope("dense", vs::var<float, 3, 2>("kernel"), vs::var<float, 2>("bias")), vs::var<int>("step"));
};
inline auto good(const vs::bound<model>& m) { return m.scope<"tower/dense">().size(); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::bound<model>& m) { return m.scope<"tower/dens">().size(); } // error: varscope::bound<S>::scope<path>(): the schema has no scope of this path
// error: "tower/dens"
// error: "tower/dense/
#endif
