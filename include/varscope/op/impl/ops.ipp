// See ops.hpp.
#pragma once

#include <varscope/op/ops.hpp>

namespace varscope::inline VARSCOPE_ABI::ops {

VARSCOPE_INLINE tensor no_op(name_arg name) {
    return make_op({.type = "NoOp", .dtype = dtype::float32, .shape = any_shape}, name);
}

} // namespace varscope::inline VARSCOPE_ABI::ops
