// A scope of a schema is no variable.
// errors: 1
#include <varscope/schema/bound.hpp>

namespace vs = varscope;
struct model {
    static constexpr auto layout = vs::scope("tower",
        vs::scope("dense", vs::var<float, 3, 2>("kernel"), vs::var<float, 2>("bias")), vs::var<int>("step"));
};
inline auto good(const vs::bound<model>& m) { return m.get<"tower/dense/bias">(); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::bound<model>& m) { return m.get<"tower/dense">(); } // error: varscope::bound<S>::get<path>(): this is the path of a scope, not of a variable
// error: "tower/dense"
#endif
