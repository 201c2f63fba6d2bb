/// \file
/// Where the loss that a variable adds to a model's comes from.
#pragma once

#include <varscope/version.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

class any_variable;
class tensor;

namespace detail {

class regularizer_model {
public:
    regularizer_model() = default;
    regularizer_model(const regularizer_model&) = delete;
    regularizer_model& operator=(const regularizer_model&) = delete;
    regularizer_model(regularizer_model&&) = delete;
    regularizer_model& operator=(regularizer_model&&) = delete;
    virtual ~regularizer_model() = default;
    virtual std::optional<tensor> loss(const any_variable& v) const = 0;
};

template <class Function>
class regularizer_function; // tensor.hpp

} // namespace detail

/// A function from a variable to its share of the loss, called once, when the variable is created.
///
/// It is called with an `any_variable`, in the name scope `<key>/Regularizer/`, and returns a
/// `tensor` (any op does), which joins the collection `regularization_losses`; or `std::nullopt`,
/// for no loss. An op is lazy: its value is that of the moment it is read. If the function throws,
/// the variable is there already, as in TensorFlow. A value type, cheap to copy. Safe from any
/// thread as far as the function is. Follows the parameter `regularizer` of tf.get_variable
/// (TensorFlow 1.15). \see regularizers.hpp
class regularizer {
public:
    regularizer() = default;

    template <class Function>
        requires(!std::is_same_v<std::remove_cvref_t<Function>, regularizer> &&
            std::is_invocable_v<const Function&, const any_variable&>)
    regularizer(
        Function loss) // NOLINT(google-explicit-constructor): `.regularizer = [](auto& v) {...}`
        : model_{std::make_shared<detail::regularizer_function<Function>>(std::move(loss))} {}

    /// Whether there is one.
    [[nodiscard]] explicit operator bool() const noexcept { return model_ != nullptr; }
    /// The loss of `v`, whose ops are made in the current name scope.
    [[nodiscard]] std::optional<tensor> operator()(const any_variable& v) const;

private:
    std::shared_ptr<const detail::regularizer_model> model_;
};

} // namespace varscope::inline VARSCOPE_ABI
