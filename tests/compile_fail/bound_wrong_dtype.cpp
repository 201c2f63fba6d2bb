// Another element type than the declared one.
// errors: 1
#include <varscope/schema/bound.hpp>

namespace vs = varscope;
struct model {
    static constexpr auto layout = vs::scope("tower",
        vs::scope("dense", vs::var<float, 3, 2>("kernel"), vs::var<float, 2>("bias")), vs::var<int>("step"));
};
inline auto good(const vs::bound<model>& m) { return m.get<"tower/step", int>(); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::bound<model>& m) { return m.get<"tower/step", float>(); } // error: varscope::bound<S>::get<path, T, dimensions...>(): the variable is declared with another element type
// error: "tower/step"
// error: float
// error: int
#endif
