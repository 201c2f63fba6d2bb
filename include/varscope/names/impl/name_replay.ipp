// See name_replay.hpp.
#pragma once

#include <varscope/names/detail/name_replay.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::uint32_t name_replay::take(const name_event& before, const hashed_name& name) {
    go_to(before);
    done_ = nullptr; // until `follow`
    return take(name.text);
}

VARSCOPE_INLINE void name_replay::follow(const name_event& added) {
    done_ = nullptr;
    if (added.step == name_step::open) {
        std::string unique;
        append_suffixed(unique, added.name, added.number);
        scopes_.push_back(extend(scopes_.back(), unique, letters_));
    } else if (added.step == name_step::close) {
        scopes_.pop_back();
    }
    done_ = &added;
}

VARSCOPE_INLINE void name_replay::go_to(const name_event& last) {
    if (done_ == &last) { return; }
    names_.emplace(letters_, nullptr);
    scopes_.assign(1, root_digest);
    std::vector<const name_event*> steps;
    for (const name_event* e = &last; e->before != nullptr; e = e->before) { steps.push_back(e); }
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        const name_event& e = **step;
        if (e.step != name_step::close) { (void)take(e.name); }
        follow(e);
    }
    done_ = &last;
}

VARSCOPE_INLINE std::uint32_t name_replay::take(std::string_view name) {
    const digest in = scopes_.back();
    return names_->take(extend(in, name, letters_), in, name, {}, name_taker::op).number;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
