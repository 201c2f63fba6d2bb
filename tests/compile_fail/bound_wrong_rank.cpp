// Another rank than the declared one.
// errors: 1
#include <varscope/schema/bound.hpp>

namespace vs = varscope;
struct model {
    static constexpr auto layout = vs::scope("tower",
        vs::scope("dense", vs::var<float, 3, 2>("kernel"), vs::var<float, 2>("bias")), vs::var<int>("step"));
};
inline auto good(const vs::bound<model>& m) { return m.get<"tower/dense/bias", float, 2>(); }
#ifndef VARSCOPE_GOOD
inline auto bad(const vs::bound<model>& m) { return m.get<"tower/dense/bias", float, 2, 1>(); } // error: varscope::bound<S>::get<path, T, dimensions...>(): the variable is declared with another number of axes
// error: "tower/dense/bias"
#endif
