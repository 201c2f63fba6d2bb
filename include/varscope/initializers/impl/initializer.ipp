// See initializer.hpp and initializer_model.hpp.
#pragma once

#include <varscope/initializers/initializer.hpp>
#include <varscope/initializers/initializer_model.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::optional<std::string> initializer_model::refuses(const shape&, dtype) const {
    return std::nullopt;
}

VARSCOPE_INLINE dtype initializer_model::type() const {
    throw std::logic_error("has no type of its own");
}

VARSCOPE_INLINE shape initializer_model::value_shape() const {
    throw std::logic_error("has no shape of its own");
}

VARSCOPE_INLINE array_value initializer_model::value() const {
    throw std::logic_error("this initializer has no value of its own");
}

class value_model final : public initializer_model {
public:
    explicit value_model(array_value value)
        : initializer_model(form::value)
        , value_{std::move(value)} {}
    void fill(const fill_target& target) const override {
        std::memcpy(target.data, value_.data(), target.count * size_of(target.type));
    }
    [[nodiscard]] array_value value() const override { return value_; }
    [[nodiscard]] std::span<const char* const> hidden_ops(
        std::size_t, dtype) const noexcept override {
        return array_op;
    }

private:
    array_value value_;
};

/// A function of the user's: called once, or with the shape.
class function_model final : public initializer_model {
public:
    function_model(form f, value_function function)
        : initializer_model(f)
        , function_{std::move(function)} {}
    [[nodiscard]] bool is_pure() const noexcept override { return kind() != form::by_shape; }
    void fill(const fill_target& target) const override {
        const array_value made = function_.call(function_.function.get(), &target.full_shape);
        const auto value = made.converted(target.type);
        if (!value || value->shape() != target.full_shape) {
            throw wrong_result("the initializer function was asked for shape " +
                to_string(target.full_shape) + ' ' + std::string(to_string(target.type)) +
                " and returned another shape or element type");
        }
        std::memcpy(target.data, value->data(), target.count * size_of(target.type));
    }
    [[nodiscard]] array_value value() const override {
        return function_.call(function_.function.get(), nullptr);
    }
    [[nodiscard]] std::span<const char* const> hidden_ops(
        std::size_t, dtype) const noexcept override {
        return array_op;
    }

private:
    value_function function_;
};

VARSCOPE_INLINE shared_model make_value_model(array_value value) {
    return std::make_shared<value_model>(std::move(value));
}
VARSCOPE_INLINE shared_model make_function_model(value_function function) {
    return std::make_shared<function_model>(initializer_model::form::function, std::move(function));
}
VARSCOPE_INLINE shared_model make_shape_function_model(value_function function) {
    return std::make_shared<function_model>(initializer_model::form::by_shape, std::move(function));
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE initializer::initializer(array_value value)
    : model_{detail::make_value_model(std::move(value))} {}

} // namespace varscope::inline VARSCOPE_ABI
