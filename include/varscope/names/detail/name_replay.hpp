/// \file
/// The numbers that names get in a name scope that was opened again.
#pragma once

#include <varscope/names/detail/name_event.hpp>
#include <varscope/names/detail/name_table.hpp>
#include <varscope/names/digest.hpp>
#include <varscope/names/name.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {
namespace detail {

/// A table of names of its own, in which the steps in a scope opened again are done, to find the
/// numbers that names get there.
class name_replay {
public:
    explicit name_replay(letter_case letters) noexcept : letters_{letters} {}

    /// The number of the suffix that `name` gets after a step.
    [[nodiscard]] std::uint32_t take(const name_event& before, const hashed_name& name);
    /// After a step that was taken, or a scope was left.
    void follow(const name_event& added);
    /// Does all steps up to this one.
    void go_to(const name_event& last);

private:
    std::uint32_t take(std::string_view name);

    letter_case letters_;
    std::optional<name_table> names_;
    std::vector<digest> scopes_;       // that are open, from the outermost
    const name_event* done_ = nullptr; // the last step; null: to begin anew
};

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/names/impl/name_replay.ipp>
#endif
