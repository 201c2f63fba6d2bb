// Two variables of one name in a schema.
// errors: 1
#include <varscope/schema/schema.hpp>

namespace vs = varscope;
struct good {
    static constexpr auto layout = vs::scope("tower", vs::var<float>("kernel"), vs::var<float>("bias"));
};
struct model {
    static constexpr auto layout = vs::group(good::layout, vs::scope("tower", vs::var<float, 2>("kernel")));
};
inline constexpr auto good_count = vs::schema<good>::variable_count;
#ifndef VARSCOPE_GOOD
inline constexpr auto count = vs::schema<model>::variable_count; // error: varscope::schema<S>: two variables have this name
// error: "tower/kernel"
// error: model
#endif
