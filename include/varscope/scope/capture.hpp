/// \file
/// The scopes in force as a value, to be entered again in a thread, a task, a callback or a
/// coroutine.
#pragma once

#include <varscope/scope/variable_scope.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// Never changes once it is made, so that threads can share it.
struct captured_state {
    captured_state(graph& g, const scope_defaults& d) : owner{&g}, defaults(d) {
        defaults.replaced.reset(); // the scope's own business
    }

    graph* owner;
    scope_state scope;
    scope_defaults defaults; // the scope's
    std::string names_path;  // of the name scope
    link_name names_name{};  // that
    name_link names;         // the whole path in one
    bool has_names = false;  // at the root

    [[nodiscard]] const name_link* name_scope() const noexcept {
        return has_names ? &names : nullptr;
    }
};

} // namespace detail

class captured_scope;
captured_scope capture(graph& g);

/// The graph, the variable scope and the name scope that were in force where `capture()` was
/// called; entered by `resume`.
///
/// A value: independent of the guards that were open there, cheap to copy, and safe to copy and to
/// enter from several threads at once. The graph must outlive each `resume` of it. Not for
/// changing a scope: see `scope_handle`.
class captured_scope {
public:
    [[nodiscard]] varscope::graph& graph() const noexcept { return *state_->owner; }
    /// Of the variable scope: the prefix of its variables' keys, without '/' at its end.
    [[nodiscard]] std::string name() const { return state_->scope.name(); }
    /// The prefix of op names, without '/' at its end; empty at the root.
    [[nodiscard]] std::string name_scope() const { return path_of(state_->name_scope()); }

    [[nodiscard]] const std::shared_ptr<const detail::captured_state>& state() const noexcept {
        return state_;
    }

private:
    friend captured_scope capture(varscope::graph& g);
    explicit captured_scope(std::shared_ptr<const detail::captured_state> state) noexcept
        : state_{std::move(state)} {}

    std::shared_ptr<const detail::captured_state> state_;
};

/// The scopes that are in force in this thread, in graph `g`. Safe from any thread. Cost: a few
/// allocations.
[[nodiscard]] inline captured_scope capture(graph& g) {
    const detail::scope_frame& here = *detail::scopes_in(g).innermost;
    const detail::scope_state& scope = here.scope->state();
    auto made = std::make_shared<detail::captured_state>(g, *scope.defaults);
    detail::copy_to(made->scope, scope);
    made->scope.defaults = &made->defaults;
    made->has_names = here.names != nullptr;
    if (made->has_names) {
        made->names_path = path_of(here.names);
        made->names_name = {{}, nullptr, &g.names(), made->names_path};
        made->names.name = &made->names_name;
        made->names.may_be_hidden = here.names->may_be_hidden;
        g.names().mention_path(detail::root_digest, made->names_path); // is entered by its path
        (void)id_in_table(&made->names);                               // now, as it writes it down
    }
    return captured_scope(std::move(made));
}
/// The same in the graph in force.
[[nodiscard]] inline captured_scope capture() { return capture(current_graph()); }

/// Until the end of the block, names mean what they mean where `capture()` was called: the keys of
/// variables, whether they are created or shared, the defaults and getters of the scope, and the
/// name scope of ops, which is neither made unique nor reserved again.
///
/// What a block does to its scope (`reuse_variables`, setters) stays in it. Not carried along: the
/// default names given so far (default scope names are counted by each thread; leaving puts the
/// counts back to what they were just after entering, as for a scope entered through its object),
/// and `variable_creator_scope`s, which are references to code of the other thread (those of this
/// thread stay in force). Getters, regularizers and initializers of the scope run in whichever
/// thread asks, several at once.
///
/// Belongs to the thread that made it, and must be left there, in reverse order. So in a coroutine
/// no guard of scopes may stay open across a suspension after which another thread may go on, and
/// none should across any: whoever goes on meanwhile would stand in that scope. Capture the scope
/// before the first suspension, and open a `resume` in a block of its own after each one:
///
///     task train(vs::captured_scope here) {
///         { vs::resume in{here};  w = vs::get_variable<float, 1>("w", {2}); }
///         co_await batch();
///         { vs::resume in{here};  b = vs::get_variable<float, 1>("b", {2}); }
///     }
///
/// Left in another thread, it ends the program with a message. Cost: that of a variable scope,
/// but that no name is made unique. There is no counterpart in TensorFlow, where threads enter a
/// captured scope object, which opens a new name scope each time.
class resume {
public:
    [[nodiscard("name the guard: it ends at once")]] explicit resume(const captured_scope& scope)
        : captured_{scope.state()} {
        detail::thread_scopes& thread = detail::scopes_in(*captured_->owner);
        detail::copy_to(slot_.state(), captured_->scope);
        const std::string_view path = captured_->scope.path->view();
        frame_.place =
            path.empty() ? &thread.tree.root() : &thread.tree.below(thread.tree.root(), path);
        thread.tree.open(*frame_.place); // the last step that can fail
        mark_ = thread.tree.set_mark();
        frame_.thread = &thread;
        frame_.names = captured_->name_scope();
        frame_.scope = &slot_;
        thread.push(frame_);
        detail::this_thread().current = &thread;
    }
    resume(const resume&) = delete;
    resume& operator=(const resume&) = delete;
    resume(resume&&) = delete;
    resume& operator=(resume&&) = delete;
    ~resume() {
        detail::ambient& here = detail::leave_in(frame_.thread->home, "vs::resume");
        frame_.thread->pop(frame_);
        frame_.thread->tree.rewind(mark_);
        here.current = before_;
    }
    static void* operator new(std::size_t) = delete;

private:
    std::shared_ptr<const detail::captured_state> captured_;
    detail::thread_scopes* before_ = detail::this_thread().current;
    detail::scope_slot slot_;
    detail::scope_frame frame_;
    detail::scope_tree::mark mark_{};
};

/// A function that runs in a captured scope; made by `bind_scope`. Copyable and callable as the
/// function is, and from as many threads at once.
template <class Function>
class scoped_function {
public:
    scoped_function(captured_scope scope, Function function)
        : scope_{std::move(scope)}
        , function_{std::move(function)} {}

    template <class... Arguments>
        requires(std::invocable<Function&, Arguments...>)
    decltype(auto) operator()(Arguments&&... arguments) & {
        const resume in{scope_};
        return std::invoke(function_, std::forward<Arguments>(arguments)...);
    }
    template <class... Arguments>
        requires(std::invocable<const Function&, Arguments...>)
    decltype(auto) operator()(Arguments&&... arguments) const& {
        const resume in{scope_};
        return std::invoke(function_, std::forward<Arguments>(arguments)...);
    }
    template <class... Arguments>
        requires(std::invocable<Function, Arguments...>)
    decltype(auto) operator()(Arguments&&... arguments) && {
        const resume in{scope_};
        return std::invoke(std::move(function_), std::forward<Arguments>(arguments)...);
    }

private:
    captured_scope scope_;
    Function function_;
};

/// `function`, to be called later or elsewhere and run in the scope `scope`: for std::async, pools
/// and callbacks. Of a coroutine, that is the part before its first suspension.
template <class Function>
[[nodiscard]] scoped_function<std::decay_t<Function>> bind_scope(
    captured_scope scope, Function&& function) {
    return {std::move(scope), std::forward<Function>(function)};
}
/// The same in the scope in force now.
template <class Function>
[[nodiscard]] scoped_function<std::decay_t<Function>> bind_scope(Function&& function) {
    return bind_scope(capture(), std::forward<Function>(function));
}

} // namespace varscope::inline VARSCOPE_ABI
