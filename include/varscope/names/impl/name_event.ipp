// See name_event.hpp.
#pragma once

#include <varscope/names/detail/name_event.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE digest name_events::id_of(
    const name_event& before, name_step step, const digest& hash) noexcept {
    const digest kind{static_cast<std::uint64_t>(step), mix_b};
    return extend_by_component(extend_by_component(before.id, hash), kind);
}

VARSCOPE_INLINE bool name_events::has_room(const name_event& before, std::size_t variables) const {
    const std::uint32_t length = before.length + 1;
    return length <= max_length(variables) && table_.size() < max_count(variables) &&
        (length < min_checked || !std::has_single_bit(length) || !is_loop(before));
}

VARSCOPE_INLINE const name_event& name_events::insert(const name_event& before, name_step step,
    std::string_view name, const digest& hash, std::uint32_t number,
    const std::source_location& where) {
    auto* const added = memory_.create<name_event>(id_of(before, step, hash), &before, before.scope,
        memory_.copy(name), hash, where, number, before.length + 1, step);
    if (step == name_step::open) { added->scope = added; }
    if (step == name_step::close) { added->scope = before.scope->before->scope; }
    table_.insert(*added);
    return *added;
}

VARSCOPE_INLINE bool name_events::is_loop(const name_event& last) {
    std::vector<std::uint64_t> names; // with the scopes that they stand in
    for (const name_event* e = &last; e->before != nullptr; e = e->before) {
        if (e->step == name_step::close) { continue; }
        const name_event* const around = e->before->scope;
        names.push_back(e->hash.low ^ (around == nullptr ? 0 : around->hash.high));
    }
    const std::size_t all = names.size();
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    return 8 * (all - repeated.size()) < all;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
