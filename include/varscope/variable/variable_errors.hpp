/// \file
/// What can be wrong with a request for a variable, told to a person.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/graph/nodes.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

struct name_link;

[[nodiscard]] std::string describe(const shape& s, dtype type);

/// "  first created at model.cpp:41 with shape (4, 8) float32"
[[nodiscard]] std::string describe_creation(const variable_node& v);

/// Both requests stand in one line, as where a layer is called twice: then where their innermost
/// variable scopes were opened tells them apart.
struct opened_scopes {
    std::string first;
    std::string again;
};
[[nodiscard]] opened_scopes describe_scopes(
    const variable_node& v, const std::source_location& where);

/// \param names  the name scope in force.
[[noreturn]] void throw_already_exists(const variable_node& v, const name_link* names,
    bool is_root_scope, const std::source_location& where);

/// Up to three keys that are spelled most like `key`; see `nearest_search`. The graph's lock is
/// held only while a part of the list is copied: the names stay.
[[nodiscard]] std::vector<std::string> nearest_keys(const graph& g, std::string_view key);

/// To be called without the graph's lock, as far as that is one's own.
[[noreturn]] void throw_does_not_exist(
    const graph& g, const std::string& key, const std::source_location& where);

[[noreturn]] void throw_shape_mismatch(
    const variable_node& v, const shape& asked, const std::source_location& where);

[[noreturn]] void throw_rank_mismatch(
    const variable_node& v, std::size_t rank, const std::source_location& where);

[[noreturn]] void throw_dtype_mismatch(
    const variable_node& v, dtype asked, const std::source_location& where);

/// Throws unless a handle of this element type and rank fits the variable.
void check_fits(const variable_node& v, dtype type, std::optional<std::size_t> rank,
    const std::source_location& where);

[[nodiscard]] bool is_compatible(const shape& asked, const variable_node& v) noexcept;

[[nodiscard]] bool has_bad_dimension(const shape& s) noexcept;

/// Throws if no variable of this shape can be held.
/// \param name_of  returns the variable's full name; called only then.
void check_shape(const shape& s, dtype type, std::optional<std::size_t> rank,
    const std::invocable auto& name_of, const std::source_location& where) {
    std::string why;
    std::string what_to_do;
    if (has_bad_dimension(s)) {
        why = "a dimension is negative";
    } else if (s.is_fully_defined() && !is_addressable(s, size_of(type))) {
        why = "it has more elements than memory can hold";
    } else if (rank && s.has_rank() && s.rank() != *rank) {
        why = "the variable type has rank " + std::to_string(*rank);
        what_to_do = "\n  write variable<T, " + std::to_string(s.rank()) + "> or get_variable<T, " +
            std::to_string(s.rank()) + ">, or a shape of " + std::to_string(*rank) +
            (*rank == 1 ? " dimension" : " dimensions");
    } else {
        return;
    }
    const std::string name(name_of());
    throw bad_shape("variable '" + name + "' cannot have shape " + to_string(s) + ": " + why +
            "\n  requested at " + to_string(where) + what_to_do,
        {name, where});
}
void check_shape(const shape& s, dtype type, std::optional<std::size_t> rank, std::string_view name,
    const std::source_location& where);

[[noreturn]] void throw_value_dtype(
    std::string_view name, std::string_view what, dtype wanted, const std::source_location& where);

/// Throws if a value of this shape cannot be the first one of a variable of rank `rank`.
/// \param name_of  returns the variable's full name; called only then.
void check_value_rank(const std::invocable auto& name_of, const shape& given,
    std::optional<std::size_t> rank, const std::source_location& where) {
    if (!rank || !given.has_rank() || given.rank() == *rank) { return; }
    const std::string variable(name_of());
    throw shape_mismatch("variable '" + variable + "' cannot be given a first value of shape " +
            to_string(given) + ": the variable type has rank " + std::to_string(*rank) +
            "\n  requested at " + to_string(where) +
            "\n  give a value of that rank, or ask for variable<T> without a rank",
        {variable, where}, unknown_shape_of_rank(*rank), given);
}

/// The initializer, a rule for shapes, does not make this shape or type.
/// \param why  what `initializer_model::refuses` says.
[[noreturn]] void throw_refused(std::string_view name, const shape& s, dtype type,
    bool is_about_type, const std::string& why, const std::source_location& where);

/// \param name  of the variable that was to be made.
[[noreturn]] void throw_frozen(
    const graph& g, const std::string& name, const std::source_location& where);

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/variable_errors.ipp>
#endif
