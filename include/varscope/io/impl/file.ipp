// See file.hpp.
#pragma once

#include <varscope/io/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace varscope::inline VARSCOPE_ABI::io::detail {

VARSCOPE_INLINE std::string in_quotes(std::string_view text) {
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

VARSCOPE_INLINE std::string to_hex(std::uint32_t value) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "0x";
    for (int shift = 28; shift >= 0; shift -= 4) { text += digits[(value >> shift) & 15U]; }
    return text;
}

VARSCOPE_INLINE void fail(const byte_origin& origin, std::uint64_t position, std::string_view what,
    std::string_view comparison, std::string_view advice) {
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

VARSCOPE_INLINE input_file::input_file(
    const std::filesystem::path& path, const std::source_location& asked_at)
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
        refuse("is not a regular file", "only regular files have a size and can be read anywhere");
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

VARSCOPE_INLINE void input_file::read(
    std::uint64_t offset, std::span<std::byte> destination) const {
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

VARSCOPE_INLINE std::string input_file::error_text(int code) {
    return "the system says: " + std::generic_category().message(code);
}

VARSCOPE_INLINE void input_file::refuse(std::string_view what, const std::string& why) const {
    throw checkpoint_error("checkpoint file " + in_quotes(path_) + " " + std::string(what) +
            "\n  " + why + "\n  check the path and the permissions",
        {path_, asked_at_});
}

VARSCOPE_INLINE void input_file::short_read(std::uint64_t offset, std::uint64_t wanted) const {
    fail(origin(), offset, "it is too short",
        "expected " + std::to_string(wanted) + " bytes from there, found a file of " +
            std::to_string(size_));
}

} // namespace varscope::inline VARSCOPE_ABI::io::detail
