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

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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
        std::source_location where = std::source_location::current())
        : prefix_{detail::find_bundle(prefix, where)} {
        const detail::input_file file(detail::bundle_index(prefix_), where);
        std::vector<std::byte> index(file.size());
        file.read(0, index);

        index_content content{{}, {}, where};
        bool has_header = false;
        const detail::sorted_table table(index, file.origin());
        table.for_each([&](std::string_view key, const detail::byte_reader& value) {
            if (!has_header) {
                if (!key.empty()) { no_header(value, "first " + detail::in_quotes(key)); }
                header_ = detail::parse_bundle_header(value);
                has_header = true;
                return;
            }
            detail::bundle_record record = detail::parse_bundle_record(value);
            if (key.front() == '\0') { // slices come before all names
                content.slices.emplace_back(key, std::move(record));
            } else {
                add(key, record, value, content);
            }
        });
        if (!has_header) { no_header(detail::byte_reader({}, file.origin()), "no entries"); }
    }

    /// The absolute path of the files without ".index" and ".data-...".
    [[nodiscard]] const std::filesystem::path& prefix() const noexcept { return prefix_; }

    /// Sorted by name, as bytes.
    [[nodiscard]] const std::vector<bundle_entry>& entries() const noexcept { return entries_; }

    /// The tensor of this name, or null. Cost: a binary search.
    [[nodiscard]] const bundle_entry* find(std::string_view name) const noexcept {
        const auto found = std::ranges::lower_bound(entries_, name, {},
            [](const bundle_entry& entry) { return std::string_view(entry.name); });
        return found != entries_.end() && found->name == name ? &*found : nullptr;
    }

    /// Reads the elements of a tensor, row-major and in the byte order of this machine.
    ///
    /// \param entry        one of `entries()`.
    /// \param destination  exactly `entry.bytes` bytes; unspecified after a throw, so call
    ///                     `verify` before where that matters.
    /// \throws checkpoint_error  damaged, of a type that varscope does not hold, or `destination`
    ///                           has another size.
    /// Memory: 256 KiB for a tensor sliced along another axis than its first, none for others.
    void read(const bundle_entry& entry, std::span<std::byte> destination,
        std::source_location where = std::source_location::current()) const {
        const readable tensor = find_readable(entry, where);
        const bundle_entry& known = tensor.entry;
        if (destination.size() != known.bytes) {
            refuse("the room for tensor " + detail::in_quotes(known.name) + " has another size",
                "expected " + std::to_string(known.bytes) + " bytes, found " +
                    std::to_string(destination.size()),
                "give room for shape " + to_string(known.shape) + " of " + known.type_name, where);
        }
        for_each_part(
            tensor, where, [&](detail::stored_stream& stream, const detail::tensor_part& part) {
                detail::read_part(stream, part, known.shape, size_of(tensor.type), destination);
            });
        if (header_.is_big_endian != (std::endian::native == std::endian::big)) {
            const std::size_t size = size_of(tensor.type);
            const std::size_t number = is_complex(tensor.type) ? size / 2 : size;
            for (; !destination.empty() && number > 1; destination = destination.subspan(number)) {
                std::ranges::reverse(destination.first(number));
            }
        }
    }

    /// Checks all that `read` checks, without keeping the elements.
    ///
    /// \throws checkpoint_error  damaged, or of a type that varscope does not hold.
    /// Cost: as `read`. Memory: up to 256 KiB.
    void verify(const bundle_entry& entry,
        std::source_location where = std::source_location::current()) const {
        std::vector<std::byte> buffer;
        for_each_part(find_readable(entry, where), where,
            [&](detail::stored_stream& stream, const detail::tensor_part& part) {
                std::uint64_t rest = part.stored.size;
                while (rest > 0) {
                    buffer.resize(static_cast<std::size_t>(
                        std::min<std::uint64_t>(rest, detail::stored_stream::chunk)));
                    stream.read(buffer);
                    rest -= buffer.size();
                }
            });
    }

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

    [[noreturn]] static void no_header(const detail::byte_reader& at, const std::string& found) {
        at.fail("it is not a checkpoint of version 2", "expected the key '' first, found " + found,
            detail::v1_advice);
    }

    [[noreturn]] void refuse(const std::string& what, const std::string& comparison,
        const std::string& advice, const std::source_location& where) const {
        throw checkpoint_error("checkpoint " + detail::in_quotes(prefix_.string()) + ": " + what +
                "\n  " + comparison + "\n  " + advice,
            {prefix_.string(), where});
    }

    void add(std::string_view name, const detail::bundle_record& record,
        const detail::byte_reader& value, index_content& content) {
        const auto known = record.type < detail::tensorflow_types.size()
            ? detail::tensorflow_types[static_cast<std::size_t>(record.type)]
            : detail::tensorflow_type{};
        bundle_entry entry{std::string(name), known.type, std::string(known.name),
            record.dimensions, 0, !record.slices.empty()};
        if (known.name.empty()) { entry.type_name = "type " + std::to_string(record.type); }

        parts pieces;
        if (!entry.is_sliced) {
            pieces.push_back({record.stored});
            entry.bytes = check_stored(name, record, known.size, value, content);
        } else {
            for (const detail::slice_extents& extents : record.slices) {
                pieces.push_back(detail::find_slice(name, record, extents, content.slices, value));
                entry.bytes += check_stored(name,
                    {record.type, pieces.back().length, pieces.back().stored, {}}, known.size,
                    value, content);
            }
            detail::check_cover(name, record.dimensions, pieces, value);
        }
        entries_.push_back(std::move(entry));
        parts_.push_back(std::move(pieces));
    }

    // Whether what is stored has the size that the shape says and is inside its file. Returns this
    // size.
    std::uint64_t check_stored(std::string_view name, const detail::bundle_record& record,
        std::uint64_t element, const detail::byte_reader& value, index_content& content) const {
        const detail::stored_bytes& stored = record.stored;
        const auto bytes = detail::bytes_of(record.dimensions, element);
        if (element != 0 && bytes != stored.size) {
            value.fail("the size of tensor " + detail::in_quotes(name) + " does not fit its shape",
                "expected " + (bytes ? std::to_string(*bytes) : "more than 2^64") +
                    " bytes for shape " + to_string(record.dimensions) + ", found " +
                    std::to_string(stored.size));
        }
        if (stored.shard >= header_.shards) {
            value.fail("tensor " + detail::in_quotes(name) +
                    " is in a data file that the checkpoint has not",
                "expected a number below " + std::to_string(header_.shards) + ", found " +
                    std::to_string(stored.shard));
        }
        const auto [known, is_new] = content.data_sizes.try_emplace(stored.shard, 0);
        if (is_new) {
            const auto path = data_path(stored.shard);
            detail::require_bundle_data(prefix_, path, name, content.where);
            known->second = detail::input_file(path, content.where).size();
        }
        if (stored.offset > known->second || stored.size > known->second - stored.offset) {
            value.fail(
                "tensor " + detail::in_quotes(name) + " reaches beyond the end of its data file",
                "expected at most " + std::to_string(known->second) + " bytes in " +
                    detail::in_quotes(data_path(stored.shard).filename().string()) + ", found " +
                    std::to_string(stored.size) + " bytes from byte " +
                    std::to_string(stored.offset),
                "one of the two files is damaged or was cut off, or they are not of the same "
                "checkpoint");
        }
        return stored.size;
    }

    [[nodiscard]] std::filesystem::path data_path(std::uint64_t shard) const {
        return detail::bundle_data(prefix_, shard, header_.shards);
    }

    // Only the name of the caller's entry is used: all else was checked here, when it was opened.
    [[nodiscard]] readable find_readable(
        const bundle_entry& entry, const std::source_location& where) const {
        const bundle_entry* known = find(entry.name);
        if (known == nullptr) {
            refuse("there is no tensor " + detail::in_quotes(entry.name),
                "expected one of its " + std::to_string(entries_.size()) +
                    " tensors, found another name",
                "take entries of this reader", where);
        }
        if (!known->type) {
            refuse("tensor " + detail::in_quotes(entry.name) + " is of type " + known->type_name,
                "expected a type of numbers that varscope holds, found " + known->type_name,
                "leave it out of what is restored", where);
        }
        return {*known, *known->type, parts_[static_cast<std::size_t>(known - entries_.data())]};
    }

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
