// A name that a scope of the schema has not is printed in full.
// errors: 1
#include <varscope/schema/bound.hpp>

namespace vs = varscope;
struct model {
    static constexpr auto layout = vs::scope("tower",
        vs::scope("dense", vs::var<float, 3, 2>("kernel"), vs::var<float, 2>("bias")), vs::var<int>("step"));
};
inline auto good(const vs::bound<model>& m) { return m.scope<"tower">().get<"dense/bias">(); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::bound<model>& m) { return m.scope<"tower">().get<"dense/bia">(); } // error: varscope::bound<S>::get<path>(): the schema has no variable of this path
// error: "tower/dense/bia"
// error: "tower/dense/bias"
#endif
