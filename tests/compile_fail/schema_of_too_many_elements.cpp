// So are those of all variables of a schema.
// errors: 1
#include <varscope/schema/schema.hpp>

namespace vs = varscope;
template <std::size_t Times>
struct model {
    static constexpr auto layout = vs::repeat<Times>("layer_", vs::var<double, 1 << 29, 1 << 30>("kernel"));
};
static_assert(vs::schema<model<1>>::variable_count == 1);
#ifndef VARSCOPE_GOOD
static_assert(vs::schema<model<3>>::variable_count == 3); // error: varscope::schema<S>: with this variable there are more elements than memory can hold
// error: "layer_1/kernel"
#endif
