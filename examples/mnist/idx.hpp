/// \file
/// Reading the files of MNIST: arrays of bytes in the IDX format, plain or compressed by gzip.
#pragma once

#include <xtensor/xadapt.hpp>
#include <xtensor/xtensor.hpp>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace mnist {

/// A file that is read from front to back; what gzip compressed is decompressed on the way.
class input {
public:
    /// \throws std::runtime_error  it cannot be opened.
    explicit input(const std::string& path) : path_{path}, file_{gzopen(path.c_str(), "rb")} {
        if (!file_) { refuse("cannot be opened: " + std::generic_category().message(errno)); }
    }

    /// Reads up to as many bytes as there is room for. Returns how many there were.
    /// \throws std::runtime_error  the file cannot be read or is damaged.
    std::size_t read(std::span<std::uint8_t> room) {
        const int got = gzread(file_.get(), room.data(), static_cast<unsigned>(room.size()));
        int problem = Z_OK;
        const char* const text = gzerror(file_.get(), &problem);
        if (problem == Z_BUF_ERROR) { refuse("was cut off: the compressed data has no end"); }
        if (got < 0) { refuse(std::string("cannot be read: ") + text); }
        return static_cast<std::size_t>(got);
    }

    [[noreturn]] void refuse(const std::string& why) const {
        throw std::runtime_error("'" + path_ + "' " + why);
    }

private:
    struct closer {
        void operator()(gzFile file) const noexcept { gzclose(file); }
    };
    std::string path_;
    std::unique_ptr<gzFile_s, closer> file_;
};

/// Reads an array of unsigned bytes with N axes.
///
/// The format: two bytes 0, the element type (8: unsigned byte), the number of axes; the length of
/// each axis, 4 bytes, big-endian; the elements, row-major.
/// \throws std::runtime_error  another format, or fewer or more bytes than the lengths say.
/// Memory is taken as elements arrive, whatever the lengths say.
template <std::size_t N>
[[nodiscard]] xt::xtensor<std::uint8_t, N> read_idx(const std::string& path) {
    input file(path);
    std::array<std::uint8_t, 4 * (1 + N)> header{};
    if (file.read(header) < header.size()) { file.refuse("is too short for an IDX file"); }
    const auto number = [&](std::size_t i) {
        std::size_t value = 0;
        for (std::size_t byte = 4 * i; byte < 4 * (i + 1); ++byte) {
            value = 256 * value + header[byte];
        }
        return value;
    };
    if (constexpr std::size_t magic = 0x0800 + N; number(0) != magic) {
        file.refuse("is of another kind: expected it to begin with " + std::to_string(magic) +
            ", found " + std::to_string(number(0)));
    }

    std::array<std::size_t, N> shape{};
    std::size_t size = 1;
    for (std::size_t axis = 0; axis < N; ++axis) {
        shape[axis] = number(1 + axis);
        if (shape[axis] > 0 && size > std::numeric_limits<std::size_t>::max() / shape[axis]) {
            file.refuse("says that it has more elements than can be counted");
        }
        size *= shape[axis];
    }

    std::vector<std::uint8_t> elements;
    while (elements.size() < size) {
        constexpr std::size_t at_once = std::size_t{1} << 20;
        const std::size_t before = elements.size();
        elements.resize(before + std::min(size - before, at_once));
        const auto room = std::span(elements).subspan(before);
        if (const std::size_t got = file.read(room); got < room.size()) {
            file.refuse("is too short: expected " + std::to_string(size) + " elements, found " +
                std::to_string(before + got));
        }
    }
    std::array<std::uint8_t, 1> beyond{};
    if (file.read(beyond) > 0) {
        file.refuse("is too long: expected " + std::to_string(size) + " elements, found more");
    }
    return xt::adapt(elements, shape);
}

} // namespace mnist
