// See variable_creator.hpp.
#pragma once

#include <varscope/scope/ambient.hpp>
#include <varscope/variable/variable_creator.hpp>

#include <utility>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE variable_creator_scope::variable_creator_scope(
    detail::thread_scopes& thread, variable_creator creator)
    : thread_{thread}
    , link_{std::move(creator), thread.creators} {
    thread.creators = &link_;
}

VARSCOPE_INLINE variable_creator_scope::~variable_creator_scope() {
    (void)detail::leave_in(thread_.home, "vs::variable_creator_scope");
    thread_.creators = link_.outer;
}

} // namespace varscope::inline VARSCOPE_ABI
