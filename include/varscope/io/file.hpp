/// \file
/// Reading a file at given positions, and errors that say where in a file something is wrong.
#pragma once

#include <varscope/base/error.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#if __has_include(<unistd.h>)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#endif

namespace varscope::inline VARSCOPE_ABI::io::detail {

/// What to do about bytes that are not as they were written.
inline constexpr std::string_view get_it_again =
    "the file is damaged or was cut off; get it again from where it was written";

/// `text` in single quotes for a message: control characters as \xNN, a long one shortened.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// "0x00c0ffee"
[[nodiscard]] std::string to_hex(std::uint32_t value);

/// Which stretch of which file some bytes were read from, and who asked.
struct byte_origin {
    std::string_view file; // path; owned by whoever reads the file
    std::source_location asked_at;
    std::uint64_t offset = 0; // of the first byte, in the file
    bool is_unpacked = false; // the bytes were decompressed from what begins at `offset`
};

/// Throws the `checkpoint_error` about the byte at `position` of a stretch.
///
/// \param what        what is wrong, without the file's name.
/// \param comparison  "expected ..., found ...".
/// \param advice      what to do.
[[noreturn]] void fail(const byte_origin& origin, std::uint64_t position, std::string_view what,
    std::string_view comparison, std::string_view advice = get_it_again);

/// A regular file that is open for reading. Not for writing, and not for pipes and devices, which
/// have no size.
///
/// Safe to use from several threads at a time: no position is shared.
class input_file {
public:
    /// \throws checkpoint_error  missing, not readable, or not a regular file.
    explicit input_file(const std::filesystem::path& path, const std::source_location& asked_at);
    input_file(const input_file&) = delete;
    input_file& operator=(const input_file&) = delete;
#if __has_include(<unistd.h>)
    ~input_file() { ::close(descriptor_); }
#else
    ~input_file() = default;
#endif

    /// In bytes, when it was opened.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// The origin of bytes from `offset` on; refers to this object.
    [[nodiscard]] byte_origin origin(std::uint64_t offset = 0) const noexcept {
        return {path_, asked_at_, offset, false};
    }

    /// Fills `destination` with the bytes from `offset` on.
    ///
    /// \throws checkpoint_error  the file ends before that, or cannot be read.
    void read(std::uint64_t offset, std::span<std::byte> destination) const;

private:
    [[nodiscard]] static std::string error_text(int code);
    [[noreturn]] void refuse(std::string_view what, const std::string& why) const;
    [[noreturn]] void short_read(std::uint64_t offset, std::uint64_t wanted) const;

    std::string path_;
    std::source_location asked_at_;
    std::uint64_t size_ = 0;
#if __has_include(<unistd.h>)
    int descriptor_ = -1;
#endif
};

} // namespace varscope::inline VARSCOPE_ABI::io::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/io/impl/file.ipp>
#endif
