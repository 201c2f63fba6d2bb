/// \file
/// The sorted table of keys and values that TensorFlow's index files are.
#pragma once

#include <varscope/io/crc32c.hpp>
#include <varscope/io/snappy.hpp>
#include <varscope/io/wire.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::io::detail {

/// The last eight bytes of a sorted table.
inline constexpr std::uint64_t table_magic = 0xDB4775248B80FB57U;
inline constexpr std::size_t table_footer_size = 48;

/// A sorted table (the format of LevelDB) in memory. Not for finding single keys: it is read from
/// front to back.
///
/// Refers to the bytes that it was given. Belongs to one thread. Format: LevelDB,
/// doc/table_format.md; blocks may be compressed with Snappy.
class sorted_table {
public:
    /// \param file    the whole file.
    /// \param origin  of the file's first byte.
    /// \throws checkpoint_error  the footer, the index block or the meta-index block is damaged.
    explicit sorted_table(std::span<const std::byte> file, const byte_origin& origin);

    /// Calls `visit(std::string_view key, const byte_reader& value)` for each entry, in ascending
    /// order of the keys as bytes. Both are valid during the call only.
    ///
    /// \throws checkpoint_error  a block is damaged, or keys are not ascending.
    template <class Visitor>
    void for_each(Visitor&& visit) const {
        std::string last;
        bool has_last = false;
        std::uint64_t blocks_end = 0;
        std::uint64_t key_bytes = 0;
        for_each_in_block(index_, [&](std::string_view block_key, byte_reader value) {
            const byte_reader at_value = value;
            const handle where = read_handle(value);
            // Blocks that overlap could make a small file stand for endless work.
            if (where.offset < blocks_end) {
                at_value.fail("its blocks overlap",
                    "expected one from byte " + std::to_string(blocks_end) + " on, found " +
                        std::to_string(where.offset));
            }
            const block entries = load_block(where);
            blocks_end = where.offset + where.size;
            for_each_in_block(entries, [&](std::string_view key, const byte_reader& content) {
                if (has_last && key <= last) {
                    content.fail("its keys are not sorted",
                        "expected one after " + in_quotes(last) + ", found " + in_quotes(key));
                }
                // What a key shares with the one before is not stored: a small file could stand for
                // endless keys.
                key_bytes += key.size();
                if (key_bytes / most_key_bytes > file_.size()) {
                    content.fail("its keys take too much memory",
                        "expected at most 64 times the file's size, found more");
                }
                has_last = true;
                last = key;
                visit(key, content);
            });
            if (has_last && last > block_key) {
                at_value.fail("its blocks are not sorted",
                    "expected keys up to " + in_quotes(block_key) + ", found " + in_quotes(last));
            }
        });
    }

private:
    static constexpr std::uint64_t most_key_bytes = 64;      // for each byte of the file
    static constexpr std::uint64_t largest_block = 1U << 26; // decompressed; writers aim at 2^18
    static constexpr std::size_t trailer_size = 5;

    struct handle {
        std::uint64_t offset;
        std::uint64_t size;
    };
    struct block {
        std::span<const std::byte> stored; // if it is not compressed
        std::vector<std::byte> unpacked;   // if it is
        byte_origin origin;
    };

    static handle read_handle(byte_reader& from);

    [[nodiscard]] block load_block(const handle& where) const;

    template <class Visitor>
    static void for_each_in_block(const block& from, Visitor&& visit) {
        const auto contents =
            from.origin.is_unpacked ? std::span<const std::byte>(from.unpacked) : from.stored;
        if (contents.size() < 4) {
            fail(from.origin, 0, "a block is too short",
                "expected at least 4 bytes, found " + std::to_string(contents.size()));
        }
        byte_reader count(contents.last(4), from.origin, contents.size() - 4);
        const byte_reader at_count = count;
        const std::uint64_t restarts = count.read_u32("the number of restarts");
        if (restarts == 0 || restarts > (contents.size() - 4) / 4) {
            at_count.fail("a block has an impossible number of restarts",
                "expected 1 to " + std::to_string((contents.size() - 4) / 4) + ", found " +
                    std::to_string(restarts));
        }
        byte_reader entries(
            contents.first(contents.size() - 4 - 4 * static_cast<std::size_t>(restarts)),
            from.origin);
        std::string key;
        while (!entries.is_at_end()) {
            const byte_reader at_entry = entries;
            const std::uint64_t shared = entries.read_varint("the shared part of a key");
            const std::uint64_t tail_size = entries.read_varint("the length of a key");
            const std::uint64_t value_size = entries.read_varint("the length of a value");
            if (shared > key.size()) {
                at_entry.fail("a key shares more than there is",
                    "expected at most " + std::to_string(key.size()) + " bytes, found " +
                        std::to_string(shared));
            }
            const auto tail = entries.take(tail_size, "a key");
            key.resize(static_cast<std::size_t>(shared));
            for (const std::byte b : tail) { key += static_cast<char>(b); }
            visit(std::string_view(key), entries.take_reader(value_size, "a value"));
        }
    }

    std::span<const std::byte> file_;
    byte_origin origin_;
    block index_;
};

} // namespace varscope::inline VARSCOPE_ABI::io::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/io/impl/sorted_table.ipp>
#endif
