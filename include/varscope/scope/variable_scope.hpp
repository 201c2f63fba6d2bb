/// \file
/// Scope guards under which variables are asked for by name, and shared.
#pragma once

#include <varscope/scope/detail/scope_guard.hpp>

#include <source_location>

namespace varscope::inline VARSCOPE_ABI {

/// Until the end of the block, `get_variable` asks for names below this scope's.
///
///     vs::variable_scope s{"tower"};
///
/// Entering a name again leads to the same variables: whether they are created or shared says
/// `reuse`. A name scope of the same name is opened too, made unique, for the ops: `tower`, then
/// `tower_1`. Entered through a `scope_handle`, the scope is exactly that one, wherever the block
/// stands. Can be a member, and sit in a std::optional: opened there with
/// `s.emplace(vs::name_arg("tower"))`, messages say this line and not one of <optional>. Belongs to
/// the thread that made it; must be left in reverse order. Cost: a comparison or a hash look-up;
/// allocates at first use of a name, and for names of several components or with options. A path
/// that is known while compiling can be in the type: static_scope.hpp. Follows tf.variable_scope
/// (TensorFlow 1.15).
class variable_scope : public detail::scope_guard {
public:
    /// \param name  one or more components, below the current scope; `no_name` to use
    /// `default_name`. \throws invalid_name        an illegal character. \throws scope_required
    /// neither a name nor a default name. \throws reuse_without_name  reuse or auto_reuse, with a
    /// default name only.
    [[nodiscard("name the guard: it ends at once")]] explicit variable_scope(name_arg name)
        : variable_scope(name, reuse_mode::inherit) {}
    [[nodiscard("name the guard: it ends at once")]] variable_scope(name_arg name, reuse_mode mode)
        : scope_guard(name, mode) {}
    variable_scope(name_arg name, bool reuse) = delete; // TensorFlow's True is vs::reuse
    [[nodiscard("name the guard: it ends at once"), gnu::always_inline]] variable_scope(
        name_arg name, const scope_options& options)
        : scope_guard(name, options) {}

    /// The same in graph `g`, which is in force until the end of the block.
    [[nodiscard("name the guard: it ends at once")]] variable_scope(
        graph& g, name_arg name, const scope_options& options = {})
        : scope_guard(detail::scopes_in(g), name, options) {}
    [[nodiscard("name the guard: it ends at once")]] variable_scope(
        graph& g, name_arg name, reuse_mode mode)
        : scope_guard(detail::scopes_in(g), name, mode) {}

    /// Enters a copy of `scope`, which need not outlive the call; the options given replace its
    /// own.
    [[nodiscard("name the guard: it ends at once")]] explicit variable_scope(
        const scope_handle& scope, const named_scope_options& options = {},
        const std::source_location& where = std::source_location::current())
        : scope_guard(detail::current_scopes(), scope.state(), options, where) {}
    /// The same in graph `g`, which is in force until the end of the block.
    [[nodiscard("name the guard: it ends at once")]] variable_scope(graph& g,
        const scope_handle& scope, const named_scope_options& options = {},
        const std::source_location& where = std::source_location::current())
        : scope_guard(detail::scopes_in(g), scope.state(), options, where) {}

    /// Enters `context`, once more if it was entered before.
    [[nodiscard("name the guard: it ends at once")]] explicit variable_scope(scope_context& context)
        : scope_guard(detail::current_scopes(), context) {}
};

} // namespace varscope::inline VARSCOPE_ABI
