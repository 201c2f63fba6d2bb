/// \file
/// Scope guards that prefix the names of operations.
#pragma once

#include <varscope/names/name.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/detail/small_text.hpp>
#include <varscope/scope/scope_frame.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace varscope::inline VARSCOPE_ABI {

/// Until the end of the block, ops and variables made by `variable` get this scope's name as a
/// prefix; variables asked for by `get_variable` do not.
///
/// A name that was used before is made unique (`tower_1`). A name with '/' at its end is absolute
/// and is taken as it is. No name, or an empty one, leads back to the root. Belongs to the thread
/// that made it; must be left in reverse order. Cost: one hash look-up and one atomic addition. Not
/// for sharing variables: see `variable_scope`. Follows tf.name_scope (TensorFlow 1.15).
class name_scope {
public:
    /// \param name          one or more components; letters, digits, "_.-/>".
    /// \param default_name  used if there is no name.
    /// \throws invalid_name
    [[nodiscard("name the guard: it ends at once")]] explicit name_scope(
        name_arg name, name_arg default_name = no_name)
        : name_scope(detail::current_scopes(), name, default_name) {}

    /// The same in graph `g`, which is in force until the end of the block.
    [[nodiscard("name the guard: it ends at once")]] name_scope(
        graph& g, name_arg name, name_arg default_name = no_name)
        : name_scope(detail::scopes_in(g), name, default_name) {}

    name_scope(const name_scope&) = delete;
    name_scope& operator=(const name_scope&) = delete;
    name_scope(name_scope&&) = delete;
    name_scope& operator=(name_scope&&) = delete;
    ~name_scope();
    static void* operator new(std::size_t) = delete;

    /// The full name with '/' at its end, which opens exactly this scope again; empty for the root.
    [[nodiscard]] std::string name() const;

private:
    name_scope(detail::thread_scopes& thread, const name_arg& name, const name_arg& default_name);

    detail::thread_scopes* before_;
    detail::small_text text_;
    detail::link_name name_{};
    detail::name_link link_;
    detail::scope_frame frame_;
    bool is_slash_ = false; // the root, by the name "/"
};

/// The name scope in force in this thread, without '/' at its end; empty at the root
/// (tf.Graph.get_name_scope).
[[nodiscard]] std::string get_name_scope();
[[nodiscard]] std::string get_name_scope(graph& g);

/// Whether `unique_name` reserves the name that it returns.
enum class name_use : std::uint8_t { take, ask };

/// The full name that an op called `name` would get in the current name scope: `name`, or with the
/// first suffix that makes it unique. The text is taken as it is. Follows tf.Graph.unique_name.
[[nodiscard]] std::string unique_name(graph& g, name_arg name, name_use use = name_use::take);
[[nodiscard]] inline std::string unique_name(name_arg name, name_use use = name_use::take) {
    return unique_name(current_graph(), name, use);
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/name_scope.ipp>
#endif
