// See bundle.hpp.
#pragma once

#include <varscope/io/bundle.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::io {

VARSCOPE_INLINE bundle_reader::bundle_reader(
    const std::filesystem::path& prefix, std::source_location where)
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

VARSCOPE_INLINE const bundle_entry* bundle_reader::find(std::string_view name) const noexcept {
    const auto found = std::ranges::lower_bound(
        entries_, name, {}, [](const bundle_entry& entry) { return std::string_view(entry.name); });
    return found != entries_.end() && found->name == name ? &*found : nullptr;
}

VARSCOPE_INLINE void bundle_reader::read(
    const bundle_entry& entry, std::span<std::byte> destination, std::source_location where) const {
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

VARSCOPE_INLINE void bundle_reader::verify(
    const bundle_entry& entry, std::source_location where) const {
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

VARSCOPE_INLINE void bundle_reader::no_header(
    const detail::byte_reader& at, const std::string& found) {
    at.fail("it is not a checkpoint of version 2", "expected the key '' first, found " + found,
        detail::v1_advice);
}

VARSCOPE_INLINE void bundle_reader::refuse(const std::string& what, const std::string& comparison,
    const std::string& advice, const std::source_location& where) const {
    throw checkpoint_error("checkpoint " + detail::in_quotes(prefix_.string()) + ": " + what +
            "\n  " + comparison + "\n  " + advice,
        {prefix_.string(), where});
}

VARSCOPE_INLINE void bundle_reader::add(std::string_view name, const detail::bundle_record& record,
    const detail::byte_reader& value, index_content& content) {
    const auto known = record.type < detail::tensorflow_types.size()
        ? detail::tensorflow_types[static_cast<std::size_t>(record.type)]
        : detail::tensorflow_type{};
    bundle_entry entry{std::string(name), known.type, std::string(known.name), record.dimensions, 0,
        !record.slices.empty()};
    if (known.name.empty()) { entry.type_name = "type " + std::to_string(record.type); }

    parts pieces;
    if (!entry.is_sliced) {
        pieces.push_back({record.stored});
        entry.bytes = check_stored(name, record, known.size, value, content);
    } else {
        for (const detail::slice_extents& extents : record.slices) {
            pieces.push_back(detail::find_slice(name, record, extents, content.slices, value));
            entry.bytes +=
                check_stored(name, {record.type, pieces.back().length, pieces.back().stored, {}},
                    known.size, value, content);
        }
        detail::check_cover(name, record.dimensions, pieces, value);
    }
    entries_.push_back(std::move(entry));
    parts_.push_back(std::move(pieces));
}

VARSCOPE_INLINE std::uint64_t bundle_reader::check_stored(std::string_view name,
    const detail::bundle_record& record, std::uint64_t element, const detail::byte_reader& value,
    index_content& content) const {
    const detail::stored_bytes& stored = record.stored;
    const auto bytes = detail::bytes_of(record.dimensions, element);
    if (element != 0 && bytes != stored.size) {
        value.fail("the size of tensor " + detail::in_quotes(name) + " does not fit its shape",
            "expected " + (bytes ? std::to_string(*bytes) : "more than 2^64") +
                " bytes for shape " + to_string(record.dimensions) + ", found " +
                std::to_string(stored.size));
    }
    if (stored.shard >= header_.shards) {
        value.fail(
            "tensor " + detail::in_quotes(name) + " is in a data file that the checkpoint has not",
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
        value.fail("tensor " + detail::in_quotes(name) + " reaches beyond the end of its data file",
            "expected at most " + std::to_string(known->second) + " bytes in " +
                detail::in_quotes(data_path(stored.shard).filename().string()) + ", found " +
                std::to_string(stored.size) + " bytes from byte " + std::to_string(stored.offset),
            "one of the two files is damaged or was cut off, or they are not of the same "
            "checkpoint");
    }
    return stored.size;
}

VARSCOPE_INLINE bundle_reader::readable bundle_reader::find_readable(
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

} // namespace varscope::inline VARSCOPE_ABI::io
