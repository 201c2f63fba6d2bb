/// \file
/// Updates of variables that have a constraint.
#pragma once

#include <varscope/variable/assign.hpp>
#include <varscope/variable/variable.hpp>

#include <cstddef>
#include <optional>
#include <source_location>

namespace varscope::inline VARSCOPE_ABI {

/// Applies the variable's own constraint to what it holds, if it has one: what an optimizer does
/// after each step. Of a variable that is cut, the whole is projected. Reads and writes elements:
/// not beside others who do, for which there is `apply_update`.
/// \throws uninitialized, and what the constraint throws
inline void apply_constraint(const any_variable& v) { v.constraint()(v); }

/// Assigns `values`, as `assign` does, and applies the variable's constraint, if it has one.
///
/// Both while no other update of the graph's variables takes place; reading elements meanwhile is a
/// race. If the constraint throws, the
/// variable holds what it held before, if it had a value.
/// \throws shape_mismatch, uninitialized, not_fed, and what the constraint throws
/// Cost: that of `assign`, and with a constraint a copy of what the variable held before.
template <element T, std::size_t N, class X = typename variable<T, N>::temporary_type>
    requires detail::update_operand<X>
variable<T, N> apply_update(const variable<T, N>& v, const X& values,
    const std::source_location& where = std::source_location::current()) {
    const any_variable any = v;
    const auto project = any.constraint();
    if (!project) { return assign(v, values, where); }
    const detail::creation_lock lock(v.graph());
    std::optional<array_value> before;
    if (v.is_initialized()) { before = any.value(); }
    assign(v, values, where);
    try {
        project(any);
    } catch (...) {
        if (before) { v.graph().assign(v.node(), before->data()); }
        throw;
    }
    return v;
}

} // namespace varscope::inline VARSCOPE_ABI
