// The same below a scope: the path is told in full.
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
    (void)model_.scope<"model/layer_1">().get<"biass">(); // error: varscope::bound<S>::get<path>(): the schema has no variable of this path
    // error: {"model/layer_1/biass"}
    // error: {"model/layer_1/bias"}
#endif
}
