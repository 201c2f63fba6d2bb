/// \file
/// Writes small TensorFlow V2 checkpoints, sound and damaged ones, for the tests of their reader.
///
/// Shares no code with the reader. Written after the formats' specifications, and checked against
/// files that TensorFlow wrote (see the tests named "... TensorFlow wrote").
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bundle_test {

/// A new folder for one test, removed with all that is in it.
class temporary_folder {
public:
    temporary_folder() {
        static std::atomic<unsigned> count{0};
        do {
            path_ = std::filesystem::temp_directory_path() /
                ("varscope-test-" + std::to_string(std::random_device{}()) + "-" +
                    std::to_string(count++));
        } while (!std::filesystem::create_directory(path_));
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << bytes;
    if (!file.flush()) { throw std::runtime_error("cannot write " + path.string()); }
}

/// Bit by bit, straight from the polynomial.
inline std::uint32_t masked_crc(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1U) != 0 ? (crc >> 1) ^ 0x82F63B78U : crc >> 1;
        }
    }
    crc = ~crc;
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

inline std::string fixed(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) { text += static_cast<char>((value >> (8 * i)) & 0xFFU); }
    return text;
}

inline std::string varint(std::uint64_t value) {
    std::string text;
    for (; value >= 128; value /= 128) { text += static_cast<char>(value % 128 + 128); }
    return text += static_cast<char>(value);
}

inline std::string varint_field(unsigned number, std::uint64_t value) {
    return varint(number * 8) + varint(value);
}
inline std::string bytes_field(unsigned number, const std::string& value) {
    return varint(number * 8 + 2) + varint(value.size()) + value;
}
inline std::string fixed32_field(unsigned number, std::uint32_t value) {
    return varint(number * 8 + 5) + fixed(value, 4);
}

/// How the blocks of an index file are written.
enum class compression { none, snappy_literals, snappy_copies };

/// A raw Snappy block without copies, in literals of all the kinds of lengths.
inline std::string snappy_literals(const std::string& bytes) {
    std::string block = varint(bytes.size());
    const std::size_t sizes[] = {1, 60, 61, 256, 257, 65536, 65537};
    std::size_t turn = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = std::min(sizes[turn++ % 7], bytes.size() - at);
        const std::size_t less = size - 1;
        const int extra = size <= 60 ? 0 : less < 256 ? 1 : less < 65536 ? 2 : 3;
        block += static_cast<char>((extra == 0 ? less : static_cast<std::size_t>(59 + extra)) << 2);
        block += fixed(less, extra) + bytes.substr(at, size);
        at += size;
    }
    return block;
}

/// A raw Snappy block with copies of all three kinds, found by trying.
inline std::string snappy_copies(const std::string& bytes) {
    std::string block = varint(bytes.size());
    int turn = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        std::size_t best = 0;
        std::size_t distance = 0;
        for (std::size_t back = 1; back <= std::min<std::size_t>(at, 2047); ++back) {
            std::size_t same = 0;
            while (same < 64 && at + same < bytes.size() &&
                bytes[at + same] == bytes[at - back + same]) {
                ++same;
            }
            if (same > best) {
                best = same;
                distance = back;
            }
        }
        if (best < 4) {
            block += '\0';
            block += bytes[at++];
        } else if (++turn % 3 == 0 && best <= 11) {
            block += static_cast<char>(1 | ((best - 4) << 2) | ((distance >> 8) << 5));
            block += static_cast<char>(distance & 0xFF);
            at += best;
        } else {
            const bool is_long = turn % 3 == 1;
            block += static_cast<char>((is_long ? 3 : 2) | ((best - 1) << 2));
            block += fixed(distance, is_long ? 4 : 2);
            at += best;
        }
    }
    return block;
}

/// How a sorted table is laid out.
struct table_layout {
    compression method = compression::none;
    std::size_t entries_per_block = 1000;
    std::size_t restart_interval = 16;
    std::string padding = {}; // of the footer, instead of zeros
};

using table_entries = std::vector<std::pair<std::string, std::string>>; // written in this order

/// The contents of a block, not compressed.
inline std::string block_contents(const table_entries& entries, std::size_t restart_interval) {
    std::string contents;
    std::string restarts;
    std::string last;
    std::size_t count = 0;
    for (const auto& [key, value] : entries) {
        std::size_t shared = 0;
        if (count++ % restart_interval == 0) {
            restarts += fixed(contents.size(), 4);
        } else {
            while (shared < std::min(key.size(), last.size()) && key[shared] == last[shared]) {
                ++shared;
            }
        }
        contents += varint(shared) + varint(key.size() - shared) + varint(value.size()) +
            key.substr(shared) + value;
        last = key;
    }
    if (restarts.empty()) { restarts = fixed(0, 4); }
    return contents + restarts + fixed(restarts.size() / 4, 4);
}

/// Appends a block with its type and checksum; returns its handle.
inline std::string append_block(
    std::string& file, std::string block, compression method = compression::none) {
    if (method == compression::snappy_literals) { block = snappy_literals(block); }
    if (method == compression::snappy_copies) { block = snappy_copies(block); }
    const std::string handle = varint(file.size()) + varint(block.size());
    block += method == compression::none ? '\0' : '\1';
    file += block + fixed(masked_crc(block), 4);
    return handle;
}

/// The whole file, of blocks that are in it and the handles of two.
inline std::string with_footer(std::string file, const std::string& meta_index,
    const std::string& index, const std::string& padding = {}) {
    std::string footer = meta_index + index + padding;
    footer.resize(40, '\0');
    file += footer;
    return file += "\x57\xFB\x80\x8B\x24\x75\x47\xDB";
}

inline std::string make_table(const table_entries& entries, const table_layout& layout = {}) {
    std::string file;
    table_entries index;
    for (std::size_t at = 0; at < entries.size(); at += layout.entries_per_block) {
        const std::size_t end = std::min(at + layout.entries_per_block, entries.size());
        const table_entries part(entries.begin() + static_cast<std::ptrdiff_t>(at),
            entries.begin() + static_cast<std::ptrdiff_t>(end));
        const std::string contents = block_contents(part, layout.restart_interval);
        index.emplace_back(part.back().first, append_block(file, contents, layout.method));
    }
    const std::string meta_index = append_block(file, block_contents({}, 1));
    const std::string handle = append_block(file, block_contents(index, 1), layout.method);
    return with_footer(file, meta_index, handle, layout.padding);
}

/// BundleHeaderProto.
inline std::string make_header(std::uint64_t shards = 1, bool is_big_endian = false) {
    return varint_field(1, shards) + (is_big_endian ? varint_field(2, 1) : std::string()) +
        bytes_field(3, varint_field(1, 1));
}

/// The facts of a BundleEntryProto; what is zero is left out, as protocol buffers do.
struct record {
    unsigned type = 0;
    std::vector<std::int64_t> shape = {};
    std::uint64_t shard = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint32_t crc = 0;
    std::string more = {}; // further fields, encoded
};

inline std::string encode(const record& r) {
    std::string shape;
    for (const std::int64_t size : r.shape) {
        shape += bytes_field(
            2, size == 0 ? std::string() : varint_field(1, static_cast<std::uint64_t>(size)));
    }
    std::string text = varint_field(1, r.type) + bytes_field(2, shape);
    if (r.shard != 0) { text += varint_field(3, r.shard); }
    if (r.offset != 0) { text += varint_field(4, r.offset); }
    if (r.size != 0) { text += varint_field(5, r.size); }
    if (r.crc != 0) { text += fixed32_field(6, r.crc); }
    return text + r.more;
}

/// Start and length of an axis; without a length, the whole axis.
struct extent {
    std::int64_t start = 0;
    std::optional<std::int64_t> length = {};
};

/// TensorSliceProto.
inline std::string encode(const std::vector<extent>& extents) {
    std::string text;
    for (const extent& e : extents) {
        std::string one =
            e.start != 0 ? varint_field(1, static_cast<std::uint64_t>(e.start)) : std::string();
        if (e.length) { one += varint_field(2, static_cast<std::uint64_t>(*e.length)); }
        text += bytes_field(1, one);
    }
    return text;
}

/// The ordered code of a number of the size of an axis in these tests, and of -1.
inline std::string ordered(std::int64_t value) {
    if (value < -64 || value >= 1048576) { throw std::out_of_range("not needed by the tests"); }
    const auto low = static_cast<char>(value & 0xFF);
    if (value < 64) { return std::string(1, static_cast<char>(0x80 ^ low)); }
    if (value < 8192) { return {static_cast<char>(0xC0 ^ (value >> 8)), low}; }
    return {static_cast<char>(0xE0 ^ (value >> 16)), static_cast<char>((value >> 8) & 0xFF), low};
}

inline std::string slice_key(const std::string& name, const std::vector<extent>& extents) {
    std::string key =
        std::string(1, '\0') + name + std::string("\0\1", 2); // names without bytes 00 and FF
    key += extents.empty() ? std::string(1, '\0')
                           : std::string(1, '\1') + static_cast<char>(extents.size());
    for (const extent& e : extents) { key += ordered(e.start) + ordered(e.length.value_or(-1)); }
    return key;
}

/// Collects tensors and writes them as a checkpoint.
class bundle_writer {
public:
    explicit bundle_writer(std::uint64_t shards = 1, bool is_big_endian = false)
        : header{make_header(shards, is_big_endian)}
        , data(shards) {}

    /// Adds a tensor; `bytes` are in the byte order of the file.
    void add(const std::string& name, unsigned type, const std::vector<std::int64_t>& shape,
        const std::string& bytes, std::uint64_t shard = 0) {
        entries[name] = encode(store(type, shape, bytes, shard));
    }

    /// Adds the entry of a tensor in slices, and those of the slices: extents, shape and bytes of
    /// each.
    struct slice {
        std::vector<extent> extents;
        std::vector<std::int64_t> shape;
        std::string bytes;
        std::uint64_t shard = 0;
    };
    void add_slices(const std::string& name, unsigned type, const std::vector<std::int64_t>& shape,
        const std::vector<slice>& slices) {
        record whole{type, shape};
        for (const slice& s : slices) {
            whole.more += bytes_field(7, encode(s.extents));
            entries[slice_key(name, s.extents)] = encode(store(type, s.shape, s.bytes, s.shard));
        }
        entries[name] = encode(whole);
    }

    /// Adds a tensor of strings.
    void add_strings(const std::string& name, const std::vector<std::int64_t>& shape,
        const std::vector<std::string>& values) {
        std::string lengths;
        std::string hashed;
        std::string bytes;
        for (const std::string& value : values) {
            lengths += varint(value.size());
            hashed += fixed(value.size(), 4);
            bytes += value;
        }
        const std::string sum = fixed(masked_crc(hashed), 4);
        record r = store(7, shape, lengths + sum + bytes, 0);
        r.crc = masked_crc(hashed + sum + bytes);
        entries[name] = encode(r);
    }

    [[nodiscard]] std::string index(const table_layout& layout = {}) const {
        table_entries all{{"", header}};
        all.insert(all.end(), entries.begin(), entries.end());
        return make_table(all, layout);
    }

    /// Writes all files of the checkpoint; returns the path of the index file.
    std::filesystem::path write(
        const std::filesystem::path& prefix, const table_layout& layout = {}) const {
        for (std::size_t shard = 0; shard < data.size(); ++shard) {
            write_file(data_path(prefix, shard, data.size()), data[shard]);
        }
        write_file(prefix.string() + ".index", index(layout));
        return prefix.string() + ".index";
    }

    static std::filesystem::path data_path(
        const std::filesystem::path& prefix, std::size_t shard, std::size_t shards) {
        const std::string number = std::to_string(100000 + shard).substr(1);
        return prefix.string() + ".data-" + number + "-of-" +
            std::to_string(100000 + shards).substr(1);
    }

    std::string header;
    std::map<std::string, std::string> entries; // by key; bytes sort as in the file
    std::vector<std::string> data;              // of each shard

private:
    record store(unsigned type, const std::vector<std::int64_t>& shape, const std::string& bytes,
        std::uint64_t shard) {
        std::string& file = data.at(shard);
        const record r{type, shape, shard, file.size(), bytes.size(), masked_crc(bytes)};
        file += bytes;
        return r;
    }
};

} // namespace bundle_test
