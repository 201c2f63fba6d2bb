/// \file
/// Comparing a schema with variables that exist: those of a graph, or of any list.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/nearest_names.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/graph/graph.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/names/name.hpp>
#include <varscope/schema/path.hpp>
#include <varscope/schema/schema.hpp>
#include <varscope/scope/current_graph.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// A variable as a list has it: of a graph, a file or the user's own.
struct described_variable {
    std::string name;                          ///< in full
    std::optional<varscope::dtype> dtype = {}; ///< none: one that varscope does not hold
    varscope::shape shape = {};
    std::string type_name = {}; ///< of a type that varscope does not hold, e.g. "string"
};

/// Where a list of variables and a schema differ. Names are those of the list, the schema's with
/// the scope that it is expected in.
struct schema_difference {
    struct missing_variable {
        described_variable declared;
        std::string nearest; ///< the name most like it among the extra ones; empty if none is
    };
    struct different_variable {
        described_variable declared;
        described_variable found; ///< another shape or element type, or both
    };

    std::vector<missing_variable> missing;     ///< declared and not listed, as declared
    std::vector<described_variable> extra;     ///< listed and not declared, or listed again
    std::vector<different_variable> different; ///< declared and listed, but not alike
    std::size_t outside = 0; ///< how many were not compared: listed outside of the scope asked for

    /// Whether every variable of the schema is listed as declared, and no other one in its scope.
    [[nodiscard]] bool is_empty() const noexcept {
        return missing.empty() && extra.empty() && different.empty();
    }
};

namespace detail {

/// How many facts of a kind are told to a person, and for how many missing names the nearest is
/// looked for: each is compared with all that are extra.
inline constexpr std::size_t schema_facts_shown = 20;

[[nodiscard]] std::string type_and_shape(const described_variable& v);

/// \param scope  full name; what is listed elsewhere is counted only.
[[nodiscard]] schema_difference compare_variables(std::span<const schema_variable> declared,
    std::span<const described_variable> listed, std::string_view scope);

/// The variables that can be shared by name; one that is cut into parts is listed as the whole.
[[nodiscard]] std::vector<described_variable> list_variables(const graph& g);

} // namespace detail

/// Compares the variables of schema `S` with a list, by full name, shape and element type.
///
/// \param scope  where the schema is expected: its `kernel` is then listed as `<scope>/kernel`, and
///               what is listed outside is not compared. Without it the whole list is.
/// \returns what differs; `to_string` makes a text of it.
/// Cost: linear, and for up to 20 missing names a comparison with each extra one.
template <class S>
[[nodiscard]] schema_difference check_schema(
    std::span<const described_variable> listed, name_arg scope = "") {
    return detail::compare_variables(schema<S>::variables, listed, scope.text());
}

/// The same with all variables of a graph that can be shared by name, local ones too; a variable
/// that is cut into parts counts as the whole. Safe from any thread.
template <class S>
[[nodiscard]] schema_difference check_schema(
    const graph& g = current_graph(), name_arg scope = "") {
    return check_schema<S>(detail::list_variables(g), scope);
}

/// What differs, one fact a line, at most 20 of each kind:
///
///     missing: 'tower/kernel' (784, 64) float32; nearest: 'tower/kernle'
///     different: 'tower/bias' is declared as (64,) float32 and is (63,) float32
///     extra: 'tower/kernle' (784, 64) float32
[[nodiscard]] std::string to_string(const schema_difference& difference);

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/inspect/impl/schema_check.ipp>
#endif
