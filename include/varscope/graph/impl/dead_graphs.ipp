// See dead_graphs.hpp.
#pragma once

#include <varscope/graph/dead_graphs.hpp>

#include <atomic>
#include <cstdlib>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::atomic<bool>& watches_dead_graphs() noexcept {
    static std::atomic<bool> is_on{[] {
        const char* const said = std::getenv("VARSCOPE_WATCH_DEAD_GRAPHS");
        return said != nullptr && std::string_view(said) != "" && std::string_view(said) != "0";
    }()};
    return is_on;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
