// See array_value.hpp.
#pragma once

#include <varscope/base/array_value.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE array_value::array_value(dtype type, const varscope::shape& dimensions)
    : type_{type}
    , shape_{dimensions} {
    if (!detail::is_addressable(shape_, size_of(type))) {
        throw std::length_error(
            "an array of shape " + to_string(shape_) + " has more elements than memory can hold");
    }
    size_ = 1;
    for (const auto dimension : shape_) { size_ *= static_cast<std::size_t>(dimension); }
    elements_ = std::make_shared<block[]>((bytes() + sizeof(block) - 1) / sizeof(block));
}

VARSCOPE_INLINE std::optional<array_value> array_value::converted(dtype wanted) const {
    if (wanted == type_) { return *this; }
    if (!detail::is_implicit_conversion(type_, wanted)) { return std::nullopt; }
    array_value result(wanted, shape_);
    write_converted(wanted, result.memory());
    return result;
}

VARSCOPE_INLINE void array_value::write_converted(dtype wanted, void* to) const {
    if (wanted == type_) {
        if (size_ > 0) { std::memcpy(to, data(), size_ * size_of(type_)); }
        return;
    }
    // By way of one type for all numbers: what depends on two types at once would be compiled
    // for each pair.
    std::array<detail::any_number, 128> numbers{};
    for (std::size_t at = 0; at < size_; at += numbers.size()) {
        const std::size_t count = std::min(numbers.size(), size_ - at);
        visit_dtype(type_, [&]<class From>(std::type_identity<From>) {
            std::transform(static_cast<const From*>(data()) + at,
                static_cast<const From*>(data()) + at + count, numbers.begin(),
                detail::from_element<From>);
        });
        visit_dtype(wanted, [&]<class To>(std::type_identity<To>) {
            std::transform(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(count),
                static_cast<To*>(to) + at, detail::to_element<To>);
        });
    }
}

} // namespace varscope::inline VARSCOPE_ABI
