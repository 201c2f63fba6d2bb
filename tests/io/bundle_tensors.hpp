/// \file
/// What the tests of the reader of TensorFlow V2 checkpoints share: tensors to write, and looking
/// at what was read.
#pragma once

#include <varscope/io/bundle.hpp>

#include "catch.hpp"
#include "io/bundle_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_test {

using varscope::io::bundle_entry;
using varscope::io::bundle_reader;

inline std::string read_text(const bundle_reader& reader, const bundle_entry& entry) {
    std::string text(static_cast<std::size_t>(entry.bytes), '?');
    reader.read(entry, std::as_writable_bytes(std::span(text)));
    return text;
}

inline std::string read_text(const bundle_reader& reader, std::string_view name) {
    const bundle_entry* entry = reader.find(name);
    REQUIRE(entry != nullptr);
    return read_text(reader, *entry);
}

template <class T>
std::vector<T> read_values(const bundle_reader& reader, std::string_view name) {
    const std::string text = read_text(reader, name);
    std::vector<T> values(text.size() / sizeof(T));
    std::memcpy(values.data(), text.data(), text.size());
    return values;
}

/// Different bytes, or 0 and 1 for bool.
inline std::string some_bytes(std::size_t size, bool is_boolean = false) {
    std::string bytes(size, '\0');
    std::uint32_t state = 12345;
    for (char& c : bytes) {
        state = state * 1664525U + 1013904223U;
        c = static_cast<char>(is_boolean ? state >> 31 : state >> 24);
    }
    return bytes;
}

/// The other byte order, of numbers of `width` bytes.
inline std::string swapped(std::string bytes, std::size_t width) {
    for (std::size_t at = 0; at < bytes.size(); at += width) {
        std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
            bytes.begin() + static_cast<std::ptrdiff_t>(at + width));
    }
    return bytes;
}

inline std::string as_in_file(const std::string& native, std::size_t width, bool is_big_endian) {
    return is_big_endian == (std::endian::native == std::endian::big) ? native
                                                                      : swapped(native, width);
}

using dimensions = std::vector<std::int64_t>;

/// The elements of a box of a row-major tensor, row-major.
inline std::string cut(const std::string& tensor, const dimensions& size,
    const std::vector<extent>& box, std::size_t element) {
    std::string part;
    const auto visit = [&](const auto& self, std::size_t axis, std::size_t index) -> void {
        if (axis == size.size()) {
            part += tensor.substr(index * element, element);
            return;
        }
        const std::int64_t length = box[axis].length.value_or(size[axis]);
        for (std::int64_t i = box[axis].start; i < box[axis].start + length; ++i) {
            self(self, axis + 1,
                index * static_cast<std::size_t>(size[axis]) + static_cast<std::size_t>(i));
        }
    };
    visit(visit, 0, 0);
    return part;
}

/// The slices of a tensor along these boxes, the shards in turn.
inline std::vector<bundle_writer::slice> slices_of(const std::string& tensor,
    const dimensions& size, std::size_t element, const std::vector<std::vector<extent>>& boxes,
    std::uint64_t shards = 1) {
    std::vector<bundle_writer::slice> slices;
    for (const auto& box : boxes) {
        dimensions lengths;
        for (std::size_t axis = 0; axis < size.size(); ++axis) {
            lengths.push_back(box[axis].length.value_or(size[axis]));
        }
        slices.push_back({box, lengths, cut(tensor, size, box, element), slices.size() % shards});
    }
    return slices;
}

/// All that a user can see of a checkpoint.
struct picture {
    std::string listing;
    std::string data;
    friend bool operator==(const picture&, const picture&) = default;
};

inline picture take_picture(const std::filesystem::path& prefix) {
    const bundle_reader reader(prefix);
    picture result;
    for (const bundle_entry& entry : reader.entries()) {
        result.listing += entry.name + ' ' + entry.type_name + ' ' + to_string(entry.shape) + ' ' +
            std::to_string(entry.bytes) + (entry.is_sliced ? " sliced\n" : "\n");
        if (entry.type) {
            reader.verify(entry);
            result.data += read_text(reader, entry);
        }
    }
    return result;
}

/// A checkpoint that has something of everything.
inline bundle_writer small_checkpoint() {
    bundle_writer writer(2);
    writer.add("dense/bias", 1, {3}, some_bytes(12));
    writer.add("dense/kernel", 1, {2, 3}, some_bytes(24), 1);
    writer.add("flags", 10, {4}, some_bytes(4, true), 1);
    writer.add("step", 9, {}, some_bytes(8));
    writer.add_slices(
        "table", 3, {4, 2}, slices_of(some_bytes(32), {4, 2}, 4, {{{0, 2}, {}}, {{2, 2}, {}}}, 2));
    return writer;
}

} // namespace bundle_test
