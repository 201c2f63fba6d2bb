/// \file
/// Functions that share their variables from call to call.
#pragma once

#include <varscope/variable_lists.hpp>
#include <varscope/variable_scope.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope {

/// The parameters of tf.make_template beyond name and function.
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
    template_scope(const name_arg& name, const template_options& options)
        : name_{name.text()}
        , where_{name.where()}
        , getter_{options.custom_getter} {
        if (options.unique_name) { unique_name_ = *options.unique_name; }
        if (options.create_scope_now) { create_scope(); }
    }

    /// Calls `body()` in the template's scope.
    template <class Body>
    decltype(auto) call(Body&& body) {
        if (scope_) {
            variable_scope in(*scope_,
                scope_options{.reuse = has_variables_ ? reuse_mode::reuse : reuse_mode::inherit},
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
    void create_scope() {
        thread_scopes& thread = current_scopes();
        const scope_frame& outer = *thread.innermost;
        std::string relative = unique_name_.value_or(name_);
        if (!unique_name_) {
            const std::uint32_t suffix = thread.tree.first_free(*outer.place, name_);
            relative.clear();
            append_suffixed(relative, name_, suffix);
        }
        const auto made = copy_of(outer.scope->state());
        scope_tree::scope& place = thread.tree.below(*outer.place, relative);
        made->set_path(place.view(), place.id);
        made->type = dtype::float32; // not inherited, as in TensorFlow
        made->extras->constraint = {};
        made->set_original(relative);
        if (getter_) {
            made->change_defaults([&](scope_defaults& d) {
                d.getters = std::make_shared<const getter_chain>(getter_chain{getter_, d.getters});
            });
        }
        thread.tree.open(place);
        thread.tree.close(place);
        scope_ = scope_handle(made);
    }

    template <class Body>
    decltype(auto) run(Body&& body) {
        graph& g = current_graph();
        const auto count = [&] {
            return g.with_collections(
                [](const collections& c) { return c.get(graph_keys::trainable_variables).size(); });
        };
        const bool is_later_call = has_variables_;
        const std::size_t before = is_later_call ? count() : 0;
        const auto check = [&] {
            if (is_later_call && count() != before) { throw_new_variable(g, before); }
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

    [[noreturn]] void throw_new_variable(graph& g, std::size_t before) const {
        const std::vector<any_variable> all = trainable_variables(g);
        const any_variable& made = all[before];
        throw template_new_variable("template '" + name_ +
                "' made a trainable variable after its first call: '" +
                std::string(made.op_name()) + "'\n  created at " + to_string(made.defined_at()) +
                "\n  template made at " + to_string(where_) +
                "\n  ask with vs::get_variable for what is to be shared; vs::variable is new each "
                "time",
            {std::string(made.op_name()), where_, made.defined_at()});
    }

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
    /// Empty until a call has run to its end.
    /// \{
    [[nodiscard]] std::vector<any_variable> global_variables() const {
        return lying_in_scope(graph_keys::global_variables);
    }
    [[nodiscard]] std::vector<any_variable> trainable_variables() const {
        return lying_in_scope(graph_keys::trainable_variables);
    }
    [[nodiscard]] std::vector<any_variable> local_variables() const {
        return lying_in_scope(graph_keys::local_variables);
    }
    /// \}

private:
    [[nodiscard]] std::vector<any_variable> lying_in_scope(std::string_view key) const {
        if (!scope_.has_variables()) { return {}; }
        return detail::variables_of(current_graph(), key, detail::lies_in(*scope_.scope()));
    }

    Function function_;
    detail::template_scope scope_;
};

/// Makes a function share its variables from call to call:
/// `auto dense = vs::make_template("dense", [](auto x) { ... vs::get_variable ... });`
///
/// \param name  of the scope, made unique where the template is first called (or made).
/// \throws template_new_variable  (when called)
/// Follows tf.make_template.
template <class Function>
[[nodiscard]] variable_template<std::decay_t<Function>> make_template(
    name_arg name, Function&& function, const template_options& options = {}) {
    return {std::forward<Function>(function), name, options};
}

} // namespace varscope
