// See sharing_log.hpp.
#pragma once

#include <varscope/graph/sharing_log.hpp>

#include <mutex>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void sharing_log::note_created(
    std::string_view name, bool is_shareable, const std::source_location& where) {
    const std::scoped_lock lock(mutex_);
    sharing_record& r = find(name, is_shareable);
    ++r.times_created;
    count(r.created_at, where);
}

VARSCOPE_INLINE void sharing_log::note_shared(
    std::string_view name, const std::source_location& where) {
    const std::scoped_lock lock(mutex_);
    sharing_record& r = find(name, true);
    ++r.times_shared;
    count(r.shared_at, where);
}

VARSCOPE_INLINE std::vector<sharing_record> sharing_log::records() const {
    const std::scoped_lock lock(mutex_);
    return records_;
}

VARSCOPE_INLINE sharing_record& sharing_log::find(std::string_view name, bool is_shareable) {
    const auto [at, is_new] =
        places_.try_emplace({std::string(name), is_shareable}, records_.size());
    if (is_new) { records_.push_back({std::string(name), is_shareable}); }
    return records_[at->second];
}

VARSCOPE_INLINE void sharing_log::count(
    std::vector<call_site>& sites, const std::source_location& where) {
    for (call_site& site : sites) {
        if (site.place.line() == where.line() && site.place.column() == where.column() &&
            std::string_view(site.place.file_name()) == where.file_name()) {
            ++site.count;
            return;
        }
    }
    sites.push_back({where, 1});
}

} // namespace varscope::inline VARSCOPE_ABI::detail
