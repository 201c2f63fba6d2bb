/// \file
/// What a schema says of a variable.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/initializers/initializer_rule.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI {

/// What a variable of a schema is made with, in this order; see `variable_options`.
struct var_options {
    initializer_rule initializer = {}; ///< default: the scope's, else by the element type
    bool trainable = true;             ///< whether it joins the trainable variables
};

namespace detail {
inline constexpr var_options no_options{};
} // namespace detail

/// A variable of a schema, without its name.
struct declared_variable {
    varscope::dtype dtype = dtype::float32;
    std::span<const std::int64_t> dimensions = {}; ///< outermost first
    std::size_t size = 1;                          ///< elements
    std::size_t offset = 0;                        ///< bytes, in one contiguous block
    const var_options* made_with = &detail::no_options;

    [[nodiscard]] constexpr const var_options& options() const noexcept { return *made_with; }
    [[nodiscard]] constexpr std::size_t bytes() const noexcept { return size * size_of(dtype); }
    [[nodiscard]] constexpr varscope::shape shape() const noexcept {
        return varscope::shape(dimensions);
    }
};

/// A variable of a schema: a constant expression.
struct schema_variable : declared_variable {
    std::string_view name; ///< in full, below the scope that the schema is bound in
};

} // namespace varscope::inline VARSCOPE_ABI
