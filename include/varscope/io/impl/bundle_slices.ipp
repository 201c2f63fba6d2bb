// See bundle_slices.hpp.
#pragma once

#include <varscope/io/bundle_slices.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::io::detail {

VARSCOPE_INLINE bool overlap(const tensor_part& a, const tensor_part& b) noexcept {
    for (std::size_t axis = 0; axis < a.start.size(); ++axis) {
        if (a.start[axis] >= b.start[axis] + b.length[axis] ||
            b.start[axis] >= a.start[axis] + a.length[axis]) {
            return false;
        }
    }
    return true;
}

VARSCOPE_INLINE bool any_overlap(const std::vector<tensor_part>& parts, std::size_t rank) {
    std::vector<const tensor_part*> filled;
    for (const tensor_part& part : parts) {
        if (part.stored.size > 0) { filled.push_back(&part); }
    }
    if (filled.size() < 2) { return false; }
    if (rank == 0) { return true; }
    std::size_t best = 0;
    std::size_t most = 0;
    for (std::size_t axis = 0; axis < rank; ++axis) {
        std::unordered_set<std::int64_t> starts;
        for (const tensor_part* part : filled) { starts.insert(part->start[axis]); }
        if (starts.size() > most) {
            most = starts.size();
            best = axis;
        }
    }
    std::ranges::sort(filled, {}, [&](const tensor_part* part) { return part->start[best]; });
    for (std::size_t i = 0; i < filled.size(); ++i) {
        const std::int64_t end = filled[i]->start[best] + filled[i]->length[best];
        for (std::size_t j = i + 1; j < filled.size() && filled[j]->start[best] < end; ++j) {
            if (overlap(*filled[i], *filled[j])) { return true; }
        }
    }
    return false;
}

VARSCOPE_INLINE tensor_part find_slice(std::string_view name, const bundle_record& whole,
    const slice_extents& extents, const slice_index& slices, const byte_reader& at) {
    const auto refuse = [&](const std::string& what, const std::string& comparison) {
        at.fail("a slice of tensor " + in_quotes(name) + " " + what, comparison);
    };
    const shape& dimensions = whole.dimensions;
    if (extents.size() != dimensions.rank()) {
        refuse("has another number of axes",
            "expected " + std::to_string(dimensions.rank()) + ", found " +
                std::to_string(extents.size()));
    }
    tensor_part part;
    for (std::size_t axis = 0; axis < extents.size(); ++axis) {
        const std::int64_t size = dimensions[axis];
        const std::int64_t start = extents[axis].start;
        const std::int64_t length = extents[axis].length.value_or(size);
        if (start < 0 || length < 0 || start > size || length > size - start) {
            refuse("is not inside of it",
                "expected a part of 0 to " + std::to_string(size) + " on axis " +
                    std::to_string(axis) + ", found " + std::to_string(length) + " from " +
                    std::to_string(start));
        }
        part.start.push_back(start);
        part.length.push_back(length);
    }
    const std::string key = slice_key(name, extents);
    const auto found = std::ranges::lower_bound(slices, key, {}, &slice_index::value_type::first);
    if (found == slices.end() || found->first != key) {
        refuse("is missing", "expected the key " + in_quotes(key) + ", found none");
    }
    const bundle_record& slice = found->second;
    if (slice.type != whole.type || slice.dimensions != shape(part.length) ||
        !slice.slices.empty()) {
        refuse("does not fit",
            "expected " + to_string(shape(part.length)) + " of type " + std::to_string(whole.type) +
                ", found " + to_string(slice.dimensions) + " of type " +
                std::to_string(slice.type));
    }
    part.stored = slice.stored;
    return part;
}

VARSCOPE_INLINE void check_cover(std::string_view name, const shape& dimensions,
    const std::vector<tensor_part>& parts, const byte_reader& at) {
    const auto refuse = [&](const std::string& found) {
        at.fail("the slices of tensor " + in_quotes(name) + " do not make it up",
            "expected each element of shape " + to_string(dimensions) + " in one slice, found " +
                found);
    };
    const auto expected = bytes_of(dimensions, 1);
    if (!expected) { refuse("more than 2^64 elements"); }
    std::uint64_t missing = expected.value_or(0);
    for (const tensor_part& part : parts) {
        // Not more than the tensor has, as the part is inside.
        const std::uint64_t elements = bytes_of(part.length, 1).value_or(0);
        if (elements > missing) { refuse("some in several"); }
        missing -= elements;
    }
    if (missing > 0) { refuse(std::to_string(missing) + " in none"); }
    if (any_overlap(parts, dimensions.rank())) { refuse("some in several"); }
}

} // namespace varscope::inline VARSCOPE_ABI::io::detail
