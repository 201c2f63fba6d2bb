/// \file
/// Whoever has names that the table of taken names need not hold.
#pragma once

#include <varscope/names/digest.hpp>

#include <cstddef>
#include <source_location>

namespace varscope::inline VARSCOPE_ABI::detail {

/// The owners of names that the table of taken names need not hold: they are found by themselves.
class name_owners {
public:
    name_owners() = default;
    name_owners(const name_owners&) = delete;
    name_owners& operator=(const name_owners&) = delete;
    name_owners(name_owners&&) = delete;
    name_owners& operator=(name_owners&&) = delete;

    /// Where the owner of this path was made; null if it has none.
    [[nodiscard]] virtual const std::source_location* find_owner(
        const digest& path) const noexcept = 0;
    /// How many there are at most.
    [[nodiscard]] virtual std::size_t owner_count() const noexcept = 0;

protected:
    ~name_owners() = default;
};

} // namespace varscope::inline VARSCOPE_ABI::detail
