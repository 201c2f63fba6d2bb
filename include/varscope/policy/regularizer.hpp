/// \file
/// Where the loss that a variable adds to a model's comes from.
#pragma once

#include <varscope/base/shared_function.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

class any_variable;
class tensor;

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
        : loss_{std::move(loss)} {}

    /// Whether there is one.
    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(loss_); }
    /// The loss of `v`, whose ops are made in the current name scope.
    [[nodiscard]] std::optional<tensor> operator()(const any_variable& v) const;

private:
    detail::shared_function<std::optional<tensor>(const any_variable&)> loss_;
};

} // namespace varscope::inline VARSCOPE_ABI
