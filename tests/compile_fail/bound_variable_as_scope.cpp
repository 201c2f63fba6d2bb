// A variable of a schema is no scope.
// errors: 1
#include <varscope/schema/bound.hpp>

namespace vs = varscope;
struct model {
    static constexpr auto layout = vs::scope("tower",
        vs::scope("dense", vs::var<float, 3, 2>("kernel"), vs::var<float, 2>("bias")), vs::var<int>("step"));
};
inline auto good(const vs::bound<model>& m) { return m.scope<"tower/dense">().size(); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::bound<model>& m) { return m.scope<"tower/dense/bias">().size(); } // error: varscope::bound<S>::scope<path>(): this is the path of a variable, not of a scope
// error: "tower/dense/bias"
#endif
