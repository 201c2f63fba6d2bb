/// \file
/// Values given in full: a dense array of any element type, with TensorFlow's rules for converting
/// it.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>

#include <algorithm>
#include <complex>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// What can be read element by element, in row-major order, with a shape: every xtensor expression.
template <class E>
concept array_expression = requires(const E& e) {
    typename E::value_type;
    e.dimension();
    e.shape();
    e.begin();
};

/// The element type of a plain C++ number, as Python would have it: `0.5` is a float32, `2` an
/// int32, `true` a bool.
template <class Number>
using element_of_number = std::conditional_t<std::same_as<Number, double>, float, Number>;

/// An element of any type, without loss.
struct any_number {
    enum class kind : std::uint8_t { whole, natural, real };
    kind is = kind::whole;
    std::int64_t whole = 0;
    std::uint64_t natural = 0;
    double real = 0;
    double imaginary = 0;
};

template <class From>
[[nodiscard]] any_number from_element(const From& value) noexcept {
    if constexpr (is_complex(dtype_of<From>)) {
        return {any_number::kind::real, 0, 0, value.real(), value.imag()};
    } else if constexpr (is_floating(dtype_of<From>)) {
        return {any_number::kind::real, 0, 0, static_cast<double>(value), 0};
    } else if constexpr (std::same_as<From, std::uint64_t>) {
        return {any_number::kind::natural, 0, value, 0, 0};
    } else {
        return {any_number::kind::whole, static_cast<std::int64_t>(value), 0, 0, 0};
    }
}

template <class To>
[[nodiscard]] To to_element(const any_number& value) noexcept {
    if constexpr (is_complex(dtype_of<To>)) {
        using part = typename To::value_type;
        return To(to_element<part>(value), static_cast<part>(value.imaginary));
    } else {
        switch (value.is) {
        case any_number::kind::whole: return static_cast<To>(value.whole);
        case any_number::kind::natural: return static_cast<To>(value.natural);
        case any_number::kind::real: break;
        }
        // Only floating numbers become of a real one: see array_value::converted.
        if constexpr (is_floating(dtype_of<To>)) { return static_cast<To>(value.real); }
        return To{};
    }
}

} // namespace detail

/// A dense row-major array that knows its element type; copies share the elements, which never
/// change.
///
/// Not for calculating: it carries initial values to variables, and evaluated results between typed
/// code and plain. Safe to read from any thread.
class array_value {
public:
    /// A scalar. A `double` becomes a float32, as a number without a type does in TensorFlow.
    template <element Number>
    explicit array_value(Number number)
        : array_value(dtype_of<detail::element_of_number<Number>>, varscope::shape()) {
        using stored = detail::stored_as<detail::element_of_number<Number>>;
        *static_cast<stored*>(memory()) = static_cast<stored>(number);
    }

    /// The evaluated elements of an xtensor expression.
    template <class E>
        requires(detail::array_expression<E> && element<std::remove_cv_t<typename E::value_type>>)
    explicit array_value(const E& expression)
        : array_value(dtype_of<std::remove_cv_t<typename E::value_type>>,
              varscope::shape(expression.shape())) {
        using stored = detail::stored_as<std::remove_cv_t<typename E::value_type>>;
        std::copy_n(expression.begin(), size(), static_cast<stored*>(memory()));
    }

    /// An array whose elements are about to be written through `memory()`. `dimensions` must be
    /// fully defined.
    /// \throws std::length_error  it has more elements than memory can hold.
    array_value(dtype type, const varscope::shape& dimensions);

    [[nodiscard]] dtype type() const noexcept { return type_; }
    [[nodiscard]] const varscope::shape& shape() const noexcept { return shape_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return size_ * size_of(type_); }
    [[nodiscard]] const void* data() const noexcept { return elements_.get(); }
    /// For the one who makes the array; not once it is shared.
    [[nodiscard]] void* memory() noexcept { return elements_.get(); }

    /// This value as elements of `wanted`, or nothing if TensorFlow does not convert so: integers
    /// become every type but bool, floating numbers only floating and complex ones, booleans every
    /// type.
    [[nodiscard]] std::optional<array_value> converted(dtype wanted) const;
    /// Writes them, in row-major order, to memory for `size()` elements of `wanted`. Allocates
    /// nothing.
    /// \pre `converted(wanted)` has a value.
    void write_converted(dtype wanted, void* to) const;

private:
    // An array of bytes alone might stand anywhere; elements of every type stand well here.
    struct alignas(alignof(std::max_align_t)) block {
        std::byte bytes[alignof(std::max_align_t)]; // NOLINT(modernize-avoid-c-arrays)
    };

    dtype type_;
    varscope::shape shape_;
    std::size_t size_;
    std::shared_ptr<block[]> elements_;
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/base/impl/array_value.ipp>
#endif
