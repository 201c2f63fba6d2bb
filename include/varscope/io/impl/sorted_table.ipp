// See sorted_table.hpp.
#pragma once

#include <varscope/io/sorted_table.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace varscope::inline VARSCOPE_ABI::io::detail {

VARSCOPE_INLINE sorted_table::sorted_table(
    std::span<const std::byte> file, const byte_origin& origin)
    : file_{file}
    , origin_{origin} {
    if (file_.size() < table_footer_size) {
        fail(origin_, 0, "it is too short for a sorted table",
            "expected at least 48 bytes, found " + std::to_string(file_.size()));
    }
    const std::size_t footer = file_.size() - table_footer_size;
    byte_reader magic(file_.last(8), origin_, file_.size() - 8);
    const byte_reader at_magic = magic;
    if (magic.read_u64("the magic number") != table_magic) {
        at_magic.fail("it is not a sorted table",
            "expected the bytes 57 fb 80 8b 24 75 47 db at the end, "
            "found others");
    }
    byte_reader handles(file_.subspan(footer, table_footer_size - 8), origin_, footer);
    static_cast<void>(
        load_block(read_handle(handles))); // the meta-index: of no use, but damage is damage
    index_ = load_block(read_handle(handles));
}

VARSCOPE_INLINE sorted_table::handle sorted_table::read_handle(byte_reader& from) {
    const std::uint64_t offset = from.read_varint("the place of a block");
    return {offset, from.read_varint("the size of a block")};
}

VARSCOPE_INLINE sorted_table::block sorted_table::load_block(const handle& where) const {
    const std::uint64_t end = file_.size() - table_footer_size;
    if (where.offset > end || where.size > end - where.offset ||
        trailer_size > end - where.offset - where.size) {
        fail(origin_, end, "a block does not fit",
            "expected it to end by byte " + std::to_string(end) + ", found " +
                std::to_string(where.size) + " bytes from byte " + std::to_string(where.offset));
    }
    const auto size = static_cast<std::size_t>(where.size);
    const auto stored = file_.subspan(static_cast<std::size_t>(where.offset), size + trailer_size);
    byte_reader trailer(stored.last(trailer_size), origin_, where.offset + where.size);
    const byte_reader at_type = trailer;
    const std::uint8_t type = trailer.read_u8("the type of a block");
    const std::uint32_t expected = unmask_crc32c(trailer.read_u32("the checksum of a block"));
    const std::uint32_t found = crc32c(stored.first(size + 1));
    if (expected != found) {
        fail(origin_, where.offset, "the checksum of a block does not match",
            "expected crc32c " + to_hex(expected) + ", found " + to_hex(found));
    }
    block result{stored.first(size), {}, origin_};
    result.origin.offset += where.offset;
    if (type == 1) {
        result.unpacked =
            snappy_decompress(byte_reader(result.stored, result.origin), largest_block);
        result.origin.is_unpacked = true;
    } else if (type != 0) {
        at_type.fail("a block is compressed in an unknown way",
            "expected type 0 (none) or 1 (Snappy), found " + std::to_string(type));
    }
    return result;
}

} // namespace varscope::inline VARSCOPE_ABI::io::detail
