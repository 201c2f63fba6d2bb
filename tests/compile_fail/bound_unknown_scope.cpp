// A scope that the schema does not have.
// errors: 1
#include <varscope/bound.hpp>

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
    (void)model_.scope<"model/layer_2">(); // error: varscope::bound<S>::scope<path>(): the schema has no scope of this path
    // error: {"model/layer_2"}
#endif
}
