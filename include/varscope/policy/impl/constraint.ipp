// See constraint.hpp.
#pragma once

#include <varscope/policy/constraint.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

struct constraint::model {
    std::string name;
    detail::shared_function<void(const any_variable&)> project;
};

VARSCOPE_INLINE constraint::constraint(
    std::string_view name, detail::shared_function<void(const any_variable&)> project)
    : model_{std::make_shared<const model>(model{std::string(name), std::move(project)})} {}
VARSCOPE_INLINE constraint::constraint(std::string_view name)
    : constraint(name, detail::shared_function<void(const any_variable&)>()) {}

VARSCOPE_INLINE std::string_view constraint::name() const noexcept {
    return model_ == nullptr ? std::string_view() : model_->name;
}
VARSCOPE_INLINE void constraint::operator()(const any_variable& v) const {
    if (model_ != nullptr && model_->project) { model_->project(v); }
}

} // namespace varscope::inline VARSCOPE_ABI
