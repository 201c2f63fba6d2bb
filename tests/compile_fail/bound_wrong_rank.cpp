// Another number of axes than declared.
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
    (void)model_.get<"model/layer_0/kernel", float, 8>(); // error: varscope::bound<S>::get<path, T, dimensions...>(): the variable is declared with another number of axes; it stands last
    // error: {"model/layer_0/kernel"}
#endif
}
