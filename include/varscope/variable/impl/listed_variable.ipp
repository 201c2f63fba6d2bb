// See listed_variable.hpp.
#pragma once

#include <varscope/policy/constraint.hpp>
#include <varscope/variable/listed_variable.hpp>

#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE listed_variable::operator const any_variable&()
    const { // NOLINT(google-explicit-constructor): mostly it is one
    if (variable_) { return *variable_; }
    throw not_a_variable("'" + std::string(name()) +
            "', which is in a list of variables, is an op\n  created at " +
            to_string(defined_at()) +
            "\n  it was added to the collection by hand: ask the entries of the list for "
            "is_variable()",
        {std::string(name()), defined_at(), defined_at()});
}

VARSCOPE_INLINE variable_list::variable_list(const std::vector<any_variable>& list)
    : vector(list.begin(), list.end()) {}

VARSCOPE_INLINE std::size_t listed_variable::size() const { return any_variable(*this).size(); }
VARSCOPE_INLINE std::size_t listed_variable::bytes() const { return any_variable(*this).bytes(); }
VARSCOPE_INLINE bool listed_variable::is_initialized() const {
    return any_variable(*this).is_initialized();
}
VARSCOPE_INLINE bool listed_variable::is_partitioned() const {
    return any_variable(*this).is_partitioned();
}
VARSCOPE_INLINE std::vector<any_variable> listed_variable::parts() const {
    return any_variable(*this).parts();
}
VARSCOPE_INLINE std::optional<any_variable> listed_variable::whole() const {
    return any_variable(*this).whole();
}
VARSCOPE_INLINE std::vector<std::size_t> listed_variable::offset() const {
    return any_variable(*this).offset();
}
VARSCOPE_INLINE bool listed_variable::is_contiguous() const {
    return any_variable(*this).is_contiguous();
}
VARSCOPE_INLINE void* listed_variable::data() const { return any_variable(*this).data(); }
VARSCOPE_INLINE varscope::constraint listed_variable::constraint() const {
    return any_variable(*this).constraint();
}
VARSCOPE_INLINE variable_list::operator std::vector<any_variable>() const {
    return {begin(), end()};
}

} // namespace varscope::inline VARSCOPE_ABI
