/// \file
/// The messages, element types and keys inside the index file of a TensorFlow V2 checkpoint.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/io/wire.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::io::detail {

/// An element type of TensorFlow's: its number in files is the index in `tensorflow_types`.
struct tensorflow_type {
    std::string_view name;
    std::optional<dtype> type; // what varscope holds it as
    std::uint8_t size;         // bytes of an element; 0 if that varies
};

/// Source: tensorflow/core/framework/types.proto.
inline constexpr std::array<tensorflow_type, 24> tensorflow_types{{
    {"invalid", {}, 0},
    {"float32", dtype::float32, 4},
    {"float64", dtype::float64, 8},
    {"int32", dtype::int32, 4},
    {"uint8", dtype::uint8, 1},
    {"int16", dtype::int16, 2},
    {"int8", dtype::int8, 1},
    {"string", {}, 0},
    {"complex64", dtype::complex64, 8},
    {"int64", dtype::int64, 8},
    {"bool", dtype::boolean, 1},
    {"qint8", {}, 1},
    {"quint8", {}, 1},
    {"qint32", {}, 4},
    {"bfloat16", dtype::bfloat16, 2},
    {"qint16", {}, 2},
    {"quint16", {}, 2},
    {"uint16", dtype::uint16, 2},
    {"complex128", dtype::complex128, 16},
    {"float16", dtype::float16, 2},
    {"resource", {}, 0},
    {"variant", {}, 0},
    {"uint32", dtype::uint32, 4},
    {"uint64", dtype::uint64, 8},
}};

/// Bytes [offset, offset + size) of a data file, and their checksum.
struct stored_bytes {
    std::uint64_t shard = 0; // number of the data file, from 0
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint32_t masked_crc = 0;
};

/// One axis of a slice; without a length it is the whole axis.
struct slice_extent {
    std::int64_t start = 0;
    std::optional<std::int64_t> length = {};
};
using slice_extents = std::vector<slice_extent>;

/// BundleHeaderProto: the value of the key "".
struct bundle_header {
    std::uint64_t shards = 0;
    bool is_big_endian = false;
};

/// BundleEntryProto: the value of every other key.
struct bundle_record {
    std::uint64_t type = 0; // TensorFlow's number; references already taken for what they refer to
    shape dimensions;
    stored_bytes stored;
    std::vector<slice_extents> slices;
};

inline constexpr std::string_view v1_advice =
    "checkpoints of version 1 (one file, no '.index') are not supported; load it with TensorFlow "
    "and save it "
    "with tf.train.Saver(write_version=tf.train.SaverDef.V2)";

[[nodiscard]] bundle_header parse_bundle_header(const byte_reader& message);

/// TensorShapeProto. Every dimension must be known.
void parse_dimensions(const byte_reader& message, shape& dimensions);

/// TensorSliceProto.
[[nodiscard]] slice_extents parse_slice(const byte_reader& message);

[[nodiscard]] bundle_record parse_bundle_record(const byte_reader& message);

/// Appends a signed integer so that keys sort as numbers do: it begins with as many ones (negative:
/// zeros) as it has bytes.
void append_ordered(std::string& key, std::int64_t value);

/// The key of a slice: 0, the tensor's name, the rank, and start and length of each axis (-1 for a
/// whole one).
///
/// Source: tensorflow/core/util/saved_tensor_slice_util.cc (EncodeTensorNameSlice) over the ordered
/// code of tensorflow/core/lib/strings/ordered_code.cc.
[[nodiscard]] std::string slice_key(std::string_view name, const slice_extents& extents);

} // namespace varscope::inline VARSCOPE_ABI::io::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/io/impl/bundle_format.ipp>
#endif
