// See bundle_data.hpp.
#pragma once

#include <varscope/io/bundle_data.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::io::detail {

VARSCOPE_INLINE void stored_stream::read(std::span<std::byte> destination) {
    while (!destination.empty()) {
        const auto piece = destination.first(std::min(destination.size(), chunk));
        file_.read(stored_.offset + done_, piece);
        crc_ = crc32c(piece, crc_);
        if (is_boolean_ && !has_bad_boolean_) { find_bad_boolean(piece); }
        done_ += piece.size();
        destination = destination.subspan(piece.size());
    }
}

VARSCOPE_INLINE void stored_stream::finish(std::string_view name) const {
    const std::uint32_t expected = unmask_crc32c(stored_.masked_crc);
    if (crc_ != expected) {
        fail(file_.origin(), stored_.offset,
            "the checksum of tensor " + in_quotes(name) + " does not match",
            "expected crc32c " + to_hex(expected) + " for " + std::to_string(stored_.size) +
                " bytes, found " + to_hex(crc_));
    }
    if (has_bad_boolean_) {
        fail(file_.origin(), bad_boolean_,
            "tensor " + in_quotes(name) + " of type bool holds something else",
            "expected the bytes 0 and 1 only, found another",
            "it was not written by TensorFlow; make it again");
    }
}

VARSCOPE_INLINE void stored_stream::find_bad_boolean(std::span<const std::byte> piece) {
    const auto bad = std::ranges::find_if(piece, [](std::byte b) { return b > std::byte{1}; });
    has_bad_boolean_ = bad != piece.end();
    bad_boolean_ = stored_.offset + done_ + static_cast<std::uint64_t>(bad - piece.begin());
}

VARSCOPE_INLINE void read_part(stored_stream& stream, const tensor_part& part,
    const shape& dimensions, std::size_t element, std::span<std::byte> tensor) {
    const std::size_t rank = dimensions.rank();
    if (part.stored.size == 0) { return; }
    if (part.stored.size == tensor.size()) { return stream.read(tensor); }

    const auto unsigned_of = [](std::int64_t value) { return static_cast<std::size_t>(value); };
    std::array<std::size_t, shape::max_rank> stride{}; // bytes from one index to the next
    std::size_t first = 0;                             // offset of the part's first element
    // Axes before this one are stepped through; this one and those after it are a run of bytes.
    std::size_t outer = 0;
    std::size_t step = element;
    for (std::size_t axis = rank; axis-- > 0;) {
        stride[axis] = step;
        first += unsigned_of(part.start[axis]) * step;
        step *= unsigned_of(dimensions[axis]);
        if (outer == 0 && part.length[axis] != dimensions[axis]) { outer = axis; }
    }
    const std::size_t run = unsigned_of(part.length[outer]) * stride[outer];
    const auto place = [&](std::size_t number) {
        std::size_t offset = first;
        for (std::size_t axis = outer; axis-- > 0;) {
            offset += number % unsigned_of(part.length[axis]) * stride[axis];
            number /= unsigned_of(part.length[axis]);
        }
        return tensor.subspan(offset, run);
    };
    const std::size_t runs = static_cast<std::size_t>(part.stored.size) / run;
    if (run >= stored_stream::chunk) {
        for (std::size_t i = 0; i < runs; ++i) { stream.read(place(i)); }
        return;
    }
    const std::size_t at_a_time = std::min(runs, stored_stream::chunk / run);
    std::vector<std::byte> buffer(at_a_time * run);
    for (std::size_t i = 0; i < runs; i += at_a_time) {
        const std::size_t count = std::min(at_a_time, runs - i);
        stream.read(std::span(buffer).first(count * run));
        for (std::size_t k = 0; k < count; ++k) {
            const auto to = place(i + k);
            std::memcpy(to.data(), buffer.data() + k * run, run);
        }
    }
}

} // namespace varscope::inline VARSCOPE_ABI::io::detail
