// See bundle_format.hpp.
#pragma once

#include <varscope/io/bundle_format.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::io::detail {

VARSCOPE_INLINE bundle_header parse_bundle_header(const byte_reader& message) {
    bundle_header header;
    const auto check_version = [](const proto_field& version) {
        constexpr std::uint64_t supported = 1;
        const auto refuse = [](const proto_field& field, const std::string& found) {
            field.fail("it is of a later version",
                "expected one that readers of version 1 understand, found " + found,
                "save it with an older TensorFlow, or update varscope");
        };
        if (version.number() == 2 && version.unsigned_integer() > supported) {
            refuse(version,
                "one for version " + std::to_string(version.unsigned_integer()) + " and later");
        }
        if (version.number() == 3) { // bad_consumers, packed or not
            const auto check = [&](std::uint64_t bad) {
                if (bad == supported) { refuse(version, "one that excludes version 1"); }
            };
            if (version.type() == wire_type::varint) { return check(version.unsigned_integer()); }
            byte_reader list = version.content();
            while (!list.is_at_end()) { check(list.read_varint("a version")); }
        }
    };
    for_each_field(message, [&](const proto_field& field) {
        switch (field.number()) {
        case 1:
            if (field.type() == wire_type::bytes) { // version 1 has a message there
                field.fail("it is not a checkpoint of version 2",
                    "expected a number of shards at the key '', found a message", v1_advice);
            }
            header.shards = field.unsigned_integer();
            break;
        case 2:
            if (field.unsigned_integer() > 1) {
                field.fail("its byte order is unknown",
                    "expected 0 (little) or 1 (big), found " +
                        std::to_string(field.unsigned_integer()));
            }
            header.is_big_endian = field.unsigned_integer() == 1;
            break;
        case 3: for_each_field(field.content(), check_version); break;
        default: break;
        }
    });
    return header;
}

VARSCOPE_INLINE void parse_dimensions(const byte_reader& message, shape& dimensions) {
    for_each_field(message, [&](const proto_field& field) {
        if (field.number() == 3 && field.unsigned_integer() != 0) {
            field.fail(
                "a tensor has an unknown number of axes", "expected a known shape, found none");
        }
        if (field.number() != 2) { return; }
        std::int64_t size = 0;
        for_each_field(field.content(), [&](const proto_field& part) {
            if (part.number() == 1) { size = part.integer(); }
        });
        if (size < 0) {
            field.fail("a tensor has a negative dimension",
                "expected 0 or more, found " + std::to_string(size));
        }
        if (dimensions.rank() == shape::max_rank) {
            field.fail("a tensor has too many axes",
                "expected at most " + std::to_string(shape::max_rank) + ", found more",
                "tensors of more axes cannot be read");
        }
        dimensions.push_back(size);
    });
}

VARSCOPE_INLINE slice_extents parse_slice(const byte_reader& message) {
    slice_extents extents;
    for_each_field(message, [&](const proto_field& field) {
        if (field.number() != 1) { return; }
        if (extents.size() == shape::max_rank) {
            field.fail("a slice has too many axes",
                "expected at most " + std::to_string(shape::max_rank) + ", found more");
        }
        slice_extent extent;
        for_each_field(field.content(), [&](const proto_field& part) {
            if (part.number() == 1) { extent.start = part.integer(); }
            if (part.number() == 2) { extent.length = part.integer(); }
        });
        extents.push_back(extent);
    });
    return extents;
}

VARSCOPE_INLINE bundle_record parse_bundle_record(const byte_reader& message) {
    constexpr std::uint64_t reference = 100; // added to the number of a type for references to it
    bundle_record record;
    for_each_field(message, [&](const proto_field& field) {
        switch (field.number()) {
        case 1: record.type = field.unsigned_integer(); break;
        case 2: parse_dimensions(field.content(), record.dimensions); break;
        case 3: record.stored.shard = field.unsigned_integer(); break;
        case 4: record.stored.offset = field.unsigned_integer(); break;
        case 5: record.stored.size = field.unsigned_integer(); break;
        case 6: record.stored.masked_crc = field.fixed32(); break;
        case 7: record.slices.push_back(parse_slice(field.content())); break;
        default: break;
        }
    });
    if (record.type > reference) { record.type -= reference; }
    if (record.type == 0) {
        message.fail("a tensor has no element type", "expected a number from 1 on, found 0");
    }
    return record;
}

VARSCOPE_INLINE void append_ordered(std::string& key, std::int64_t value) {
    const auto magnitude = static_cast<std::uint64_t>(value < 0 ? ~value : value);
    unsigned count = 1;
    while (count < 10 && (magnitude >> (7 * count - 1)) != 0) { ++count; }
    const unsigned leading_ones = 0xFFFF0000U >> count; // of which the lower 16 bits count
    for (unsigned i = 0; i < count; ++i) {
        const unsigned shift = 8 * (count - 1 - i);
        const std::int64_t group = shift < 64 ? value >> shift : (value < 0 ? -1 : 0);
        const unsigned mark = i < 2 ? leading_ones >> (8 * (1 - i)) : 0;
        key += static_cast<char>((static_cast<std::uint64_t>(group) ^ mark) & 0xFFU);
    }
}

VARSCOPE_INLINE std::string slice_key(std::string_view name, const slice_extents& extents) {
    std::string key(1, '\0');
    for (const char c : name) {
        key += c;
        if (c == '\0') { key += '\xFF'; }
        if (c == '\xFF') { key += '\0'; }
    }
    key.append({'\0', '\1'});
    if (extents.empty()) {
        key += '\0';
    } else {
        key.append({'\1', static_cast<char>(extents.size())}); // the rank is at most 32: one byte
    }
    for (const slice_extent& extent : extents) {
        append_ordered(key, extent.start);
        append_ordered(key, extent.length.value_or(-1));
    }
    return key;
}

} // namespace varscope::inline VARSCOPE_ABI::io::detail
