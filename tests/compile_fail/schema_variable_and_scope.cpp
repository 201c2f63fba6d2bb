// A variable and a scope of one name in a schema.
// errors: 1
#include <varscope/schema.hpp>

namespace vs = varscope;
struct good {
    static constexpr auto layout = vs::group(vs::var<float>("a"), vs::scope("b", vs::var<float>("c")));
};
struct model {
    static constexpr auto layout = vs::scope("outer", good::layout, vs::var<float>("b"));
};
inline constexpr auto good_count = vs::schema<good>::variable_count;
#ifndef VARSCOPE_GOOD
inline constexpr auto count = vs::schema<model>::variable_count; // error: varscope::schema<S>: two variables have this name, or a variable and a scope
// error: "outer/b"
#endif
