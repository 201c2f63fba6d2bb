/// \file
/// What an optimizer makes of a variable after each step.
#pragma once

#include <varscope/version.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
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

    constraint(std::string_view name) // NOLINT(google-explicit-constructor): `.constraint = "norm"`
        : model_{std::make_shared<model>(std::string(name))} {}
    constraint(const char* name) : constraint(std::string_view(name)) {}        // NOLINT: as above
    constraint(const std::string& name) : constraint(std::string_view(name)) {} // NOLINT: as above

    /// \param project  called as `project(v)` with an `any_variable`.
    template <class Function>
    constraint(std::string_view name, Function project)
        : model_{
              std::make_shared<function_model<Function>>(std::string(name), std::move(project))} {}

    /// Whether there is one.
    [[nodiscard]] explicit operator bool() const noexcept { return model_ != nullptr; }
    [[nodiscard]] std::string_view name() const noexcept {
        return model_ == nullptr ? std::string_view() : model_->name;
    }
    /// Calls the function, if there is one.
    void operator()(const any_variable& v) const {
        if (model_ != nullptr) { model_->project(v); }
    }

private:
    struct model {
        explicit model(std::string n) : name{std::move(n)} {}
        model(const model&) = delete;
        model& operator=(const model&) = delete;
        model(model&&) = delete;
        model& operator=(model&&) = delete;
        virtual ~model() = default;
        virtual void project(const any_variable&) const {}
        std::string name;
    };
    template <class Function>
    struct function_model final : model {
        function_model(std::string n, Function f) : model(std::move(n)), function{std::move(f)} {}
        void project(const any_variable& v) const override { function(v); }
        Function function;
    };

    std::shared_ptr<const model> model_;
};

} // namespace varscope::inline VARSCOPE_ABI
