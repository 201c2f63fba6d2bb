// What a typo looks like in the example static_paths.
#include <static_paths/model.hpp>

float first_weight(const varscope::bound<network>& model) {
    const auto kernel = model.get<"network/hidden/kernel">();
#ifndef VARSCOPE_GOOD
    const auto typo = model.get<"network/hidden/kernle">(); // error: varscope::bound<S>::get<path>(): the schema has no variable of this path; it stands here before the nearest ones that the schema has
    // error: {"network/hidden/kernle"}
    // error: {"network/hidden/kernel"}
#endif
    return kernel(0, 0);
}
