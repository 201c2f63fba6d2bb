/// \file
/// The numbers that names get in a name scope that was opened again.
#pragma once

#include <varscope/names/detail/name_event.hpp>
#include <varscope/names/detail/name_table.hpp>
#include <varscope/names/digest.hpp>
#include <varscope/names/name.hpp>

#include <cstdint>
#include <optional>
#include <string>
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
    [[nodiscard]] std::uint32_t take(const name_event& before, const hashed_name& name) {
        go_to(before);
        done_ = nullptr; // until `follow`
        return take(name.text);
    }
    /// After a step that was taken, or a scope was left.
    void follow(const name_event& added) {
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
    /// Does all steps up to this one.
    void go_to(const name_event& last) {
        if (done_ == &last) { return; }
        names_.emplace(letters_, nullptr);
        scopes_.assign(1, root_digest);
        std::vector<const name_event*> steps;
        for (const name_event* e = &last; e->before != nullptr; e = e->before) {
            steps.push_back(e);
        }
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            const name_event& e = **step;
            if (e.step != name_step::close) { (void)take(e.name); }
            follow(e);
        }
        done_ = &last;
    }

private:
    std::uint32_t take(std::string_view name) {
        const digest in = scopes_.back();
        return names_->take(extend(in, name, letters_), in, name, {}, name_taker::op).number;
    }

    letter_case letters_;
    std::optional<name_table> names_;
    std::vector<digest> scopes_;       // that are open, from the outermost
    const name_event* done_ = nullptr; // the last step; null: to begin anew
};

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI
