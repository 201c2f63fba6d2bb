// See static_scope.hpp.
#pragma once

#include <varscope/schema/static_scope.hpp>

#include <source_location>
#include <string>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void throw_not_innermost(
    const scope_guard& outer, std::string_view name, const std::source_location& where) {
    const std::string full = join(outer.name(), name);
    throw improper_nesting("scope '" + full + "' cannot be opened here\n  asked for at " +
            to_string(where) + " inside '" + get_variable_scope(*outer.thread().owner).name() +
            "'\n  the scope that it is opened in must be the innermost one of this thread",
        {full, where});
}

VARSCOPE_INLINE thread_scopes& thread_of_innermost(
    const scope_guard& outer, std::string_view name, const std::source_location& where) {
    if (!outer.is_innermost()) { throw_not_innermost(outer, name, where); }
    return outer.thread();
}

} // namespace varscope::inline VARSCOPE_ABI::detail
