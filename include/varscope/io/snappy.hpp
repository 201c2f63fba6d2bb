/// \file
/// Decompression of raw Snappy blocks.
#pragma once

#include <varscope/io/wire.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::io::detail {

/// The bytes that a raw Snappy block stands for (not the framed format of .sz files).
///
/// \param limit  the most bytes that the caller is ready to hold.
/// \throws checkpoint_error  damaged, or larger than `limit`.
/// Memory: the claimed size, if the block is long enough for it: an element of three bytes or more
/// stands for at most 64 bytes, a shorter one for at most 11.
/// Safe from any thread. Format: google/snappy, format_description.txt.
[[nodiscard]] std::vector<std::byte> snappy_decompress(byte_reader block, std::uint64_t limit);

} // namespace varscope::inline VARSCOPE_ABI::io::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/io/impl/snappy.ipp>
#endif
