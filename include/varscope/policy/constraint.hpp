/// \file
/// What an optimizer makes of a variable after each step.
#pragma once

#include <varscope/base/shared_function.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

class any_variable;

/// A projection that belongs to a variable: whoever updates the variable applies it afterwards,
/// with `apply_constraint`. An assignment never does.
///
/// Has a name, and a function that is given the variable and writes to it; or a name alone, for
/// whoever applies constraints by their names. A value type, cheap to copy, and safe from any
/// thread as far as the function is. Unlike the other properties of a scope it is not inherited by
/// inner scopes. Follows the parameter `constraint` of tf.get_variable (TensorFlow 1.15).
class constraint {
public:
    constraint() = default;

    constraint(
        std::string_view name); // NOLINT(google-explicit-constructor): `.constraint = "norm"`
    constraint(const char* name) : constraint(std::string_view(name)) {}        // NOLINT: as above
    constraint(const std::string& name) : constraint(std::string_view(name)) {} // NOLINT: as above

    /// \param project  called as `project(v)` with an `any_variable`.
    template <class Function>
    constraint(std::string_view name, Function project)
        : constraint(name, detail::shared_function<void(const any_variable&)>(std::move(project))) {
    }

    /// Whether there is one.
    [[nodiscard]] explicit operator bool() const noexcept { return model_ != nullptr; }
    [[nodiscard]] std::string_view name() const noexcept;
    /// Calls the function, if there is one.
    void operator()(const any_variable& v) const;

private:
    constraint(std::string_view name, detail::shared_function<void(const any_variable&)> project);

    struct model;
    std::shared_ptr<const model> model_;
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/policy/impl/constraint.ipp>
#endif
