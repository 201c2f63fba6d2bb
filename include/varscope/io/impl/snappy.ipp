// See snappy.hpp.
#pragma once

#include <varscope/io/snappy.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::io::detail {

VARSCOPE_INLINE std::vector<std::byte> snappy_decompress(byte_reader block, std::uint64_t limit) {
    const std::uint64_t size = block.read_varint("the decompressed size");
    const std::uint64_t possible = block.remaining() / 3 * 64 + block.remaining() % 3 * 64 / 3;
    if (size > std::min(limit, possible)) {
        block.fail("a compressed block claims too large a size",
            "expected at most " + std::to_string(std::min(limit, possible)) + " bytes, found " +
                std::to_string(size));
    }
    std::vector<std::byte> output(static_cast<std::size_t>(size));
    std::span<std::byte> rest = output;

    const auto reserve = [&](std::uint64_t length) {
        if (length > rest.size()) {
            block.fail("a compressed block holds more than it claims",
                "expected at most " + std::to_string(rest.size()) + " more bytes, found " +
                    std::to_string(length));
        }
    };
    const auto copy = [&](std::uint64_t length, std::uint64_t distance) {
        const std::size_t written = output.size() - rest.size();
        if (distance == 0 || distance > written) {
            block.fail("a compressed block copies from outside of itself",
                "expected a distance from 1 to " + std::to_string(written) + ", found " +
                    std::to_string(distance));
        }
        reserve(length);
        const std::size_t count = length;
        const std::byte* const from = rest.data() - distance;
        // What is copied may reach into what is being written, and then repeats itself: byte by
        // byte.
        for (std::size_t i = 0; i < count; ++i) { rest[i] = from[i]; }
        rest = rest.subspan(count);
    };

    while (!block.is_at_end()) {
        const std::uint64_t tag = block.read_u8("a tag");
        const std::uint64_t upper = tag >> 2;
        switch (tag & 3U) {
        case 0: {
            std::uint64_t length = upper;
            if (upper >= 60) {
                length = 0;
                for (std::uint64_t i = 0; i < upper - 59; ++i) {
                    length |= std::uint64_t{block.read_u8("the length of a literal")} << (8 * i);
                }
            }
            ++length;
            reserve(length);
            const auto literal = block.take(length, "a literal");
            std::memcpy(rest.data(), literal.data(), literal.size());
            rest = rest.subspan(literal.size());
            break;
        }
        case 1: copy(4 + (upper & 7U), ((tag >> 5) << 8) | block.read_u8("a distance")); break;
        case 2: {
            const std::uint64_t low = block.read_u8("a distance");
            copy(upper + 1, low | (std::uint64_t{block.read_u8("a distance")} << 8));
            break;
        }
        default: copy(upper + 1, block.read_u32("a distance")); break;
        }
    }
    if (!rest.empty()) {
        block.fail("a compressed block holds less than it claims",
            "expected " + std::to_string(rest.size()) + " more bytes, found the end");
    }
    return output;
}

} // namespace varscope::inline VARSCOPE_ABI::io::detail
