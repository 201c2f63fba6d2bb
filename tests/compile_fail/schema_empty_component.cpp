// An empty component of a name in a schema.
// errors: 1
#include <varscope/schema/schema.hpp>

namespace vs = varscope;
struct good {
    static constexpr auto layout = vs::var<float>("a/b");
};
struct model {
    static constexpr auto layout = vs::scope("tower", vs::var<float>("a//b"));
};
inline constexpr auto good_count = vs::schema<good>::variable_count;
#ifndef VARSCOPE_GOOD
inline constexpr auto count = vs::schema<model>::variable_count; // error: varscope::schema<S>: this name has an empty component
// error: "tower/a//b"
#endif
