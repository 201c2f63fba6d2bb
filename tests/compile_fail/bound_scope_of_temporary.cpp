// A scope refers to its bound schema, which must have a name to outlive the line.
// errors: 1
#include <varscope/schema/bound.hpp>

namespace vs = varscope;
struct model {
    static constexpr auto layout = vs::scope("tower",
        vs::scope("dense", vs::var<float, 3, 2>("kernel"), vs::var<float, 2>("bias")), vs::var<int>("step"));
};
inline auto good(const vs::bound<model>& m) { return m.scope<"tower">().scope<"dense">().get<"bias">(); }
inline auto good_too(vs::graph& g) { return vs::bound<model>{g}.get<"tower/step">(); }
#ifndef VARSCOPE_GOOD
inline auto bad(vs::graph& g) { return vs::bound<model>{g}.scope<"tower">(); } // error: varscope::bound<S>::scope<path>(): this bound schema ends with the line, and its scope refers to it; give it a name first
#endif
