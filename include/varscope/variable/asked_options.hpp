/// \file
/// What a call that asks for a variable says, whatever its types.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/variable/variable_options.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Which of the two lists a variable joins unless told otherwise.
enum class variable_kind : std::uint8_t { global, local };

/// The options of any of the calls, which they outlive.
struct asked_options {
    template <class Dtype, class Trainable>
    explicit(false) asked_options(const get_variable_options<Dtype, Trainable>& o) noexcept
        : initializer{o.initializer}
        , collections{o.collections}
        , reuse{o.reuse}
        , regularizer{o.regularizer}
        , partitioner{o.partitioner}
        , custom_getter{o.custom_getter}
        , constraint{o.constraint}
        , validate_shape{o.validate_shape} {
        if constexpr (std::same_as<Trainable, bool>) { trainable = o.trainable; }
    }

    const varscope::initializer& initializer;
    const std::optional<std::vector<std::string>>& collections;
    const reuse_mode reuse;
    const varscope::regularizer& regularizer;
    const varscope::partitioner& partitioner;
    const varscope::custom_getter& custom_getter;
    const varscope::constraint& constraint;
    const bool validate_shape;
    bool trainable = true;
};

/// The element type and the rank that a handle needs.
struct handle_kind {
    dtype type;
    std::int16_t rank; // -1: any
};

} // namespace varscope::inline VARSCOPE_ABI::detail
