/// \file
/// What an initializer refers to.
#pragma once

#include <varscope/base/array_value.hpp>
#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/random/random_fill.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

/// A user's initializer function did not return what it was asked for. The graph says for which
/// variable.
struct wrong_result : std::invalid_argument {
    using invalid_argument::invalid_argument;
};

/// The elements that an initializer is asked for.
struct fill_target {
    dtype type;
    const varscope::shape& full_shape;
    void* data; // `count` elements, not constructed
    std::size_t count;
    // Which random numbers: those of a variable's name and a graph's seed, or, without a name,
    // those of a seed of their own.
    std::uint64_t seed;
    std::optional<std::string_view> name;
    unsigned threads = 1; // that a rule may fill it in; 0: as many as the machine runs at once

    /// Cost: a pass over the name; most rules need no random numbers.
    [[nodiscard]] random_stream stream() const noexcept {
        return {seed, name ? stream_of(*name) : 0};
    }
};

/// What an `initializer` refers to.
class initializer_model {
public:
    enum class form : std::uint8_t {
        by_shape, // a rule for any shape
        tensor,   // the value of an op or of another variable: has a shape, as far as that is
                  // known, and does not convert
        value,    // a plain value: has a shape, and converts to other element types
        function, // a function without parameters, called when the variable is created: has a
                  // shape, does not convert
    };

    explicit initializer_model(form f) noexcept : form_{f} {}
    initializer_model(const initializer_model&) = delete;
    initializer_model& operator=(const initializer_model&) = delete;
    initializer_model(initializer_model&&) = delete;
    initializer_model& operator=(initializer_model&&) = delete;
    virtual ~initializer_model() = default;

    [[nodiscard]] form kind() const noexcept { return form_; }

    /// Whether `fill` depends on its arguments alone, so that it may run at any later time.
    [[nodiscard]] virtual bool is_pure() const noexcept { return true; }
    /// Whether there are such elements of this type.
    [[nodiscard]] virtual bool can_make(dtype) const noexcept { return true; }
    /// form::by_shape: why it makes nothing of this shape or, if it cannot make the type either, of
    /// this type; to follow a colon in a message. Nothing if it makes them, or if `can_make` says
    /// all. Every dimension is known.
    [[nodiscard]] virtual std::optional<std::string> refuses(const shape&, dtype) const;
    /// form::by_shape: writes the elements of a shape and type that it does not refuse. \throws
    /// what the user's own function throws, wrong_result
    virtual void fill(const fill_target& target) const = 0;
    /// form::tensor: what is known of the value.
    [[nodiscard]] virtual dtype type() const;
    [[nodiscard]] virtual shape value_shape() const;
    /// Names of the ops that TensorFlow makes for this many elements, below
    /// `<variable>/Initializer`. Those inside an op's name scope ("zeros/Const") come after that
    /// op.
    [[nodiscard]] virtual std::span<const char* const> hidden_ops(
        std::size_t size, dtype type) const noexcept = 0;
    /// The other forms: the value.
    [[nodiscard]] virtual array_value value() const;

private:
    form form_;
};

/// What TensorFlow makes of an array that it is given.
inline constexpr std::array array_op{"initial_value"};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/initializers/impl/initializer.ipp>
#endif
