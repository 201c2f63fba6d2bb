/// \file
/// Stands for libtorch.cpp where there is no LibTorch.

#include "peers.hpp"

namespace bench {

measurement libtorch_find(std::size_t, access) { return {}; }
measurement libtorch_named_parameters(std::size_t) { return {}; }
measurement libtorch_create(std::size_t) { return {}; }
measurement libtorch_bytes(std::size_t) { return {}; }

} // namespace bench
