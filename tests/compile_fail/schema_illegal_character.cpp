// A name with a character that none may have.
// errors: 1
#include <varscope/schema.hpp>

namespace vs = varscope;

struct model {
#ifdef VARSCOPE_GOOD
    static constexpr auto layout = vs::scope("model", vs::var<float>("step"));
#else
    static constexpr auto layout = vs::scope("model", vs::var<float>("st ep"));
#endif
};
static_assert(vs::schema<model>::variable_count > 0); // error: varscope::schema<S>: this name holds a character that no name may have
// error: {"model/st ep"}
