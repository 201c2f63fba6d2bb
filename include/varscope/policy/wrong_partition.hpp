/// \file
/// What a partitioner throws that cannot cut a shape.
#pragma once

#include <varscope/version.hpp>

#include <stdexcept>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// A partitioner cannot cut this shape. The store says for which variable.
struct wrong_partition : std::invalid_argument {
    using invalid_argument::invalid_argument;
};

} // namespace detail

} // namespace varscope::inline VARSCOPE_ABI
