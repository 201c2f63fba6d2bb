// Text is no element of a bound variable.
// errors: 1
#include <varscope/schema/bound.hpp>

namespace vs = varscope;
struct model {
    static constexpr auto layout = vs::scope("tower",
        vs::scope("dense", vs::var<float, 3, 2>("kernel"), vs::var<float, 2>("bias")), vs::var<int>("step"));
};
inline auto good(const vs::bound<model>& m) { return m.get<"tower/step", int>(); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::bound<model>& m) { return m.get<"tower/step", char>(); } // error: varscope::bound<S>::get<path, T, dimensions...>(): T cannot be the type of an element
// error: "tower/step"
#endif
