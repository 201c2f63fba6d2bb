// Two variables of one name.
// errors: 1
#include <varscope/schema.hpp>

namespace vs = varscope;

struct model {
#ifdef VARSCOPE_GOOD
    static constexpr auto layout = vs::scope("model", vs::var<float>("step"));
#else
    static constexpr auto layout = vs::scope("model", vs::var<float>("step"), vs::var<double>("step"));
#endif
};
static_assert(vs::schema<model>::variable_count > 0); // error: varscope::schema<S>: two variables have this name
// error: {"model/step"}
