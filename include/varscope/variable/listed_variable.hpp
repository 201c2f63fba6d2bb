/// \file
/// What the lists of variables hold.
#pragma once

#include <varscope/graph/any_variable.hpp>
#include <varscope/graph/tensor.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// An entry of a list of variables: a variable, or an op's tensor that was added to the collection
/// by hand, which TensorFlow lists too.
///
/// Has the properties of `tensor` and of `any_variable`, and is taken wherever one of these is: so
/// `vs::variable<float>(entry)` is a typed handle. Valid as long as its graph. To be kept, make it
/// an `any_variable`. Reading its properties is safe from any thread.
class listed_variable : public tensor {
public:
    using tensor::tensor;

    /// The variable. \throws not_a_variable  it is an op's tensor.
    // A reference, so that a loop may ask for `const any_variable&`.
    operator const any_variable&() const;

    /// \name Properties of variables, as those of `any_variable`
    /// \{

    /// Empty for an op too.
    [[nodiscard]] std::string_view key() const noexcept {
        return is_variable() ? node().key() : std::string_view();
    }
    /// Not for an op.
    [[nodiscard]] bool is_trainable() const noexcept {
        return is_variable() && node().is_trainable;
    }
    /// \}

    /// \name The same; of an op they throw not_a_variable
    /// \{
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] bool is_initialized() const;
    [[nodiscard]] varscope::constraint constraint() const;
    [[nodiscard]] bool is_partitioned() const;
    [[nodiscard]] std::vector<any_variable> parts() const;
    [[nodiscard]] std::optional<any_variable> whole() const;
    [[nodiscard]] std::vector<std::size_t> offset() const;
    [[nodiscard]] bool is_contiguous() const;
    [[nodiscard]] void* data() const;
    /// \}

private:
    std::optional<any_variable> variable_ =
        is_variable() ? std::optional(as_variable()) : std::nullopt;
};

/// A list of variables, as `global_variables()` returns it: a vector, which is taken wherever a
/// `std::vector<any_variable>` is.
class variable_list : public std::vector<listed_variable> {
public:
    using vector::vector;
    variable_list(const std::vector<any_variable>& list); // NOLINT(google-explicit-constructor)

    /// \throws not_a_variable  an op's tensor is in it.
    operator std::vector<any_variable>() const; // NOLINT(google-explicit-constructor): as above
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/listed_variable.ipp>
#endif
