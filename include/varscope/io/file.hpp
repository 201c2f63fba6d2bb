/// \file
/// Reading a file at given positions, and errors that say where in a file something is wrong.
#pragma once

#include <varscope/base/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
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
#include <fstream>
#endif

namespace varscope::inline VARSCOPE_ABI::io::detail {

/// What to do about bytes that are not as they were written.
inline constexpr std::string_view get_it_again =
    "the file is damaged or was cut off; get it again from where it was written";

/// `text` in single quotes for a message: control characters as \xNN, a long one shortened.
[[nodiscard]] inline std::string in_quotes(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::size_t longest = 240;
    std::string result = "'";
    for (const char c : text.substr(0, longest)) {
        const auto code = static_cast<unsigned char>(c);
        if (code >= 0x20 && code != 0x7F) {
            result += c;
        } else {
            result += "\\x";
            result += digits[code >> 4];
            result += digits[code & 15U];
        }
    }
    result += '\'';
    if (text.size() > longest) { result += "... (" + std::to_string(text.size()) + " characters)"; }
    return result;
}

/// "0x00c0ffee"
[[nodiscard]] inline std::string to_hex(std::uint32_t value) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "0x";
    for (int shift = 28; shift >= 0; shift -= 4) { text += digits[(value >> shift) & 15U]; }
    return text;
}

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
[[noreturn]] inline void fail(const byte_origin& origin, std::uint64_t position,
    std::string_view what, std::string_view comparison, std::string_view advice = get_it_again) {
    const std::uint64_t offset = origin.is_unpacked ? origin.offset : origin.offset + position;
    std::string text = "checkpoint file " + in_quotes(origin.file) + ": ";
    text += what;
    text += "\n  at byte " + std::to_string(offset);
    if (origin.is_unpacked) {
        text += ", position " + std::to_string(position) + " of what is decompressed from there";
    }
    text += "\n  ";
    text += comparison;
    text += "\n  ";
    text += advice;
    throw checkpoint_error(text, {std::string(origin.file), origin.asked_at}, offset);
}

/// A regular file that is open for reading. Not for writing, and not for pipes and devices, which
/// have no size.
///
/// Safe to use from several threads at a time: no position is shared.
class input_file {
public:
    /// \throws checkpoint_error  missing, not readable, or not a regular file.
    explicit input_file(const std::filesystem::path& path, const std::source_location& asked_at)
        : path_{path.string()}
        , asked_at_{asked_at} {
#if __has_include(<unistd.h>)
        // O_NONBLOCK: opening a pipe must not wait for its writer.
        descriptor_ =
            ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // NOLINT(*-vararg): POSIX
        if (descriptor_ < 0) { refuse("cannot be opened", error_text(errno)); }
        struct stat facts {};
        if (::fstat(descriptor_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
            ::close(descriptor_);
            refuse(
                "is not a regular file", "only regular files have a size and can be read anywhere");
        }
        size_ = static_cast<std::uint64_t>(facts.st_size);
#else
        std::error_code problem;
        if (!std::filesystem::is_regular_file(path, problem)) {
            refuse("is not a regular file", problem ? problem.message() : "it is of another kind");
        }
        size_ = std::filesystem::file_size(path, problem);
        if (problem) { refuse("cannot be opened", problem.message()); }
#endif
    }
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
    void read(std::uint64_t offset, std::span<std::byte> destination) const {
        if (offset > size_ || destination.size() > size_ - offset) {
            short_read(offset, destination.size());
        }
#if __has_include(<unistd.h>)
        constexpr std::size_t most = std::size_t{1} << 30; // Linux reads less than 2 GiB a call
        while (!destination.empty()) {
            const ::ssize_t got = ::pread(descriptor_, destination.data(),
                std::min(destination.size(), most), static_cast<::off_t>(offset));
            if (got < 0 && errno == EINTR) { continue; }
            if (got < 0) { refuse("cannot be read", error_text(errno)); }
            if (got == 0) { short_read(offset, destination.size()); }
            offset += static_cast<std::uint64_t>(got);
            destination = destination.subspan(static_cast<std::size_t>(got));
        }
#else
        std::ifstream stream(path_, std::ios::binary);
        stream.seekg(static_cast<std::streamoff>(offset));
        // The one way from a stream of characters to bytes.
        stream.read(reinterpret_cast<char*>(destination.data()), // NOLINT(*-reinterpret-cast)
            static_cast<std::streamsize>(destination.size()));
        if (!stream) { short_read(offset, destination.size()); }
#endif
    }

private:
    [[nodiscard]] static std::string error_text(int code) {
        return "the system says: " + std::generic_category().message(code);
    }
    [[noreturn]] void refuse(std::string_view what, const std::string& why) const {
        throw checkpoint_error("checkpoint file " + in_quotes(path_) + " " + std::string(what) +
                "\n  " + why + "\n  check the path and the permissions",
            {path_, asked_at_});
    }
    [[noreturn]] void short_read(std::uint64_t offset, std::uint64_t wanted) const {
        fail(origin(), offset, "it is too short",
            "expected " + std::to_string(wanted) + " bytes from there, found a file of " +
                std::to_string(size_));
    }

    std::string path_;
    std::source_location asked_at_;
    std::uint64_t size_ = 0;
#if __has_include(<unistd.h>)
    int descriptor_ = -1;
#endif
};

} // namespace varscope::inline VARSCOPE_ABI::io::detail
