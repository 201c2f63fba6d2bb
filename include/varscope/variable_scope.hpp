/// \file
/// Scope guards under which variables are asked for by name, and shared.
#pragma once

#include <varscope/detail/scope_guard.hpp>

#include <source_location>

namespace varscope {

/// Until the end of the block, `get_variable` asks for names below this scope's.
///
/// Written without template arguments where it is declared: `vs::variable_scope s{"tower"};`; as a
/// member or in a std::optional it is `vs::variable_scope<>`. Opened with a path that is known
/// while compiling it has that in its type: see static_scope.hpp.
///
/// Entering a name again leads to the same variables: whether they are created or shared says
/// `reuse`. A name scope of the same name is opened too, made unique, for the ops: `tower`, then
/// `tower_1`. Entered through a `scope_handle`, the scope is exactly that one, wherever the block
/// stands. Belongs to the thread that made it; must be left in reverse order. Cost: a comparison or
/// a hash look-up; allocates at first use of a name, and for names of several components or with
/// options. Follows tf.variable_scope (TensorFlow 1.15).
template <class Path = void>
class variable_scope;

/// The scope of a name that is known at run time.
template <>
class variable_scope<void> : public detail::scope_guard {
public:
    /// \param name  one or more components, below the current scope; `no_name` to use
    /// `default_name`. \throws invalid_name        an illegal character. \throws scope_required
    /// neither a name nor a default name. \throws reuse_without_name  reuse or auto_reuse, with a
    /// default name only.
    [[nodiscard]] explicit variable_scope(name_arg name)
        : variable_scope(name, reuse_mode::inherit) {}
    [[nodiscard]] variable_scope(name_arg name, reuse_mode mode) : scope_guard(name, mode) {}
    variable_scope(name_arg name, bool reuse) = delete; // TensorFlow's True is vs::reuse
    [[nodiscard, gnu::always_inline]] variable_scope(name_arg name, const scope_options& options)
        : scope_guard(name, options) {}

    /// The same in graph `g`, which is in force until the end of the block.
    [[nodiscard]] variable_scope(graph& g, name_arg name, const scope_options& options = {})
        : scope_guard(detail::scopes_in(g), name, options) {}
    [[nodiscard]] variable_scope(graph& g, name_arg name, reuse_mode mode)
        : scope_guard(detail::scopes_in(g), name, mode) {}

    /// Enters a copy of `scope`, which need not outlive the call; the options given replace its
    /// own.
    [[nodiscard]] explicit variable_scope(const scope_handle& scope,
        const scope_options& options = {},
        const std::source_location& where = std::source_location::current())
        : scope_guard(detail::current_scopes(), scope.state(), options, where) {}
    /// The same in graph `g`, which is in force until the end of the block.
    [[nodiscard]] variable_scope(graph& g, const scope_handle& scope,
        const scope_options& options = {},
        const std::source_location& where = std::source_location::current())
        : scope_guard(detail::scopes_in(g), scope.state(), options, where) {}

    /// Enters `context`, once more if it was entered before.
    [[nodiscard]] explicit variable_scope(scope_context& context)
        : scope_guard(detail::current_scopes(), context) {}
};

variable_scope(name_arg) -> variable_scope<>;
variable_scope(name_arg, reuse_mode) -> variable_scope<>;
variable_scope(name_arg, bool) -> variable_scope<>;
variable_scope(name_arg, const scope_options&) -> variable_scope<>;
variable_scope(graph&, name_arg) -> variable_scope<>;
variable_scope(graph&, name_arg, const scope_options&) -> variable_scope<>;
variable_scope(graph&, name_arg, reuse_mode) -> variable_scope<>;
variable_scope(const scope_handle&) -> variable_scope<>;
variable_scope(const scope_handle&, const scope_options&) -> variable_scope<>;
variable_scope(const scope_handle&, const scope_options&, const std::source_location&)
    -> variable_scope<>;
variable_scope(graph&, const scope_handle&) -> variable_scope<>;
variable_scope(graph&, const scope_handle&, const scope_options&) -> variable_scope<>;
variable_scope(graph&, const scope_handle&, const scope_options&, const std::source_location&)
    -> variable_scope<>;
variable_scope(scope_context&) -> variable_scope<>;

} // namespace varscope
