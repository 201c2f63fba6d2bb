/// \file
/// Functions that stand between `get_variable` and the store.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/base/shared_function.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/policy/constraint.hpp>
#include <varscope/policy/partitioner.hpp>
#include <varscope/policy/regularizer.hpp>
#include <varscope/policy/reuse.hpp>

#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

class tensor;

/// What the store is asked for: one call of `get_variable`, with the defaults of its scope filled
/// in.
struct variable_request {
    std::string name; ///< the full key, "scope/v"
    varscope::shape shape = any_shape;
    varscope::dtype dtype = varscope::dtype::float32;
    varscope::initializer initializer = {}; ///< empty: by the element type
    varscope::regularizer regularizer = {}; ///< empty: none
    reuse_mode reuse = reuse_mode::create;  ///< inherit (TensorFlow's None): as auto_reuse
    bool trainable = true;
    std::optional<std::vector<std::string>> collections = {}; ///< nothing: the global variables
    varscope::partitioner partitioner = {};                   ///< empty: not cut
    bool validate_shape = true;
    varscope::constraint constraint = {};
    std::source_location asked_at = {};
};

class next_getter;

namespace detail {

struct getter_chain;
struct thread_scopes;

} // namespace detail

/// What a custom getter forwards to: the getter of the enclosing scope, or the store. Valid during
/// the call.
class next_getter {
public:
    next_getter(detail::thread_scopes& thread, const detail::getter_chain* chain) noexcept
        : thread_{&thread}
        , chain_{chain} {}

    /// The variable asked for, or what the getters below make of it.
    tensor operator()(const variable_request& request) const;

private:
    detail::thread_scopes* thread_;
    const detail::getter_chain* chain_; // null: the store
};

/// A function that is asked instead of the store, and may ask the store: for another name, with
/// other arguments, several times, or not at all.
///
/// Called as `getter(next, request)` with a `const next_getter&` and a `variable_request`; returns
/// a `tensor`: the variable that `next(request)` gave, or an op made of it. Runs in the root name
/// scope. Those of nested scopes are chained, the innermost is asked first; one given in a call
/// stands alone. A value type, cheap to copy, and safe from any thread as far as the function is,
/// which several threads may call at once. Follows the parameter `custom_getter` of
/// tf.variable_scope (TensorFlow 1.15).
class custom_getter {
public:
    custom_getter() = default;

    template <class Function>
        requires(!std::is_same_v<std::remove_cvref_t<Function>, custom_getter> &&
            std::is_invocable_v<const Function&, const next_getter&, const variable_request&>)
    custom_getter(
        Function get) // NOLINT(google-explicit-constructor): `.custom_getter = [](...) {...}`
        : get_{std::move(get)} {}

    /// Whether there is one.
    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(get_); }
    tensor operator()(const next_getter& next, const variable_request& request) const;

private:
    detail::shared_function<tensor(const next_getter&, const variable_request&)> get_;
};

namespace detail {

/// The getters of nested scopes, the innermost first.
struct getter_chain {
    custom_getter own;
    std::shared_ptr<const getter_chain> outer;
};

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI
