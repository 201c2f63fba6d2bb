/// \file
/// Functions that share their variables from call to call.
#pragma once

#include <varscope/scope/variable_scope.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

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
    void create_scope() {
        thread_scopes& thread = current_scopes();
        const scope_frame& outer = *thread.innermost;
        std::string relative = unique_name_.value_or(std::string());
        if (relative.empty()) { // TensorFlow takes an empty one for none here
            const std::uint32_t suffix = thread.tree.first_free(*outer.place, name_);
            append_suffixed(relative, name_, suffix);
        }
        const auto made = copy_of(outer.scope->state());
        scope_tree::scope& place = thread.tree.below(*outer.place, relative); // is counted
        const bool is_root_itself = relative.empty() && outer.place->id == root_digest;
        const scope_tree::scope& scope = is_root_itself ? *outer.place : place;
        made->set_path(scope.view(), scope.id);
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

    /// The trainable variables that this thread makes in a graph until the end of the block.
    class trainable_watch {
    public:
        explicit trainable_watch(graph& g) : graph_{g} {
            graph_.with_collections([&](collections& c) { c.begin(watch_); });
        }
        trainable_watch(const trainable_watch&) = delete;
        trainable_watch& operator=(const trainable_watch&) = delete;
        trainable_watch(trainable_watch&&) = delete;
        trainable_watch& operator=(trainable_watch&&) = delete;
        ~trainable_watch() {
            graph_.with_collections([&](collections& c) { c.end(watch_); });
        }

        /// The first that was not taken back meanwhile, or null.
        [[nodiscard]] const node* first() const {
            return graph_.with_collections([&](const collections& c) {
                const auto present = c.get(watch_.key);
                const auto found = std::ranges::find_if(watch_.added, [&](const node* item) {
                    return std::ranges::find(present, item) != present.end();
                });
                return found == watch_.added.end() ? nullptr : *found;
            });
        }

    private:
        graph& graph_;
        collections::watch watch_{.key = graph_keys::trainable_variables};
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

    [[noreturn]] void throw_new_variable(const node& made) const {
        const std::string name(made.op_name());
        throw template_new_variable("template '" + name_ +
                "' made a trainable variable after its first call: '" + name + "'\n  created at " +
                to_string(made.defined_at) + "\n  template made at " + to_string(where_) +
                "\n  ask with vs::get_variable for what is to be shared; vs::variable is new each "
                "time",
            {name, where_, made.defined_at});
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
            current_graph(), key, detail::begins_with(variable_scope_name()));
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
