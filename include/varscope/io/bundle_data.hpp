/// \file
/// Reading what is stored of a tensor, and checking it on the way.
#pragma once

#include <varscope/base/shape.hpp>
#include <varscope/io/bundle_format.hpp>
#include <varscope/io/bundle_slices.hpp>
#include <varscope/io/crc32c.hpp>
#include <varscope/io/file.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::io::detail {

/// Reads what is stored of a tensor from front to back, and checks it.
class stored_stream {
public:
    /// Bytes read at a time: few enough to be in the cache still when their checksum is computed.
    static constexpr std::size_t chunk = std::size_t{1} << 18;

    explicit stored_stream(
        const input_file& file, const stored_bytes& stored, bool is_boolean) noexcept
        : file_{file}
        , stored_{stored}
        , is_boolean_{is_boolean} {}

    void read(std::span<std::byte> destination);

    /// Throws unless what was read is what was written. To be called when all is read.
    void finish(std::string_view name) const;

private:
    // Any other value in a `bool` is undefined behaviour.
    void find_bad_boolean(std::span<const std::byte> piece);

    const input_file& file_;
    stored_bytes stored_;
    bool is_boolean_;
    bool has_bad_boolean_ = false;
    std::uint64_t bad_boolean_ = 0; // offset in the file
    std::uint64_t done_ = 0;
    std::uint32_t crc_ = 0;
};

/// Reads a part to its place in the row-major `tensor`.
///
/// \param dimensions  of the tensor; the part is inside.
/// \param element     bytes of an element.
void read_part(stored_stream& stream, const tensor_part& part, const shape& dimensions,
    std::size_t element, std::span<std::byte> tensor);

} // namespace varscope::inline VARSCOPE_ABI::io::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/io/impl/bundle_data.ipp>
#endif
