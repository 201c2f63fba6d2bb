/// \file
/// Functions that share their variables from call to call.
#pragma once

#include <varscope/graph/graph_keys.hpp>
#include <varscope/scope/variable_scope.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

/// The parameters of tf.make_template beyond name and function, in this order.
struct template_options {
    std::optional<std::string_view> unique_name = {}; ///< of the scope, instead of the name made
                                                      ///< unique
    bool create_scope_now = false; ///< where the template is made, not where it is first called
    varscope::custom_getter custom_getter = {};
};

namespace detail {

/// What a template is without its function: the scope, and whether a call has run to its end.
class template_scope {
public:
    template_scope(const name_arg& name, const template_options& options);

    /// Calls `body()` in the template's scope.
    template <class Body>
    decltype(auto) call(Body&& body) {
        if (scope_) {
            variable_scope in(*scope_,
                named_scope_options{
                    .reuse = has_variables_ ? reuse_mode::reuse : reuse_mode::inherit},
                where_);
            return run(std::forward<Body>(body));
        }
        variable_scope in(
            unique_name_ ? name_arg(*unique_name_, where_) : name_arg(no_name, where_),
            scope_options{.default_name = name_, .custom_getter = getter_});
        scope_ = in.handle();
        return run(std::forward<Body>(body));
    }

    [[nodiscard]] const std::optional<scope_handle>& scope() const noexcept { return scope_; }
    [[nodiscard]] bool has_variables() const noexcept { return has_variables_; }

private:
    /// A scope without a name scope, opened and left at once.
    void create_scope();

    /// The trainable variables that this thread makes in a graph until the end of the block.
    class trainable_watch {
    public:
        explicit trainable_watch(graph& g);
        trainable_watch(const trainable_watch&) = delete;
        trainable_watch& operator=(const trainable_watch&) = delete;
        trainable_watch(trainable_watch&&) = delete;
        trainable_watch& operator=(trainable_watch&&) = delete;
        ~trainable_watch();

        /// The first that was not taken back meanwhile, or null.
        [[nodiscard]] const node* first() const;

    private:
        struct state;
        std::unique_ptr<state> state_;
    };

    template <class Body>
    decltype(auto) run(Body&& body) {
        std::optional<trainable_watch> later_call;
        if (has_variables_) { later_call.emplace(current_graph()); }
        const auto check = [&] {
            const node* const made = later_call ? later_call->first() : nullptr;
            if (made != nullptr) { throw_new_variable(*made); }
            has_variables_ = true;
        };
        if constexpr (std::is_void_v<std::invoke_result_t<Body>>) {
            std::invoke(std::forward<Body>(body));
            check();
        } else {
            decltype(auto) result = std::invoke(std::forward<Body>(body));
            check();
            if constexpr (std::is_rvalue_reference_v<decltype(result)>) {
                return std::move(result); // GCC 12 takes the name of one for an lvalue here
            } else {
                return result;
            }
        }
    }

    [[noreturn]] void throw_new_variable(const node& made) const;

    std::string name_;
    std::optional<std::string> unique_name_;
    std::source_location where_;
    custom_getter getter_;
    std::optional<scope_handle> scope_;
    bool has_variables_ = false; // once a call has run to its end
};

} // namespace detail

/// A function that asks for variables, and shares them from call to call. Made by `make_template`.
///
/// The first call creates the variables, in a scope of its own below the one it stands in; later
/// calls, wherever they stand, enter that scope and only share. After a call that failed the next
/// one may create again. Not copyable; belongs to one thread. Follows tf.make_template and Template
/// (TensorFlow 1.15).
template <class Function>
class variable_template {
public:
    variable_template(Function function, const name_arg& name, const template_options& options)
        : function_{std::move(function)}
        , scope_(name, options) {}
    variable_template(const variable_template&) = delete;
    variable_template& operator=(const variable_template&) = delete;
    variable_template(variable_template&&) = delete;
    variable_template& operator=(variable_template&&) = delete;
    ~variable_template() = default;

    /// Calls the function in the template's scope.
    /// \throws template_new_variable  a later call created a trainable variable, which stays.
    template <class... Arguments>
    decltype(auto) operator()(Arguments&&... arguments) {
        return scope_.call([&]() -> decltype(auto) {
            return std::invoke(function_, std::forward<Arguments>(arguments)...);
        });
    }

    /// The scope, once there is one.
    [[nodiscard]] const std::optional<scope_handle>& variable_scope() const noexcept {
        return scope_.scope();
    }
    /// The scope's name with '/' at its end; empty before there is one.
    [[nodiscard]] std::string variable_scope_name() const {
        if (!scope_.scope()) { return {}; }
        std::string name = scope_.scope()->name();
        if (!name.empty() && name.back() != '/') { name += '/'; }
        return name;
    }

    /// \name The variables that lie in its scope
    /// Those whose name begins with `variable_scope_name()`: with an empty name that is the scope
    /// that the template was first called in. Empty until a call has run to its end.
    /// \{
    [[nodiscard]] variable_list global_variables() const {
        return lying_in_scope(graph_keys::global_variables);
    }
    [[nodiscard]] variable_list trainable_variables() const {
        return lying_in_scope(graph_keys::trainable_variables);
    }
    [[nodiscard]] variable_list local_variables() const {
        return lying_in_scope(graph_keys::local_variables);
    }
    /// \}

private:
    [[nodiscard]] variable_list lying_in_scope(std::string_view key) const {
        if (!scope_.has_variables()) { return {}; }
        return detail::variables_of(
            current_graph(), key, detail::name_prefix{variable_scope_name()});
    }

    Function function_;
    detail::template_scope scope_;
};

/// Makes a function share its variables from call to call:
/// `auto dense = vs::make_template("dense", [](auto x) { ... vs::get_variable ... });`
///
/// \param name  of the scope, made unique where the template is first called (or made).
/// \throws template_new_variable  (when called)
/// Safe from any thread; what it returns belongs to one. Follows tf.make_template.
template <class Function>
[[nodiscard]] variable_template<std::decay_t<Function>> make_template(
    name_arg name, Function&& function, const template_options& options = {}) {
    return {std::forward<Function>(function), name, options};
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/make_template.ipp>
#endif
