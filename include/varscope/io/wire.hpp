/// \file
/// Bounded reading of integers and of protocol buffer fields from bytes that may be anything.
#pragma once

#include <varscope/io/file.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::io::detail {

/// A cursor over bytes in memory, which never leaves them and knows where in the file they stand.
///
/// Refers to the bytes and to the file's name. Belongs to one thread. Members that read throw
/// `checkpoint_error` when too little is left.
class byte_reader {
public:
    /// \param position  that of the first byte in the stretch which `origin` describes.
    explicit byte_reader(std::span<const std::byte> bytes, const byte_origin& origin,
        std::uint64_t position = 0) noexcept
        : bytes_{bytes}
        , origin_{origin}
        , begin_{position} {}

    [[nodiscard]] std::size_t remaining() const noexcept { return bytes_.size() - next_; }
    [[nodiscard]] bool is_at_end() const noexcept { return next_ == bytes_.size(); }

    /// The next `count` bytes; `what` names them in the error.
    std::span<const std::byte> take(std::uint64_t count, std::string_view what);

    /// A reader of the next `count` bytes only.
    [[nodiscard]] byte_reader take_reader(std::uint64_t count, std::string_view what);

    std::uint8_t read_u8(std::string_view what);
    std::uint32_t read_u32(std::string_view what) {
        return static_cast<std::uint32_t>(little_endian(take(4, what)));
    }
    std::uint64_t read_u64(std::string_view what) { return little_endian(take(8, what)); }

    /// A number of up to 64 bits in groups of seven, the lowest first.
    std::uint64_t read_varint(std::string_view what);

    /// Throws the error about the next byte.
    [[noreturn]] void fail(std::string_view what, std::string_view comparison,
        std::string_view advice = get_it_again) const {
        detail::fail(origin_, begin_ + next_, what, comparison, advice);
    }

private:
    [[nodiscard]] static std::uint64_t little_endian(std::span<const std::byte> bytes) noexcept;

    std::span<const std::byte> bytes_;
    byte_origin origin_;
    std::uint64_t begin_;
    std::size_t next_ = 0;
};

/// How a field of a protocol buffer is written; the two kinds of groups are long out of use and
/// refused.
enum class wire_type : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// One field of a protocol buffer message. Each accessor throws when the field is of another kind.
class proto_field {
public:
    /// Reads the next field.
    explicit proto_field(byte_reader& from);

    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    [[nodiscard]] wire_type type() const noexcept { return type_; }

    [[nodiscard]] std::uint64_t unsigned_integer() const {
        return expect(wire_type::varint).value_;
    }
    [[nodiscard]] std::int64_t integer() const {
        return static_cast<std::int64_t>(unsigned_integer());
    }
    [[nodiscard]] std::uint32_t fixed32() const {
        return static_cast<std::uint32_t>(expect(wire_type::fixed32).value_);
    }
    /// The text, bytes or message inside.
    [[nodiscard]] const byte_reader& content() const { return expect(wire_type::bytes).content_; }

    /// Throws the error about this field.
    [[noreturn]] void fail(std::string_view what, std::string_view comparison,
        std::string_view advice = get_it_again) const {
        content_.fail(what, comparison, advice);
    }

private:
    [[nodiscard]] const proto_field& expect(wire_type type) const;

    byte_reader content_; // without content: stands at the field's tag
    std::uint64_t number_ = 0;
    std::uint64_t value_ = 0;
    wire_type type_ = wire_type::varint;
};

/// Calls `visit(const proto_field&)` for each field of a message in the order of the file. Those
/// that it does not know are for it to ignore.
template <class Visitor>
void for_each_field(byte_reader message, Visitor&& visit) {
    while (!message.is_at_end()) { visit(proto_field(message)); }
}

} // namespace varscope::inline VARSCOPE_ABI::io::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/io/impl/wire.ipp>
#endif
