// A name that the schema does not have: the nearest ones are told.
// errors: 1
#include <varscope/schema/bound.hpp>

#include <cstdint>

namespace vs = varscope;

struct model {
    static constexpr auto layout = vs::scope("model", vs::var<std::int64_t>("step"),
        vs::repeat<2>("layer_", vs::var<float, 8, 4>("kernel"), vs::var<float, 4>("bias")));
};

void use(const vs::bound<model>& model_) {
    const auto good = model_.get<"model/layer_1/kernel", float, 8, 4>();
    (void)good;
#ifndef VARSCOPE_GOOD
    (void)model_.get<"model/layer_1/kernle">(); // error: varscope::bound<S>::get<path>(): the schema has no variable of this path; it stands here before the nearest ones that the schema has
    // error: {"model/layer_1/kernle"}
    // error: {"model/layer_1/kernel"}
#endif
}
