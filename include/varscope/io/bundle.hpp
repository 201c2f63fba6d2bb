/// \file
/// Reading checkpoints that TensorFlow wrote (version 2, "bundles").
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/error.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/io/bundle_data.hpp>
#include <varscope/io/bundle_format.hpp>
#include <varscope/io/bundle_path.hpp>
#include <varscope/io/bundle_slices.hpp>
#include <varscope/io/file.hpp>
#include <varscope/io/sorted_table.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::io {

/// A tensor in a checkpoint.
struct bundle_entry {
    std::string name;          // without ":0"
    std::optional<dtype> type; // none: varscope does not hold it
    std::string type_name; // TensorFlow's, e.g. "float32" or "string"; "type 24" if it is not known
    varscope::shape shape; // fully defined
    std::uint64_t bytes = 0; // of the elements; of what is stored where elements have no fixed size
    bool is_sliced = false;  // stored in parts, as a partitioned variable is
};

/// The tensors of a checkpoint: listed at once, read one by one. Not for writing, nor for
/// checkpoints of version 1.
///
/// The index is read and checked completely when the reader is made; files are open only during a
/// call. Safe from any thread. Format: tensorflow/core/util/tensor_bundle,
/// tensorflow/core/protobuf/tensor_bundle.proto.
class bundle_reader {
public:
    /// \param prefix  "folder/model.ckpt-100" for the files "model.ckpt-100.index" and
    ///                "model.ckpt-100.data-00000-of-00001"; the path of one of these is accepted
    ///                too.
    /// \throws checkpoint_error  a file is missing, damaged, of version 1 or of a later one.
    explicit bundle_reader(const std::filesystem::path& prefix,
        std::source_location where = std::source_location::current());

    /// The absolute path of the files without ".index" and ".data-...".
    [[nodiscard]] const std::filesystem::path& prefix() const noexcept { return prefix_; }

    /// Sorted by name, as bytes.
    [[nodiscard]] const std::vector<bundle_entry>& entries() const noexcept { return entries_; }

    /// The tensor of this name, or null. Cost: a binary search.
    [[nodiscard]] const bundle_entry* find(std::string_view name) const noexcept;

    /// Reads the elements of a tensor, row-major and in the byte order of this machine.
    ///
    /// \param entry        one of `entries()`.
    /// \param destination  exactly `entry.bytes` bytes; unspecified after a throw, so call
    ///                     `verify` before where that matters.
    /// \throws checkpoint_error  damaged, of a type that varscope does not hold, or `destination`
    ///                           has another size.
    /// Memory: 256 KiB for a tensor sliced along another axis than its first, none for others.
    void read(const bundle_entry& entry, std::span<std::byte> destination,
        std::source_location where = std::source_location::current()) const;

    /// Checks all that `read` checks, without keeping the elements.
    ///
    /// \throws checkpoint_error  damaged, or of a type that varscope does not hold.
    /// Cost: as `read`. Memory: up to 256 KiB.
    void verify(const bundle_entry& entry,
        std::source_location where = std::source_location::current()) const;

private:
    using parts = std::vector<detail::tensor_part>;

    struct readable {
        const bundle_entry& entry;
        dtype type;
        const parts& stored;
    };

    // What is needed only while the index is read.
    struct index_content {
        detail::slice_index slices;
        std::map<std::uint64_t, std::uint64_t> data_sizes; // of the shards met so far, in bytes
        std::source_location where;
    };

    [[noreturn]] static void no_header(const detail::byte_reader& at, const std::string& found);

    [[noreturn]] void refuse(const std::string& what, const std::string& comparison,
        const std::string& advice, const std::source_location& where) const;

    void add(std::string_view name, const detail::bundle_record& record,
        const detail::byte_reader& value, index_content& content);

    // Whether what is stored has the size that the shape says and is inside its file. Returns this
    // size.
    std::uint64_t check_stored(std::string_view name, const detail::bundle_record& record,
        std::uint64_t element, const detail::byte_reader& value, index_content& content) const;

    [[nodiscard]] std::filesystem::path data_path(std::uint64_t shard) const {
        return detail::bundle_data(prefix_, shard, header_.shards);
    }

    // Only the name of the caller's entry is used: all else was checked here, when it was opened.
    [[nodiscard]] readable find_readable(
        const bundle_entry& entry, const std::source_location& where) const;

    // Calls `visit` with each stored part of a tensor, and checks what it has read.
    template <class Visitor>
    void for_each_part(
        const readable& tensor, const std::source_location& where, Visitor&& visit) const {
        for (const detail::tensor_part& part : tensor.stored) {
            const detail::input_file file(data_path(part.stored.shard), where);
            detail::stored_stream stream(file, part.stored, tensor.type == dtype::boolean);
            visit(stream, part);
            stream.finish(tensor.entry.name);
        }
    }

    std::filesystem::path prefix_;
    detail::bundle_header header_;
    std::vector<bundle_entry> entries_;
    std::vector<parts> parts_; // of the entry with the same index
};

} // namespace varscope::inline VARSCOPE_ABI::io

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/io/impl/bundle.ipp>
#endif
