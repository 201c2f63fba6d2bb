/// \file
/// Variable scopes as objects, and what they are opened with.
#pragma once

#include <varscope/base/no_option.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/names/name.hpp>
#include <varscope/policy/constraint.hpp>
#include <varscope/policy/custom_getter.hpp>
#include <varscope/policy/partitioner.hpp>
#include <varscope/policy/regularizer.hpp>
#include <varscope/policy/reuse.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/scope_frame.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

/// What a variable scope is opened with: the parameters of tf.variable_scope, written in the order
/// in which they stand here. All but `reuse` of `create`, the constraint, the names and the name
/// scope are inherited by inner scopes.
///
/// \tparam DefaultName  `no_option` where the scope has its name already.
template <class DefaultName>
struct basic_scope_options {
    reuse_mode reuse = reuse_mode::inherit; ///< `create` counts as `inherit`, as TensorFlow's False
    varscope::initializer initializer = {}; ///< for the variables in it that bring none
    std::optional<varscope::dtype> dtype =
        {};                           ///< of the variables in it that are asked for without
    DefaultName default_name = {};    ///< used, made unique, if the scope is opened without a name
    bool auxiliary_name_scope = true; ///< whether to open a name scope of the same name too
    varscope::regularizer regularizer = {};     ///< for the variables in it that bring none
    varscope::partitioner partitioner = {};     ///< for the variables in it that bring none
    varscope::custom_getter custom_getter = {}; ///< asked before those of the enclosing scopes
    varscope::constraint constraint = {};       ///< for the variables asked for directly in it

    // Inlined always, so that options that are written where they are used vanish while compiling.
    // NOLINTNEXTLINE(modernize-use-equals-default): for the attribute
    [[gnu::always_inline]] ~basic_scope_options() {}

    operator basic_scope_options<std::optional<std::string_view>>() const
        requires std::same_as<DefaultName, no_option>
    {
        return {reuse, initializer, dtype, {}, auxiliary_name_scope, regularizer, partitioner,
            custom_getter, constraint};
    }
};

/// For a scope given by a text, or by `no_name` and the default name.
using scope_options = basic_scope_options<std::optional<std::string_view>>;
/// For a scope given by a `scope_handle` or by a path in its type: no `default_name`.
using named_scope_options = basic_scope_options<no_option>;

/// A variable scope as an object: to look at, to change, and to enter again. Copies refer to the
/// same scope, and keep it after its block has ended. Belongs to one thread. Follows
/// tf.VariableScope.
class scope_handle {
public:
    explicit scope_handle(std::shared_ptr<detail::scope_state> state) noexcept
        : state_{std::move(state)} {}

    [[nodiscard]] std::string name() const { return state_->name(); }
    /// The name scope it was first opened with, with '/' at its end; empty if there was none.
    [[nodiscard]] std::string original_name_scope() const { return state_->original_name_scope(); }
    [[nodiscard]] reuse_mode reuse() const noexcept { return state_->reuse; }
    [[nodiscard]] varscope::dtype dtype() const noexcept { return state_->type; }
    /// Empty if there is none; as are those below.
    [[nodiscard]] const varscope::initializer& initializer() const noexcept;
    [[nodiscard]] const varscope::regularizer& regularizer() const noexcept;
    [[nodiscard]] const varscope::partitioner& partitioner() const noexcept;
    [[nodiscard]] bool has_custom_getter() const noexcept;
    [[nodiscard]] const varscope::constraint& constraint() const noexcept {
        return state_->constraint();
    }

    /// From here on its block only shares: an unknown name is an error. Inner scopes opened later
    /// inherit that.
    void reuse_variables() noexcept { state_->reuse = reuse_mode::reuse; }

    /// \name Setters
    /// For the variables asked for, and the inner scopes opened, from here on. On the object of an
    /// open scope they last until its end; on that of the root scope, for this thread and graph.
    /// \{
    void set_dtype(varscope::dtype type) noexcept { state_->type = type; }
    void set_initializer(varscope::initializer value);
    void set_regularizer(varscope::regularizer value);
    void set_partitioner(varscope::partitioner value);
    /// Replaces the getters of the enclosing scopes too.
    void set_custom_getter(const varscope::custom_getter& value);
    /// \}

    [[nodiscard]] detail::scope_state& state() const noexcept { return *state_; }
    [[nodiscard]] const std::shared_ptr<detail::scope_state>& shared_state() const noexcept {
        return state_;
    }

private:
    std::shared_ptr<detail::scope_state> state_;
};

/// The variable scope in force in this thread, to which the object belongs. Follows
/// tf.get_variable_scope.
[[nodiscard]] scope_handle get_variable_scope();
[[nodiscard]] scope_handle get_variable_scope(graph& g);

/// The variable scope with this full name, wherever the call stands; to be entered, or asked for
/// variables. Opens nothing. It inherits nothing, and has no original name scope. An empty name
/// gives the root. \throws invalid_name Follows the constructor of tf.VariableScope.
[[nodiscard]] scope_handle scope_at(name_arg name, reuse_mode mode = reuse_mode::inherit);

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/scope_handle.ipp>
#endif
