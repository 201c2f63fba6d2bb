/// \file
/// When scopes were opened and left of which nothing else is known any more.
#pragma once

#include <varscope/names/digest.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Times by the digests of paths, in 16 bytes each and no more. Added many at once; rows in order,
/// each at least twice as long as the next one, so that a look-up is a few binary searches. Knows
/// 64 bits of a digest. Not thread-safe.
class scope_times {
public:
    struct record {
        std::uint64_t key;
        std::uint64_t time;
    };
    enum class kind : std::uint8_t { opened, left };
    [[nodiscard]] static std::uint64_t key_of(const digest& id, kind what) noexcept {
        return what == kind::opened ? id.low : id.high ^ mix_b;
    }

    /// The time that was added last.
    [[nodiscard]] std::optional<std::uint64_t> find(const digest& id, kind what) const;

    /// Adds times, each key at most once; a time that is there is replaced.
    void add(std::vector<record> added);

    [[nodiscard]] std::size_t size() const noexcept;

private:
    std::vector<std::vector<record>> rows_; // the last one was added last
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/scope_times.ipp>
#endif
