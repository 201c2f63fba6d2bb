// A character that no name may have, in a schema.
// errors: 1
#include <varscope/schema/schema.hpp>

namespace vs = varscope;
struct good {
    static constexpr auto layout = vs::var<float>("my_kernel");
};
struct model {
    static constexpr auto layout = vs::scope("tower", vs::var<float>("my kernel"));
};
inline constexpr auto good_count = vs::schema<good>::variable_count;
#ifndef VARSCOPE_GOOD
inline constexpr auto count = vs::schema<model>::variable_count; // error: varscope::schema<S>: this name holds a character that no name may have
// error: "tower/my kernel"
#endif
