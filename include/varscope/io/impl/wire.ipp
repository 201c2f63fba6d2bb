// See wire.hpp.
#pragma once

#include <varscope/io/wire.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::io::detail {

VARSCOPE_INLINE std::span<const std::byte> byte_reader::take(
    std::uint64_t count, std::string_view what) {
    if (count > remaining()) {
        fail(std::string(what) + " does not fit",
            "expected " + std::to_string(count) + " bytes, found " + std::to_string(remaining()));
    }
    const auto taken = bytes_.subspan(next_, count);
    next_ += count;
    return taken;
}

VARSCOPE_INLINE byte_reader byte_reader::take_reader(std::uint64_t count, std::string_view what) {
    const std::uint64_t position = begin_ + next_;
    return byte_reader(take(count, what), origin_, position);
}

VARSCOPE_INLINE std::uint8_t byte_reader::read_u8(std::string_view what) {
    return std::to_integer<std::uint8_t>(take(1, what)[0]);
}

VARSCOPE_INLINE std::uint64_t byte_reader::read_varint(std::string_view what) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const std::uint64_t group = read_u8(what);
        if (shift == 63 && group > 1) { break; }
        value |= (group & 0x7FU) << shift;
        if (group < 0x80U) { return value; }
    }
    fail(std::string(what) + " is not a number", "expected up to 64 bits, found more");
}

VARSCOPE_INLINE std::uint64_t byte_reader::little_endian(
    std::span<const std::byte> bytes) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = (value << 8) | std::to_integer<std::uint64_t>(bytes[i]);
    }
    return value;
}

VARSCOPE_INLINE proto_field::proto_field(byte_reader& from) : content_{from} {
    constexpr std::string_view what = "a field of a protocol buffer";
    const std::uint64_t tag = from.read_varint(what);
    number_ = tag >> 3;
    type_ = static_cast<wire_type>(tag & 7U);
    if (number_ == 0 || number_ > std::numeric_limits<std::uint32_t>::max() >> 3) {
        content_.fail("it has a field that cannot be",
            "expected a number from 1 to 2^29 - 1, found " + std::to_string(number_));
    }
    switch (type_) {
    case wire_type::varint: value_ = from.read_varint(what); return;
    case wire_type::fixed64: value_ = from.read_u64(what); return;
    case wire_type::fixed32: value_ = from.read_u32(what); return;
    case wire_type::bytes: content_ = from.take_reader(from.read_varint(what), what); return;
    }
    content_.fail("it has a field that cannot be",
        "expected wire type 0, 1, 2 or 5, found " + std::to_string(tag & 7U));
}

VARSCOPE_INLINE const proto_field& proto_field::expect(wire_type type) const {
    if (type != type_) {
        fail("field " + std::to_string(number_) + " of a message is of another kind",
            "expected wire type " + std::to_string(static_cast<int>(type)) + ", found " +
                std::to_string(static_cast<int>(type_)));
    }
    return *this;
}

} // namespace varscope::inline VARSCOPE_ABI::io::detail
