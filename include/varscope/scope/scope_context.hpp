/// \file
/// Variable scopes that are entered again the way they were entered first.
#pragma once

#include <varscope/names/name.hpp>
#include <varscope/scope/scope_handle.hpp>

#include <memory>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {
class scope_guard;
} // namespace detail

/// How to open a variable scope, to be done several times: `vs::variable_scope s{again};`.
///
/// What TensorFlow does when one and the same object `tf.variable_scope(...)` is entered again.
/// Each time a name scope is opened anew and made unique; a scope given by name stands below the
/// scope then current; a default name keeps the suffix it got first; `original_name_scope` stays
/// that of the first time, and so does a reuse mode once there was one; a scope given as an object
/// is the same copy of it each time. Must not be open twice at once. Belongs to one thread.
class scope_context {
public:
    explicit scope_context(name_arg name, const scope_options& options = {})
        : text_{name.text()}
        , is_named_{name.is_given()}
        , where_{name.where()}
        , options_{options} {
        if (options.default_name) { keep_default_name(*options.default_name); }
    }
    scope_context(name_arg name, reuse_mode mode)
        : scope_context(name, scope_options{.reuse = mode}) {}
    explicit scope_context(const scope_handle& scope, const named_scope_options& options = {},
        const std::source_location& where = std::source_location::current())
        : is_named_{true}
        , where_{where}
        , object_{detail::copy_of(scope.state())}
        , options_(options) {}
    scope_context(const scope_context&) = delete;
    scope_context& operator=(const scope_context&) = delete;
    scope_context(scope_context&&) = delete;
    scope_context& operator=(scope_context&&) = delete;
    ~scope_context() = default;

private:
    friend class detail::scope_guard;

    void keep_default_name(std::string_view name);

    std::string text_; // the name below the current scope
    std::string default_name_;
    bool is_named_;
    std::source_location where_;
    std::shared_ptr<detail::scope_state> object_; // or the scope itself
    scope_options options_;
    // Since the first entry:
    bool was_entered_ = false;
    std::string original_name_scope_;
    std::string outer_name_scope_; // where there is no auxiliary one
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/scope_context.ipp>
#endif
