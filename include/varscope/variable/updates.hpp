/// \file
/// What changes a variable's elements: the values it is given, and how each goes in.
#pragma once

#include <varscope/base/array_value.hpp>
#include <varscope/base/expressions.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/variable/variable_errors.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Evaluated values on their way into a variable.
template <element T>
using update_values = xt::xarray<T, xt::layout_type::row_major>;

template <class X>
struct value_of {
    using type = std::remove_cvref_t<typename X::value_type>;
};
template <element X>
struct value_of<X> {
    using type = X;
};
template <class X>
using value_of_t = typename value_of<X>::type;

/// What can be given to a variable: an xtensor expression, or a number.
template <class X>
concept update_operand = (operand<X> || element<X>)&&element<value_of_t<X>>;

/// The shape of what is given to `v`, without evaluating it.
/// \param where  where the user gives it, if that is known.
/// \throws shape_mismatch  its operands do not broadcast.
template <class X>
[[nodiscard]] shape shape_of_update(
    const variable_node& v, const X& x, const std::source_location* where = nullptr) {
    if constexpr (element<X>) {
        return {};
    } else {
        try {
            return shape_of(x);
        } catch (const shape_mismatch& e) {
            const std::string name(v.op_name());
            throw shape_mismatch("variable '" + name + "' cannot be updated: " + e.what() +
                    (where == nullptr ? "" : "\n  updated at " + to_string(*where)),
                {name, where == nullptr ? v.defined_at : *where, v.defined_at}, e.present(),
                e.asked());
        }
    }
}

/// The value of an expression or number, as elements of type `T`.
/// \throws uninitialized, not_fed
template <element T, update_operand X>
[[nodiscard]] update_values<T> evaluate_update(const X& x) {
    using from = value_of_t<X>;
    static_assert(is_implicit_conversion(dtype_of<from>, dtype_of<T>),
        "varscope: a variable cannot be updated with elements of this type: integers become every "
        "type but bool, floating numbers floating and complex ones, true and false every type; "
        "write xt::cast<...>(expression)");
    if constexpr (element<X>) {
        return update_values<T>(to_element<T>(from_element(x)));
    } else {
        check_readable(x);
        if constexpr (std::same_as<from, T>) {
            return update_values<T>(x);
        } else {
            const update_values<from> values(x);
            update_values<T> converted = update_values<T>::from_shape(values.shape());
            std::transform(values.storage().begin(), values.storage().end(),
                converted.storage().begin(),
                [](const from& value) { return to_element<T>(from_element(value)); });
            return converted;
        }
    }
}

/// \param instead  what gives every element the same number, if that may be what was meant.
[[noreturn]] void throw_update_shape(const variable_node& v, const shape& given,
    std::string_view instead, const std::source_location& where);

/// Evaluates `x`, an update of a variable of rank `N`, and checks first that it has its shape.
template <element T, std::size_t N, update_operand X>
[[nodiscard]] update_values<T> values_for(const variable_node& v, const X& x,
    std::string_view instead, const std::source_location& where) {
    static_assert(may_have_rank<X, N>,
        "varscope: a variable cannot be updated with values of another number of axes");
    const shape given = shape_of_update(v, x, &where);
    if (given != v.get_shape()) { throw_update_shape(v, given, instead, where); }
    return evaluate_update<T>(x);
}

/// \name What xtensor's own forms of writing do before a handle's elements are touched
/// \{
[[noreturn]] void throw_other_shape(const variable_node& v, const shape& given);
/// Throws unless `x` can be read now, and has the shape of `v`, which has rank `N`.
template <std::size_t N, class X>
void check_written(const variable_node& v, const X& x) {
    static_assert(may_have_rank<X, N>,
        "varscope: values of another number of axes cannot be written to a variable");
    const shape given = shape_of_update(v, x);
    if (given != v.get_shape()) { throw_other_shape(v, given); }
    check_readable(x);
}
/// \}

/// The type that elements of type `T` are calculated in: halves are widened, and integers wrap
/// around.
template <class T>
struct arithmetic_of {
    using type = T;
};
template <class T>
    requires(std::is_class_v<T> && std::convertible_to<T, float>)
struct arithmetic_of<T> {
    using type = float;
};
template <std::integral T>
    requires(!std::same_as<T, bool>)
struct arithmetic_of<T> {
    using type = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
};

template <class T>
concept numeric_element = element<T> && !std::same_as<T, bool>;
template <class T>
concept ordered_element = numeric_element<T> && !is_complex(dtype_of<T>);

template <numeric_element T, class Function>
[[nodiscard]] T calculate(const T& a, const T& b, Function function) {
    using type = typename arithmetic_of<T>::type;
    return static_cast<T>(function(static_cast<type>(a), static_cast<type>(b)));
}

/// \name What becomes of an element and the value given for it
/// \{
struct replace_element {
    template <element T>
    T operator()(const T&, const T& update) const {
        return update;
    }
};
struct add_to_element {
    template <numeric_element T>
    T operator()(const T& present, const T& update) const {
        return calculate(present, update, [](const auto& a, const auto& b) { return a + b; });
    }
};
struct subtract_from_element {
    template <numeric_element T>
    T operator()(const T& present, const T& update) const {
        return calculate(present, update, [](const auto& a, const auto& b) { return a - b; });
    }
};
struct multiply_element {
    template <numeric_element T>
    T operator()(const T& present, const T& update) const {
        return calculate(present, update, [](const auto& a, const auto& b) { return a * b; });
    }
};
/// Integers are divided as in C++, towards 0; not by 0.
struct divide_element {
    template <numeric_element T>
    T operator()(const T& present, const T& update) const {
        if constexpr (std::is_integral_v<T>) {
            if (std::is_signed_v<T> && update == static_cast<T>(-1)) {
                return subtract_from_element{}(T(0), present); // the least number has no opposite
            }
            return static_cast<T>(present / update);
        } else {
            return calculate(present, update, [](const auto& a, const auto& b) { return a / b; });
        }
    }
};
struct take_lesser_element {
    template <ordered_element T>
    T operator()(const T& present, const T& update) const {
        return update < present ? update : present;
    }
};
struct take_greater_element {
    template <ordered_element T>
    T operator()(const T& present, const T& update) const {
        return present < update ? update : present;
    }
};
/// \}

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/updates.ipp>
#endif
