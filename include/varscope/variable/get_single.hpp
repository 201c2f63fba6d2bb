/// \file
/// Sharing and making variables that are in one piece.
#pragma once

#include <varscope/initializers/initializers.hpp>
#include <varscope/initializers/variance_scaling.hpp>
#include <varscope/policy/custom_getter.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/variable/make_variable.hpp>
#include <varscope/variable/variable_errors.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Whether an initializer brings a value, and with it the shape.
[[nodiscard]] bool brings_value(const initializer& initial) noexcept;

/// The initializer of a variable for which neither call nor scope gives one.
[[nodiscard]] initializer default_initializer(const variable_request& r);

/// Throws if a known variable has another shape or element type than what is asked for.
void check_shareable(const variable_node& known, const variable_request& r);

/// Follows _VariableStore._get_single_variable (TensorFlow 1.15), check by check.
class get_single {
public:
    get_single(thread_scopes& thread, const variable_request& request, const digest& id)
        : thread_{thread}
        , graph_{*thread.owner}
        , request_{request}
        , id_{id} {}

    /// What the handle needs beyond what TensorFlow asks for.
    get_single& for_handle(std::optional<std::size_t> rank, bool is_typed) noexcept;
    get_single& as_part_of(variable_node& whole, std::vector<std::size_t> offset);
    /// A variable without a name, which is made under a default name.
    get_single& without_name() noexcept;

    [[nodiscard]] variable_node& operator()();

private:
    /// Null if there is none, and it may not be made.
    [[nodiscard]] variable_node* find_or_make();

    [[nodiscard]] variable_node& make();

    [[noreturn]] void throw_constant_with_shape() const;
    [[noreturn]] void throw_shape_required() const;

    thread_scopes& thread_;
    graph& graph_;
    const variable_request& request_;
    digest id_;
    std::optional<std::size_t> rank_ = {};
    bool is_typed_ = false;
    bool is_named_ = true;
    variable_node* whole_ = nullptr;
    std::vector<std::size_t> offset_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/get_single.ipp>
#endif
