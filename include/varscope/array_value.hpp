/// \file
/// Values given in full: a dense array of any element type, with TensorFlow's rules for converting it.
#pragma once

#include <varscope/dtype.hpp>
#include <varscope/shape.hpp>

#include <algorithm>
#include <complex>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>

namespace varscope {

namespace detail {

/// What can be read element by element, in row-major order, with a shape: every xtensor expression.
template <class E>
concept array_expression = requires(const E& e) {
    typename E::value_type;
    e.dimension();
    e.shape();
    e.begin();
};

/// The element type of a plain C++ number, as Python would have it: `0.5` is a float32, `2` an int32, `true` a bool.
template <class Number> using element_of_number = std::conditional_t<std::same_as<Number, double>, float, Number>;

} // namespace detail

/// A dense row-major array that knows its element type; copies share the elements, which never change.
///
/// Not for calculating: it carries initial values to variables, and evaluated results between typed code and plain.
class array_value {
public:
    /// A scalar. A `double` becomes a float32, as a number without a type does in TensorFlow.
    template <element Number>
    explicit array_value(Number number) : array_value(dtype_of<detail::element_of_number<Number>>, varscope::shape()) {
        using stored = detail::element_of_number<Number>;
        *static_cast<stored*>(memory()) = static_cast<stored>(number);
    }

    /// The evaluated elements of an xtensor expression.
    template <class E>
        requires(detail::array_expression<E> && element<std::remove_cv_t<typename E::value_type>>)
    explicit array_value(const E& expression)
        : array_value(dtype_of<std::remove_cv_t<typename E::value_type>>, varscope::shape(expression.shape())) {
        using value_type = std::remove_cv_t<typename E::value_type>;
        std::copy_n(expression.begin(), size(), static_cast<value_type*>(memory()));
    }

    /// An array whose elements are about to be written through `memory()`. `dimensions` must be fully defined.
    array_value(dtype type, const varscope::shape& dimensions)
        : type_{type}
        , shape_{dimensions}
        , size_{1} {
        for (const auto dimension : shape_) { size_ *= static_cast<std::size_t>(dimension); }
        elements_ = std::make_shared<std::byte[]>(size_ * size_of(type_));
    }

    [[nodiscard]] dtype type() const noexcept { return type_; }
    [[nodiscard]] const varscope::shape& shape() const noexcept { return shape_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return size_ * size_of(type_); }
    [[nodiscard]] const void* data() const noexcept { return elements_.get(); }
    /// For the one who makes the array; not once it is shared.
    [[nodiscard]] void* memory() noexcept { return elements_.get(); }

    /// This value as elements of `wanted`, or nothing if TensorFlow does not convert so: integers become every type but
    /// bool, floating numbers only floating and complex ones, booleans every type.
    [[nodiscard]] std::optional<array_value> converted(dtype wanted) const {
        if (wanted == type_) { return *this; }
        const bool is_allowed = type_ == dtype::boolean || (is_integer(type_) && wanted != dtype::boolean) ||
                                (is_floating(type_) && (is_floating(wanted) || is_complex(wanted))) ||
                                (is_complex(type_) && is_complex(wanted));
        if (!is_allowed) { return std::nullopt; }
        array_value result(wanted, shape_);
        visit_dtype(type_, [&]<class From>(std::type_identity<From>) {
            visit_dtype(wanted, [&]<class To>(std::type_identity<To>) {
                const auto* const from = static_cast<const From*>(data());
                std::transform(from, from + size_, static_cast<To*>(result.memory()), convert_element<To, From>);
            });
        });
        return result;
    }

private:
    template <class To, class From> static To convert_element(const From& value) {
        constexpr bool is_complex_source = is_complex(dtype_of<From>);
        if constexpr (is_complex(dtype_of<To>)) {
            using part = typename To::value_type;
            if constexpr (is_complex_source) {
                return To(static_cast<part>(value.real()), static_cast<part>(value.imag()));
            } else {
                return To(static_cast<part>(value));
            }
        } else if constexpr (is_complex_source) {
            return To{}; // not allowed, see converted()
        } else if constexpr (sizeof(To) == 2 && is_floating(dtype_of<To>)) {
            return To(static_cast<float>(value));
        } else {
            return static_cast<To>(value);
        }
    }

    dtype type_;
    varscope::shape shape_;
    std::size_t size_;
    std::shared_ptr<std::byte[]> elements_;
};

} // namespace varscope
