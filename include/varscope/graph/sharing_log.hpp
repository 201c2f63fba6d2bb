/// \file
/// How often variables were created and shared, and from where.
#pragma once

#include <varscope/version.hpp>

#include <cstddef>
#include <map>
#include <mutex>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// A place in the user's source, and how often it was passed.
struct call_site {
    std::source_location place;
    std::size_t count;
};

/// What became of one name that variables were asked for by.
struct sharing_record {
    std::string name; ///< the store's key; for a variable that is never shared, the full name asked
                      ///< for, before it was made unique
    bool is_shareable = true;
    std::size_t times_created = 0;
    std::size_t times_shared = 0;
    std::vector<call_site> created_at = {};
    std::vector<call_site> shared_at = {};
};

namespace detail {

/// Collects the records of one graph. Safe from any thread. Cost: a lock and a search by text for
/// each call.
class sharing_log {
public:
    void note_created(std::string_view name, bool is_shareable, const std::source_location& where);
    void note_shared(std::string_view name, const std::source_location& where);

    /// In the order in which the names were first asked for.
    [[nodiscard]] std::vector<sharing_record> records() const;

private:
    sharing_record& find(std::string_view name, bool is_shareable);

    static void count(std::vector<call_site>& sites, const std::source_location& where);

    mutable std::mutex mutex_;
    std::vector<sharing_record> records_;
    std::map<std::pair<std::string, bool>, std::size_t> places_;
};

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/sharing_log.ipp>
#endif
