/// \file
/// The one place that includes xtensor, whose headers moved in version 0.26.
#pragma once

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>

#include <cstddef>

namespace xt::detail {

// xtensor 0.24 with GCC: in C++17 its headers keep svector<T, 4> from being taken for an array of 4
// dimensions, in C++20 no longer. Without this, assigning to a strided view, or to a view of
// dynamic rank, goes through a temporary of rank 4, whose shape is read from beyond the end of the
// right one.
template <>
struct xtype_for_shape<dynamic_shape<std::size_t>> {
    template <class Value, layout_type L>
    using type = xarray<Value, L>;
};

} // namespace xt::detail
#endif
