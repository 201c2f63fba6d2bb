// Two variables of one name, from two places.
// errors: 1
#include <varscope/schema/schema.hpp>

namespace vs = varscope;

struct model {
#ifdef VARSCOPE_GOOD
    static constexpr auto layout = vs::scope("model", vs::var<float>("step"));
#else
    static constexpr auto layout = vs::group(vs::scope("a", vs::var<float>("b/v")), vs::scope("a/b", vs::var<float>("v")));
#endif
};
static_assert(vs::schema<model>::variable_count > 0); // error: varscope::schema<S>: two variables have this name
// error: {"a/b/v"}
