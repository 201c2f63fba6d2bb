/// \file
/// Functions that stand between a request for a new variable and its making.
#pragma once

#include <varscope/base/shape.hpp>
#include <varscope/graph/any_variable.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/policy/constraint.hpp>
#include <varscope/scope/current_graph.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// What a new variable is to be made of.
struct variable_creation {
    std::string name; ///< of its op, below the current name scope, before it is made unique
    varscope::initializer initial_value;
    varscope::shape shape = any_shape; ///< any unless the initial value comes from a rule
    std::optional<varscope::dtype> dtype = {};
    bool trainable = true;
    std::optional<std::vector<std::string>> collections = {}; ///< nothing: the global variables
    bool validate_shape = true;
    varscope::constraint constraint = {};
    std::source_location asked_at = {};
};

namespace detail {
struct creation_site;
struct creator_link;
} // namespace detail

/// What a creator forwards to: that of the enclosing `variable_creator_scope`, or the graph. Valid
/// during the call.
class next_creator {
public:
    next_creator(const detail::creation_site& site, const detail::creator_link* link) noexcept
        : site_{&site}
        , link_{link} {}

    any_variable operator()(const variable_creation& wanted) const;

private:
    const detail::creation_site* site_;
    const detail::creator_link* link_; // null: the graph
};

/// Called as `creator(next, wanted)`; returns the variable, which `next(wanted)` makes.
using variable_creator = std::function<any_variable(const next_creator&, const variable_creation&)>;

namespace detail {

struct creator_link {
    variable_creator creator;
    creator_link* outer;
};

} // namespace detail

/// Until the end of the block, each variable that this thread makes in the graph in force, shared
/// or not, is made by `creator`, which may change what it is made of. Of nested ones the innermost
/// is asked first. A key in the store stays what was asked for. Belongs to the thread that made it;
/// must be left in reverse order. Follows tf.variable_creator_scope.
class variable_creator_scope {
public:
    [[nodiscard("name the guard: it ends at once")]] explicit variable_creator_scope(
        variable_creator creator)
        : variable_creator_scope(detail::current_scopes(), std::move(creator)) {}
    [[nodiscard("name the guard: it ends at once")]] variable_creator_scope(
        graph& g, variable_creator creator)
        : variable_creator_scope(detail::scopes_in(g), std::move(creator)) {}
    variable_creator_scope(const variable_creator_scope&) = delete;
    variable_creator_scope& operator=(const variable_creator_scope&) = delete;
    variable_creator_scope(variable_creator_scope&&) = delete;
    variable_creator_scope& operator=(variable_creator_scope&&) = delete;
    ~variable_creator_scope();
    static void* operator new(std::size_t) = delete;

private:
    variable_creator_scope(detail::thread_scopes& thread, variable_creator creator);

    detail::thread_scopes& thread_;
    detail::creator_link link_;
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/variable_creator.ipp>
#endif
