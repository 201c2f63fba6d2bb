// A name with an empty component.
// errors: 1
#include <varscope/schema.hpp>

namespace vs = varscope;

struct model {
#ifdef VARSCOPE_GOOD
    static constexpr auto layout = vs::scope("model", vs::var<float>("step"));
#else
    static constexpr auto layout = vs::scope("model", vs::var<float>("a//b"));
#endif
};
static_assert(vs::schema<model>::variable_count > 0); // error: varscope::schema<S>: this name has an empty component
// error: {"model/a//b"}
